#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

/// How items with one thing in common fared: those of a provider, a country, a licence.
struct slice {
  std::string value;
  std::size_t n = 0;
  interval accuracy;
  double macro_f1 = 0; ///< over the labels that occur in it
};

/// Splits the items by `keys`, one an item, and judges each part; the largest first. Throws invalid_argument where
/// there are not as many keys as items.
[[nodiscard]] std::vector<slice> slice_by(const prediction_set& set, std::span<const std::string> keys,
                                          const bootstrap_options& options = {});

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <map>

namespace eucv::judge {

std::vector<slice> slice_by(const prediction_set& set, std::span<const std::string> keys,
                            const bootstrap_options& options) {
  if (keys.size() != set.size())
    throw error(errc::invalid_argument, {"judge slices", std::to_string(set.size()) + " items",
                                         std::to_string(keys.size()) + " keys do not fit them", "give one each"});
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < keys.size(); ++i) places[keys[i]].push_back(i);
  std::vector<slice> slices;
  for (const auto& [value, items] : places) {
    const auto part = subset(set, items);
    const auto predicted = part.predicted();
    const auto accuracy = bootstrap(
        part.groups,
        [&](std::span<const std::size_t> drawn) {
          std::size_t right = 0;
          for (const std::size_t i : drawn) right += predicted[i] == part.truth[i] ? 1 : 0;
          return std::vector<double>{static_cast<double>(right) / static_cast<double>(drawn.size())};
        },
        options);
    slices.push_back({value, part.size(), accuracy.front(), metrics_of(part.truth, predicted, part.labels).macro_f1});
  }
  std::stable_sort(slices.begin(), slices.end(), [](const slice& a, const slice& b) { return a.n > b.n; });
  return slices;
}

} // namespace eucv::judge
#endif
