#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <vector>

namespace eucv::judge {

/// Probabilities that lie in one range, and how often what they say was right.
struct reliability_bin {
  double low = 0, high = 0;     ///< of the probability
  std::size_t n = 0, right = 0; ///< probabilities
  double confidence = 0;        ///< mean of the probabilities; 0 for none
};

/// The reliability diagram, in `bins` ranges of equal width: of the greatest probability of each item, above `low` and
/// up to `high`, where labels exclude each other; else of all N x C probabilities, from `low` on.
[[nodiscard]] std::vector<reliability_bin> reliability(const predictions& set, std::size_t bins = 15);

/// Expected calibration error (Guo et al. 2017, arXiv 1706.04599): by how much the probabilities miss the part that is
/// right, in the mean over them, range by range. Where labels do not exclude each other, the mean over the labels of
/// label_calibration_error(). Not a number for no item.
[[nodiscard]] double calibration_error(const predictions& set, std::size_t bins = 15);

/// Expected calibration error of one label's probabilities: by how much they miss the part of the items that has the
/// label, in the mean over the items, in `bins` ranges of equal width. Not a number for no item.
[[nodiscard]] double label_calibration_error(const std::vector<scored>& items, std::size_t bins = 15);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <cmath>
#include <limits>

namespace eucv::judge {

std::vector<reliability_bin> reliability(const predictions& set, std::size_t bins) {
  std::vector<reliability_bin> result(bins);
  const auto count = static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    result[b].low = static_cast<double>(b) / count;
    result[b].high = static_cast<double>(b + 1) / count;
  }
  const auto add = [&](double p, double place, bool right) {
    auto& bin = result[std::min(static_cast<std::size_t>(std::max(0.0, place)), bins - 1)];
    ++bin.n;
    bin.right += right ? 1 : 0;
    bin.confidence += p;
  };
  if (set.task->exclusive()) {
    for (std::size_t i = 0; i < set.size(); ++i) {
      const std::size_t best = set.predicted(i);
      const double p = set.row(i)[best];
      add(p, std::ceil(p * count) - 1, set.is(i, best));
    }
  } else {
    for (std::size_t i = 0; i < set.scores.size(); ++i) add(set.scores[i], set.scores[i] * count, set.truth[i] != 0);
  }
  for (auto& bin : result)
    if (bin.n != 0) bin.confidence /= static_cast<double>(bin.n);
  return result;
}

double label_calibration_error(const std::vector<scored>& items, std::size_t bins) {
  std::vector<double> gaps(bins);
  for (const auto& item : items) {
    const auto bin = static_cast<std::size_t>(item.score * static_cast<double>(bins));
    gaps[std::min(bin, bins - 1)] += item.score - (item.positive ? 1 : 0);
  }
  double sum = 0;
  for (const double gap : gaps) sum += std::abs(gap);
  return items.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(items.size());
}

double calibration_error(const predictions& set, std::size_t bins) {
  double sum = 0;
  if (set.task->exclusive()) {
    for (const auto& bin : reliability(set, bins))
      if (bin.n != 0) sum += std::abs(static_cast<double>(bin.right) - bin.confidence * static_cast<double>(bin.n));
    return set.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(set.size());
  }
  for (std::size_t label = 0; label < set.labels.size(); ++label)
    sum += label_calibration_error(set.of_label(label), bins);
  return sum / static_cast<double>(set.labels.size());
}

} // namespace eucv::judge
#endif
