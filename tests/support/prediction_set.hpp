#pragma once

#include <eucv/core/random.hpp>
#include <eucv/judge/predictions.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace test {

/// How drawn_predictions() draws.
struct drawn_options {
  std::size_t items = 300, classes = 3;
  double sharpness = 3;   ///< of the true logits: the greater, the easier the task
  double temperature = 1; ///< the probabilities are those of logits divided by it: below 1 they claim too much
  std::uint64_t seed = 1;
};

/// Predictions of a classifier that is calibrated at temperature 1: labels are drawn from the very probabilities that
/// it would state there.
inline eucv::judge::predictions drawn_predictions(const drawn_options& how = {}) {
  eucv::random engine(how.seed);
  eucv::judge::predictions set;
  for (std::size_t c = 0; c < how.classes; ++c) set.labels.push_back("class " + std::to_string(c));
  for (std::size_t i = 0; i < how.items; ++i) {
    std::vector<double> logits(how.classes), honest(how.classes), stated(how.classes);
    double all = 0, all_stated = 0;
    for (std::size_t c = 0; c < how.classes; ++c) {
      logits[c] = how.sharpness * engine.normal();
      all += honest[c] = std::exp(logits[c]);
      all_stated += stated[c] = std::exp(logits[c] / how.temperature);
    }
    double at = engine.uniform() * all;
    std::size_t label = 0;
    while (label + 1 < how.classes && at >= honest[label]) at -= honest[label++];
    set.add_truth(label);
    set.files.push_back(set.labels[label] + "/" + std::to_string(i) + ".jpg");
    set.groups.push_back(set.files.back());
    for (const double p : stated) set.scores.push_back(p / all_stated);
  }
  return set;
}

/// Gives an item another label. Precondition: items of the set have one label each.
inline void relabel(eucv::judge::predictions& set, std::size_t item, std::size_t label) {
  set.truth[item * set.labels.size() + set.label_of(item)] = 0;
  set.truth[item * set.labels.size() + label] = 1;
}

/// The most probable label of each item.
inline std::vector<std::size_t> predicted(const eucv::judge::predictions& set) {
  std::vector<std::size_t> labels;
  for (std::size_t i = 0; i < set.size(); ++i) labels.push_back(set.predicted(i));
  return labels;
}

} // namespace test
