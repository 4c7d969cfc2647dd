#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/simd.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

namespace bench {

/// Threads to measure with: the environment variable EUCV_THREADS, or one a core.
inline eucv::thread_pool& pool() {
  static const char* wanted = std::getenv("EUCV_THREADS");
  static eucv::thread_pool threads(wanted == nullptr ? 0 : std::size_t(std::atoi(wanted)));
  return threads;
}

/// Floating-point operations that all threads together can do in a second, in GFLOP/s: the best of some runs of a loop
/// of independent fused multiply-adds that never leaves the registers. Kernels are given as a share of it.
inline double peak_gflops() {
  using packet = eucv::nn::packet<float>;
  constexpr std::size_t chains = 12, rounds = 400'000;
  static const double best = [] {
    double fastest = 0;
    for (int run = 0; run < 9; ++run) {
      const auto start = std::chrono::steady_clock::now();
      pool().for_each(pool().size(), [](std::size_t) {
        packet sums[chains];
        eucv::nn::unroll<chains>([&](auto i) { sums[i] = packet(float(i)); });
        const packet a(0.999F), b(0.001F);
        // Nothing in here may look as if it touched memory, or the sums would leave their registers.
        for (std::size_t round = 0; round < rounds; ++round)
          eucv::nn::unroll<chains>([&](auto i) { sums[i] = packet::multiply_add(sums[i], a, b); });
        eucv::nn::unroll<chains>([&](auto i) { benchmark::DoNotOptimize(sums[i].sum()); });
      });
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const double flops = 2.0 * double(chains * rounds * packet::size * pool().size());
      fastest = std::max(fastest, flops / seconds / 1e9);
    }
    return fastest;
  }();
  return best;
}

/// The vector instructions that this program was compiled for.
inline const char* simd() {
#if defined(__AVX512F__)
  return "avx512";
#elif defined(__AVX2__)
  return "avx2";
#else
  return "sse2";
#endif
}

/// The main of every benchmark: says in the context what was measured with.
inline int run(int argc, char** argv) {
  benchmark::AddCustomContext("simd", simd());
  benchmark::AddCustomContext("threads", std::to_string(pool().size()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

} // namespace bench
