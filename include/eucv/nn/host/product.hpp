#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/epilogue.hpp>
#include <eucv/nn/host/tile.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace eucv::nn::detail {

/// Where the rows of a chunk are: the addresses of their runs, and where their results go.
template <class Scalar>
struct gathered_rows {
  const Scalar** addresses; // [runs][chunk]
  Scalar** targets;         // [chunk]
  std::size_t chunk;

  [[nodiscard]] const Scalar*& address(std::size_t run, std::size_t row) const { return addresses[run * chunk + row]; }
};

/// The right side, [columns / tile::columns][runs][length][tile::columns], the last panel filled up with zeros.
template <class Scalar>
struct packed_matrix {
  const Scalar* values;
  std::size_t runs;
};

/// Extents of a product: each of `rows` left rows consists of `runs` runs of `length` scalars somewhere in memory.
struct product_extents {
  std::size_t rows, runs, length, columns;
};

/// The product of gathered rows with a packed matrix: target[row][column] = sum of a[row][run][k] * b[run][k][column].
///
/// The core of each convolution, forward or backward, with any kernel and stride. Each result is summed in one order,
/// so cutting the work has no influence on the bits.
template <class Scalar>
struct gathered_product {
  thread_pool& pool;
  nn::arena& arena;
  product_extents extents;
  host_epilogue<Scalar> after = {};

  /// Run number i of a row meets number order[i] of the packed runs, or i where no order is given. fill(range,
  /// gathered_rows) sets the addresses and targets of the rows of a range.
  template <class Fill>
  void run(packed_matrix<Scalar> right, std::span<const std::size_t> order, Fill&& fill) const {
    const std::size_t rows = extents.rows, runs = extents.runs, length = extents.length;
    const std::size_t panels = tiles(extents.columns, tile<Scalar>::columns);
    const std::size_t chunks = tiles(rows, chunk);
    // Few chunks: several pieces share one, so that there is work for each thread.
    const std::size_t shares = std::min(panels, tiles(least_pieces, chunks));

    const std::size_t table = (runs + 1) * chunk; // of addresses and targets, for each worker
    const arena::block memory = arena.allocate(pool.size() * table * sizeof(Scalar*));

    pool.for_each(chunks * shares, [&](std::size_t piece, std::size_t worker) {
      Scalar** const own = memory.template data<Scalar*>() + worker * table;
      const gathered_rows<Scalar> to{const_cast<const Scalar**>(own), own + runs * chunk, chunk};
      const range taken{piece / shares * chunk, std::min(rows, (piece / shares + 1) * chunk)};
      fill(taken, to);
      const range part_of_panels = part(panels, shares, piece % shares);
      for (std::size_t panel = part_of_panels.begin; panel < part_of_panels.end; ++panel)
        multiply(right.values + panel * right.runs * length * tile<Scalar>::columns, order, to, {taken.size(), panel});
    });
  }

private:
  static constexpr std::size_t chunk = 192; // a multiple of the rows of any tile
  static constexpr std::size_t least_pieces = 16;
  static_assert(chunk % tile<Scalar>::rows == 0);

  struct share {
    std::size_t rows, panel;
  };

  void multiply(const Scalar* panel, std::span<const std::size_t> order, const gathered_rows<Scalar>& rows,
                share of) const {
    using block = tile<Scalar>;
    const std::size_t first = of.panel * block::columns;
    const std::size_t count = std::min(block::columns, extents.columns - first);
    for (std::size_t row = 0; row < of.rows; row += block::rows) {
      // The last tile may reach beyond the rows: it repeats the last row and drops the result.
      const std::size_t valid = std::min(block::rows, of.rows - row);
      block sums;
      sums.clear();
      for (std::size_t run = 0; run < extents.runs; ++run) {
        std::array<const Scalar*, block::rows> a;
        for (std::size_t r = 0; r < block::rows; ++r) a[r] = rows.address(run, row + std::min(r, valid - 1));
        const Scalar* b = panel + (order.empty() ? run : order[run]) * extents.length * block::columns;
        for (std::size_t k = 0; k < extents.length; ++k, b += block::columns)
          sums.step(
              [&](auto r) __attribute__((always_inline)) { return a[r] + k; }, b);
      }
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        if (r < valid) sums.store(r, rows.targets[row + r] + first, count, first, after);
      });
    }
  }
};

} // namespace eucv::nn::detail
