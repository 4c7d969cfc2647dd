#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// How items with one thing in common fared, which may have several labels: those of a provider, a country, a licence.
struct multi_label_slice {
  std::string value;
  std::size_t n = 0;
  interval exact_match;              ///< part of the items all of whose labels are right
  interval micro_f1;                 ///< of all answers together
  double macro_f1 = 0;               ///< over the labels that occur in it
  double mean_average_precision = 0; ///< likewise
};

/// slice_by() for items that may have several labels: splits them by `keys`, one an item, and judges each part; the
/// largest first. Throws invalid_argument where there are not as many keys as items.
[[nodiscard]] std::vector<multi_label_slice>
slice_by(const multi_label_predictions& set, std::span<const std::string> keys, const bootstrap_options& options = {});

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <map>

namespace eucv::judge {

namespace detail {

multi_label_slice judge_slice(const std::string& value, const multi_label_predictions& part,
                              const bootstrap_options& options) {
  struct answers {
    std::size_t right = 0, called = 0, actual = 0;
    bool exact = true;
  };
  std::vector<answers> items(part.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    for (std::size_t c = 0; c < part.labels.size(); ++c) {
      const bool called = part.called(i, c), is = part.is(i, c);
      items[i].right += called && is ? 1 : 0;
      items[i].called += called ? 1 : 0;
      items[i].actual += is ? 1 : 0;
      items[i].exact = items[i].exact && called == is;
    }
  const auto ranges = bootstrap(
      part.groups,
      [&](std::span<const std::size_t> drawn) {
        std::size_t exact = 0, right = 0, both = 0;
        for (const std::size_t i : drawn) {
          exact += items[i].exact ? 1 : 0;
          right += items[i].right;
          both += items[i].called + items[i].actual;
        }
        return std::vector<double>{static_cast<double>(exact) / static_cast<double>(drawn.size()),
                                   both == 0 ? 0 : 2 * static_cast<double>(right) / static_cast<double>(both)};
      },
      options);
  multi_label_slice made{.value = value, .n = part.size(), .exact_match = ranges[0], .micro_f1 = ranges[1]};
  const auto figures = metrics_of(part);
  double occurring = 0;
  for (std::size_t c = 0; c < part.labels.size(); ++c) {
    if (figures.per_label[c].support == 0) continue;
    ++occurring;
    made.macro_f1 += figures.per_label[c].f1;
    made.mean_average_precision += figures.average_precision[c];
  }
  made.macro_f1 /= std::max(1.0, occurring);
  made.mean_average_precision /= std::max(1.0, occurring);
  return made;
}

} // namespace detail

std::vector<multi_label_slice> slice_by(const multi_label_predictions& set, std::span<const std::string> keys,
                                        const bootstrap_options& options) {
  if (keys.size() != set.size())
    throw error(errc::invalid_argument, {"judge slices", std::to_string(set.size()) + " items",
                                         std::to_string(keys.size()) + " keys do not fit them", "give one each"});
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < keys.size(); ++i) places[keys[i]].push_back(i);
  std::vector<multi_label_slice> slices;
  for (const auto& [value, items] : places) slices.push_back(detail::judge_slice(value, subset(set, items), options));
  std::stable_sort(slices.begin(), slices.end(), [](const auto& a, const auto& b) { return a.n > b.n; });
  return slices;
}

} // namespace eucv::judge
#endif
