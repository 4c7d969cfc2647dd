#pragma once

#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <vector>

namespace eucv::judge {

/// How sure a classifier is that an item is of a class, and whether it is.
struct scored {
  double score = 0;
  bool positive = false;
};

/// Points of a curve, one for each different score as threshold, from the highest down; before them one at a threshold
/// of infinity, at which no item is called so.
struct roc_points {
  std::vector<double> thresholds, false_positive_rate, true_positive_rate;
  double area = 0; ///< 1: every positive before every negative; 0.5: chance. Not a number without one of each
};

/// The same for precision over recall.
struct precision_recall_points {
  std::vector<double> thresholds, precision, recall; ///< the first point is {infinity, 1, 0}
  double average_precision = 0; ///< sum over the points of (recall gained) x precision; not a number without positives
};

/// The ROC curve, as scikit-learn's roc_curve(drop_intermediate=False), and the area under it by the trapezoidal rule,
/// so that equal scores count half. Rates over no item are not numbers.
[[nodiscard]] roc_points roc_curve(std::vector<scored> items);

/// Precision over recall, as scikit-learn's precision_recall_curve (there from the lowest threshold up), and the area
/// under it as average_precision_score has it: steps, without interpolation, which would flatter.
[[nodiscard]] precision_recall_points precision_recall_curve(std::vector<scored> items);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <limits>

namespace eucv::judge {

namespace detail {

// Calls f(threshold, true positives, false positives) for each different score, from the highest down.
template <class Function>
void for_each_threshold(std::vector<scored>& items, Function&& f) {
  std::sort(items.begin(), items.end(), [](const scored& a, const scored& b) { return a.score > b.score; });
  std::size_t hits = 0, false_alarms = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ++(items[i].positive ? hits : false_alarms);
    if (i + 1 == items.size() || items[i + 1].score != items[i].score) f(items[i].score, hits, false_alarms);
  }
}

double ratio(std::size_t part, std::size_t whole) noexcept {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(part) / static_cast<double>(whole);
}

std::size_t positives(const std::vector<scored>& items) {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [](const scored& i) { return i.positive; }));
}

} // namespace detail

roc_points roc_curve(std::vector<scored> items) {
  const std::size_t of_class = detail::positives(items), others = items.size() - of_class;
  roc_points curve;
  const auto add = [&](double threshold, std::size_t hits, std::size_t false_alarms) {
    const double x = detail::ratio(false_alarms, others), y = detail::ratio(hits, of_class);
    if (!curve.thresholds.empty())
      curve.area += (x - curve.false_positive_rate.back()) * (y + curve.true_positive_rate.back()) / 2;
    curve.thresholds.push_back(threshold);
    curve.false_positive_rate.push_back(x);
    curve.true_positive_rate.push_back(y);
  };
  add(std::numeric_limits<double>::infinity(), 0, 0);
  detail::for_each_threshold(items, add);
  if (items.empty()) curve.area = std::numeric_limits<double>::quiet_NaN();
  return curve;
}

precision_recall_points precision_recall_curve(std::vector<scored> items) {
  const std::size_t of_class = detail::positives(items);
  precision_recall_points curve;
  const auto add = [&](double threshold, double precision, double recall) {
    if (!curve.thresholds.empty()) curve.average_precision += (recall - curve.recall.back()) * precision;
    curve.thresholds.push_back(threshold);
    curve.precision.push_back(precision);
    curve.recall.push_back(recall);
  };
  add(std::numeric_limits<double>::infinity(), 1, 0);
  detail::for_each_threshold(items, [&](double threshold, std::size_t hits, std::size_t false_alarms) {
    add(threshold, detail::ratio(hits, hits + false_alarms), detail::ratio(hits, of_class));
  });
  if (of_class == 0) curve.average_precision = std::numeric_limits<double>::quiet_NaN();
  return curve;
}

} // namespace eucv::judge
#endif
