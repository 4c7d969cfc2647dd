#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/judge/bootstrap.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace eucv::judge {

/// One training: how many pictures it had, and the part of the judged ones that it got wrong (or 1 - macro F1).
struct learning_point {
  double n = 0, error = 0;
};

/// error(n) = floor + reducible (n / reference)^-exponent: how errors fall with data (Hestness et al. 2017, arXiv
/// 1712.00409; Rosenfeld et al. 2020, arXiv 1909.12673).
struct power_law {
  double floor = 0;     ///< what no amount of such data removes; at least 0
  double reducible = 0; ///< what more data can remove at `reference` pictures; at least 0
  double exponent = 0;
  double reference = 1; ///< the most pictures that a training had

  [[nodiscard]] double operator()(double n) const { return floor + reducible * std::pow(n / reference, -exponent); }
};

/// A law with its uncertainty.
struct learning_curve_fit {
  power_law law;
  interval exponent;  ///< of the law
  interval now;       ///< error with all pictures, as the law has it
  interval doubled;   ///< error with twice as many
  interval gain;      ///< by how much doubling lowers the error
  double scatter = 0; ///< standard deviation of the trainings about the law; not a number for fewer than four
};

/// The law with the least squared error; floor and factor are not negative. Exponents from 0.02 to 2 are tried in steps
/// of 0.01, the rest is solved for. Throws invalid_argument for fewer than three different numbers of pictures.
[[nodiscard]] power_law fit_power_law(std::span<const learning_point> points);

/// Fits the law, and states how sure it is by fitting it again to `replicates` sets of errors drawn about it with the
/// scatter that the trainings have (parametric bootstrap). Throws invalid_argument for fewer than three sizes.
[[nodiscard]] learning_curve_fit fit_learning_curve(std::span<const learning_point> points,
                                                    const bootstrap_options& options = {.replicates = 500});

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace eucv::judge {

power_law fit_power_law(std::span<const learning_point> points) {
  std::vector<double> sizes;
  for (const auto& point : points) sizes.push_back(point.n);
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  if (sizes.size() < 3 || sizes.front() <= 0)
    throw error(errc::invalid_argument, {"fit the learning curve", std::to_string(sizes.size()) + " sizes",
                                         "a law with three numbers needs three", "train on at least three sizes"});
  const auto count = static_cast<double>(points.size());
  power_law best;
  double least = std::numeric_limits<double>::infinity();
  for (int step = 2; step <= 200; ++step) {
    power_law law{.floor = 0, .reducible = 0, .exponent = step / 100.0, .reference = sizes.back()};
    double x_mean = 0, y_mean = 0, xx = 0, xy = 0, x_squares = 0, x_times_y = 0;
    for (const auto& point : points) {
      x_mean += std::pow(point.n / law.reference, -law.exponent) / count;
      y_mean += point.error / count;
    }
    for (const auto& point : points) {
      const double x = std::pow(point.n / law.reference, -law.exponent);
      xx += (x - x_mean) * (x - x_mean);
      xy += (x - x_mean) * (point.error - y_mean);
      x_squares += x * x;
      x_times_y += x * point.error;
    }
    law.reducible = std::max(0.0, xy / xx);
    law.floor = y_mean - law.reducible * x_mean;
    if (law.floor < 0) { // on the edge of what is allowed: a line through 0
      law.floor = 0;
      law.reducible = std::max(0.0, x_times_y / x_squares);
    }
    double squares = 0;
    for (const auto& point : points) squares += (point.error - law(point.n)) * (point.error - law(point.n));
    if (squares < least * (1 - 1e-9)) {
      least = squares;
      best = law;
    }
  }
  return best;
}

learning_curve_fit fit_learning_curve(std::span<const learning_point> points, const bootstrap_options& options) {
  learning_curve_fit result{.law = fit_power_law(points), .exponent = {}, .now = {}, .doubled = {}, .gain = {}};
  const auto& law = result.law;
  double squares = 0;
  for (const auto& point : points) squares += (point.error - law(point.n)) * (point.error - law(point.n));
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  result.scatter = points.size() < 4 ? none : std::sqrt(squares / static_cast<double>(points.size() - 3));
  const auto figures = [](const power_law& of) {
    const double now = of(of.reference), doubled = of(2 * of.reference);
    return std::vector<double>{of.exponent, now, doubled, now - doubled};
  };
  std::vector<std::vector<double>> drawn(4);
  random engine(options.seed);
  std::vector<learning_point> other(points.begin(), points.end());
  for (std::size_t replicate = 0; replicate < options.replicates && points.size() >= 4; ++replicate) {
    for (auto& point : other) point.error = law(point.n) + result.scatter * engine.normal();
    const auto values = figures(fit_power_law(other));
    for (std::size_t i = 0; i < 4; ++i) drawn[i].push_back(values[i]);
  }
  const auto values = figures(law);
  interval* const ranges[] = {&result.exponent, &result.now, &result.doubled, &result.gain};
  for (std::size_t i = 0; i < 4; ++i) {
    std::sort(drawn[i].begin(), drawn[i].end());
    const double tail = (1 - options.level) / 2;
    *ranges[i] = {values[i], detail::quantile(drawn[i], tail), detail::quantile(drawn[i], 1 - tail)};
  }
  return result;
}

} // namespace eucv::judge
#endif
