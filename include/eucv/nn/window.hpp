#pragma once

#include <eucv/nn/shape.hpp>

#include <cstddef>

namespace eucv::nn {

/// Rows and columns of a kernel or a stride.
struct extent {
  std::size_t h = 1, w = 1;
  friend constexpr bool operator==(const extent&, const extent&) = default;
};

/// How the number of outputs is rounded where the steps of a window do not end at the edge of the map.
enum class rounding {
  down, ///< places behind the last whole window are left out
  up    ///< one more output, whose window reaches beyond the edge: PyTorch's ceil_mode
};

/// Places around a map: rows above and below, columns left and right.
struct border {
  std::size_t h = 0, w = 0;
  rounding last = rounding::down; ///< with up, the last window may reach beyond the border
  friend constexpr bool operator==(const border&, const border&) = default;
};

/// A window that slides over each map of its input: the geometry of a convolution or a pooling.
///
/// Output row y covers input rows y * stride.h - padding.h + k for k in [0, kernel.h); columns likewise. Rows and
/// columns outside the map count as zero for convolution and average, and not at all for the maximum.
struct window {
  nn::shape in{};   ///< shape of the input, images included
  extent kernel{};  ///< extents of the window, at least 1
  extent stride{};  ///< step from one output to the next, at least 1
  border padding{}; ///< what lies outside the map

  /// Whether the window fits into the padded map at all. The extents of the output are only defined where it does.
  [[nodiscard]] constexpr bool fits() const noexcept {
    return in.h + 2 * padding.h >= kernel.h && in.w + 2 * padding.w >= kernel.w;
  }
  /// Rows of the output: floor((h + 2 padding - kernel) / stride) + 1, or with rounding::up ceil(...) + 1 but for a
  /// window that would begin behind the map, as PyTorch counts them.
  [[nodiscard]] constexpr std::size_t out_h() const noexcept { return places(in.h, kernel.h, stride.h, padding.h); }
  [[nodiscard]] constexpr std::size_t out_w() const noexcept { return places(in.w, kernel.w, stride.w, padding.w); }
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

private:
  [[nodiscard]] constexpr std::size_t places(std::size_t size, std::size_t along, std::size_t step,
                                             std::size_t border) const noexcept {
    const std::size_t way = size + 2 * border - along;
    if (padding.last == rounding::down || way % step == 0) return way / step + 1;
    const std::size_t more = way / step + 1; // the number of the window that reaches beyond the edge
    return more * step < size + border ? more + 1 : more;
  }
};

} // namespace eucv::nn
