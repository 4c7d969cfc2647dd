#include <eucv/nn/host_choice.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>

#include <vector>

using eucv::nn::host_options;
using eucv::nn::window;
using eucv::nn::detail::choose_kernel;
using eucv::nn::detail::convolution_kernel;

namespace {

constexpr window over(eucv::nn::shape in) {
  return {in, {3, 3}, {1, 1}, {1, 1}};
}

} // namespace

TEST_CASE("Winograd is chosen for 3x3 kernels of stride 1 with channels and places enough") {
  const auto chosen = [](const window& of, std::size_t out, host_options options = {}) {
    return choose_kernel<float>(of, out, options) == convolution_kernel::winograd;
  };
  CHECK(chosen(over({32, 64, 32, 32}), 64));
  CHECK(chosen(over({32, 512, 7, 7}), 512));
  CHECK_FALSE(chosen(over({32, 64, 32, 32}), 64, {.winograd = false}));
  CHECK_FALSE(chosen({{32, 64, 32, 32}, {3, 3}, {2, 2}, {1, 1}}, 64));
  CHECK_FALSE(chosen({{32, 64, 32, 32}, {1, 1}, {1, 1}, {0, 0}}, 64));
  CHECK_FALSE(chosen({{32, 64, 32, 32}, {3, 3}, {1, 1}, {3, 3}}, 64));
  CHECK_FALSE(chosen(over({32, 3, 32, 32}), 64));  // too few channels
  CHECK_FALSE(chosen(over({32, 65, 32, 32}), 64)); // which are no whole packets
  CHECK_FALSE(chosen(over({1, 512, 4, 4}), 512));  // one tile
  CHECK_FALSE(chosen(over({64, 512, 2, 2}), 512)); // tiles of which three quarters lie outside
}

TEST_CASE("on the activations of a network Winograd is within 1e-4 of the direct kernels, forward and backward") {
  using namespace eucv::nn;
  const auto block = [](std::size_t channels) {
    return sequence{conv2d{.out = channels, .bias = false}, batch_norm{}, relu{}};
  };
  const auto run = [&](host_options options) {
    eucv::thread_pool pool(2);
    eucv::random engine(7);
    model net(sequence{block(64), block(64), block(96), block(128), block(64)}, shape{1, 3, 20, 20}, engine,
              host<float>(pool, options));
    const shape extents{4, 3, 20, 20};
    const auto y =
        net.forward(test::tensor_of(net.backend(), extents, test::normal_values(extents.size(), engine)), mode::train);
    std::vector<std::vector<double>> results{test::values_of(net.backend(), y)};
    net.backward(test::tensor_of(net.backend(), y.shape, test::normal_values(y.size(), engine)));
    for (const auto& each : net.parameters()) results.push_back(test::values_of(net.backend(), each.gradient));
    return results;
  };
  const auto direct = run({.winograd = false}), winograd = run({});
  REQUIRE(direct.size() == winograd.size());
  CHECK(direct[0] != winograd[0]); // the switch switches
  double worst = 0;
  for (std::size_t i = 0; i < direct.size(); ++i) worst = std::max(worst, test::distance(winograd[i], direct[i]));
  CHECK(worst < 1e-4);
  MESSAGE("largest distance of outputs and gradients " << worst);
}
