#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/epilogue.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/host/winograd_tiles.hpp>
#include <eucv/nn/host/winograd_transform.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// 3x3 convolution of stride 1 by F(4x4, 3x3), and the gradient of its input, which is one too.
///
/// With V the transformed inputs and U the transformed weights, each of the 36 planes of the result is a product of
/// matrices, M[plane][tile][o] = sum over c of V[plane][tile][c] * U[plane][c][o], done on the register tile of all
/// other kernels. Nothing is copied but V, U and M, and of these only what is needed next: see run(). Each result is
/// summed in one order, so cutting the work has no influence on the bits.
///
/// Both numbers of channels must be multiples of packet<Scalar>::size.
template <class Scalar>
struct winograd_convolution {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;
  host_epilogue<Scalar> after = {}; // of forward()

  void forward(const Scalar* x, const Scalar* weight, Scalar* y) const {
    run({over.in, over.out(out), over.padding}, x, y, [&](const weight_panel& to) { transform_rows(weight, to); });
  }

  void input_gradient(const Scalar* dy, const Scalar* weight, Scalar* dx) const {
    const border around{winograd::taps - 1 - over.padding.h, winograd::taps - 1 - over.padding.w};
    run({over.out(out), over.in, around}, dy, dx, [&](const weight_panel& to) { transform_flipped(weight, to); });
  }

private:
  using lanes = packet<Scalar>;
  using block = tile<Scalar>;
  static constexpr std::size_t gap = winograd::gap<Scalar>, taps = winograd::taps * winograd::taps;

  struct maps {
    shape from, to;
    border around;

    [[nodiscard]] winograd::tiling tiles() const { return {to.n, to.h, to.w}; }
  };

  // [planes][rows][columns] with gaps.
  struct planes {
    std::size_t rows, row;

    [[nodiscard]] std::size_t plane() const { return rows * row + gap; }
    [[nodiscard]] std::size_t size() const { return winograd::planes * plane(); }
  };

  // Rows of U that a thread transforms at a time where it does so just before their use: with its part of M they fit
  // into the second-level cache.
  static constexpr std::size_t deepest = 128;

  // Tiles that share V and M in the second-level cache. More of them read each panel of U less often.
  [[nodiscard]] static std::size_t tiles_per_block(std::size_t depth) {
    constexpr std::size_t budget = 400 * 1024 / sizeof(Scalar);
    return std::clamp<std::size_t>(budget / (winograd::planes * (depth + block::columns)) / block::rows, 2, 4) *
           block::rows;
  }

  template <class Weights>
  void run(const maps& of, const Scalar* from, Scalar* to, Weights&& weights) const {
    const arena::block nothing = arena.allocate(of.from.c * sizeof(Scalar));
    std::fill_n(nothing.template data<Scalar>(), of.from.c, Scalar(0));
    const sources read{from, nothing.template data<const Scalar>()};
    // The smaller of U and V is made first, for all threads; the larger piece by piece, just before it is used, so that
    // it never leaves the cache of its thread.
    if (of.tiles().count() > of.to.c)
      run_by_tiles(of, read, to, weights);
    else
      run_by_channels(of, read, to, weights);
  }

  struct sources {
    const Scalar *map, *outside;
  };

  // U first; then each piece is a block of tiles, for all channels.
  template <class Weights>
  void run_by_tiles(const maps& of, const sources& from, Scalar* to, Weights&& weights) const {
    const std::size_t depth = of.from.c, panels = tiles(of.to.c, block::columns), count = of.tiles().count();
    const planes u{depth, block::columns};
    const arena::block packed = arena.allocate(panels * u.size() * sizeof(Scalar));
    const std::size_t parts = tiles(depth, 64);
    pool.for_each(panels * parts, [&](std::size_t piece) {
      const range part_of = chunk(depth, piece % parts, 64);
      weights({piece / parts * block::columns, part_of, u,
               packed.template data<Scalar>() + piece / parts * u.size() + part_of.begin * u.row});
    });

    const std::size_t each = tiles_per_block(depth);
    const planes v{each, depth + gap}, m{each, block::columns};
    const arena::block scratch = arena.allocate(pool.size() * (v.size() + m.size()) * sizeof(Scalar));
    pool.for_each(tiles(count, each), [&](std::size_t piece, std::size_t worker) {
      Scalar* const inputs = scratch.template data<Scalar>() + worker * (v.size() + m.size());
      Scalar* const products = inputs + v.size();
      const range taken = chunk(count, piece, each);
      transform_inputs(of, from, taken, inputs, v);
      for (std::size_t panel = 0; panel < panels; ++panel) {
        const Scalar* const panel_of = packed.template data<Scalar>() + panel * u.size();
        for (std::size_t plane = 0; plane < winograd::planes; ++plane)
          multiply({inputs + plane * v.plane(), v.row, taken.size()}, {panel_of + plane * u.plane(), depth, false},
                   products + plane * m.plane());
        transform_outputs(of, taken, panel * block::columns, {products, m}, to);
      }
    });
  }

  // V first; then each piece is a panel of channels, for all tiles.
  template <class Weights>
  void run_by_channels(const maps& of, const sources& from, Scalar* to, Weights&& weights) const {
    const std::size_t depth = of.from.c, panels = tiles(of.to.c, block::columns), count = of.tiles().count();
    const planes v{count, depth + gap};
    const arena::block inputs = arena.allocate(v.size() * sizeof(Scalar));
    pool.for_each(count, [&](std::size_t tile) {
      transform_inputs(of, from, {tile, tile + 1}, inputs.template data<Scalar>() + tile * v.row, v);
    });

    const planes u{std::min(depth, deepest), block::columns},
        m{tiles(count, block::rows) * block::rows, block::columns};
    const arena::block scratch = arena.allocate(pool.size() * (u.size() + m.size()) * sizeof(Scalar));
    pool.for_each(panels, [&](std::size_t panel, std::size_t worker) {
      Scalar* const own = scratch.template data<Scalar>() + worker * (u.size() + m.size());
      Scalar* const products = own + u.size();
      for (std::size_t first = 0; first < depth; first += deepest) {
        const range part_of{first, std::min(depth, first + deepest)};
        weights({panel * block::columns, part_of, u, own});
        for (std::size_t plane = 0; plane < winograd::planes; ++plane)
          multiply({inputs.template data<const Scalar>() + plane * v.plane() + first, v.row, count},
                   {own + plane * u.plane(), part_of.size(), first > 0}, products + plane * m.plane());
      }
      transform_outputs(of, {0, count}, panel * block::columns, {products, m}, to);
    });
  }

  [[nodiscard]] static range chunk(std::size_t count, std::size_t piece, std::size_t each) {
    return {piece * each, std::min(count, (piece + 1) * each)};
  }

  void transform_inputs(const maps& of, const sources& from, range taken, Scalar* to, const planes& v) const {
    for (std::size_t tile = taken.begin; tile < taken.end; ++tile, to += v.row) {
      const winograd::patch<Scalar, winograd::points> pixels(from.map, of.from, of.tiles().at(tile), of.around,
                                                             from.outside);
      for (std::size_t c = 0; c < of.from.c; c += lanes::size)
        pixels.template transform_to<winograd::of_input>(to + c, v.plane(), c);
    }
  }

  // A panel of U[plane][depth][columns] to make.
  struct weight_panel {
    std::size_t channel; // of its first column
    range depth;
    planes u;
    Scalar* to;
  };

  // weight[o][tap][c] to U[plane][c][o]: what is contiguous changes, so squares of lanes::size x lanes::size are
  // transposed in registers first, tap by tap, which are fewer than the planes.
  void transform_rows(const Scalar* weight, const weight_panel& of) const {
    for (std::size_t j = 0; j < block::columns; j += lanes::size) {
      if (of.channel + j >= out) {
        clear_columns(of, j);
        continue;
      }
      Scalar* to = of.to + j;
      for (std::size_t c = of.depth.begin; c < of.depth.end; c += lanes::size) {
        std::array<std::array<lanes, lanes::size>, taps> turned;
        for (std::size_t tap = 0; tap < taps; ++tap) {
          for (std::size_t i = 0; i < lanes::size; ++i)
            turned[tap][i] = lanes::load(weight + ((of.channel + j + i) * taps + tap) * over.in.c + c);
          lanes::transpose(turned[tap]);
        }
        for (std::size_t i = 0; i < lanes::size; ++i, to += of.u.row)
          transform_weight([&](std::size_t tap) { return turned[tap][i]; }, to, of.u.plane());
      }
    }
  }

  // The same for the gradient of the input: to U[plane][o][c], taps flipped.
  void transform_flipped(const Scalar* weight, const weight_panel& of) const {
    for (std::size_t j = 0; j < block::columns; j += lanes::size) {
      if (of.channel + j >= over.in.c) {
        clear_columns(of, j);
        continue;
      }
      Scalar* to = of.to + j;
      for (std::size_t o = of.depth.begin; o < of.depth.end; ++o, to += of.u.row)
        transform_weight(
            [&](std::size_t tap) {
              return lanes::load(weight + (o * taps + taps - 1 - tap) * over.in.c + of.channel + j);
            },
            to, of.u.plane());
    }
  }

  template <class Load>
  static void transform_weight(Load&& load, Scalar* to, std::size_t stride) {
    winograd::transform<winograd::of_weight, Scalar>(
        [&](auto row, auto column) __attribute__((always_inline)) { return load(row * winograd::taps + column); },
        [&](auto row, auto column, const lanes& value)
            __attribute__((always_inline)) { value.store(to + (row * winograd::points + column) * stride); });
  }

  // A packet of columns of a panel beyond the last channel.
  static void clear_columns(const weight_panel& of, std::size_t column) {
    for (std::size_t plane = 0; plane < winograd::planes; ++plane)
      for (std::size_t k = 0; k < of.depth.size(); ++k)
        lanes(Scalar(0)).store(of.to + plane * of.u.plane() + k * of.u.row + column);
  }

  struct left_rows {
    const Scalar* rows;
    std::size_t stride, count;
  };

  struct right_rows {
    const Scalar* rows;
    std::size_t depth;
    bool begun; // whether there are sums already to go on with
  };

  // One plane of M: [tiles][depth] times [depth][columns].
  static void multiply(const left_rows& a, const right_rows& b, Scalar* to) {
    for (std::size_t row = 0; row < a.count; row += block::rows, to += block::rows * block::columns) {
      std::array<const Scalar*, block::rows> at; // the last tile may reach beyond the rows: it repeats the last one
      for (std::size_t r = 0; r < block::rows; ++r) at[r] = a.rows + std::min(row + r, a.count - 1) * a.stride;
      block sums;
      if (b.begun)
        sums.load(to);
      else
        sums.clear();
      for (std::size_t k = 0; k < b.depth; ++k)
        sums.step(
            [&](auto r) __attribute__((always_inline)) { return at[r] + k; }, b.rows + k * block::columns);
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        sums.store(r, to + r * block::columns, block::columns);
      });
    }
  }

  struct results {
    const Scalar* values;
    planes m;
  };

  void transform_outputs(const maps& of, range taken, std::size_t channel, const results& from, Scalar* to) const {
    const std::size_t used = std::min(block::columns, of.to.c - channel);
    for (std::size_t tile = taken.begin; tile < taken.end; ++tile) {
      const auto at = of.tiles().at(tile);
      const std::size_t rows = std::min(winograd::side, of.to.h - at.y);
      const std::size_t columns = std::min(winograd::side, of.to.w - at.x);
      Scalar* const target = to + ((at.image * of.to.h + at.y) * of.to.w + at.x) * of.to.c + channel;
      const Scalar* const source = from.values + (tile - taken.begin) * block::columns;
      for (std::size_t j = 0; j < used; j += lanes::size)
        winograd::transform<winograd::to_output, Scalar>(
            [&](auto row, auto column) __attribute__((always_inline)) {
              return lanes::load(source + (row * winograd::points + column) * from.m.plane() + j);
            },
            [&](auto row, auto column, const lanes& value) __attribute__((always_inline)) {
              if (row >= rows || column >= columns) return;
              Scalar* const place = target + (row * of.to.w + column) * of.to.c + j;
              after(value, channel + j, place).store(place);
            });
    }
  }
};

} // namespace eucv::nn::detail
