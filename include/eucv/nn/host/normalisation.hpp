#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/host/memory.hpp>
#include <eucv/nn/simd.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// Loops over channels-last rows [pixels][channels] that treat each channel on its own.
///
/// Sums run over short runs of pixels in packets, and runs are added in double, in order: one float for 65,536 pixels
/// would lose more than all convolutions of a network.
template <class Scalar>
struct channel_rows {
  using lanes = packet<Scalar>;

  thread_pool& pool;
  nn::arena& arena;
  std::size_t pixels, channels;

  /// Sum over all pixels.
  void sums(const Scalar* x, Scalar* to) const {
    reduce<1>([&](std::size_t pixel, std::size_t c, auto load, auto add) { add(0, load(x + pixel * channels + c)); },
              [&](std::size_t c, const std::array<double, 1>& total) { to[c] = static_cast<Scalar>(total[0]); });
  }

  /// Mean and biased variance. Sums are taken of the distance from the first pixel, so that a mean far from zero does
  /// not drown the variance.
  void moments(const Scalar* x, Scalar* mean, Scalar* variance) const {
    const double count = static_cast<double>(pixels);
    reduce<2>(
        [&](std::size_t pixel, std::size_t c, auto load, auto add) {
          const auto distance = load(x + pixel * channels + c) - load(x + c);
          add(0, distance);
          add(1, distance * distance);
        },
        [&](std::size_t c, const std::array<double, 2>& total) {
          const double distance = total[0] / count;
          mean[c] = static_cast<Scalar>(static_cast<double>(x[c]) + distance);
          variance[c] = static_cast<Scalar>(std::max(0.0, total[1] / count - distance * distance));
        });
  }

  struct line {
    const Scalar *scale, *shift;
  };
  /// y = x * scale + shift; y may be x.
  void affine(const Scalar* x, line by, Scalar* y) const {
    stream([&](std::size_t i, std::size_t c, auto load, auto store) {
      store(y + i, load(x + i) * load(by.scale + c) + load(by.shift + c));
    });
  }
  /// y = x + bias; y may be x.
  void add(const Scalar* x, const Scalar* bias, Scalar* y) const {
    stream([&](std::size_t i, std::size_t c, auto load, auto store) { store(y + i, load(x + i) + load(bias + c)); });
  }

  struct inputs {
    const Scalar *x, *dy;
  };
  struct statistics {
    const Scalar *mean, *inverse_deviation, *scale;
  };
  struct results {
    Scalar *dx, *scale, *shift;
  };
  /// With xhat = (x - mean) * r, r the inverse deviation, and N pixels (Ioffe and Szegedy, 2015, section 3):
  /// dscale = sum dy * xhat, dshift = sum dy, dx = scale * r * (dy - dshift / N - xhat * dscale / N). dx may be dy.
  void normalise_gradient(inputs from, statistics how, results to) const {
    reduce<2>(
        [&](std::size_t pixel, std::size_t c, auto load, auto add) {
          const std::size_t i = pixel * channels + c;
          const auto dy = load(from.dy + i);
          add(0, dy);
          add(1, dy * (load(from.x + i) - load(how.mean + c)));
        },
        [&](std::size_t c, const std::array<double, 2>& total) {
          to.shift[c] = static_cast<Scalar>(total[0]);
          to.scale[c] = static_cast<Scalar>(total[1] * static_cast<double>(how.inverse_deviation[c]));
        });
    // dx = a * dy + b * (x - mean) + d, three numbers a channel.
    const arena::block memory = arena.allocate(3 * channels * sizeof(Scalar));
    Scalar* const a = memory.template data<Scalar>();
    Scalar* const b = a + channels;
    Scalar* const d = b + channels;
    const Scalar count = static_cast<Scalar>(pixels);
    for (std::size_t c = 0; c < channels; ++c) {
      a[c] = how.scale[c] * how.inverse_deviation[c];
      b[c] = -a[c] * how.inverse_deviation[c] * to.scale[c] / count;
      d[c] = -a[c] * to.shift[c] / count;
    }
    stream([&](std::size_t i, std::size_t c, auto load, auto store) {
      store(to.dx + i,
            load(from.dy + i) * load(a + c) + ((load(from.x + i) - load(how.mean + c)) * load(b + c) + load(d + c)));
    });
  }

private:
  static constexpr std::size_t run = 64; // pixels summed in Scalar before they go into a double
  static constexpr std::size_t most_pieces = 32;

  // Calls body(index, channel, load, store) for each packet of channels of each pixel, and for what is left one by one.
  template <class Body>
  void stream(Body&& body) const {
    for_parts(pool, pixels, elements_per_piece / std::max<std::size_t>(1, channels), [&](range part) {
      for (std::size_t pixel = part.begin; pixel < part.end; ++pixel) {
        const std::size_t row = pixel * channels;
        std::size_t c = 0;
        for (; c + lanes::size <= channels; c += lanes::size)
          body(row + c, c, load_lanes, [](Scalar* to, const lanes& value) { value.store(to); });
        for (; c < channels; ++c) body(row + c, c, load_scalar, [](Scalar* to, Scalar value) { *to = value; });
      }
    });
  }

  // Sums `count` terms a channel: terms(pixel, channel, load, add) calls add(number, value), finish(channel, totals)
  // gets the sums.
  template <std::size_t count, class Terms, class Finish>
  void reduce(Terms&& terms, Finish&& finish) const {
    const std::size_t pieces = std::clamp<std::size_t>(pixels / run, 1, most_pieces);
    const arena::block memory = arena.allocate(pieces * channels * sizeof(std::array<double, count>));
    auto* const partial = memory.template data<std::array<double, count>>(); // [piece][channel]
    pool.for_each(pieces, [&](std::size_t piece) {
      auto* const totals = partial + piece * channels;
      std::fill_n(totals, channels, std::array<double, count>{});
      const range part_of = part(pixels, pieces, piece);
      for (std::size_t begin = part_of.begin; begin < part_of.end; begin += run)
        add_run({begin, std::min(part_of.end, begin + run)}, terms, totals);
    });
    for (std::size_t c = 0; c < channels; ++c) {
      std::array<double, count> total{};
      for (std::size_t piece = 0; piece < pieces; ++piece)
        for (std::size_t i = 0; i < count; ++i) total[i] += partial[piece * channels + c][i];
      finish(c, total);
    }
  }

  template <class Terms, std::size_t count>
  void add_run(range rows, Terms&& terms, std::array<double, count>* totals) const {
    constexpr std::size_t width = 4; // packets of channels at a time: enough additions to hide their latency
    std::size_t c = 0;
    for (; c + width * lanes::size <= channels; c += width * lanes::size) add_columns<width>(rows, c, terms, totals);
    for (; c + lanes::size <= channels; c += lanes::size) add_columns<1>(rows, c, terms, totals);
    for (; c < channels; ++c) {
      std::array<Scalar, count> sum{};
      for (std::size_t pixel = rows.begin; pixel < rows.end; ++pixel)
        terms(pixel, c, load_scalar, [&](std::size_t i, Scalar value) { sum[i] += value; });
      for (std::size_t i = 0; i < count; ++i) totals[c][i] += static_cast<double>(sum[i]);
    }
  }

  template <std::size_t width, class Terms, std::size_t count>
  void add_columns(range rows, std::size_t c, Terms&& terms, std::array<double, count>* totals) const {
    std::array<std::array<lanes, count>, width> sum;
    unroll<width>([&](auto j) { unroll<count>([&](auto i) { sum[j][i] = lanes(Scalar(0)); }); });
    for (std::size_t pixel = rows.begin; pixel < rows.end; ++pixel)
      unroll<width>([&](auto j) __attribute__((always_inline)) {
        terms(
            pixel, c + j * lanes::size,
            load_lanes, [&](std::size_t i, const lanes& value) __attribute__((always_inline)) {
              sum[j][i] = sum[j][i] + value;
            });
      });
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t i = 0; i < count; ++i) {
        std::array<Scalar, lanes::size> values;
        sum[j][i].store(values.data());
        for (std::size_t lane = 0; lane < lanes::size; ++lane)
          totals[c + j * lanes::size + lane][i] += static_cast<double>(values[lane]);
      }
  }

  static constexpr auto load_lanes = [](const Scalar* from) { return lanes::load(from); };
  static constexpr auto load_scalar = [](const Scalar* from) { return *from; };
};

} // namespace eucv::nn::detail
