#include <eucv/nn/host/convolution.hpp>

#include <doctest/doctest.h>

#include <support/convolution_cases.hpp>

TEST_CASE("convolution and its input gradient equal plain loops") {
  eucv::random engine(1);
  double worst_double = 0, worst_float = 0;
  for (const auto& [over, out] : test::convolution_cases(engine)) {
    CAPTURE(to_string(over.in));
    CAPTURE(to_string(over.out(out)));
    const eucv::nn::shape weight{out, over.in.c, over.kernel.h, over.kernel.w};
    const auto forward = test::compare_backends(
        engine, [&](auto& on, auto x, auto w) { return on.convolve(x, w, over); }, over.in, weight);
    CHECK(forward.in_double < 1e-13);
    CHECK(forward.in_float < 1e-5);
    const auto backward = test::compare_backends(
        engine, [&](auto& on, auto dy, auto w) { return on.convolve_input_gradient(dy, w, over); }, over.out(out),
        weight);
    CHECK(backward.in_double < 1e-13);
    CHECK(backward.in_float < 1e-5);
    worst_double = std::max({worst_double, forward.in_double, backward.in_double});
    worst_float = std::max({worst_float, forward.in_float, backward.in_float});
  }
  MESSAGE("largest distance in double " << worst_double << ", in float " << worst_float);
}
