#pragma once

#include <eucv/nn/host/winograd_transform.hpp>
#include <eucv/nn/simd.hpp>
#include <eucv/nn/window.hpp>

#include <concepts>
#include <cstddef>
#include <utility>

namespace eucv::nn {

/// Options of the host backend.
struct host_options {
  /// Whether 3x3 convolutions may be computed by Winograd's algorithm. It is 2 to 3 times as fast as the sum that the
  /// formula states, and its rounding error about 10 times as large: some 1e-6 of the largest result.
  bool winograd = true;
};

namespace detail {

enum class convolution_kernel { direct, winograd };

/// Which kernel computes a convolution and both its gradients: the one place where shapes decide.
///
/// F(4x4, 3x3) is for 3x3 kernels of stride 1. It does 36 multiplications a tile and pair of channels, and besides
/// transforms inputs, outputs and weights, which costs by the channel, not by the pair. So it pays
/// - from one packet of channels on each side, and whole packets only, which keeps its loops free of remainders;
/// - where the tiles fit the map: at 4x4 outputs a multiplication replaces four, at 2x2 none;
/// - where there are enough tiles for the transform of the weights to be a small share of the work.
template <std::floating_point Scalar>
[[nodiscard]] constexpr convolution_kernel choose_kernel(const window& over, std::size_t out,
                                                         const host_options& options) {
  constexpr std::size_t least_tiles = 16, lanes = packet<Scalar>::size;
  if (!options.winograd || over.kernel != extent{3, 3} || over.stride != extent{1, 1} || over.padding.h > 2 ||
      over.padding.w > 2 || over.in.c % lanes != 0 || out % lanes != 0)
    return convolution_kernel::direct;
  const auto multiplications = [](std::size_t h, std::size_t w) {
    const std::size_t tiles = (h + winograd::side - 1) / winograd::side * ((w + winograd::side - 1) / winograd::side);
    return std::pair(tiles, tiles * winograd::planes * 4 <= h * w * 9 * 3); // at most three quarters
  };
  const auto [tiles, fewer] = multiplications(over.out_h(), over.out_w());
  return fewer && tiles * over.in.n >= least_tiles ? convolution_kernel::winograd : convolution_kernel::direct;
}

/// How the direct kernel reads the windows of its input, forward.
enum class gathering {
  by_taps, ///< a run of channels at each tap, wherever it lies; the weights are packed
  by_rows, ///< a row of taps at once, from a padded copy of the map
  unpacked ///< as by_taps, but the weights are read where they lie
};

/// A tap of few channels is a run too short to be worth an address: a copy of so thin a map is cheap. And packing the
/// weights is worth it only where many places share them: with one picture, the last layers have 16.
template <std::floating_point Scalar>
[[nodiscard]] constexpr gathering choose_gathering(const window& over) {
  constexpr std::size_t few_channels = 8, few_places = 64;
  if (over.taps() > 1 && over.in.c < few_channels) return gathering::by_rows;
  return over.out(1).pixels() <= few_places && over.in.c % packet<Scalar>::size == 0 ? gathering::unpacked
                                                                                     : gathering::by_taps;
}

/// Whether the gradient of the weight takes a row of taps as one run: where the channels would leave more than a fifth
/// of the `columns` of a tile idle.
[[nodiscard]] constexpr bool gathers_rows(const window& over, std::size_t columns) {
  return over.taps() > 1 && (over.in.c + columns - 1) / columns * columns * 4 > over.in.c * 5;
}

} // namespace detail

} // namespace eucv::nn
