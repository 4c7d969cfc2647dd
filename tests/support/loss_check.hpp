#pragma once

#include <eucv/nn/host.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace test {

/// Logits {N, classes, 1, 1} from their values, row by row.
template <class Scalar>
eucv::nn::tensor<eucv::nn::host<Scalar>> logits_of(eucv::nn::host<Scalar>& backend, std::size_t classes,
                                                   const std::vector<Scalar>& values) {
  auto made = backend.make({.n = values.size() / classes, .c = classes});
  backend.assign(made, values, eucv::nn::order::channels_last);
  return made;
}

/// The largest difference between the gradient of a loss, in double, and central differences with steps of 1e-5, as a
/// share of the gradient where that is above 1. `answers` are what the loss takes beside the logits.
template <class Loss, class Answers>
double loss_gradient_error(eucv::nn::host<double>& backend, const Loss& loss, std::size_t classes,
                           const std::vector<double>& logits, const Answers& answers) {
  const auto at = [&](const std::vector<double>& values) {
    return loss(backend, logits_of(backend, classes, values), answers);
  };
  const auto gradient = backend.values(at(logits).gradient, eucv::nn::order::channels_last);
  double worst = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    auto above = logits, below = logits;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double numeric = (at(above).loss - at(below).loss) / 2e-5;
    worst = std::max(worst, std::abs(numeric - gradient[i]) / std::max(1.0, std::abs(numeric)));
  }
  return worst;
}

} // namespace test
