#include <eucv/nn/host/weight_gradient.hpp>

#include <doctest/doctest.h>

#include <support/convolution_cases.hpp>

TEST_CASE("the gradient of a convolution's weight equals plain loops") {
  eucv::random engine(1);
  double worst_double = 0, worst_float = 0;
  for (const auto& [over, out] : test::convolution_cases(engine)) {
    CAPTURE(to_string(over.in));
    CAPTURE(to_string(over.out(out)));
    const auto gradient = test::compare_backends(
        engine, [&](auto& on, auto x, auto dy) { return on.convolve_weight_gradient(x, dy, over); }, over.in,
        over.out(out));
    CHECK(gradient.in_double < 1e-13);
    CHECK(gradient.in_float < 1e-5);
    worst_double = std::max(worst_double, gradient.in_double);
    worst_float = std::max(worst_float, gradient.in_float);
  }
  MESSAGE("largest distance in double " << worst_double << ", in float " << worst_float);
}
