#include <eucv/zoo/small.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/compare_backends.hpp>

#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>

using namespace eucv::nn;

TEST_CASE("four blocks halve the picture and double the channels") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(eucv::zoo::small({.classes = 7}), {1, 3, 64, 48}, engine, host<float>(pool));
  CHECK(net.output_shape() == shape{.c = 7});
  REQUIRE(net.parameters().size() == 14);
  CHECK(net.parameters()[0].name == "block1.0.weight");
  CHECK(net.parameters()[9].dims == std::vector<std::size_t>{256, 128, 3, 3});
  CHECK(net.parameters()[13].name == "head.bias");
  CHECK(test::code_of([&] {
          model(eucv::zoo::small(), {1, 3, 8, 8}, engine, host<float>(pool));
        }) == eucv::errc::shape_mismatch);
}

TEST_CASE("it learns to tell dark pictures from bright ones") {
  eucv::thread_pool pool(2);
  eucv::random engine(1);
  model net(eucv::zoo::small({.classes = 2, .width = 4}), {1, 3, 16, 16}, engine, host<float>(pool));
  auto& on = net.backend();
  std::vector<std::size_t> labels;
  std::vector<double> pixels;
  for (std::size_t item = 0; item < 32; ++item) {
    labels.push_back(item % 2);
    for (const double each : test::normal_values(3 * 16 * 16, engine))
      pixels.push_back(each + (item % 2 == 0 ? 1 : -1));
  }
  const auto images = test::tensor_of(on, {32, 3, 16, 16}, pixels);
  optimizer<host<float>> steps(adam{});
  for (int i = 0; i < 30; ++i) {
    net.zero_gradients();
    auto result = softmax_cross_entropy{}(on, net.forward(images, mode::train), labels);
    net.backward(std::move(result.gradient));
    steps.step(on, net.parameters(), {.rate = 0.01});
  }
  const auto result = softmax_cross_entropy{}(on, net.forward(images, mode::eval), labels);
  CHECK(result.loss < 0.1);
}
