#include <eucv/nn/dropout.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

using namespace eucv::nn;

static_assert(layer<dropout, host<float>>);
static_assert(layer<dropout, test::reference_backend<float>>);
static_assert(has_dropping<host<float>> && !has_dropping<test::reference_backend<float>>);

TEST_CASE("dropout's gradient equals central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 5, 1, 1}, shape{3, 17, 3, 2}})
    for (const double probability : {0.0, 0.3, 0.9})
      worst = std::max(worst, test::gradient_check{input}(dropout{.probability = probability}));
  MESSAGE("dropout: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("the share of zeros is the probability, the mean is kept, and predictions are untouched") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(dropout{.probability = 0.2}, {.c = 10'000}, engine, host<double>(pool));
  auto& on = network.backend();
  const auto ones = test::tensor_of(on, {.c = 10'000}, std::vector<double>(10'000, 1));
  const auto y = test::values_of(on, network.forward(ones, mode::train));
  CHECK(std::abs(static_cast<double>(std::count(y.begin(), y.end(), 0.0)) - 2000) < 150);
  CHECK(*std::max_element(y.begin(), y.end()) == doctest::Approx(1.25));
  CHECK(std::abs(std::accumulate(y.begin(), y.end(), 0.0) - 10'000) < 200);
  CHECK(test::values_of(on, network.forward(ones, mode::eval)) == std::vector<double>(10'000, 1));
}

TEST_CASE("a backend that drops by itself drops what the pattern says, on any number of threads") {
  for (const std::size_t threads : {1U, 3U}) {
    eucv::thread_pool pool(threads);
    eucv::random engine(5);
    const shape extents{.n = 3, .c = 17, .h = 40, .w = 43}; // several pieces, and no whole number of registers
    model fast(dropout{.probability = 0.3}, extents.with_images(1), engine, host<float>(pool));
    const drop_pattern how{eucv::random(fast.random())(), 0.3};
    const auto x = test::normal_values(extents.size(), engine);
    auto images = fast.backend().make(extents);
    fast.backend().assign(images, std::vector<float>(x.begin(), x.end()), order::channels_last);
    std::vector<float> expected(x.size());
    how.write_factors(0, std::span(expected));
    for (std::size_t i = 0; i < x.size(); ++i) expected[i] *= static_cast<float>(x[i]);
    const auto y = fast.backend().values(fast.forward(std::move(images), mode::train), order::channels_last);
    CHECK((y == expected));
  }
}

TEST_CASE("a saved engine drops the same elements again") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(dropout{}, {.c = 100}, engine, host<double>(pool));
  auto& on = network.backend();
  const auto ones = test::tensor_of(on, {.c = 100}, std::vector<double>(100, 1));
  const eucv::random saved(network.random().state());
  const auto first = test::values_of(on, network.forward(ones, mode::train));
  CHECK(test::values_of(on, network.forward(ones, mode::train)) != first);
  network.random(saved);
  CHECK(test::values_of(on, network.forward(ones, mode::train)) == first);
}

TEST_CASE("a probability outside [0, 1) is refused") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  for (const double probability : {-0.1, 1.0, 2.0})
    CHECK(test::code_of([&] { model(dropout{.probability = probability}, {.c = 3}, engine, host<float>(pool)); }) ==
          eucv::errc::invalid_argument);
}
