#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/shape.hpp>

#include <algorithm>
#include <cstddef>

namespace eucv::nn::detail {

// The host keeps tensors channels-last: [n][h][w][c]. A weight [O][C][kh][kw] thus lies as [O][kh][kw][C].

/// Cuts [0, count) into pieces of about `grain` elements, so that the cut depends on the work alone, and runs
/// function(range) on each.
template <class Function>
void for_parts(thread_pool& pool, std::size_t count, std::size_t grain, Function&& function) {
  const std::size_t pieces = std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain));
  pool.for_each(pieces, [&](std::size_t piece) { function(part(count, pieces, piece)); });
}

inline constexpr std::size_t elements_per_piece = 1 << 15; // 128 KiB of floats: half of a small second-level cache

/// from[c][pixels] to to[pixels][c] for each of n images: channels-first to channels-last, and with the extents
/// exchanged the way back.
template <class Scalar>
struct transposition {
  std::size_t images, channels, pixels;

  void run(thread_pool& pool, const Scalar* from, Scalar* to) const {
    const std::size_t image = channels * pixels;
    for_parts(pool, images * pixels, elements_per_piece / std::max<std::size_t>(1, channels), [&](range rows) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const Scalar* source = from + row / pixels * image + row % pixels;
        Scalar* target = to + row * channels;
        for (std::size_t c = 0; c < channels; ++c) target[c] = source[c * pixels];
      }
    });
  }
};

} // namespace eucv::nn::detail
