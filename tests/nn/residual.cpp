#include <eucv/nn/residual.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <eucv/nn/activation.hpp>

#include <string>

using namespace eucv::nn;

static_assert(layer<identity, host<float>> && layer<identity, test::reference_backend<float>>);
static_assert(layer<projection, host<float>> && layer<projection, test::reference_backend<float>>);
static_assert(layer<residual<conv2d>, host<float>> && layer<residual<conv2d>, test::reference_backend<float>>);

TEST_CASE("the gradients of residual blocks equal central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 4, 5, 5}, shape{3, 4, 6, 7}}) {
    const test::gradient_check check{input};
    worst = std::max(worst, check(residual{conv2d{.out = 4}}));
    worst = std::max(worst, check(residual{relu{}})); // the body's last layer keeps its output
    worst = std::max(worst, check(residual{conv2d{.out = 6, .stride = 2}, projection{.out = 6, .stride = 2}}));
    worst = std::max(worst, check(residual{identity{}, projection{.out = 4}}));
    worst = std::max(worst, check(sequence{conv2d{.out = 4}, residual{sequence{conv2d{.out = 4}, relu{}}}, relu{}}));
  }
  MESSAGE("residual: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("a projection is there only where the shape changes") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto parameters = [&](projection shortcut) {
    return model(shortcut, {1, 4, 8, 8}, engine, host<float>(pool)).parameters().size();
  };
  CHECK(parameters({.out = 4}) == 0);
  CHECK(parameters({.out = 4, .stride = 2}) == 3);
  CHECK(parameters({.out = 5}) == 3);
}

TEST_CASE("names of children, and the sum of a body and its shortcut") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(residual{conv2d{.out = 1, .kernel = 1, .bias = false}}, {1, 1, 1, 2}, engine, host<float>(pool));
  auto& on = network.backend();
  REQUIRE(network.parameters().size() == 1);
  CHECK(network.parameters()[0].name == "body.weight");
  on.fill(network.parameters()[0].value, 3);
  const auto y = network.forward(test::tensor_of(on, {1, 1, 1, 2}, {1, -2}), mode::eval);
  CHECK(test::values_of(on, y) == std::vector<double>{4, -8});
}

TEST_CASE("a body and a shortcut of different shapes are refused, with both shapes") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto failure = test::failure_of([&] {
    model(sequence{named("block", residual{conv2d{.out = 5, .stride = 2}})}, {1, 3, 8, 8}, engine, host<float>(pool));
  });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::shape_mismatch);
  const std::string text = failure->what();
  CHECK(text.find("residual at block") != std::string::npos);
  CHECK(text.find("{n 1, c 5, h 4, w 4}") != std::string::npos);
  CHECK(text.find("{n 1, c 3, h 8, w 8}") != std::string::npos);
}
