#include <eucv/nn/conv2d.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <string>

using namespace eucv::nn;

namespace {

auto build(conv2d layer, shape input) {
  static eucv::thread_pool pool(1);
  eucv::random engine(1);
  return model(layer, input, engine, host<float>(pool));
}

} // namespace

static_assert(layer<conv2d, host<float>>);
static_assert(layer<conv2d, test::reference_backend<float>>);

TEST_CASE("a convolution's gradients equal central differences") {
  eucv::random engine(2);
  double worst = test::gradient_check{{1, 3, 9, 7}}(conv2d{.out = 5});
  for (int i = 0; i < 12; ++i) {
    const auto between = [&](std::size_t least, std::size_t most) { return least + engine.below(most - least + 1); };
    const conv2d layer{.out = between(1, 9),
                       .kernel = between(1, 4),
                       .stride = between(1, 3),
                       .padding = between(0, 3),
                       .bias = i % 2 == 0};
    const shape input{between(1, 3), between(1, 9), between(4, 9), between(4, 9)};
    CAPTURE(to_string(input));
    const double error = test::gradient_check{.input = input, .seed = engine()}(layer);
    CHECK(error < 1e-6);
    worst = std::max(worst, error);
  }
  MESSAGE("conv2d: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("the padding keeps the size if none is given") {
  CHECK(build({.out = 4}, {1, 3, 9, 8}).output_shape() == shape{1, 4, 9, 8});
  CHECK(build({.out = 4, .kernel = 7, .stride = 2}, {1, 3, 224, 224}).output_shape() == shape{1, 4, 112, 112});
  CHECK(build({.out = 4, .padding = 0}, {1, 3, 9, 8}).output_shape() == shape{1, 4, 7, 6});
}

TEST_CASE("parameters are named and laid out as PyTorch's") {
  auto network = build({.out = 4, .kernel = 5}, {1, 3, 9, 8});
  REQUIRE(network.parameters().size() == 2);
  CHECK(network.parameters()[0].name == "weight");
  CHECK(network.parameters()[0].dims == std::vector<std::size_t>{4, 3, 5, 5});
  CHECK(network.parameters()[1].name == "bias");
  CHECK(build({.out = 4, .bias = false}, {1, 3, 9, 8}).parameters().size() == 1);
}

TEST_CASE("what makes no sense is refused") {
  CHECK(test::code_of([] { build({}, {1, 3, 8, 8}); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] { build({.out = 1, .kernel = 0}, {1, 3, 8, 8}); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] { build({.out = 1, .stride = 0}, {1, 3, 8, 8}); }) == eucv::errc::invalid_argument);
}

TEST_CASE("a map smaller than the window is refused with both shapes") {
  const auto small = test::failure_of([] { build({.out = 1, .kernel = 5, .padding = 0}, {1, 3, 4, 8}); });
  REQUIRE(small);
  CHECK(small->code() == eucv::errc::shape_mismatch);
  CHECK(std::string(small->what()) ==
        "build the network, conv2d: it takes maps of at least 5x5 with the padding of 0 on each side, but gets {n 1, c "
        "3, h 4, w 8} for one image; change the layer or what stands before it, or give larger pictures");
}
