#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/train/history.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::train {

/// What to do about a suspicion.
enum class advice {
  add_pictures,    ///< more pictures of a class, balanced classes, or classes joined
  check_labels,    ///< labels and pictures may not belong together: see overfit_one_batch()
  find_rate,       ///< the learning rate may be wrong: see overfit_one_batch() and find_rate()
  regularise_more, ///< more pictures, pretrained weights, or stronger augmentation
};

/// Something that looks wrong in the figures of a training: a clause without full stop, and what to do.
struct suspicion {
  std::string finding;
  advice what = advice::check_labels;
};

/// What looks wrong in the figures on pictures with one label that were kept aside: classes that are never predicted
/// though they have five pictures or more, and an accuracy no better than always naming the most frequent class.
[[nodiscard]] std::vector<suspicion> suspicions_of(const judge::metrics& figures);

/// What looks wrong in the course of a training: a training loss that does not fall, and pictures known by heart while
/// others are not. `best_epoch` counts from 1. Silent where there is too little to tell.
[[nodiscard]] std::vector<suspicion> suspicions_of(std::span<const epoch_figures> history, std::size_t best_epoch);

} // namespace eucv::train

#ifdef EUCV_IMPLEMENTATION_TRAIN
#include <algorithm>
#include <cmath>

namespace eucv::train {

namespace detail {

std::string per_cent(double part) {
  return std::to_string(std::lround(100 * part)) + " %";
}

} // namespace detail

std::vector<suspicion> suspicions_of(const judge::metrics& figures) {
  std::vector<suspicion> found;
  if (figures.confusion_matrix.empty()) return found;
  constexpr std::size_t enough = 5; // fewer may all be taken for something else by chance
  std::string never;
  std::size_t most = 0;
  for (std::size_t c = 0; c < figures.labels.size(); ++c) {
    std::size_t called = 0;
    for (const auto& row : figures.confusion_matrix) called += row[c];
    most = std::max(most, figures.per_class[c].support);
    if (called == 0 && figures.per_class[c].support >= enough)
      never += (never.empty() ? "\"" : ", \"") + figures.labels[c] + "\" (" +
               std::to_string(figures.per_class[c].support) + ")";
  }
  if (!never.empty()) found.push_back({"no picture is ever taken for " + never, advice::add_pictures});
  if (figures.n != 0 && figures.labels.size() > 1) {
    const double blind = static_cast<double>(most) / static_cast<double>(figures.n);
    if (figures.accuracy <= blind)
      found.push_back({"an accuracy of " + detail::per_cent(figures.accuracy) +
                           " is no better than always naming the most frequent class (" + detail::per_cent(blind) + ")",
                       advice::check_labels});
  }
  return found;
}

std::vector<suspicion> suspicions_of(std::span<const epoch_figures> history, std::size_t best_epoch) {
  std::vector<suspicion> found;
  if (history.size() < 3 || best_epoch == 0 || best_epoch > history.size()) return found;
  const auto &first = history.front(), &last = history.back(), &best = history[best_epoch - 1];
  if (last.train_loss > 0.98 * first.train_loss)
    found.push_back({"the loss on training pictures did not fall (" +
                         json_number(std::round(1e3 * first.train_loss) / 1e3) + " in the first epoch, " +
                         json_number(std::round(1e3 * last.train_loss) / 1e3) + " in the last)",
                     advice::find_rate});
  if (last.train_accuracy > 0.995 && best.validation_accuracy < 0.8 * last.train_accuracy)
    found.push_back({"the network knows the training pictures by heart (accuracy " +
                         detail::per_cent(last.train_accuracy) + ") but not those kept aside (" +
                         detail::per_cent(best.validation_accuracy) + ")",
                     advice::regularise_more});
  return found;
}

} // namespace eucv::train
#endif
