#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// A figure and the range in which it is to be expected on other pictures of the same kind.
struct interval {
  double value = 0, low = 0, high = 0; ///< low and high are not numbers where the figure never exists
};

struct bootstrap_options {
  std::size_t replicates = 1000; ///< sets drawn
  double level = 0.95;           ///< part of them that the range holds
  std::uint64_t seed = 1;
};

namespace detail {

// Linear between order statistics, as NumPy's default. Not a number for no value.
[[nodiscard]] double quantile(std::span<const double> sorted, double part);

} // namespace detail

/// Figures of items, given by number: a number may come more than once, and each counts.
using figures_of_items = std::function<std::vector<double>(std::span<const std::size_t>)>;

/// Percentile intervals of the bootstrap (Efron 1979): sets as large as the first are drawn from it with replacement,
/// and the range leaves out as many of their figures below as above.
///
/// Items of one group are drawn together, so that ten pictures of one record do not count as ten witnesses. Figures
/// that are not numbers in a set are left out. Same seed, same ranges. Cost: `replicates` calls of `figures`. Throws
/// invalid_argument for no item, no replicate or a level that is not between 0 and 1.
[[nodiscard]] std::vector<interval> bootstrap(std::span<const std::string> groups, const figures_of_items& figures,
                                              const bootstrap_options& options = {});

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

namespace eucv::judge {

namespace detail {

double quantile(std::span<const double> sorted, double part) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace detail

std::vector<interval> bootstrap(std::span<const std::string> groups, const figures_of_items& figures,
                                const bootstrap_options& options) {
  if (groups.empty() || options.replicates == 0 || !(options.level > 0 && options.level < 1))
    throw error(errc::invalid_argument,
                {"estimate intervals", std::to_string(groups.size()) + " items",
                 "it wants an item, a replicate and a level between 0 and 1", "check the options and the data"});
  std::map<std::string_view, std::size_t> places;
  std::vector<std::vector<std::size_t>> clusters;
  std::vector<std::size_t> items(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto [found, fresh] = places.try_emplace(groups[i], clusters.size());
    if (fresh) clusters.emplace_back();
    clusters[found->second].push_back(i);
    items[i] = i;
  }
  std::vector<interval> result;
  for (const double value : figures(items)) result.push_back({.value = value});
  std::vector<std::vector<double>> drawn(result.size());
  random engine(options.seed);
  for (std::size_t replicate = 0; replicate < options.replicates; ++replicate) {
    items.clear();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const auto& cluster = clusters[engine.below(clusters.size())];
      items.insert(items.end(), cluster.begin(), cluster.end());
    }
    const auto values = figures(items);
    for (std::size_t i = 0; i < drawn.size(); ++i)
      if (!std::isnan(values[i])) drawn[i].push_back(values[i]);
  }
  const double tail = (1 - options.level) / 2;
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::sort(drawn[i].begin(), drawn[i].end());
    result[i].low = detail::quantile(drawn[i], tail);
    result[i].high = detail::quantile(drawn[i], 1 - tail);
  }
  return result;
}

} // namespace eucv::judge
#endif
