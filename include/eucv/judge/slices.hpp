#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// How items with one thing in common fared: those of a provider, a country, a licence.
struct slice {
  std::string value;
  std::size_t n = 0;
  /// Of the task's figures for figure_use::slices; low and high are not numbers for those that have no interval. Macro
  /// averages are over the labels that occur in the slice.
  std::vector<interval> figures;
};

/// Splits the items by `keys`, one an item, and judges each part; the largest first. Throws invalid_argument where
/// there are not as many keys as items.
[[nodiscard]] std::vector<slice> slice_by(const predictions& set, std::span<const std::string> keys,
                                          const bootstrap_options& options = {});

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/error.hpp>
#include <eucv/judge/figures.hpp>

#include <algorithm>
#include <limits>
#include <map>

namespace eucv::judge {

namespace detail {

slice judge_slice(const std::string& value, const predictions& part, const bootstrap_options& options) {
  metric_options how;
  if (!part.task->exclusive()) how.average = macro_over::occurring;
  slice made{value, part.size(), {}};
  drawn_metrics drawn(part, how);
  made.figures = bootstrap(
      part.groups,
      [&](std::span<const std::size_t> items) {
        const auto figures = drawn(items);
        std::vector<double> values;
        for (const auto& each : part.task->figures(figure_use::slice_intervals)) values.push_back(each.of(figures));
        return values;
      },
      options);
  const auto all = metrics_of(part, how);
  const auto figures = part.task->figures(figure_use::slices);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = made.figures.size(); i < figures.size(); ++i)
    made.figures.push_back({figures[i].of(all), none, none});
  return made;
}

} // namespace detail

std::vector<slice> slice_by(const predictions& set, std::span<const std::string> keys,
                            const bootstrap_options& options) {
  if (keys.size() != set.size())
    throw error(errc::invalid_argument, {"judge slices", std::to_string(set.size()) + " items",
                                         std::to_string(keys.size()) + " keys do not fit them", "give one each"});
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < keys.size(); ++i) places[keys[i]].push_back(i);
  std::vector<slice> slices;
  for (const auto& [value, items] : places) slices.push_back(detail::judge_slice(value, subset(set, items), options));
  std::stable_sort(slices.begin(), slices.end(), [](const slice& a, const slice& b) { return a.n > b.n; });
  return slices;
}

} // namespace eucv::judge
#endif
