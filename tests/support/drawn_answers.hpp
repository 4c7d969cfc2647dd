#pragma once

#include <eucv/core/probability.hpp>
#include <eucv/core/random.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace test {

/// How drawn_answers() draws.
struct answer_options {
  std::size_t items = 600, labels = 3, folds = 3;
  double offset = -1;   ///< of the true logits: below 0 a label is the exception
  double sharpness = 3; ///< of the true logits: the greater, the easier the task
  double claim = 1;     ///< the stated logits are the true ones times it: above 1 they claim too much
  std::uint64_t seed = 1;
};

/// Predictions of a classifier with several labels an item that is calibrated where it claims 1: truth is drawn from
/// the very probabilities that it would state there.
inline eucv::judge::predictions drawn_answers(const answer_options& how = {}) {
  eucv::random engine(how.seed);
  eucv::judge::predictions set{.task = &eucv::judge::multi_label};
  for (std::size_t c = 0; c < how.labels; ++c) set.labels.push_back("label " + std::to_string(c));
  for (std::size_t i = 0; i < how.items; ++i) {
    for (std::size_t c = 0; c < how.labels; ++c) {
      const double logit = how.offset + how.sharpness * engine.normal();
      set.truth.push_back(engine.uniform() < eucv::logistic(logit) ? 1 : 0);
      set.scores.push_back(eucv::logistic(how.claim * logit));
    }
    set.files.push_back(std::to_string(i) + ".jpg");
    set.groups.push_back(set.files.back());
    set.folds.push_back(i % how.folds);
  }
  return set;
}

} // namespace test
