#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eucv::image {

/// A rectangle of pixels: its upper left corner and its size.
struct rectangle {
  std::size_t x = 0, y = 0, width = 0, height = 0;
  friend bool operator==(const rectangle&, const rectangle&) = default;
};

/// A picture in memory: `height` rows from top to bottom of `width` pixels of 3 bytes, red, green, blue, sRGB as in the
/// file. Every function here keeps and expects `rgb.size() == width * height * 3`.
struct bitmap {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;

  /// The first byte of row y. Precondition: y < height.
  [[nodiscard]] std::uint8_t* row(std::size_t y) noexcept { return rgb.data() + y * width * 3; }
  [[nodiscard]] const std::uint8_t* row(std::size_t y) const noexcept { return rgb.data() + y * width * 3; }
  /// The three bytes of pixel (x, y), counted from the upper left corner.
  [[nodiscard]] std::uint8_t* pixel(std::size_t x, std::size_t y) noexcept { return row(y) + x * 3; }
  [[nodiscard]] const std::uint8_t* pixel(std::size_t x, std::size_t y) const noexcept { return row(y) + x * 3; }

  friend bool operator==(const bitmap&, const bitmap&) = default;
};

/// A black picture of the given size.
[[nodiscard]] inline bitmap black(std::size_t width, std::size_t height) {
  return {.width = width, .height = height, .rgb = std::vector<std::uint8_t>(width * height * 3)};
}

} // namespace eucv::image
