#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/choice.hpp>
#include <eucv/nn/host/epilogue.hpp>
#include <eucv/nn/host/few_rows.hpp>
#include <eucv/nn/host/padded.hpp>
#include <eucv/nn/host/product.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace eucv::nn::detail {

/// Convolution on channels-last maps without a copy of the input: for each output pixel the product takes, tap by tap,
/// the run of channels at the input pixel below that tap, wherever it lies; outside the map it takes a run of zeros.
///
/// x[n][h][w][c], weight[o][kh][kw][c], y[n][oh][ow][o].
template <class Scalar>
struct convolution {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;
  host_epilogue<Scalar> after = {}; // of forward()

  void forward(const Scalar* x, const Scalar* weight, Scalar* y) const {
    switch (choose_gathering<Scalar>(over)) {
    case gathering::by_taps: return forward_by_taps(x, weight, y);
    case gathering::by_rows: return forward_by_rows(x, weight, y);
    case gathering::unpacked: return forward_unpacked(x, weight, y);
    }
  }

  void input_gradient(const Scalar* dy, const Scalar* weight, Scalar* dx) const {
    // Pixels of the input whose row and column leave the same rest by the stride lie below the same taps: one product
    // for each such class, in which no multiplication by a zero is done for the sake of the stride.
    const arena::block packed = pack_columns(weight);
    const arena::block nothing = zeros(out);
    for (std::size_t rest_h = 0; rest_h < std::min(over.stride.h, over.in.h); ++rest_h)
      for (std::size_t rest_w = 0; rest_w < std::min(over.stride.w, over.in.w); ++rest_w)
        class_gradient({rest_h, rest_w}, dy, dx,
                       {packed.template data<const Scalar>(), nothing.template data<const Scalar>()});
  }

private:
  // A place of the output, walked in order of memory.
  struct pixel {
    std::size_t row, image, y, x, height, width;
    pixel(std::size_t rows, std::size_t columns, std::size_t begin)
        : row(begin), image(begin / (rows * columns)), y(begin / columns % rows), x(begin % columns), height(rows),
          width(columns) {}
    pixel(const window& over, std::size_t begin) : pixel(over.out_h(), over.out_w(), begin) {}
    void advance() {
      ++row;
      if (++x < width) return;
      x = 0;
      if (++y < height) return;
      y = 0;
      ++image;
    }
  };

  void forward_by_taps(const Scalar* x, const Scalar* weight, Scalar* y) const {
    const std::size_t channels = over.in.c, taps = over.taps();
    const gathered_product<Scalar> product{pool, arena, {over.out(out).pixels(), taps, channels, out}, after};
    const arena::block packed = pack_rows(weight, taps * channels), nothing = zeros(channels);
    product.run({packed.template data<const Scalar>(), taps}, {},
                addresses(x, nothing.template data<const Scalar>(), y));
  }

  void forward_unpacked(const Scalar* x, const Scalar* weight, Scalar* y) const {
    const few_rows_product<Scalar> product{pool, arena, {over.out(out).pixels(), over.taps(), over.in.c, out}, after};
    const arena::block nothing = zeros(over.in.c);
    product.run(weight, addresses(x, nothing.template data<const Scalar>(), y));
  }

  // Sets the addresses of the taps below some places of the output, and where their results go.
  [[nodiscard]] auto addresses(const Scalar* x, const Scalar* outside, Scalar* y) const {
    return [=, this](range rows, const gathered_rows<Scalar>& to) {
      for (pixel at(over, rows.begin); at.row < rows.end; at.advance()) {
        const std::size_t r = at.row - rows.begin;
        to.targets[r] = y + at.row * out;
        for (std::size_t tap = 0; tap < over.taps(); ++tap) to.address(tap, r) = below(x, at, tap, outside);
      }
    };
  }

  void forward_by_rows(const Scalar* x, const Scalar* weight, Scalar* y) const {
    const padded_map<Scalar> padded(pool, arena, over, x, 0);
    const std::size_t runs = over.kernel.h;
    const gathered_product<Scalar> product{pool, arena, {over.out(out).pixels(), runs, padded.run(), out}, after};
    const arena::block packed = pack_rows(weight, runs * padded.run());
    product.run({packed.template data<const Scalar>(), runs}, {}, [&](range rows, const gathered_rows<Scalar>& to) {
      for (pixel at(over, rows.begin); at.row < rows.end; at.advance()) {
        const std::size_t r = at.row - rows.begin;
        to.targets[r] = y + at.row * out;
        for (std::size_t run = 0; run < runs; ++run) to.address(run, r) = padded.at(at.image, at.y, at.x, run);
      }
    });
  }

  struct operands {
    const Scalar* weight;
    const Scalar* outside;
  };

  [[nodiscard]] const Scalar* below(const Scalar* from, const pixel& at, std::size_t tap, const Scalar* outside) const {
    // Unsigned wrap-around makes one comparison of two: a row above the map is a huge number.
    const std::size_t row = at.y * over.stride.h + tap / over.kernel.w - over.padding.h;
    const std::size_t column = at.x * over.stride.w + tap % over.kernel.w - over.padding.w;
    if (row >= over.in.h || column >= over.in.w) return outside;
    return from + ((at.image * over.in.h + row) * over.in.w + column) * over.in.c;
  }

  void class_gradient(extent rest, const Scalar* dy, Scalar* dx, operands with) const {
    const auto& [in, kernel, stride, padding] = over;
    std::vector<std::size_t> taps;
    for (std::size_t tap = 0; tap < over.taps(); ++tap)
      if ((rest.h + padding.h + kernel.h * stride.h - tap / kernel.w) % stride.h == 0 &&
          (rest.w + padding.w + kernel.w * stride.w - tap % kernel.w) % stride.w == 0)
        taps.push_back(tap);
    const std::size_t height = (in.h - rest.h + stride.h - 1) / stride.h;
    const std::size_t width = (in.w - rest.w + stride.w - 1) / stride.w;
    const gathered_product<Scalar> product{pool, arena, {in.n * height * width, taps.size(), out, in.c}};
    product.run({with.weight, over.taps()}, taps, [&](range rows, const gathered_rows<Scalar>& to) {
      const std::size_t out_h = over.out_h(), out_w = over.out_w();
      for (pixel at(height, width, rows.begin); at.row < rows.end; at.advance()) {
        const std::size_t r = at.row - rows.begin;
        const std::size_t y = at.y * stride.h + rest.h, x = at.x * stride.w + rest.w;
        to.targets[r] = dx + ((at.image * in.h + y) * in.w + x) * in.c;
        for (std::size_t i = 0; i < taps.size(); ++i) {
          const std::size_t above = y + padding.h - taps[i] / kernel.w, left = x + padding.w - taps[i] % kernel.w;
          // Divisible by the stride where not negative; wrapped round where negative.
          const bool inside = above / stride.h < out_h && left / stride.w < out_w;
          to.address(i, r) =
              inside ? dy + ((at.image * out_h + above / stride.h) * out_w + left / stride.w) * out : with.outside;
        }
      }
    });
  }

  [[nodiscard]] arena::block zeros(std::size_t count) const {
    arena::block block = arena.allocate(count * sizeof(Scalar));
    std::fill_n(block.template data<Scalar>(), count, Scalar(0));
    return block;
  }

  // weight[o][k] as panels [o / columns][k][columns], the last one filled up with zeros.
  [[nodiscard]] arena::block pack_rows(const Scalar* weight, std::size_t depth) const {
    constexpr std::size_t columns = tile<Scalar>::columns;
    const std::size_t panels = tiles(out, columns);
    arena::block block = arena.allocate(panels * depth * columns * sizeof(Scalar));
    Scalar* const packed = block.template data<Scalar>();
    pool.for_each(panels, [&](std::size_t panel) {
      Scalar* const to = packed + panel * depth * columns;
      const std::size_t used = std::min(columns, out - panel * columns);
      const Scalar* const from = weight + panel * columns * depth;
      if (used < columns) std::fill_n(to, depth * columns, Scalar(0));
      constexpr std::size_t strip = 64; // so that the rows written stay in the first-level cache
      for (std::size_t begin = 0; begin < depth; begin += strip)
        for (std::size_t o = 0; o < used; ++o)
          for (std::size_t k = begin; k < std::min(depth, begin + strip); ++k)
            to[k * columns + o] = from[o * depth + k];
    });
    return block;
  }

  // weight[o][tap][c] as panels [c / columns][tap][o][columns].
  [[nodiscard]] arena::block pack_columns(const Scalar* weight) const {
    constexpr std::size_t columns = tile<Scalar>::columns;
    const std::size_t channels = over.in.c, taps = over.taps(), panels = tiles(channels, columns);
    arena::block block = arena.allocate(panels * taps * out * columns * sizeof(Scalar));
    Scalar* const packed = block.template data<Scalar>();
    pool.for_each(panels * taps, [&](std::size_t piece) {
      const std::size_t panel = piece / taps, tap = piece % taps;
      const std::size_t used = std::min(columns, channels - panel * columns);
      Scalar* to = packed + piece * out * columns;
      for (std::size_t o = 0; o < out; ++o, to += columns) {
        std::copy_n(weight + (o * taps + tap) * channels + panel * columns, used, to);
        std::fill(to + used, to + columns, Scalar(0));
      }
    });
    return block;
  }
};

} // namespace eucv::nn::detail
