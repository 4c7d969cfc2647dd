#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/host/winograd_tiles.hpp>
#include <eucv/nn/host/winograd_transform.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// The gradient of the weight of a 3x3 convolution of stride 1 by the transposed form of F(4x4, 3x3).
///
/// With V the transformed inputs and D the transformed gradients of the outputs, the gradient of the transformed weight
/// is dU[plane][o][c] = sum over tiles of D[plane][tile][o] * V[plane][tile][c], and dw = Gt dU G. Tiles are taken in
/// batches, whose V and D all threads make together and then share; batches are added in order, each element of dU by
/// one thread, so the cut has no influence on the bits and nothing has to be added up between threads.
///
/// Both numbers of channels must be multiples of packet<Scalar>::size.
template <class Scalar>
struct winograd_weight_gradient {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;

  void run(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    const std::size_t count = tiling().count(), batch = std::min(count, most_tiles);
    const arena::block memory =
        arena.allocate((factors{batch, over.in.c}.size() + factors{batch, out}.size()) * sizeof(Scalar));
    const factors v{batch, over.in.c, memory.template data<Scalar>()}, d{batch, out, v.values + v.size()};
    // Where one batch holds all tiles, a piece is a block of weights in all planes, whose dU is transformed before it
    // leaves the cache: many channels and few tiles make dU larger than all else. Otherwise a piece is a plane, whose V
    // and D are read but once.
    if (batch == count) {
      transform_factors(x, dy, {0, count}, v, d);
      run_by_weights(v, d, dw);
    } else {
      run_by_planes(x, dy, v, d, dw);
    }
  }

private:
  using lanes = packet<Scalar>;
  using block = tile<Scalar>;
  static constexpr std::size_t gap = winograd::gap<Scalar>;
  static constexpr std::size_t most_tiles = 128; // V and D of a batch lie in the last-level cache
  static constexpr std::size_t taps = winograd::taps * winograd::taps;

  // Transformed tiles [planes][channels / columns][tiles][columns], channels filled up, with gaps between the planes.
  struct factors {
    std::size_t tiles, channels;
    Scalar* values = nullptr;

    [[nodiscard]] std::size_t panel() const { return tiles * block::columns; }
    [[nodiscard]] std::size_t plane() const { return detail::tiles(channels, block::columns) * panel() + gap; }
    [[nodiscard]] std::size_t size() const { return winograd::planes * plane(); }
    [[nodiscard]] Scalar* at(std::size_t plane_number, std::size_t channel) const {
      return values + plane_number * plane() + channel / block::columns * panel() + channel % block::columns;
    }
  };

  // dU of a block of weights, [planes][rows][columns] with gaps.
  struct sums {
    std::size_t rows, row;

    [[nodiscard]] std::size_t plane() const { return rows * row + gap; }
    [[nodiscard]] std::size_t size() const { return winograd::planes * plane(); }
  };

  [[nodiscard]] winograd::tiling tiling() const { return {over.in.n, over.out_h(), over.out_w()}; }

  void transform_factors(const Scalar* x, const Scalar* dy, range taken, const factors& v, const factors& d) const {
    const arena::block nothing = arena.allocate(std::max(over.in.c, out) * sizeof(Scalar));
    std::fill_n(nothing.template data<Scalar>(), std::max(over.in.c, out), Scalar(0));
    const Scalar* const outside = nothing.template data<const Scalar>();
    pool.for_each(taken.size(), [&](std::size_t i) {
      const auto at = tiling().at(taken.begin + i);
      const winograd::patch<Scalar, winograd::points> inputs(x, over.in, at, over.padding, outside);
      for (std::size_t c = 0; c < over.in.c; c += lanes::size)
        inputs.template transform_to<winograd::of_input>(v.at(0, c) + i * block::columns, v.plane(), c);
      const winograd::patch<Scalar, winograd::side> gradients(dy, over.out(out), at, {0, 0}, outside);
      for (std::size_t o = 0; o < out; o += lanes::size)
        gradients.template transform_to<winograd::of_gradient>(d.at(0, o) + i * block::columns, d.plane(), o);
    });
  }

  void run_by_weights(const factors& v, const factors& d, Scalar* dw) const {
    constexpr std::size_t rows = 4 * block::rows;
    const std::size_t panels = tiles(over.in.c, block::columns), groups = tiles(out, rows);
    const sums du{rows, block::columns};
    const arena::block scratch = arena.allocate(pool.size() * du.size() * sizeof(Scalar));
    pool.for_each(panels * groups, [&](std::size_t piece, std::size_t worker) {
      Scalar* const own = scratch.template data<Scalar>() + worker * du.size();
      const range taken{piece / panels * rows, std::min(out, (piece / panels + 1) * rows)};
      const std::size_t channel = piece % panels * block::columns;
      for (std::size_t plane = 0; plane < winograd::planes; ++plane)
        add_outer({d, v, plane, v.tiles, false}, taken, channel, {own + plane * du.plane(), du.row});
      for (std::size_t o = taken.begin; o < taken.end; ++o)
        finish(own + (o - taken.begin) * du.row, du.plane(), {o, channel, block::columns}, dw);
    });
  }

  void run_by_planes(const Scalar* x, const Scalar* dy, const factors& v, const factors& d, Scalar* dw) const {
    constexpr std::size_t rows = 8 * block::rows;
    const std::size_t panels = tiles(over.in.c, block::columns), groups = tiles(out, rows);
    const sums du{out, panels * block::columns};
    const arena::block memory = arena.allocate(du.size() * sizeof(Scalar));
    Scalar* const all = memory.template data<Scalar>();
    const std::size_t count = tiling().count();
    for (std::size_t first = 0; first < count; first += v.tiles) {
      const range batch{first, std::min(count, first + v.tiles)};
      transform_factors(x, dy, batch, v, d);
      pool.for_each(winograd::planes * groups, [&](std::size_t piece) {
        const std::size_t plane = piece / groups, group = piece % groups;
        const range taken{group * rows, std::min(out, (group + 1) * rows)};
        for (std::size_t panel = 0; panel < panels; ++panel)
          add_outer({d, v, plane, batch.size(), first > 0}, taken, panel * block::columns,
                    {all + plane * du.plane() + taken.begin * du.row + panel * block::columns, du.row});
      });
    }
    pool.for_each(out, [&](std::size_t o) { finish(all + o * du.row, du.plane(), {o, 0, over.in.c}, dw); });
  }

  struct product {
    const factors &d, &v;
    std::size_t plane, count;
    bool begun; // whether there are sums already to add to
  };
  struct target {
    Scalar* to;
    std::size_t row;
  };

  // One plane of dU for some rows and the panel of columns from `channel` on.
  static void add_outer(const product& of, range rows, std::size_t channel, const target& at) {
    const Scalar* const right = of.v.at(of.plane, channel);
    for (std::size_t row = rows.begin; row < rows.end; row += block::rows) {
      std::array<const Scalar*, block::rows> left; // the last tile may reach beyond the rows: it repeats the last one
      for (std::size_t r = 0; r < block::rows; ++r) left[r] = of.d.at(of.plane, std::min(row + r, rows.end - 1));
      block outer;
      outer.clear();
      for (std::size_t k = 0; k < of.count * block::columns; k += block::columns)
        outer.step(
            [&](auto r) __attribute__((always_inline)) { return left[r] + k; }, right + k);
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        if (row + r >= rows.end) return;
        Scalar* const to = at.to + (row - rows.begin + r) * at.row;
        if (of.begun)
          outer.add(r, to, block::columns);
        else
          outer.store(r, to, block::columns);
      });
    }
  }

  struct weights {
    std::size_t o, channel, count;
  };

  // dU of one row to dw[o][tap][c].
  void finish(const Scalar* from, std::size_t plane, const weights& of, Scalar* dw) const {
    const std::size_t end = std::min(over.in.c, of.channel + of.count);
    for (std::size_t c = of.channel; c < end; c += lanes::size, from += lanes::size) {
      Scalar* const to = dw + of.o * taps * over.in.c + c;
      winograd::transform<winograd::to_weight_gradient, Scalar>(
          [&](auto row, auto column)
              __attribute__((always_inline)) { return lanes::load(from + (row * winograd::points + column) * plane); },
          [&](auto row, auto column, const lanes& value)
              __attribute__((always_inline)) { value.store(to + (row * winograd::taps + column) * over.in.c); });
    }
  }
};

} // namespace eucv::nn::detail
