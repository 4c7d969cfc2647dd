#pragma once

#include <eucv/nn/simd.hpp>

#include <string_view>

namespace eucv::nn {

/// What this processor could do more than the program was compiled for, as a sentence for its user; empty where nothing
/// is left on the table, or where it is not known (other processors than x86-64, other compilers than g++ and clang).
///
/// A compiler that is not told better uses the registers of 2003, of 4 floats. By how much longer ones are faster was
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
