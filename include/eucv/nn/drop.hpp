#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace eucv::nn {

/// The mask of a dropout, as a function of key and place alone: it need not be stored, and any thread can compute any
/// part.
///
/// A place is hashed by Wellons' lowbias32 ("Prospecting for Hash Functions", 2018), with the halves of the key added
/// on the way: some ten operations on 32-bit integers, which compilers do for a whole register of them at a time.
struct drop_pattern {
  std::uint64_t key = 0;
  double probability = 0.5; ///< that an element is dropped, in [0, 1), in steps of 2^-32

  /// What the elements from place `first` on, in channels-last order, are to be multiplied by: 0, or
  /// 1 / (1 - probability).
  template <class Scalar>
  void write_factors(std::size_t first, std::span<Scalar> to) const {
    const auto kept = static_cast<Scalar>(1 / (1 - probability));
    const auto bound = static_cast<std::uint32_t>(probability * 0x1.0p32);
    const auto low = static_cast<std::uint32_t>(key), high = static_cast<std::uint32_t>(key >> 32U);
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::uint32_t bits = static_cast<std::uint32_t>(first + i) * 0x9e3779b9U + low;
      bits = (bits ^ (bits >> 16U)) * 0x7feb352dU + high;
      bits = (bits ^ (bits >> 15U)) * 0x846ca68bU;
      to[i] = (bits ^ (bits >> 16U)) < bound ? Scalar(0) : kept;
    }
  }
};

} // namespace eucv::nn
