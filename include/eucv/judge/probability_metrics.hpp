#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>

namespace eucv::judge {

/// The part of the items whose label is among the k most probable. Of equal probabilities the first label counts as the
/// more probable one, as in predicted(); scikit-learn takes the last. Not a number for no item. Precondition: each item
/// has one label.
[[nodiscard]] double top_k_accuracy(const predictions& set, std::size_t k);

/// Mean over the labels of the area under the ROC curve, one label against the rest, or of the average precision.
/// Labels for which the figure does not exist, having no item or nothing but items, are left out.
struct ranking_figures {
  double macro_roc_area = 0, macro_average_precision = 0; ///< not a number where there is no such label
};
[[nodiscard]] ranking_figures rank_one_against_rest(const predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <cmath>

namespace eucv::judge {

double top_k_accuracy(const predictions& set, std::size_t k) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto row = set.row(i);
    const std::size_t truth = set.label_of(i);
    std::size_t before = 0;
    for (std::size_t c = 0; c < row.size(); ++c)
      before += row[c] > row[truth] || (row[c] == row[truth] && c < truth) ? 1 : 0;
    right += before < k ? 1 : 0;
  }
  return detail::ratio(right, set.size());
}

ranking_figures rank_one_against_rest(const predictions& set) {
  ranking_figures sums;
  double areas = 0, precisions = 0;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    const auto items = set.of_label(label);
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
