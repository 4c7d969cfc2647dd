#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <variant>

namespace eucv::nn {

/// A learning rate for each step of a training: rate(step, steps) for step in [0, steps). A pure function, so that a
/// resumed training needs the number of its step and nothing else.
template <class T>
concept schedule = std::copyable<T> && requires(const T& policy, std::size_t step, std::size_t steps) {
  { policy.rate(step, steps) } -> std::convertible_to<double>;
};

namespace detail {

// Rises evenly from rate / warm_up to rate within the first warm_up steps, so that no step is wasted at 0.
[[nodiscard]] inline double warmed_up(double rate, std::size_t step, std::size_t warm_up) noexcept {
  return step < warm_up ? rate * static_cast<double>(step + 1) / static_cast<double>(warm_up) : rate;
}

// Half a cosine from `from` at part 0 to `to` at part 1.
[[nodiscard]] inline double cosine_between(double from, double to, double part) noexcept {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(part, 0.0, 1.0)));
}

} // namespace detail

/// The same rate at each step, after `warm_up` steps that rise to it.
struct constant_rate {
  double peak = 1e-3;
  std::size_t warm_up = 0; ///< steps

  [[nodiscard]] double rate(std::size_t step, std::size_t) const noexcept {
    return detail::warmed_up(peak, step, warm_up);
  }
};

/// Half a cosine from `peak` down to `last` (Loshchilov and Hutter, 2017, without restarts), after `warm_up` steps that
/// rise to the peak. The last step has the rate `last`.
struct cosine {
  double peak = 1e-3;
  double last = 0;
  std::size_t warm_up = 0; ///< steps

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    if (step < warm_up) return detail::warmed_up(peak, step, warm_up);
    const double way = steps > warm_up + 1 ? static_cast<double>(steps - warm_up - 1) : 1.0;
    return detail::cosine_between(peak, last, static_cast<double>(step - warm_up) / way);
  }
};

/// One cycle (Smith, 2018) as PyTorch's OneCycleLR with cosine annealing: from peak / start_divisor up to `peak`
/// within the first `rise` of the steps, then down to peak / (start_divisor * end_divisor) at the last.
struct one_cycle {
  double peak = 1e-3;
  double rise = 0.3; ///< part of the steps, 0 to 1
  double start_divisor = 25;
  double end_divisor = 1e4;

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    const double start = peak / start_divisor;
    const double last = steps > 1 ? static_cast<double>(steps - 1) : 1.0;
    const double top = std::max(rise * static_cast<double>(steps) - 1, 0.0);
    const double now = static_cast<double>(step);
    if (now <= top) return top > 0 ? detail::cosine_between(start, peak, now / top) : peak;
    return detail::cosine_between(peak, start / end_divisor, last > top ? (now - top) / (last - top) : 1.0);
  }
};

/// Which of them, chosen when the program runs.
using any_schedule = std::variant<constant_rate, cosine, one_cycle>;

[[nodiscard]] inline double rate(const any_schedule& policy, std::size_t step, std::size_t steps) {
  return std::visit([&](const auto& chosen) { return chosen.rate(step, steps); }, policy);
}

} // namespace eucv::nn
