#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/choice.hpp>
#include <eucv/nn/host/memory.hpp>
#include <eucv/nn/host/padded.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace eucv::nn::detail {

/// Gradient of a convolution's weight: dw[o][tap][c] = sum over places of dy[place][o] * x[place below tap][c].
///
/// A sum of outer products. Places are taken in blocks whose input and gradient fit into the cache; each is copied
/// once into panels that a tile of registers reads front to back, so that strides that are powers of two cannot fall
/// on one another in the cache. Within a block sums run in registers, blocks are added in order: the result does not
/// depend on the number of threads, and its rounding error grows with the number of blocks, not of places.
template <class Scalar>
struct weight_gradient {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;

  void run(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    if (gathers_rows(over, block::columns))
      run_by_images(x, dy, dw);
    else
      run_by_weights(x, dy, dw);
  }

private:
  using block = tile<Scalar>;
  static constexpr std::size_t places_per_block = 256;

  // Rows [y, y + rows) of the output of `images` images, of which either number is 1.
  struct places {
    std::size_t image, images, y, rows;
  };

  template <class Function>
  void for_blocks(range images, Function&& function) const {
    const std::size_t out_h = over.out_h(), out_w = over.out_w();
    const std::size_t whole = std::max<std::size_t>(1, places_per_block / (out_h * out_w));
    const std::size_t rows = std::clamp<std::size_t>(places_per_block / out_w, 1, out_h);
    for (std::size_t image = images.begin; image < images.end; image += whole)
      for (std::size_t y = 0; y < out_h; y += rows)
        function(places{image, std::min(whole, images.end - image), y, std::min(rows, out_h - y)});
  }

  [[nodiscard]] std::size_t most_places() const {
    const std::size_t out_h = over.out_h(), out_w = over.out_w();
    return std::max<std::size_t>(1, places_per_block / (out_h * out_w)) *
           std::clamp<std::size_t>(places_per_block / out_w, 1, out_h) * out_w;
  }

  // A piece is a part of the weights, over all places: nothing has to be added up between threads.
  void run_by_weights(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    const std::size_t row_tiles = tiles(out, block::rows), column_tiles = tiles(over.in.c, block::columns);
    const std::size_t row_parts = tiles(row_tiles, 8);
    const std::size_t column_parts = std::min(column_tiles, tiles(16, row_parts));
    const std::size_t panel_w = (over.out_w() - 1) * over.stride.w + over.kernel.w;
    const std::size_t tallest =
        (std::min(places_per_block / over.out_w() + 1, over.out_h()) - 1) * over.stride.h + over.kernel.h;
    const std::size_t images = std::max<std::size_t>(1, places_per_block / (over.out_h() * over.out_w()));
    const scratch own(*this, images * tallest * panel_w * block::columns, tiles(row_tiles, row_parts));

    pool.for_each(row_parts * column_parts, [&](std::size_t piece, std::size_t worker) {
      const range row_part = part(row_tiles, row_parts, piece / column_parts);
      const range column_part = part(column_tiles, column_parts, piece % column_parts);
      Scalar* const panel = own.panel(worker);
      Scalar* const left = own.left(worker);
      std::uint32_t* const offsets = own.offsets(worker);
      bool begun = false;
      for_blocks({0, over.in.n}, [&](const places& at) {
        const std::size_t panel_h = (at.rows - 1) * over.stride.h + over.kernel.h;
        pack_left(dy, at, row_part, left);
        std::size_t count = 0;
        for (std::size_t i = 0; i < at.images; ++i)
          for (std::size_t row = 0; row < at.rows; ++row)
            for (std::size_t column = 0; column < over.out_w(); ++column)
              offsets[count++] = static_cast<std::uint32_t>(
                  ((i * panel_h + row * over.stride.h) * panel_w + column * over.stride.w) * block::columns);
        for (std::size_t tile_c = column_part.begin; tile_c < column_part.end; ++tile_c) {
          pack_right(x, at, tile_c * block::columns, {panel, panel_h, panel_w});
          for (std::size_t tap = 0; tap < over.taps(); ++tap) {
            const std::size_t shift = (tap / over.kernel.w * panel_w + tap % over.kernel.w) * block::columns;
            const target to{dw + tap * over.in.c + tile_c * block::columns, over.taps() * over.in.c,
                            std::min(block::columns, over.in.c - tile_c * block::columns), begun};
            add_outer({left, panel + shift, offsets, count}, row_part, to);
          }
        }
        begun = true;
      });
    });
  }

  // A piece is a part of the images, with a gradient of its own; these are added in order at the end. Here the runs of
  // the input are the rows of a tile and the outputs its columns, so that a run of 21 scalars, as a first layer has,
  // fills 21 of 24 rows. Sums run in registers over one row of the output.
  void run_by_images(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    const padded_map<Scalar> padded(pool, arena, over, x, block::rows);
    const std::size_t out_h = over.out_h(), out_w = over.out_w(), run = padded.run(), depth = over.kernel.h * run;
    const std::size_t parts = std::min<std::size_t>(over.in.n, 8), panel = out_w * block::columns;
    const std::size_t step = over.stride.w * over.in.c;
    const arena::block memory = arena.allocate((parts * depth * out + pool.size() * panel) * sizeof(Scalar));
    Scalar* const partial = memory.template data<Scalar>(); // [part][depth][out]
    Scalar* const panels = partial + parts * depth * out;

    pool.for_each(parts, [&](std::size_t piece, std::size_t worker) {
      Scalar* const sums = std::fill_n(partial + piece * depth * out, depth * out, Scalar(0)) - depth * out;
      Scalar* const right = panels + worker * panel;
      const range images = part(over.in.n, parts, piece);
      for (std::size_t row = images.begin * out_h; row < images.end * out_h; ++row)
        for (std::size_t channel = 0; channel < out; channel += block::columns) {
          const std::size_t used = std::min(block::columns, out - channel);
          pack_row(dy + row * out_w * out + channel, used, right);
          for (std::size_t tap = 0; tap < over.kernel.h; ++tap) {
            const Scalar* const left = padded.at(row / out_h, row % out_h, 0, tap);
            for (std::size_t k = 0; k < run; k += block::rows)
              add_run({left + k, step, right}, {sums + (tap * run + k) * out + channel, used},
                      std::min(block::rows, run - k));
          }
        }
    });
    for_parts(pool, out, std::max<std::size_t>(1, elements_per_piece / depth), [&](range rows) {
      for (std::size_t o = rows.begin; o < rows.end; ++o)
        for (std::size_t k = 0; k < depth; ++k) {
          Scalar sum = partial[k * out + o];
          for (std::size_t piece = 1; piece < parts; ++piece) sum += partial[(piece * depth + k) * out + o];
          dw[o * depth + k] = sum;
        }
    });
  }

  // A row of dy, `used` channels of it, as [place][columns], filled up with zeros.
  void pack_row(const Scalar* dy, std::size_t used, Scalar* to) const {
    for (std::size_t place = 0; place < over.out_w(); ++place, dy += out, to += block::columns)
      std::fill(std::copy_n(dy, used, to), to + block::columns, Scalar(0));
  }

  struct run_factors {
    const Scalar* left; // the run of a place lies `step` after that of the place before
    std::size_t step;
    const Scalar* right; // [place][columns]
  };
  struct run_target {
    Scalar* to; // [rows][out]
    std::size_t columns;
  };

  // Adds the outer products of a row of places, `used` scalars of each run.
  void add_run(run_factors of, const run_target& at, std::size_t used) const {
    block sums;
    sums.clear();
    for (std::size_t place = 0; place < over.out_w(); ++place, of.left += of.step, of.right += block::columns)
      sums.step(
          [&](auto r) __attribute__((always_inline)) { return of.left + r; }, of.right);
    unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
      if (r < used) sums.add(r, at.to + r * out, at.columns);
    });
  }

  // Memory of each worker: a panel of the input, the packed gradient, and where each place lies in the panel.
  class scratch {
  public:
    scratch(const weight_gradient& of, std::size_t panel, std::size_t row_tiles)
        : panel_(align(panel)), left_(align(of.most_places() * row_tiles * block::rows)), places_(of.most_places()),
          memory_(of.arena.allocate(of.pool.size() * each())) {}
    [[nodiscard]] Scalar* panel(std::size_t worker) const {
      return reinterpret_cast<Scalar*>(memory_.template data<std::byte>() + worker * each());
    }
    [[nodiscard]] Scalar* left(std::size_t worker) const { return panel(worker) + panel_; }
    [[nodiscard]] std::uint32_t* offsets(std::size_t worker) const {
      return reinterpret_cast<std::uint32_t*>(left(worker) + left_);
    }

  private:
    [[nodiscard]] static std::size_t align(std::size_t scalars) { return (scalars + 15) / 16 * 16; }
    [[nodiscard]] std::size_t each() const {
      return (panel_ + left_) * sizeof(Scalar) + align(places_) * sizeof(std::uint32_t);
    }
    std::size_t panel_, left_, places_;
    arena::block memory_;
  };

  // dy of a block as [tile of rows][place][rows], rows beyond the last channel zero.
  void pack_left(const Scalar* dy, const places& at, range row_tiles, Scalar* to) const {
    const std::size_t each = at.rows * over.out_w(), image = over.out_h() * over.out_w();
    for (std::size_t tile_o = row_tiles.begin; tile_o < row_tiles.end; ++tile_o) {
      const std::size_t used = std::min(block::rows, out - tile_o * block::rows);
      for (std::size_t i = 0; i < at.images; ++i) {
        const Scalar* from = dy + ((at.image + i) * image + at.y * over.out_w()) * out + tile_o * block::rows;
        for (std::size_t p = 0; p < each; ++p, from += out, to += block::rows) {
          if (used == block::rows)
            std::copy_n(from, block::rows, to);
          else
            std::fill(std::copy_n(from, used, to), to + block::rows, Scalar(0));
        }
      }
    }
  }

  struct panel_extents {
    Scalar* to;
    std::size_t h, w;
  };

  // The input below a block, for one tile of channels: [image][h][w][columns], zero outside the map.
  void pack_right(const Scalar* x, const places& at, std::size_t channel, const panel_extents& panel) const {
    const std::size_t used = std::min(block::columns, over.in.c - channel);
    Scalar* to = panel.to;
    for (std::size_t i = 0; i < at.images; ++i)
      for (std::size_t row = 0; row < panel.h; ++row) {
        const std::size_t y = at.y * over.stride.h + row - over.padding.h; // wraps round above the map
        const bool inside = y < over.in.h;
        const Scalar* from = inside ? x + ((at.image + i) * over.in.h + y) * over.in.w * over.in.c + channel : x;
        for (std::size_t column = 0; column < panel.w; ++column, to += block::columns) {
          const std::size_t at_x = column - over.padding.w;
          if (!inside || at_x >= over.in.w)
            std::fill_n(to, block::columns, Scalar(0));
          else if (used == block::columns)
            std::copy_n(from + at_x * over.in.c, block::columns, to);
          else
            std::fill(std::copy_n(from + at_x * over.in.c, used, to), to + block::columns, Scalar(0));
        }
      }
  }

  struct factors {
    const Scalar* left;           // [tile of rows][count][rows]
    const Scalar* right;          // a place's columns at right + offsets[place]
    const std::uint32_t* offsets; // [count]
    std::size_t count;
  };
  struct target {
    Scalar* to;
    std::size_t stride, columns;
    bool begun; // whether there are sums already to add to
  };

  void add_outer(const factors& of, range row_tiles, const target& at) const {
    const Scalar* left = of.left;
    for (std::size_t tile_o = row_tiles.begin; tile_o < row_tiles.end; ++tile_o) {
      block sums;
      sums.clear();
      for (std::size_t p = 0; p < of.count; ++p, left += block::rows)
        sums.step(
            [&](auto r) __attribute__((always_inline)) { return left + r; }, of.right + of.offsets[p]);
      const std::size_t used = std::min(block::rows, out - tile_o * block::rows);
      Scalar* to = at.to + tile_o * block::rows * at.stride;
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        if (r >= used) return;
        if (at.begun)
          sums.add(r, to + r * at.stride, at.columns);
        else
          sums.store(r, to + r * at.stride, at.columns);
      });
    }
  }
};

} // namespace eucv::nn::detail
