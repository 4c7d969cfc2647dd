#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <span>
#include <vector>

namespace eucv::judge {

/// Probabilities of logits divided by `temperature`, from those of the logits themselves: above 1 it takes confidence
/// back, below 1 it adds some. Which label is the most probable stays. Precondition: temperature > 0.
[[nodiscard]] std::vector<double> tempered(std::span<const double> row, double temperature);

/// The temperature that makes the log loss of items with one label least (Guo et al. 2017, arXiv 1706.04599): one
/// number, so that a few hundred items suffice. Fit it on items that the model was not trained on. Between 0.05 and 20,
/// and at an end of that where the items say nothing, as when all are right. Throws invalid_argument for no item.
[[nodiscard]] double fit_temperature(const predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace eucv::judge {

namespace detail {

// log p, where a probability that has vanished in double keeps a finite one.
double log_of(double p) noexcept {
  return std::log(std::max(p, 1e-300));
}

// Slope and curvature of the mean log loss with regard to b = 1 / temperature, at b.
std::pair<double, double> loss_slope(const predictions& set, double b) {
  double slope = 0, curvature = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto row = set.row(i);
    const double top = log_of(*std::max_element(row.begin(), row.end()));
    double sum = 0, first = 0, second = 0; // of the weights exp(b z), of z and z^2 under them
    for (const double p : row) {
      const double z = log_of(p) - top, w = std::exp(b * z);
      sum += w;
      first += w * z;
      second += w * z * z;
    }
    const double mean = first / sum;
    slope += mean - (log_of(row[set.label_of(i)]) - top);
    curvature += second / sum - mean * mean;
  }
  const auto n = static_cast<double>(set.size());
  return {slope / n, curvature / n};
}

} // namespace detail

std::vector<double> tempered(std::span<const double> row, double temperature) {
  const double top = detail::log_of(*std::max_element(row.begin(), row.end()));
  std::vector<double> result(row.size());
  double sum = 0;
  for (std::size_t c = 0; c < row.size(); ++c)
    sum += result[c] = std::exp((detail::log_of(row[c]) - top) / temperature);
  for (double& p : result) p /= sum;
  return result;
}

double fit_temperature(const predictions& set) {
  if (set.size() == 0)
    throw error(errc::invalid_argument, {"fit the temperature", "predictions", "there is none", "give some"});
  // The loss is convex in b = 1 / temperature, so its slope rises: Newton's steps, held inside a shrinking bracket.
  double low = 0.05, high = 20, b = 1;
  for (int step = 0; step < 100 && high - low > 1e-12 * high; ++step) {
    const auto [slope, curvature] = detail::loss_slope(set, b);
    (slope > 0 ? high : low) = b;
    const double newton = curvature > 0 ? b - slope / curvature : low;
    if (std::abs(newton - b) <= 1e-14 * b) break;
    b = newton > low && newton < high ? newton : (low + high) / 2;
  }
  return 1 / b;
}

} // namespace eucv::judge
#endif
