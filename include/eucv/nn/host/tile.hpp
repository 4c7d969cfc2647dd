#pragma once

#include <eucv/nn/host/epilogue.hpp>
#include <eucv/nn/simd.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// The block of outputs that one call of an inner kernel keeps in registers: `rows` x `columns` scalars.
///
/// With 16 registers 6 rows of 2 packets leave room for two operands and one broadcast; with 32, 8 rows of 2 packets
/// reach 90 to 98 % of the peak and divide the usual numbers of channels. Both do 12 or more independent additions,
/// which hides the latency of a fused multiply-add.
template <class Scalar>
struct tile {
  using lanes = packet<Scalar>;
  static constexpr std::size_t rows = packet_registers >= 32 ? 8 : 6;
  static constexpr std::size_t packets = 2;
  static constexpr std::size_t columns = packets * lanes::size;

  std::array<std::array<lanes, packets>, rows> sums;

  EIGEN_ALWAYS_INLINE void clear() {
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j] = lanes(Scalar(0)); });
    });
  }

  /// Takes up sums that store() wrote as whole rows one after another.
  EIGEN_ALWAYS_INLINE void load(const Scalar* from) {
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        sums[r][j] = lanes::load(from + r * columns + j * lanes::size);
      });
    });
  }

  /// sums[r] += a(r) * b[0, columns): one step of the contraction.
  template <class Address>
  EIGEN_ALWAYS_INLINE void step(Address&& a, const Scalar* b) {
    std::array<lanes, packets> right;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { right[j] = lanes::load(b + j * lanes::size); });
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      const lanes left = lanes::broadcast(a(r));
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        sums[r][j] = lanes::multiply_add(left, right[j], sums[r][j]);
      });
    });
  }

  /// Writes row r to `to`, `count` <= columns scalars.
  template <class Row>
  EIGEN_ALWAYS_INLINE void store(Row r, Scalar* to, std::size_t count) const {
    if (count == columns) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(to + j * lanes::size); });
      return;
    }
    std::array<Scalar, columns> row;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(row.data() + j * lanes::size); });
    std::copy_n(row.begin(), count, to);
  }

  /// The same after an epilogue; `to` is of channel c.
  template <class Row>
  EIGEN_ALWAYS_INLINE void store(Row r, Scalar* to, std::size_t count, std::size_t c,
                                 const host_epilogue<Scalar>& after) const {
    if (count == columns && after) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        Scalar* const at = to + j * lanes::size;
        after(sums[r][j], c + j * lanes::size, at).store(at);
      });
      return;
    }
    store(r, to, count);
    if (after) after.finish(to, c, count);
  }

  /// Adds row r to what stands at `to`.
  template <class Row>
  EIGEN_ALWAYS_INLINE void add(Row r, Scalar* to, std::size_t count) const {
    if (count == columns) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        (lanes::load(to + j * lanes::size) + sums[r][j]).store(to + j * lanes::size);
      });
      return;
    }
    std::array<Scalar, columns> row;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(row.data() + j * lanes::size); });
    for (std::size_t j = 0; j < count; ++j) to[j] += row[j];
  }
};

/// Numbers of tiles that cover `count`.
[[nodiscard]] constexpr std::size_t tiles(std::size_t count, std::size_t each) noexcept {
  return (count + each - 1) / each;
}

} // namespace eucv::nn::detail
