#include <eucv/nn/flatten.hpp>

#include <doctest/doctest.h>

#include <support/gradient_check.hpp>

#include <eucv/nn/container.hpp>
#include <eucv/nn/dense.hpp>

#include <numeric>

using namespace eucv::nn;

static_assert(layer<flatten, host<float>>);
static_assert(layer<flatten, test::reference_backend<float>>);

TEST_CASE("the gradients through a flattening equal central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 1, 1, 1}, shape{2, 3, 4, 5}, shape{3, 17, 2, 2}})
    worst = std::max(worst, test::gradient_check{input}(sequence{flatten{}, dense{.out = 3}}));
  MESSAGE("flatten: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("features stand in PyTorch's order, channels outermost") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(flatten{}, {1, 2, 2, 3}, engine, host<float>(pool));
  auto& on = network.backend();
  std::vector<double> values(24);
  std::iota(values.begin(), values.end(), 0.0);
  const auto y = network.forward(test::tensor_of(on, {2, 2, 2, 3}, values), mode::eval);
  CHECK(y.shape == shape{.n = 2, .c = 12});
  CHECK(test::values_of(on, y) == values);
}
