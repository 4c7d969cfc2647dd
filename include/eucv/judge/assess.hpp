#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace eucv::judge {

/// All figures of labelled predictions.
struct assessment {
  const task_type* task = &single_label;
  metrics figures = {};
  double calibration_error = 0; ///< see reliability.hpp
  /// See probability_metrics.hpp; not numbers where labels do not exclude each other.
  double top_3 = std::numeric_limits<double>::quiet_NaN(), macro_roc_area = top_3, macro_average_precision = top_3;
  double level = 0.95;                 ///< of the intervals
  std::vector<interval> headline = {}; ///< of the task's figures for figure_use::headline
  /// In label order; the last is empty where the task does not rank labels.
  std::vector<interval> class_precision = {}, class_recall = {}, class_f1 = {}, class_average_precision = {};
};

/// Computes them. The intervals come from bootstrap(): items of one group are drawn together. Cost: `replicates` times
/// N x C. Throws invalid_argument for no item.
[[nodiscard]] assessment assess(const predictions& set, const bootstrap_options& options = {});

/// metrics.json: the task's figures for figure_use::file, `per_class`, `labels`, `n`; where labels exclude each other
/// also `weighted` and `confusion_matrix`, otherwise `average_precision` of each class.
[[nodiscard]] std::string to_json(const metrics& figures, const task_type& task);

/// The same with what only predictions tell: `calibration_error`, where labels exclude each other `top_3_accuracy`,
/// `macro_roc_area` and `macro_average_precision`, the item figures that are not there yet, as `log_loss`, and
/// `intervals`: an object with `level`, for each headline figure a pair [low, high], and `f1_by_class` and
/// `average_precision_by_class`, such pairs in label order. What does not exist is null.
[[nodiscard]] std::string to_json(const assessment& all);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/json_text.hpp>
#include <eucv/judge/probability_metrics.hpp>
#include <eucv/judge/reliability.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace eucv::judge {

assessment assess(const predictions& set, const bootstrap_options& options) {
  assessment result{.task = set.task,
                    .figures = metrics_of(set),
                    .calibration_error = calibration_error(set),
                    .level = options.level};
  if (set.task->exclusive()) {
    const auto ranked = rank_one_against_rest(set);
    result.top_3 = top_k_accuracy(set, 3);
    result.macro_roc_area = ranked.macro_roc_area;
    result.macro_average_precision = ranked.macro_average_precision;
  }
  detail::drawn_metrics drawn(set, {});
  const auto headline = set.task->figures(figure_use::headline);
  const auto intervals = bootstrap(
      set.groups,
      [&](std::span<const std::size_t> items) {
        const auto figures = drawn(items);
        std::vector<double> values;
        for (const auto& each : headline) values.push_back(each.of(figures));
        for (const auto& one : figures.per_class)
          values.insert(values.end(), {one.precision, one.recall, one.f1, one.average_precision});
        return values;
      },
      options);
  result.headline.assign(intervals.begin(), intervals.begin() + static_cast<std::ptrdiff_t>(headline.size()));
  for (std::size_t i = headline.size(); i < intervals.size(); i += 4) {
    result.class_precision.push_back(intervals[i]);
    result.class_recall.push_back(intervals[i + 1]);
    result.class_f1.push_back(intervals[i + 2]);
    if (!set.task->exclusive()) result.class_average_precision.push_back(intervals[i + 3]);
  }
  return result;
}

namespace detail {

std::string member(std::string_view name, double value) {
  return "\"" + std::string(name) + "\": " + json_number(value);
}

std::string pairs(const std::vector<interval>& ranges) {
  std::string out = "[";
  for (const auto& range : ranges)
    out += (out.size() == 1 ? "[" : ", [") + json_number(range.low) + ", " + json_number(range.high) + "]";
  return out + "]";
}

// `more` holds further members, each on a line of its own.
std::string metrics_json(const metrics& figures, const task_type& task, const std::string& more) {
  std::string out = "{\n";
  for (const auto& each : task.figures(figure_use::file)) out += "  " + member(each.key, each.of(figures)) + ",\n";
  if (task.exclusive())
    out += "  \"weighted\": {" + member("precision", figures.weighted.precision) + ", " +
           member("recall", figures.weighted.recall) + ", " + member("f1", figures.weighted.f1) + "},\n";
  out += "  \"per_class\": [";
  for (std::size_t i = 0; i < figures.per_class.size(); ++i) {
    const auto& one = figures.per_class[i];
    out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(figures.labels[i]) + ", " +
           member("precision", one.precision) + ", " + member("recall", one.recall) + ", " + member("f1", one.f1) +
           ", " + member("specificity", one.specificity) + ", " +
           (task.exclusive() ? "" : member("average_precision", one.average_precision) + ", ") +
           "\"support\": " + std::to_string(one.support) + "}";
  }
  out += "]";
  for (std::size_t i = 0; i < figures.confusion_matrix.size(); ++i) {
    out += i == 0 ? ",\n  \"confusion_matrix\": [" : ",";
    std::string row;
    for (const std::size_t count : figures.confusion_matrix[i])
      row += (row.empty() ? "" : ", ") + std::to_string(count);
    out += "\n    [" + row + "]";
  }
  if (!figures.confusion_matrix.empty()) out += "]";
  out += ",\n  \"labels\": [";
  for (std::size_t i = 0; i < figures.labels.size(); ++i) out += (i == 0 ? "" : ", ") + json_string(figures.labels[i]);
  return out + "],\n" + more + "  \"n\": " + std::to_string(figures.n) + "\n}\n";
}

} // namespace detail

std::string to_json(const metrics& figures, const task_type& task) {
  return detail::metrics_json(figures, task, "");
}

std::string to_json(const assessment& all) {
  const auto line = [](std::string_view name, double value) { return "  " + detail::member(name, value) + ",\n"; };
  std::string more = line("calibration_error", all.calibration_error);
  if (all.task->exclusive())
    more += line("top_3_accuracy", all.top_3) + line("macro_roc_area", all.macro_roc_area) +
            line("macro_average_precision", all.macro_average_precision);
  const auto in_file = all.task->figures(figure_use::file);
  for (std::size_t i = 0; i < all.figures.item_means.size(); ++i) {
    const auto key = all.task->item_figures()[i];
    if (std::ranges::find(in_file, key, &figure::key) == in_file.end()) more += line(key, all.figures.item_means[i]);
  }
  more += "  \"intervals\": {\n    \"level\": " + json_number(all.level);
  const auto headline = all.task->figures(figure_use::headline);
  for (std::size_t i = 0; i < headline.size(); ++i)
    more += ",\n    \"" + std::string(headline[i].key) + "\": [" + json_number(all.headline[i].low) + ", " +
            json_number(all.headline[i].high) + "]";
  more += ",\n    \"f1_by_class\": " + detail::pairs(all.class_f1);
  if (!all.class_average_precision.empty())
    more += ",\n    \"average_precision_by_class\": " + detail::pairs(all.class_average_precision);
  return detail::metrics_json(all.figures, *all.task, more + "},\n");
}

} // namespace eucv::judge
#endif
