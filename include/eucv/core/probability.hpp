#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace eucv {

/// exp(z - max) / sum for one row of logits, in double.
template <class Scalar>
[[nodiscard]] std::vector<double> softmax(std::span<const Scalar> logits) {
  const double top = logits.empty() ? 0 : static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  std::vector<double> parts(logits.size());
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) sum += parts[c] = std::exp(static_cast<double>(logits[c]) - top);
  for (double& part : parts) part /= sum;
  return parts;
}

/// 1 / (1 + exp(-x)), without overflow.
[[nodiscard]] inline double logistic(double x) noexcept {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

} // namespace eucv
