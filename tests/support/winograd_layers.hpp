#pragma once

#include <support/compare_backends.hpp>

#include <eucv/nn/host/convolution.hpp>
#include <eucv/nn/host/weight_gradient.hpp>
#include <eucv/nn/host/winograd.hpp>
#include <eucv/nn/host/winograd_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace test {

using eucv::nn::window;

/// A 3x3 convolution of stride 1.
struct winograd_layer {
  window over;
  std::size_t out;
};

/// Both schedules of each kernel: more tiles than channels, and more channels than tiles; several batches, and one.
inline const winograd_layer winograd_layers[] = {
    {window{{3, 16, 33, 31}, {3, 3}, {1, 1}, {1, 1}}, 32}, // 216 tiles, two batches
    {window{{5, 32, 30, 32}, {3, 3}, {1, 1}, {1, 1}}, 16}, // 320 tiles
    {window{{2, 144, 8, 9}, {3, 3}, {1, 1}, {1, 1}}, 80},  // 12 tiles
    {window{{4, 48, 7, 5}, {3, 3}, {1, 1}, {2, 0}}, 96},   // unequal paddings
};

inline std::vector<double> weights(const winograd_layer& of, eucv::random& engine) {
  auto values = normal_values(of.out * 9 * of.over.in.c, engine);
  for (auto& each : values)
    each = static_cast<double>(static_cast<float>(each * std::sqrt(2 / (9.0 * double(of.out)))));
  return values;
}

/// Output, gradient of the input and gradient of the weight of a layer, by one kind of kernels.
template <class Scalar, class Forward, class Weights>
std::vector<std::vector<double>> passes(const winograd_layer& of, std::size_t threads) {
  eucv::thread_pool pool(threads);
  eucv::nn::host<Scalar> on(pool);
  eucv::random engine(5);
  const auto& over = of.over;
  auto activations = normal_values(over.in.size(), engine);
  for (auto& each : activations) each = std::max(each, 0.0); // as they come out of a rectifier
  const auto x = tensor_of(on, over.in, activations);
  const auto dy = tensor_of(on, over.out(of.out), normal_values(over.out(of.out).size(), engine));
  const auto w = tensor_of(on, {of.out, over.in.c, 3, 3}, weights(of, engine));
  auto y = on.make(over.out(of.out)), dx = on.make(over.in), dw = on.make(w.shape);
  const auto data = [&](const auto& tensor) { return eucv::nn::host<Scalar>::data(tensor); };
  const Forward kernel{pool, on.memory(), over, of.out};
  kernel.forward(data(x), data(w), on.data(y));
  kernel.input_gradient(data(dy), data(w), on.data(dx));
  Weights{pool, on.memory(), over, of.out}.run(data(x), data(dy), on.data(dw));
  return {values_of(on, y), values_of(on, dx), values_of(on, dw)};
}

template <class Scalar>
auto winograd_passes(const winograd_layer& of, std::size_t threads = 2) {
  using namespace eucv::nn::detail;
  return passes<Scalar, winograd_convolution<Scalar>, winograd_weight_gradient<Scalar>>(of, threads);
}
template <class Scalar>
auto direct_passes(const winograd_layer& of) {
  using namespace eucv::nn::detail;
  return passes<Scalar, convolution<Scalar>, weight_gradient<Scalar>>(of, 2);
}

} // namespace test
