#include <eucv/zoo/squeezenet.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <eucv/nn/model.hpp>

#include <algorithm>
#include <vector>

using namespace eucv::nn;
namespace zoo = eucv::zoo;

TEST_CASE("it has torchvision's parameters") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(zoo::squeezenet1_1(), {1, 3, 64, 64}, engine, host<float>(pool));
  CHECK(net.output_shape() == shape{.c = 1000});
  std::size_t count = 0;
  for (const auto& each : net.parameters()) count += each.value.size();
  CHECK(count == 1'235'496); // torchvision.models.squeezenet1_1()
  REQUIRE(net.parameters().size() == 52);
  CHECK(net.parameters()[0].name == "features.0.weight");
  CHECK(net.parameters()[7].name == "features.3.expand3x3.bias");
  CHECK(net.parameters()[50].name == "classifier.1.weight");
  CHECK(net.parameters()[50].dims == std::vector<std::size_t>{1000, 512, 1, 1});
}

TEST_CASE("the gradients of a fire module equal central differences") {
  const double worst = test::gradient_check{{2, 6, 5, 4}}(zoo::fire(3, 4));
  MESSAGE("fire: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("25 pixels are enough, and at 128 and 224 no window hangs over the edge") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model least(zoo::squeezenet1_1({.classes = 3}), {1, 3, 25, 25}, engine, host<float>(pool));
  CHECK(least.output_shape() == shape{.c = 3});
  CHECK(test::code_of([&] {
          model(zoo::squeezenet1_1(), {1, 3, 24, 24}, engine, host<float>(pool));
        }) == eucv::errc::shape_mismatch);
  for (const std::size_t size : {128U, 224U}) {
    std::size_t rows = (size - 3) / 2 + 1;
    for (int pooling = 0; pooling < 3; ++pooling) {
      CHECK((rows - 3) % 2 == 0);
      rows = (rows - 3) / 2 + 1;
    }
  }
}

TEST_CASE("logits are cut off below 0 as in the paper, unless each is to be a probability of its own") {
  eucv::thread_pool pool(1);
  const auto lowest = [&](zoo::squeezenet_options options) {
    eucv::random engine(2);
    options.classes = 200;
    model net(zoo::squeezenet1_1(options), {1, 3, 32, 32}, engine, host<float>(pool));
    auto images = net.backend().make({1, 3, 32, 32});
    std::vector<float> pixels(3 * 32 * 32);
    for (float& each : pixels) each = static_cast<float>(engine.normal());
    net.backend().assign(images, pixels, order::channels_last);
    const auto logits = net.backend().values(net.forward(std::move(images), mode::eval), order::channels_last);
    return *std::min_element(logits.begin(), logits.end());
  };
  CHECK(lowest({}) == 0);
  CHECK(lowest({.rectified = false}) < 0);
}
