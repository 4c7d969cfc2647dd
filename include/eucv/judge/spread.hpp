#pragma once

#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <span>

namespace eucv::judge {

/// One figure over several trainings.
struct spread {
  double mean = 0;
  double deviation = 0; ///< standard deviation of the sample (n - 1); not a number for fewer than two values
  double least = 0, most = 0;
};

/// Not a number throughout for no value.
[[nodiscard]] spread spread_of(std::span<const double> values);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <cmath>
#include <limits>

namespace eucv::judge {

spread spread_of(std::span<const double> values) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {none, none, none, none};
  const auto n = static_cast<double>(values.size());
  spread result{0, none, *std::min_element(values.begin(), values.end()),
                *std::max_element(values.begin(), values.end())};
  for (const double value : values) result.mean += value / n;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (n - 1));
  return result;
}

} // namespace eucv::judge
#endif
