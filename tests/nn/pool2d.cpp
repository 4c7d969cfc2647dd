#include <eucv/nn/pool2d.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <string>

using namespace eucv::nn;

static_assert(layer<max_pool, host<float>> && layer<max_pool, test::reference_backend<float>>);
static_assert(layer<average_pool, host<float>> && layer<average_pool, test::reference_backend<float>>);
static_assert(layer<global_max_pool, host<float>> && layer<global_max_pool, test::reference_backend<float>>);
static_assert(layer<global_average_pool, host<float>> && layer<global_average_pool, test::reference_backend<float>>);

namespace {

const shape inputs[] = {{1, 1, 6, 6}, {1, 5, 7, 9}, {3, 17, 8, 6}};

template <class Layer>
shape output_of(Layer layer, const shape& input) {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  return model(layer, input, engine, host<float>(pool)).output_shape();
}

} // namespace

TEST_CASE("the gradients of poolings equal central differences") {
  double maximum = 0, average = 0, global = 0, greatest = 0;
  for (const shape& input : inputs) {
    for (const std::size_t kernel : {1U, 2U, 3U, 5U})
      for (const std::size_t stride : {1U, 2U, 3U})
        for (std::size_t padding = 0; padding <= kernel / 2; ++padding) {
          const test::gradient_check check{input};
          maximum = std::max(maximum, check(max_pool{.kernel = kernel, .stride = stride, .padding = padding}));
          average = std::max(average, check(average_pool{.kernel = kernel, .stride = stride, .padding = padding}));
        }
    global = std::max(global, test::gradient_check{input}(global_average_pool{}));
    greatest = std::max(greatest, test::gradient_check{input}(global_max_pool{}));
  }
  MESSAGE("max_pool: largest relative error " << maximum);
  MESSAGE("average_pool: largest relative error " << average);
  MESSAGE("global_average_pool: largest relative error " << global);
  MESSAGE("global_max_pool: largest relative error " << greatest);
  CHECK(maximum < 1e-6);
  CHECK(average < 1e-6);
  CHECK(global < 1e-6);
  CHECK(greatest < 1e-6);
}

TEST_CASE("extents are PyTorch's") {
  CHECK(output_of(max_pool{.kernel = 3, .stride = 2, .padding = 1}, {1, 64, 112, 111}) == shape{1, 64, 56, 56});
  CHECK(output_of(max_pool{}, {1, 2, 7, 8}) == shape{1, 2, 3, 4});
  CHECK(output_of(max_pool{.last = rounding::up}, {1, 2, 7, 8}) == shape{1, 2, 4, 4});
  CHECK(output_of(average_pool{.kernel = 3}, {1, 2, 7, 9}) == shape{1, 2, 2, 3});
  CHECK(output_of(global_average_pool{}, {1, 2, 7, 9}) == shape{1, 2, 1, 1});
  CHECK(output_of(global_max_pool{}, {1, 2, 7, 9}) == shape{1, 2, 1, 1});
}

TEST_CASE("an average counts the padding as zeros") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(average_pool{.kernel = 2, .padding = 1}, {1, 1, 2, 2}, engine, host<float>(pool));
  auto& on = network.backend();
  const auto y = network.forward(test::tensor_of(on, {1, 1, 2, 2}, {4, 8, 12, 16}), mode::eval);
  CHECK(test::values_of(on, y) == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("a global maximum is the greatest value of each map") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(global_max_pool{}, {1, 2, 2, 2}, engine, host<float>(pool));
  auto& on = network.backend();
  const auto y = network.forward(test::tensor_of(on, {1, 2, 2, 2}, {-4, -8, -2, -16, 3, 7, 1, 5}), mode::eval);
  CHECK(test::values_of(on, y) == std::vector<double>{-2, 7});
}

TEST_CASE("windows that make no sense or do not fit are refused") {
  CHECK(test::code_of([] { output_of(max_pool{.kernel = 0}, {1, 1, 4, 4}); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] { output_of(max_pool{.kernel = 256}, {1, 1, 400, 400}); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] {
          output_of(max_pool{.kernel = 2, .stride = 0}, {1, 1, 4, 4});
        }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] {
          output_of(average_pool{.kernel = 3, .padding = 2}, {1, 1, 4, 4});
        }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] { output_of(global_max_pool{}, {1, 1, 4, 256}); }) == eucv::errc::shape_mismatch);
  const auto failure = test::failure_of([] { output_of(max_pool{.kernel = 3}, {1, 1, 2, 4}); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::shape_mismatch);
  CHECK(std::string(failure->what()).find("max_pool: it takes maps of at least 3x3") != std::string::npos);
}
