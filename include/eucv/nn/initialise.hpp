#pragma once

#include <eucv/core/random.hpp>

#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

namespace eucv::nn {

/// Initial values of a parameter with PyTorch's dimensions `dims`, in the order of PyTorch.
/// `dims` is [out][in] or [out][in][kh][kw]; every function but constant() draws from `engine`.

/// Every element equal to `value`.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> constant(const std::vector<std::size_t>& dims, Scalar value) {
  return std::vector<Scalar>(std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>()), value);
}

/// Uniform in [-bound, bound).
template <class Scalar>
[[nodiscard]] std::vector<Scalar> uniform(const std::vector<std::size_t>& dims, double bound, random& engine) {
  auto values = constant(dims, Scalar(0));
  for (auto& value : values) value = static_cast<Scalar>(engine.uniform(-bound, bound));
  return values;
}

/// Normal with mean 0.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> normal(const std::vector<std::size_t>& dims, double deviation, random& engine) {
  auto values = constant(dims, Scalar(0));
  for (auto& value : values) value = static_cast<Scalar>(deviation * engine.normal());
  return values;
}

/// Normal with variance 2 / (out * kh * kw), which keeps the variance of gradients through ReLU from layer to layer
/// (He et al., 2015, arXiv:1502.01852): mode fan_out, as torchvision's residual networks begin.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> kaiming_normal(const std::vector<std::size_t>& dims, random& engine) {
  const double fan_out = static_cast<double>(constant(dims, Scalar(0)).size()) / static_cast<double>(dims.at(1));
  return normal<Scalar>(dims, std::sqrt(2.0 / fan_out), engine);
}

/// 1 / sqrt(in * kh * kw): the bound of the uniform distribution that PyTorch gives the bias of a layer with weight
/// `dims`, and the weight of its Linear.
[[nodiscard]] inline double fan_in_bound(const std::vector<std::size_t>& dims) {
  double fan_in = 1;
  for (std::size_t i = 1; i < dims.size(); ++i) fan_in *= static_cast<double>(dims[i]);
  return 1.0 / std::sqrt(fan_in);
}

} // namespace eucv::nn
