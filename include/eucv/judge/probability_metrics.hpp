#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// The part of the items whose label is among the k most probable. Of equal probabilities the first label counts as the
/// more probable one, as in predicted(); scikit-learn takes the last. Not a number for no item.
[[nodiscard]] double top_k_accuracy(const prediction_set& set, std::size_t k);

/// -log(probability of the label) of one item, natural logarithm. A probability of 0 counts as 2^-52, as in
/// scikit-learn, so that one item cannot make a mean infinite.
[[nodiscard]] inline double item_loss(const prediction_set& set, std::size_t item) {
  return -std::log(std::max(set.row(item)[set.truth[item]], std::numeric_limits<double>::epsilon()));
}

/// Mean of item_loss(). Not a number for no item.
[[nodiscard]] inline double log_loss(const prediction_set& set) {
  double sum = 0;
  for (std::size_t i = 0; i < set.size(); ++i) sum += item_loss(set, i);
  return set.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(set.size());
}

/// Items whose greatest probability lies in one range, and how many of them were right.
struct reliability_bin {
  double low = 0, high = 0;     ///< of the greatest probability: above low, up to high
  std::size_t n = 0, right = 0; ///< items
  double confidence = 0;        ///< mean of the greatest probabilities; 0 for no item
};

/// Items by their greatest probability, in `bins` ranges of equal width: the reliability diagram.
[[nodiscard]] std::vector<reliability_bin> reliability(const prediction_set& set, std::size_t bins = 15);

/// Expected calibration error (Guo et al. 2017, arXiv 1706.04599): by how much the greatest probabilities miss the part
/// that is right, in the mean over the items, range by range. Not a number for no item.
[[nodiscard]] double expected_calibration_error(const prediction_set& set, std::size_t bins = 15);

/// Mean over the labels of the area under the ROC curve, one label against the rest, or of the average precision.
/// Labels for which the figure does not exist, having no item or nothing but items, are left out.
struct ranking_figures {
  double macro_roc_area = 0, macro_average_precision = 0; ///< not a number where there is no such label
};
[[nodiscard]] ranking_figures rank_one_against_rest(const prediction_set& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
namespace eucv::judge {

double top_k_accuracy(const prediction_set& set, std::size_t k) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto row = set.row(i);
    const double own = row[set.truth[i]];
    std::size_t before = 0;
    for (std::size_t c = 0; c < row.size(); ++c) before += row[c] > own || (row[c] == own && c < set.truth[i]) ? 1 : 0;
    right += before < k ? 1 : 0;
  }
  return detail::ratio(right, set.size());
}

std::vector<reliability_bin> reliability(const prediction_set& set, std::size_t bins) {
  std::vector<reliability_bin> result(bins);
  const double count = static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    result[b].low = static_cast<double>(b) / count;
    result[b].high = static_cast<double>(b + 1) / count;
  }
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::size_t best = set.predicted(i);
    const double p = set.row(i)[best];
    const auto above = static_cast<std::size_t>(std::max(0.0, std::ceil(p * count) - 1));
    auto& bin = result[std::min(above, bins - 1)];
    ++bin.n;
    bin.right += best == set.truth[i] ? 1 : 0;
    bin.confidence += p;
  }
  for (auto& bin : result)
    if (bin.n != 0) bin.confidence /= static_cast<double>(bin.n);
  return result;
}

double expected_calibration_error(const prediction_set& set, std::size_t bins) {
  double sum = 0;
  for (const auto& bin : reliability(set, bins))
    if (bin.n != 0) sum += std::abs(static_cast<double>(bin.right) - bin.confidence * static_cast<double>(bin.n));
  return set.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(set.size());
}

ranking_figures rank_one_against_rest(const prediction_set& set) {
  ranking_figures sums;
  double areas = 0, precisions = 0;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    const auto items = set.one_against_rest(label);
    if (const double area = roc_curve(items).area; !std::isnan(area)) {
      sums.macro_roc_area += area;
      ++areas;
    }
    if (const double mean = precision_recall_curve(items).average_precision; !std::isnan(mean)) {
      sums.macro_average_precision += mean;
      ++precisions;
    }
  }
  return {sums.macro_roc_area / areas, sums.macro_average_precision / precisions};
}

} // namespace eucv::judge
#endif
