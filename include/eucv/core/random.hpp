#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace eucv {

/// A seeded random number engine: xoshiro256** (Blackman and Vigna, 2018), the only source of randomness in eucv.
///
/// The same seed gives the same numbers on every machine; distributions are members, since those of `<random>` differ
/// between standard libraries. A value with 32 bytes of state. For one thread at a time: fork() one for each.
class random {
public:
  /// The type of operator(), as `<random>` wants it.
  using result_type = std::uint64_t;
  /// The type of state().
  using state_type = std::array<std::uint64_t, 4>;

  /// An engine whose state is made from `seed` by SplitMix64.
  explicit random(std::uint64_t seed = 1) noexcept {
    for (auto& word : state_) word = split_mix(seed);
  }
  /// An engine that continues from a saved state().
  explicit random(const state_type& state) noexcept : state_(state) {}

  /// The range of operator(), as `<random>` wants it.
  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return ~result_type{0}; }

  /// The next 64 random bits.
  result_type operator()() noexcept {
    const std::uint64_t value = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return value;
  }

  /// An independent engine for one item of a job (an epoch, an image), which does not depend on the order of the items.
  [[nodiscard]] random fork(std::uint64_t item) const noexcept {
    std::uint64_t seed = state_[0] ^ std::rotl(state_[2], 29) ^ (item * 0x9e3779b97f4a7c15ULL);
    return random(split_mix(seed));
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  /// Uniform in {0, ..., count - 1}, without bias. Precondition: count > 0.
  std::uint64_t below(std::uint64_t count) noexcept {
    const std::uint64_t surplus = (max() - count + 1) % count; // 2^64 mod count
    std::uint64_t value = (*this)();
    while (value > max() - surplus) value = (*this)();
    return value % count;
  }
  /// Standard normal, by the Box-Muller transform; draws two numbers a call and stores none.
  double normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// Shuffles the items in place (Fisher-Yates).
  template <class T>
  void shuffle(std::span<T> items) noexcept {
    for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
  }

  /// The state, to be saved.
  [[nodiscard]] const state_type& state() const noexcept { return state_; }
  friend bool operator==(const random&, const random&) = default;

private:
  // SplitMix64 (Vigna, 2015): spreads a seed over the state.
  static std::uint64_t split_mix(std::uint64_t& seed) noexcept {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  state_type state_{};
};

} // namespace eucv
