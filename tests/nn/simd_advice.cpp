#include <eucv/nn/simd_advice.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("a program that uses long registers gets no advice, another one where the processor has them") {
  const std::string advice(eucv::nn::simd_advice());
  CAPTURE(advice);
  if (eucv::nn::packet<float>::size >= 8) {
    CHECK(advice.empty());
    return;
  }
#if defined(__x86_64__) && defined(__GNUC__)
  const bool leaves_some = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  CHECK(advice.empty() != leaves_some);
  if (leaves_some) CHECK(advice.find("-march=native") != std::string::npos);
#else
  CHECK(advice.empty());
#endif
}
