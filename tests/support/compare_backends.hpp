#pragma once

#include <support/opaque_backend.hpp>
#include <support/reference_backend.hpp>

#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace test {

/// Standard normal values, rounded to float so that every scalar type holds the same ones.
inline std::vector<double> normal_values(std::size_t count, eucv::random& engine) {
  std::vector<double> values(count);
  for (auto& each : values) each = static_cast<double>(static_cast<float>(engine.normal()));
  return values;
}

/// A tensor of a backend from values in PyTorch's order.
template <class Backend>
eucv::nn::tensor<Backend> tensor_of(Backend& backend, const eucv::nn::shape& extents,
                                    const std::vector<double>& values) {
  std::vector<typename Backend::scalar> cast(values.size());
  std::transform(values.begin(), values.end(), cast.begin(),
                 [](double each) { return static_cast<typename Backend::scalar>(each); });
  auto made = backend.make(extents);
  backend.assign(made, cast, eucv::nn::order::channels_first);
  return made;
}

/// Values of a tensor in PyTorch's order.
template <class Backend>
std::vector<double> values_of(const Backend& backend, const eucv::nn::tensor<Backend>& x) {
  const auto flat = backend.values(x, eucv::nn::order::channels_first);
  return {flat.begin(), flat.end()};
}

/// Largest difference, as a share of the largest magnitude. Infinite where the numbers of values differ.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0, scale = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i])) return std::numeric_limits<double>::infinity();
    if (std::isnan(a[i])) continue;
    most = std::max(most, std::abs(a[i] - b[i]));
    scale = std::max({scale, std::abs(a[i]), std::abs(b[i])});
  }
  return most / scale;
}

/// Runs one computation on host<double>, host<float> and the reference in double, and says how far the results are
/// apart. `compute(backend, tensors...)` gets a tensor for each shape, with the same normal values everywhere. It also
/// runs on the opaque backend, whose result must be that of the reference to the bit: else the distances are infinite.
struct backend_distances {
  double in_double = 0, in_float = 0;
};
template <class Compute, class... Shapes>
backend_distances compare_backends(eucv::random& engine, Compute compute, const Shapes&... shapes) {
  static eucv::thread_pool pool(2);
  const std::vector<std::vector<double>> inputs{normal_values(shapes.size(), engine)...};
  const auto run = [&](auto backend) {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return values_of(backend, compute(backend, tensor_of(backend, shapes, inputs[i])...));
    }
    (std::index_sequence_for<Shapes...>{});
  };
  const auto expected = run(reference_backend<double>{});
  if (const auto opaque = run(opaque_backend<double>{});
      !std::equal(opaque.begin(), opaque.end(), expected.begin(), expected.end(),
                  [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }))
    return {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  return {distance(run(eucv::nn::host<double>(pool)), expected), distance(run(eucv::nn::host<float>(pool)), expected)};
}

} // namespace test
