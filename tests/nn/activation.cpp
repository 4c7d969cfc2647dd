#include <eucv/nn/activation.hpp>

#include <doctest/doctest.h>

#include <support/gradient_check.hpp>

#include <limits>

using namespace eucv::nn;

static_assert(layer<relu, host<float>>);
static_assert(layer<relu, test::reference_backend<float>>);

TEST_CASE("a rectifier's gradient equals central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 1, 1, 1}, shape{1, 5, 3, 3}, shape{3, 17, 5, 2}})
    worst = std::max(worst, test::gradient_check{input}(relu{}));
  MESSAGE("relu: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("negative values become zero, and what is not a number stays so") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(relu{}, {.c = 4}, engine, host<float>(pool));
  auto& on = network.backend();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto y = test::values_of(on, network.forward(test::tensor_of(on, {.c = 4}, {-1, 0, 2, nan}), mode::eval));
  CHECK(y[0] == 0);
  CHECK(y[1] == 0);
  CHECK(y[2] == 2);
  CHECK(std::isnan(y[3]));
}

TEST_CASE("a shared input is not overwritten, an unshared one is") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(relu{}, {.c = 2}, engine, host<float>(pool));
  auto& on = network.backend();
  auto x = test::tensor_of(on, {.c = 2}, {-1, 1});
  static_cast<void>(network.forward(x, mode::eval));
  CHECK(test::values_of(on, x) == std::vector<double>{-1, 1});
  const float* const place = on.data(x);
  CHECK(on.data(std::as_const(x = network.forward(std::move(x), mode::eval))) == place);
}
