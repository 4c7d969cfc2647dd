#include <eucv/nn/dense.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <string>

using namespace eucv::nn;

static_assert(layer<dense, host<float>>);
static_assert(layer<dense, test::reference_backend<float>>);

TEST_CASE("a dense layer's gradients equal central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 1, 1, 1}, shape{1, 7, 1, 1}, shape{5, 13, 1, 1}, shape{9, 40, 1, 1}})
    for (const dense& layer : {dense{.out = 1}, dense{.out = 11}, dense{.out = 20, .bias = false}})
      worst = std::max(worst, test::gradient_check{input}(layer));
  MESSAGE("dense: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("a dense layer computes x times the transposed weight plus the bias") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(dense{.out = 2}, {.c = 3}, engine, host<float>(pool));
  auto& on = network.backend();
  REQUIRE(network.parameters()[0].dims == std::vector<std::size_t>{2, 3});
  on.assign(network.parameters()[0].value, std::vector<float>{1, 2, 3, 4, 5, 6}, order::channels_first);
  on.assign(network.parameters()[1].value, std::vector<float>{100, 200}, order::channels_first);
  const auto y = network.forward(test::tensor_of(on, {.n = 2, .c = 3}, {1, 0, 1, 0, 1, 0}), mode::eval);
  CHECK(test::values_of(on, y) == std::vector<double>{104, 210, 102, 205});
}

TEST_CASE("maps are refused, and the message says what to do") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto failure = test::failure_of([&] { model(dense{.out = 2}, {1, 3, 4, 4}, engine, host<float>(pool)); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::shape_mismatch);
  const std::string text = failure->what();
  CHECK(text.find("{n 1, c 48, h 1, w 1}") != std::string::npos);
  CHECK(text.find("{n 1, c 3, h 4, w 4}") != std::string::npos);
  CHECK(text.find("flatten") != std::string::npos);
  CHECK(test::code_of([&] { model(dense{}, {.c = 3}, engine, host<float>(pool)); }) == eucv::errc::invalid_argument);
}
