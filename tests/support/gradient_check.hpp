#pragma once

#include <support/compare_backends.hpp>

#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace test {

/// Checks the gradients of a layer, in double, against central differences: on the host, and on the opaque backend.
///
/// The loss is a sum of the outputs with random weights. Of the input and of each parameter up to `most` elements are
/// moved by +-1e-5. Returns the largest error as a share of the larger of both gradients; gradients below a hundredth
/// of the largest in their tensor count as that much, since rounding of the loss hides smaller ones.
struct gradient_check {
  eucv::nn::shape input{};
  std::uint64_t seed = 1;
  std::size_t most = 40;
  std::string freeze{}; ///< prefix of parameters to freeze before, if not empty

  template <class Layer>
  double operator()(Layer layer) const {
    eucv::thread_pool pool(2);
    gradient_check few =
        *this; // the arithmetic is the same for all elements, and each access costs a call of the system
    few.most = std::min<std::size_t>(most, 6);
    return std::max(check(layer, eucv::nn::host<double>(pool)), few.check(layer, opaque_backend<double>()));
  }

private:
  template <class Layer, class Backend>
  double check(Layer layer, Backend backend) const {
    using namespace eucv::nn;
    eucv::random engine(seed);
    model network(layer, input, engine, backend);
    network.differentiate(gradients::of_parameters_and_input);
    Backend& on = network.backend();
    for (auto& each : network.parameters()) // ones and zeros would hide an exchange of roles
      if (each.dims.size() == 1) each.value = tensor_of(on, each.value.shape, normal_values(each.value.size(), engine));
    for (auto& each : network.buffers()) {
      auto values = normal_values(each.value.size(), engine);
      for (auto& value : values) value = 0.5 + value * value; // a variance is positive
      each.value = tensor_of(on, each.value.shape, values);
    }
    if (!freeze.empty()) network.freeze(freeze);

    auto x = normal_values(input.size(), engine);
    const auto weights = normal_values(network.output_shape().with_images(input.n).size(), engine);
    const eucv::random drawn = network.random(); // the same elements are dropped each time
    const auto loss = [&] {
      network.random(drawn);
      const auto y = values_of(on, network.forward(tensor_of(on, input, x), mode::train));
      double sum = 0;
      for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * weights[i];
      return sum;
    };

    loss();
    const auto dx =
        values_of(on, network.backward(tensor_of(on, network.output_shape().with_images(input.n), weights)));
    double worst = compare(
        dx, engine, [&](std::size_t i, double by) { x[i] += by; }, loss);
    for (auto& each : network.parameters()) {
      if (each.frozen) {
        if (each.gradient) return std::numeric_limits<double>::infinity();
        continue;
      }
      auto values = values_of(on, each.value);
      const auto move = [&](std::size_t i, double by) {
        values[i] += by;
        on.assign(each.value, values, order::channels_first);
      };
      const auto gradient = values_of(on, each.gradient);
      worst = std::max(worst, compare(gradient, engine, move, loss));
    }
    return worst;
  }

  template <class Move, class Loss>
  double compare(const std::vector<double>& gradient, eucv::random& engine, Move move, Loss loss) const {
    constexpr double step = 1e-5;
    double scale = 1e-3, worst = 0;
    for (const double each : gradient) scale = std::max(scale, std::abs(each));
    for (std::size_t taken = 0; taken < std::min(most, gradient.size()); ++taken) {
      const std::size_t i = gradient.size() <= most ? taken : engine.below(gradient.size());
      move(i, step);
      const double above = loss();
      move(i, -2 * step);
      const double below = loss();
      move(i, step);
      const double numeric = (above - below) / (2 * step);
      const double size = std::max({std::abs(numeric), std::abs(gradient[i]), scale / 100});
      const double error = std::abs(numeric - gradient[i]) / size;
      worst = std::isfinite(error) ? std::max(worst, error) : std::numeric_limits<double>::infinity();
    }
    return worst;
  }
};

} // namespace test
