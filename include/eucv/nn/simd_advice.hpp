#pragma once

#include <eucv/nn/simd.hpp>

#include <string_view>

namespace eucv::nn {

/// What a build for this processor would gain, as a sentence for the user of the program; empty where it would gain
/// nothing, or where that is not known (other processors than x86-64, other compilers than g++ and clang).
///
/// Without a flag, compilers for x86-64 use the registers of SSE2, of 4 floats. By how much wider ones are faster was
/// measured: docs/design/kernels.md.
[[nodiscard]] inline std::string_view simd_advice() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  if (packet<float>::size < 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return "this program was compiled for any processor; with -O3 -march=native it would train and predict about twice "
           "as fast on this one";
#endif
  return {};
}

} // namespace eucv::nn
