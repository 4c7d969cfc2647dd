#pragma once

#include <eucv/nn/shape.hpp>

#include <cstddef>

namespace eucv::nn {

/// Rows and columns of a kernel, a stride or a padding.
struct extent {
  std::size_t h = 1, w = 1;
  friend constexpr bool operator==(const extent&, const extent&) = default;
};

/// A window that slides over each map of its input: the geometry of a convolution or a pooling.
///
/// Output row y covers input rows y * stride.h - padding.h + k for k in [0, kernel.h); columns likewise. Rows and
/// columns outside the map count as zero for convolution and average, and not at all for the maximum.
struct window {
  nn::shape in{};       ///< shape of the input, images included
  extent kernel{};      ///< extents of the window, at least 1
  extent stride{};      ///< step from one output to the next, at least 1
  extent padding{0, 0}; ///< rows above and below, columns left and right that lie outside the map

  /// Whether the window fits into the padded map at all. The extents of the output are only defined where it does.
  [[nodiscard]] constexpr bool fits() const noexcept {
    return in.h + 2 * padding.h >= kernel.h && in.w + 2 * padding.w >= kernel.w;
  }
  /// Rows of the output: floor((h + 2 padding - kernel) / stride) + 1, as PyTorch counts them.
  [[nodiscard]] constexpr std::size_t out_h() const noexcept {
    return (in.h + 2 * padding.h - kernel.h) / stride.h + 1;
  }
  [[nodiscard]] constexpr std::size_t out_w() const noexcept {
    return (in.w + 2 * padding.w - kernel.w) / stride.w + 1;
  }
  /// Shape of the output with that many channels.
  [[nodiscard]] constexpr nn::shape out(std::size_t channels) const noexcept {
    return {in.n, channels, out_h(), out_w()};
  }
  /// The same window over another number of images.
  [[nodiscard]] constexpr window with_images(std::size_t images) const noexcept {
    return {in.with_images(images), kernel, stride, padding};
  }
  /// Places in the window.
  [[nodiscard]] constexpr std::size_t taps() const noexcept { return kernel.h * kernel.w; }
};

} // namespace eucv::nn
