#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/tile.hpp>
#include <eucv/nn/host/winograd_transform.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail::winograd {

/// A channels-last map cut into tiles of 4x4 outputs, row by row and image by image. The last tiles of a row or column
/// may reach beyond the map: what they read there is zero, what they would write is dropped.
struct tiling {
  std::size_t images, height, width; // of the outputs

  [[nodiscard]] std::size_t rows() const { return tiles(height, side); }
  [[nodiscard]] std::size_t columns() const { return tiles(width, side); }
  [[nodiscard]] std::size_t count() const { return images * rows() * columns(); }

  struct place {
    std::size_t image, y, x; // first output of a tile
  };
  [[nodiscard]] place at(std::size_t tile) const {
    return {tile / (rows() * columns()), tile / columns() % rows() * side, tile % columns() * side};
  }
};

/// Addresses of `size` x `size` pixels of a map x[n][h][w][c]; those outside the map are `outside`, c zeros.
template <class Scalar, std::size_t size>
struct patch {
  std::array<std::array<const Scalar*, size>, size> pixels; // [row][column]

  /// The first pixel is `around` above and left of `from`.
  patch(const Scalar* map, const shape& extents, const tiling::place& from, const border& around,
        const Scalar* outside) {
    const std::size_t top = from.y - around.h, left = from.x - around.w; // wrap round before the first row and column
    for (std::size_t row = 0; row < size; ++row)
      for (std::size_t column = 0; column < size; ++column) {
        const std::size_t y = top + row, x = left + column;
        const bool inside = y < extents.h && x < extents.w;
        pixels[row][column] = inside ? map + ((from.image * extents.h + y) * extents.w + x) * extents.c : outside;
      }
  }

  /// Transforms one packet of channels from `channel` on; the value of each plane goes to `to` + plane * `stride`.
  template <class Line>
  void transform_to(Scalar* to, std::size_t stride, std::size_t channel) const {
    transform<Line, Scalar>(
        [&](auto row, auto column)
            __attribute__((always_inline)) { return packet<Scalar>::load(pixels[row][column] + channel); },
        [&](auto row, auto column, const packet<Scalar>& value)
            __attribute__((always_inline)) { value.store(to + (row * points + column) * stride); });
  }
};

/// Scalars of one cache line. Panels of power-of-two sizes lie this much further apart than they are long: otherwise
/// the 36 planes of one place would all fall on the same lines of the first-level cache.
template <class Scalar>
inline constexpr std::size_t gap = 64 / sizeof(Scalar);

} // namespace eucv::nn::detail::winograd
