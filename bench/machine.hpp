#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/simd.hpp>

#include <benchmark/benchmark.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace bench {

/// Calls function(worker) once on each thread of a pool, all at the same time.
template <class Function>
void on_each_thread(eucv::thread_pool& threads, Function&& function) {
  std::barrier all_here(std::ptrdiff_t(threads.size())); // holds each thread until every one has a piece
  threads.for_each(threads.size(), [&](std::size_t, std::size_t worker) {
    all_here.arrive_and_wait();
    function(worker);
  });
}

/// The cores that this process was given.
inline const cpu_set_t& all_cores() {
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  return allowed;
}

/// Binds each thread to a core of its own. Left alone, a scheduler may put two threads on one core for whole seconds:
/// it did so on a virtual machine here, where a loop on two threads then ran no faster than on one.
inline void bind(eucv::thread_pool& threads) {
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &all_cores())) cores.push_back(core);
  if (cores.size() < threads.size()) return;
  on_each_thread(threads, [&](std::size_t worker) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cores[worker], &one);
    sched_setaffinity(0, sizeof one, &one);
  });
}

/// Lets the calling thread run on any core again: for work that starts threads, which would inherit its one core.
inline void unbind() {
  sched_setaffinity(0, sizeof(cpu_set_t), &all_cores());
}

/// Threads to measure with: the environment variable EUCV_THREADS, or one a core; each bound to a core unless
/// EUCV_BIND is 0. Threads that the calling one starts later inherit its core; see unbind().
inline eucv::thread_pool& pool() {
  static const char* wanted = std::getenv("EUCV_THREADS");
  static eucv::thread_pool threads(wanted == nullptr ? 0 : std::size_t(std::atoi(wanted)));
  static const bool bound = [] {
    const char* asked = std::getenv("EUCV_BIND");
    const bool yes = asked == nullptr || std::atoi(asked) != 0;
    if (yes) bind(threads);
    return yes;
  }();
  static_cast<void>(bound);
  return threads;
}

/// Seconds that the calling thread has had a core.
inline double thread_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Floating-point operations that all threads together can do in a second, in GFLOP/s: the best of some runs of a loop
/// of independent fused multiply-adds that never leaves the registers. Kernels are given as a share of it.
///
/// All threads run it at once, so what cores share is shared; but each counts the time for which it had its core, so
/// that other work on the machine does not make the peak look low and the kernels look good.
inline double peak_gflops() {
  using packet = eucv::nn::packet<float>;
  constexpr std::size_t chains = 12, rounds = 400'000;
  static const double best = [] {
    double fastest = 0;
    for (int run = 0; run < 9; ++run) {
      std::vector<double> rates(pool().size());
      on_each_thread(pool(), [&](std::size_t worker) {
        const double start = thread_seconds();
        packet sums[chains];
        eucv::nn::unroll<chains>([&](auto i) { sums[i] = packet(float(i)); });
        const packet a(0.999F), b(0.001F);
        // Nothing in here may look as if it touched memory, or the sums would leave their registers.
        for (std::size_t round = 0; round < rounds; ++round)
          eucv::nn::unroll<chains>([&](auto i) { sums[i] = packet::multiply_add(sums[i], a, b); });
        eucv::nn::unroll<chains>([&](auto i) { benchmark::DoNotOptimize(sums[i].sum()); });
        rates[worker] = 2.0 * double(chains * rounds * packet::size) / (thread_seconds() - start) / 1e9;
      });
      double sum = 0;
      for (const double rate : rates) sum += rate;
      fastest = std::max(fastest, sum);
    }
    return fastest;
  }();
  return best;
}

/// Nanoseconds in which a cache line goes to another core and back: the best of some runs between the first two
/// threads, 0 where there is but one. Some 100 say that the cores share a cache, 300 and more that they do not; a
/// virtual machine may change from one to the other while it runs, and what two threads share then costs more.
inline double line_round_trip_ns() {
  constexpr int rounds = 20'000;
  if (pool().size() < 2) return 0;
  double fastest = 1e9;
  for (int run = 0; run < 9; ++run) {
    std::atomic<int> turn{0};
    const auto start = std::chrono::steady_clock::now();
    on_each_thread(pool(), [&](std::size_t worker) {
      if (worker > 1) return;
      for (int mine = int(worker); mine < 2 * rounds; mine += 2) {
        while (turn.load(std::memory_order_acquire) != mine) {
        }
        turn.store(mine + 1, std::memory_order_release);
      }
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fastest = std::min(fastest, 1e9 * seconds / rounds);
  }
  return fastest;
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
  benchmark::AddCustomContext("peak_gflops", std::to_string(peak_gflops()));
  benchmark::AddCustomContext("line_round_trip_ns", std::to_string(line_round_trip_ns()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

} // namespace bench
