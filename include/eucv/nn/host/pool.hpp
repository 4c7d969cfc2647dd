#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/simd.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace eucv::nn::detail {

/// The place in its window that a maximum came from, row by row.
using origin = std::uint16_t;

/// Rows and columns of a window that lie on the map.
struct clipped {
  range rows, columns;   // of the input
  std::size_t top, left; // place of the first of them in the window
};
[[nodiscard]] inline clipped clip(const window& over, std::size_t y, std::size_t x) {
  const auto cut = [](std::size_t begin, std::size_t kernel, std::size_t padding, std::size_t size) {
    const std::size_t first = std::max(begin, padding) - padding;
    return range{first, std::max(first, std::min(begin + kernel, size + padding) - padding)};
  };
  const std::size_t begin_y = y * over.stride.h, begin_x = x * over.stride.w;
  return {cut(begin_y, over.kernel.h, over.padding.h, over.in.h),
          cut(begin_x, over.kernel.w, over.padding.w, over.in.w), std::max(begin_y, over.padding.h) - begin_y,
          std::max(begin_x, over.padding.w) - begin_x};
}

/// Maximum over windows of channels-last maps.
template <class Scalar>
struct max_pool {
  using lanes = packet<Scalar>;

  thread_pool& pool;
  const window& over;

  void forward(const Scalar* x, Scalar* y, origin* origins) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    pool.for_each(over.in.n * out_h, [&](std::size_t row) {
      const Scalar* const image = x + row / out_h * over.in.h * over.in.w * channels;
      for (std::size_t column = 0; column < out_w; ++column) {
        const clipped inside = clip(over, row % out_h, column);
        const std::size_t to = (row * out_w + column) * channels;
        std::size_t c = 0;
        for (; c + lanes::size <= channels; c += lanes::size) pack(image + c, inside, {y + to + c, origins + to + c});
        for (; c < channels; ++c) single(image + c, inside, {y + to + c, origins + to + c});
      }
    });
  }

  // Each place of the input looks for itself in the windows that cover it: without a scatter, the lanes of a packet do
  // not depend on one another.
  void gradient(const Scalar* dy, const origin* origins, Scalar* dx) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    pool.for_each(over.in.n * over.in.h, [&](std::size_t row) {
      const std::size_t y = row % over.in.h, image = row / over.in.h;
      const range above = covering(y, over.kernel.h, over.stride.h, over.padding.h, out_h);
      Scalar* to = std::fill_n(dx + row * over.in.w * channels, over.in.w * channels, Scalar(0)) - over.in.w * channels;
      for (std::size_t x = 0; x < over.in.w; ++x, to += channels) {
        const range beside = covering(x, over.kernel.w, over.stride.w, over.padding.w, out_w);
        for (std::size_t oy = above.begin; oy < above.end; ++oy)
          for (std::size_t ox = beside.begin; ox < beside.end; ++ox) {
            const auto tap = static_cast<origin>((y + over.padding.h - oy * over.stride.h) * over.kernel.w + x +
                                                 over.padding.w - ox * over.stride.w);
            const std::size_t from = ((image * out_h + oy) * out_w + ox) * channels;
            for (std::size_t c = 0; c < channels; ++c) {
              const Scalar value = dy[from + c]; // read in any case, or the compiler could not use lanes
              to[c] += origins[from + c] == tap ? value : Scalar(0);
            }
          }
      }
    });
  }

private:
  // The windows, of `count` in one dimension, that cover a place of the input.
  [[nodiscard]] static range covering(std::size_t place, std::size_t kernel, std::size_t stride, std::size_t padding,
                                      std::size_t count) {
    const std::size_t padded = place + padding;
    const std::size_t begin = padded < kernel ? 0 : (padded - kernel) / stride + 1;
    return {begin, std::max(begin, std::min(padded / stride + 1, count))};
  }

  struct result {
    Scalar* value;
    origin* from;
  };

  void pack(const Scalar* image, const clipped& inside, result to) const {
    lanes best(-std::numeric_limits<Scalar>::infinity());
    lanes place(static_cast<Scalar>(inside.top * over.kernel.w + inside.left));
    for (std::size_t y = inside.rows.begin; y < inside.rows.end; ++y)
      for (std::size_t x = inside.columns.begin; x < inside.columns.end; ++x) {
        const lanes value = lanes::load(image + (y * over.in.w + x) * over.in.c);
        const lanes here(static_cast<Scalar>(tap(inside, y, x)));
        place = lanes::where_less_or_nan({best, value}, here, place);
        best = lanes::where_less_or_nan({best, value}, value, best);
      }
    best.store(to.value);
    std::array<Scalar, lanes::size> places;
    place.store(places.data());
    for (std::size_t lane = 0; lane < lanes::size; ++lane) to.from[lane] = static_cast<origin>(places[lane]);
  }

  void single(const Scalar* image, const clipped& inside, result to) const {
    *to.value = -std::numeric_limits<Scalar>::infinity();
    *to.from = static_cast<origin>(inside.top * over.kernel.w + inside.left);
    for (std::size_t y = inside.rows.begin; y < inside.rows.end; ++y)
      for (std::size_t x = inside.columns.begin; x < inside.columns.end; ++x) {
        const Scalar value = image[(y * over.in.w + x) * over.in.c];
        if (!(*to.value < value || std::isnan(value))) continue;
        *to.value = value;
        *to.from = static_cast<origin>(tap(inside, y, x));
      }
  }

  [[nodiscard]] std::size_t tap(const clipped& inside, std::size_t y, std::size_t x) const {
    return (inside.top + y - inside.rows.begin) * over.kernel.w + inside.left + x - inside.columns.begin;
  }
};

/// Mean over windows of channels-last maps; what lies outside counts as zero.
template <class Scalar>
struct average_pool {
  thread_pool& pool;
  const window& over;

  void forward(const Scalar* x, Scalar* y) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    const Scalar weight = Scalar(1) / static_cast<Scalar>(over.taps());
    pool.for_each(over.in.n * out_h, [&](std::size_t row) {
      const Scalar* const image = x + row / out_h * over.in.h * over.in.w * channels;
      for (std::size_t column = 0; column < out_w; ++column) {
        const clipped inside = clip(over, row % out_h, column);
        Scalar* const to = y + (row * out_w + column) * channels;
        std::fill_n(to, channels, Scalar(0));
        for (std::size_t py = inside.rows.begin; py < inside.rows.end; ++py)
          for (std::size_t px = inside.columns.begin; px < inside.columns.end; ++px) {
            const Scalar* const from = image + (py * over.in.w + px) * channels;
            for (std::size_t c = 0; c < channels; ++c) to[c] += from[c];
          }
        for (std::size_t c = 0; c < channels; ++c) to[c] *= weight;
      }
    });
  }

  void gradient(const Scalar* dy, Scalar* dx) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    const std::size_t size = over.in.h * over.in.w * channels;
    const Scalar weight = Scalar(1) / static_cast<Scalar>(over.taps());
    pool.for_each(over.in.n, [&](std::size_t n) {
      Scalar* const image = dx + n * size;
      std::fill_n(image, size, Scalar(0));
      for (std::size_t y = 0; y < out_h; ++y)
        for (std::size_t x = 0; x < out_w; ++x) {
          const clipped inside = clip(over, y, x);
          const Scalar* const from = dy + ((n * out_h + y) * out_w + x) * channels;
          for (std::size_t py = inside.rows.begin; py < inside.rows.end; ++py)
            for (std::size_t px = inside.columns.begin; px < inside.columns.end; ++px) {
              Scalar* const to = image + (py * over.in.w + px) * channels;
              for (std::size_t c = 0; c < channels; ++c) to[c] += from[c] * weight;
            }
        }
    });
  }
};

} // namespace eucv::nn::detail
