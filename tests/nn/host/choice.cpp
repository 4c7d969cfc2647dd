#include <eucv/nn/host/choice.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>

#include <algorithm>
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

TEST_CASE("the direct kernel gathers rows of thin maps, and packs no weights for few places") {
  using eucv::nn::detail::choose_gathering;
  using eucv::nn::detail::gathering;
  const window stem{{32, 3, 128, 128}, {7, 7}, {2, 2}, {3, 3}};
  CHECK(choose_gathering<float>(stem) == gathering::by_rows);
  CHECK(choose_gathering<float>({{32, 64, 32, 32}, {3, 3}, {2, 2}, {1, 1}}) == gathering::by_taps);
  CHECK(choose_gathering<float>(over({1, 512, 4, 4})) == gathering::unpacked);
  CHECK(choose_gathering<float>(over({1, 513, 4, 4})) == gathering::by_taps);     // no whole packets
  CHECK(choose_gathering<float>({{99, 64, 1, 1}, {1, 1}}) == gathering::by_taps); // a product of matrices
  CHECK(eucv::nn::detail::gathers_rows(stem, 32));
  CHECK_FALSE(eucv::nn::detail::gathers_rows({{32, 64, 32, 32}, {3, 3}, {2, 2}, {1, 1}}, 32));
}

namespace {

// The output of five layers, and the gradients of all their parameters.
template <class Block>
std::vector<std::vector<double>> run(Block block, host_options options) {
  using namespace eucv::nn;
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
}

eucv::nn::conv2d unbiased(std::size_t channels) {
  return {.out = channels, .bias = false};
}

} // namespace

TEST_CASE("on the activations of a network Winograd is within 1e-4 of the direct kernels") {
  using namespace eucv::nn;
  const auto layers = [](std::size_t channels) { return sequence{unbiased(channels), batch_norm{}, relu{}}; };
  const auto direct = run(layers, {.winograd = false})[0], winograd = run(layers, {})[0];
  CHECK(direct != winograd); // the switch switches
  CHECK(test::distance(winograd, direct) < 1e-4);
  MESSAGE("distance of outputs " << test::distance(winograd, direct));
}

// Without rectifiers: the least difference decides whether a value near zero passes, and then all or nothing of a
// gradient, with any two kernels.
TEST_CASE("gradients through several layers by Winograd are within 1e-4 of the direct kernels'") {
  using namespace eucv::nn;
  const auto layers = [](std::size_t channels) { return sequence{unbiased(channels), batch_norm{}}; };
  const auto direct = run(layers, {.winograd = false}), winograd = run(layers, {});
  double worst = 0;
  for (std::size_t i = 0; i < direct.size(); ++i) worst = std::max(worst, test::distance(winograd.at(i), direct[i]));
  CHECK(worst < 1e-4);
  MESSAGE("largest distance of gradients " << worst);
}
