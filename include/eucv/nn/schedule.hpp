#pragma once

#include <eucv/core/option_fields.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <string_view>
#include <variant>

namespace eucv::nn {

/// A learning-rate schedule: rate(step, steps) for step in [0, steps). A pure function, so that a resumed training
/// needs the number of its step and nothing else.
template <class T>
concept schedule = std::copyable<T> && requires(const T& policy, std::size_t step, std::size_t steps) {
  { policy.rate(step, steps) } -> std::convertible_to<double>;
};

namespace detail {

// Linear warm-up from rate / warm_up to rate within the first warm_up steps, so that no step is wasted at 0.
[[nodiscard]] inline double warmed_up(double rate, std::size_t step, std::size_t warm_up) noexcept {
  return step < warm_up ? rate * static_cast<double>(step + 1) / static_cast<double>(warm_up) : rate;
}

// Half a cosine, from `from` at part 0 to `to` at part 1.
[[nodiscard]] inline double cosine_between(double from, double to, double part) noexcept {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(part, 0.0, 1.0)));
}

} // namespace detail

/// The same learning rate at each step, after a linear warm-up.
struct constant_rate {
  double peak = 1e-3;
  std::size_t warm_up = 0; ///< steps in which the rate rises to the peak

  static constexpr std::string_view name = "constant";
  static constexpr auto fields() {
    using self = constant_rate;
    return field_list{option("peak", &self::peak, "highest learning rate", at_least(0)),
                      option("warm-up", &self::warm_up, "steps in which the rate rises to its highest")};
  }

  [[nodiscard]] double rate(std::size_t step, std::size_t) const noexcept {
    return detail::warmed_up(peak, step, warm_up);
  }
};

/// Cosine annealing from `peak` to `last` (Loshchilov and Hutter, 2017, arXiv:1608.03983, without restarts), after a
/// linear warm-up. The last step has the rate `last`.
struct cosine {
  double peak = 1e-3;
  double last = 0;
  std::size_t warm_up = 0; ///< steps in which the rate rises to the peak

  static constexpr std::string_view name = "cosine";
  static constexpr auto fields() {
    using self = cosine;
    return field_list{option("peak", &self::peak, "highest learning rate", at_least(0)),
                      option("last", &self::last, "learning rate of the last step", at_least(0)),
                      option("warm-up", &self::warm_up, "steps in which the rate rises to its highest")};
  }

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    if (step < warm_up) return detail::warmed_up(peak, step, warm_up);
    const double way = steps > warm_up + 1 ? static_cast<double>(steps - warm_up - 1) : 1.0;
    return detail::cosine_between(peak, last, static_cast<double>(step - warm_up) / way);
  }
};

/// The one-cycle policy (Smith, 2018, arXiv:1803.09820), as PyTorch's OneCycleLR with cosine annealing: from peak /
/// start_divisor up to `peak` within the first `rise` of the steps, then down to peak / (start_divisor * end_divisor)
/// at the last.
struct one_cycle {
  double peak = 1e-3;
  double rise = 0.3; ///< part of the steps, 0 to 1
  double start_divisor = 25;
  double end_divisor = 1e4;

  static constexpr std::string_view name = "one-cycle";
  static constexpr auto fields() {
    using self = one_cycle;
    return field_list{
        option("peak", &self::peak, "highest learning rate", at_least(0)),
        option("rise", &self::rise, "part of the steps in which the rate rises to its highest", between(0, 1)),
        option("start-divisor", &self::start_divisor, "the highest rate, divided by the first", above(0)),
        option("end-divisor", &self::end_divisor, "the first rate, divided by the last", above(0))};
  }

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    const double start = peak / start_divisor;
    const double last = steps > 1 ? static_cast<double>(steps - 1) : 1.0;
    const double top = std::max(rise * static_cast<double>(steps) - 1, 0.0);
    const double now = static_cast<double>(step);
    if (now <= top) return top > 0 ? detail::cosine_between(start, peak, now / top) : peak;
    return detail::cosine_between(peak, start / end_divisor, last > top ? (now - top) / (last - top) : 1.0);
  }
};

static_assert(describes_all_fields<constant_rate> && describes_all_fields<cosine> && describes_all_fields<one_cycle>);

/// Any schedule, chosen at run time.
using any_schedule = std::variant<constant_rate, cosine, one_cycle>;

/// The learning rate of a step by any schedule.
[[nodiscard]] inline double rate(const any_schedule& policy, std::size_t step, std::size_t steps) {
  return std::visit([&](const auto& chosen) { return chosen.rate(step, steps); }, policy);
}

} // namespace eucv::nn
