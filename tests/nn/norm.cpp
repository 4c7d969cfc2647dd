#include <eucv/nn/norm.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>

#include <string>

using namespace eucv::nn;

static_assert(layer<batch_norm, host<float>>);
static_assert(layer<batch_norm, test::reference_backend<float>>);

TEST_CASE("the gradients of a batch normalisation equal central differences") {
  double worst = 0, frozen = 0;
  for (const shape& input : {shape{1, 1, 2, 2}, shape{2, 5, 3, 3}, shape{4, 17, 5, 2}, shape{6, 33, 1, 1}}) {
    worst = std::max(worst, test::gradient_check{input}(batch_norm{}));
    frozen = std::max(frozen, test::gradient_check{.input = input, .freeze = "norm"}(sequence{
                                  named("conv", conv2d{.out = 3, .bias = false}), named("norm", batch_norm{})}));
  }
  MESSAGE("batch_norm: largest relative error " << worst << ", with running statistics " << frozen);
  CHECK(worst < 1e-6);
  CHECK(frozen < 1e-6);
}

TEST_CASE("training normalises by the batch and moves the running statistics as PyTorch does") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(batch_norm{.momentum = 0.25}, {1, 1, 1, 2}, engine, host<double>(pool));
  auto& on = network.backend();
  const auto x = test::tensor_of(on, {2, 1, 1, 2}, {1, 2, 3, 6}); // mean 3, variance 3.5, unbiased 14 / 3
  const auto y = test::values_of(on, network.forward(x, mode::train));
  CHECK(y[0] == doctest::Approx(-2 / std::sqrt(3.5 + 1e-5)));
  CHECK(y[3] == doctest::Approx(3 / std::sqrt(3.5 + 1e-5)));
  REQUIRE(network.buffers().size() == 2);
  CHECK(network.buffers()[0].name == "running_mean");
  CHECK(network.buffers()[1].name == "running_var");
  CHECK(test::values_of(on, network.buffers()[0].value)[0] == doctest::Approx(0.25 * 3));
  CHECK(test::values_of(on, network.buffers()[1].value)[0] == doctest::Approx(0.75 + 0.25 * 14 / 3));

  const auto predicted = test::values_of(on, network.forward(x, mode::eval));
  CHECK(predicted[0] == doctest::Approx((1 - 0.75) / std::sqrt(0.75 + 0.25 * 14 / 3 + 1e-5)));
  CHECK(test::values_of(on, network.buffers()[0].value)[0] == doctest::Approx(0.25 * 3));
}

TEST_CASE("a frozen batch normalisation uses its running statistics and keeps them") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(sequence{named("norm", batch_norm{})}, {1, 3, 4, 4}, engine, host<double>(pool));
  auto& on = network.backend();
  network.freeze("norm");
  const auto x = test::tensor_of(on, {2, 3, 4, 4}, test::normal_values(96, engine));
  const auto y = test::values_of(on, network.forward(x, mode::train));
  CHECK(test::distance(y, test::values_of(on, network.forward(x, mode::eval))) == 0);
  CHECK(test::values_of(on, network.buffers()[0].value) == std::vector<double>(3, 0));
  CHECK(test::values_of(on, network.buffers()[1].value) == std::vector<double>(3, 1));
}

TEST_CASE("one value a channel cannot be normalised in training") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(sequence{named("norm", batch_norm{})}, {.c = 3}, engine, host<float>(pool));
  auto& on = network.backend();
  const auto failure = test::failure_of([&] {
    static_cast<void>(network.forward(test::tensor_of(on, {.c = 3}, {1, 2, 3}), mode::train));
  });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::invalid_argument);
  CHECK(std::string(failure->what()).find("batch_norm at norm") != std::string::npos);
  CHECK(network.forward(test::tensor_of(on, {.c = 3}, {1, 2, 3}), mode::eval));
}

TEST_CASE("hyper-parameters that make no sense are refused") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  for (const batch_norm& layer : {batch_norm{.momentum = 1.5}, batch_norm{.momentum = -1}, batch_norm{.epsilon = 0}})
    CHECK(test::code_of([&] { model(layer, {.c = 3}, engine, host<float>(pool)); }) == eucv::errc::invalid_argument);
}
