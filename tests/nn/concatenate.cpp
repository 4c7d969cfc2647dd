#include <eucv/nn/concatenate.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/pool2d.hpp>

#include <string>

using namespace eucv::nn;

static_assert(layer<concatenate<conv2d, relu>, host<float>> &&
              layer<concatenate<conv2d, relu>, test::reference_backend<float>>);

TEST_CASE("the gradients of layers side by side equal central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 4, 5, 5}, shape{3, 5, 6, 7}}) {
    test::gradient_check check{input};
    worst = std::max(worst, check(concatenate{conv2d{.out = 3, .kernel = 1}, conv2d{.out = 7}}));
    worst = std::max(worst, check(concatenate{relu{}, max_pool{.kernel = 3, .stride = 1, .padding = 1}}));
    const sequence inside{conv2d{.out = 4}, relu{}, concatenate{conv2d{.out = 2}, relu{}}, conv2d{.out = 2}};
    worst = std::max(worst, check(inside));
    check.freeze = "2.0"; // the first of both
    worst = std::max(worst, check(inside));
  }
  MESSAGE("concatenate: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("the channels of the second stand behind those of the first") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(concatenate{named("one", conv2d{.out = 1, .kernel = 1, .bias = false}), relu{}}, {1, 1, 1, 2}, engine,
                host<float>(pool));
  auto& on = network.backend();
  CHECK(network.output_shape() == shape{1, 2, 1, 2});
  REQUIRE(network.parameters().size() == 1);
  CHECK(network.parameters()[0].name == "one.weight");
  on.fill(network.parameters()[0].value, 3);
  const auto y = network.forward(test::tensor_of(on, {1, 1, 1, 2}, {1, -2}), mode::eval);
  CHECK(test::values_of(on, y) == std::vector<double>{3, -6, 1, 0});
}

TEST_CASE("maps of different sizes are refused, with both shapes") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto failure = test::failure_of([&] {
    model(sequence{named("fire", concatenate{relu{}, max_pool{}})}, {1, 3, 8, 8}, engine, host<float>(pool));
  });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::shape_mismatch);
  const std::string text = failure->what();
  CHECK(text.find("concatenate at fire") != std::string::npos);
  CHECK(text.find("{n 1, c 3, h 8, w 8}") != std::string::npos);
  CHECK(text.find("{n 1, c 3, h 4, w 4}") != std::string::npos);
}
