#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/probability_metrics.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::judge {

/// The figures that get an interval, in order.
inline constexpr std::array<std::string_view, 8> headline_names{
    "accuracy",          "macro_f1",          "macro_precision", "macro_recall",
    "macro_specificity", "balanced_accuracy", "weighted_f1",     "log_loss"};

/// All figures of labelled predictions.
struct assessment {
  metrics figures;
  double top_3 = 0, log_loss = 0, calibration_error = 0; ///< see probability_metrics.hpp
  ranking_figures ranking;
  double level = 0.95;                                           ///< of the intervals
  std::array<interval, 8> headline;                              ///< of headline_names
  std::vector<interval> class_precision, class_recall, class_f1; ///< in label order
};

/// Computes them. The intervals come from bootstrap(): items of one group are drawn together. Throws invalid_argument
/// for no item.
[[nodiscard]] assessment assess(const prediction_set& set, const bootstrap_options& options = {});

/// metrics.json with `top_3_accuracy`, `log_loss`, `calibration_error`, `macro_roc_area`, `macro_average_precision`,
/// and `intervals`: an object with `level`, for each of headline_names a pair [low, high], and `f1_by_class`, such
/// pairs in label order. What does not exist is null.
[[nodiscard]] std::string to_json(const assessment& all);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <span>

namespace eucv::judge {

namespace detail {

std::vector<double> headline_values(const metrics& figures, double loss) {
  std::vector<double> values{
      figures.accuracy,          figures.macro_f1,          figures.macro_precision, figures.macro_recall,
      figures.macro_specificity, figures.balanced_accuracy, figures.weighted.f1,     loss};
  for (const auto& one : figures.per_class) values.insert(values.end(), {one.precision, one.recall, one.f1});
  return values;
}

} // namespace detail

assessment assess(const prediction_set& set, const bootstrap_options& options) {
  const auto predicted = set.predicted();
  std::vector<double> losses(set.size());
  for (std::size_t i = 0; i < losses.size(); ++i) losses[i] = item_loss(set, i);
  std::vector<std::vector<std::size_t>> counts(set.labels.size(), std::vector<std::size_t>(set.labels.size()));
  const auto intervals = bootstrap(
      set.groups,
      [&](std::span<const std::size_t> items) {
        for (auto& row : counts) std::fill(row.begin(), row.end(), std::size_t{0});
        double loss = 0;
        for (const std::size_t i : items) {
          ++counts[set.truth[i]][predicted[i]];
          loss += losses[i];
        }
        return detail::headline_values(metrics_of(counts, set.labels), loss / static_cast<double>(items.size()));
      },
      options);
  assessment result{.figures = metrics_of(set.truth, predicted, set.labels),
                    .top_3 = top_k_accuracy(set, 3),
                    .log_loss = log_loss(set),
                    .calibration_error = expected_calibration_error(set),
                    .ranking = rank_one_against_rest(set),
                    .level = options.level,
                    .headline = {},
                    .class_precision = {},
                    .class_recall = {},
                    .class_f1 = {}};
  std::copy_n(intervals.begin(), result.headline.size(), result.headline.begin());
  for (std::size_t i = result.headline.size(); i < intervals.size(); i += 3) {
    result.class_precision.push_back(intervals[i]);
    result.class_recall.push_back(intervals[i + 1]);
    result.class_f1.push_back(intervals[i + 2]);
  }
  return result;
}

std::string to_json(const assessment& all) {
  const auto member = [](std::string_view name, double value) {
    return "  \"" + std::string(name) + "\": " + json_number(value) + ",\n";
  };
  const auto pair = [](const interval& range) {
    return "[" + json_number(range.low) + ", " + json_number(range.high) + "]";
  };
  std::string more = member("top_3_accuracy", all.top_3) + member("log_loss", all.log_loss) +
                     member("calibration_error", all.calibration_error) +
                     member("macro_roc_area", all.ranking.macro_roc_area) +
                     member("macro_average_precision", all.ranking.macro_average_precision) +
                     "  \"intervals\": {\n    \"level\": " + json_number(all.level);
  for (std::size_t i = 0; i < headline_names.size(); ++i)
    more += ",\n    \"" + std::string(headline_names[i]) + "\": " + pair(all.headline[i]);
  more += ",\n    \"f1_by_class\": [";
  for (std::size_t i = 0; i < all.class_f1.size(); ++i) more += (i == 0 ? "" : ", ") + pair(all.class_f1[i]);
  return to_json(all.figures, more + "]},\n");
}

} // namespace eucv::judge
#endif
