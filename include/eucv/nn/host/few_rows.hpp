#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/epilogue.hpp>
#include <eucv/nn/host/product.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/simd.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// The product of few gathered rows with a matrix that is not packed: target[row][column] = sum of a[row][run][k] *
/// b[column][run][k].
///
/// Packing reads and writes all of the right side; with one picture and 512 channels that is more than the product
/// itself. Here both sides are read where they lie, with the lanes along k: each result is a dot product, whose lanes
/// are added at its end. `length` must be a multiple of packet<Scalar>::size.
template <class Scalar>
struct few_rows_product {
  thread_pool& pool;
  nn::arena& arena;
  product_extents extents;
  host_epilogue<Scalar> after = {};

  /// fill(range, gathered_rows) sets the addresses and targets of all rows, as for gathered_product.
  template <class Fill>
  void run(const Scalar* right, Fill&& fill) const {
    const arena::block memory = arena.allocate((extents.runs + 1) * extents.rows * sizeof(Scalar*));
    Scalar** const table = memory.template data<Scalar*>();
    const gathered_rows<Scalar> left{const_cast<const Scalar**>(table), table + extents.runs * extents.rows,
                                     extents.rows};
    fill(range{0, extents.rows}, left);
    // The rows of one tile of columns after another, so that its part of the right side stays in the cache.
    pool.for_each(tiles(extents.columns, columns), [&](std::size_t piece) {
      for (std::size_t row = 0; row < extents.rows; row += rows) multiply(left, right, {row, piece * columns});
    });
  }

private:
  using lanes = packet<Scalar>;
  // 16 or 12 sums: enough to hide the latency of a multiplication, and operands besides.
  static constexpr std::size_t rows = 4, columns = packet_registers >= 32 ? 4 : 3;

  struct place {
    std::size_t row, column;
  };

  void multiply(const gathered_rows<Scalar>& left, const Scalar* right, const place& at) const {
    // A tile that reaches beyond the matrix repeats the last row or column and drops the result.
    const std::size_t last_row = extents.rows - 1, last_column = extents.columns - 1;
    std::array<std::array<lanes, columns>, rows> sums;
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      unroll<columns>([&](auto j) __attribute__((always_inline)) { sums[r][j] = lanes(Scalar(0)); });
    });
    for (std::size_t run = 0; run < extents.runs; ++run) {
      std::array<const Scalar*, rows> a;
      std::array<const Scalar*, columns> b;
      for (std::size_t r = 0; r < rows; ++r) a[r] = left.address(run, std::min(at.row + r, last_row));
      for (std::size_t j = 0; j < columns; ++j)
        b[j] = right + (std::min(at.column + j, last_column) * extents.runs + run) * extents.length;
      for (std::size_t k = 0; k < extents.length; k += lanes::size) {
        std::array<lanes, columns> other;
        unroll<columns>([&](auto j) __attribute__((always_inline)) { other[j] = lanes::load(b[j] + k); });
        unroll<rows>([&](auto r) __attribute__((always_inline)) {
          const lanes own = lanes::load(a[r] + k);
          unroll<columns>([&](auto j) __attribute__((always_inline)) {
            sums[r][j] = lanes::multiply_add(own, other[j], sums[r][j]);
          });
        });
      }
    }
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      unroll<columns>([&](auto j) __attribute__((always_inline)) {
        if (at.row + r <= last_row && at.column + j <= last_column) {
          Scalar* const to = left.targets[at.row + r] + at.column + j;
          *to = sums[r][j].sum();
          after.finish(to, at.column + j, 1);
        }
      });
    });
  }
};

} // namespace eucv::nn::detail
