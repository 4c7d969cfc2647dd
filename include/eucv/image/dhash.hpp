#pragma once

#include <eucv/image/bitmap.hpp>
#include <eucv/image/resize.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace eucv::image {

/// The difference hash of a picture: 64 bits, of which pictures that look alike share most.
///
/// The picture becomes 9 x 8 grey squares; bit 8 y + x, counted from the highest, says whether the square (x, y) is
/// darker than its right neighbour. N. Krawetz, "Kind of Like That" (2013). A picture without pixels has hash 0.
[[nodiscard]] inline std::uint64_t dhash(const bitmap& picture) {
  if (picture.width == 0 || picture.height == 0) return 0;
  const bitmap small = resize_area(picture, 9, 8);
  const auto grey = [&](std::size_t x, std::size_t y) {
    const std::uint8_t* const pixel = &small.rgb[3 * (9 * y + x)];
    return 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]; // ITU-R BT.601, in thousandths
  };
  std::uint64_t bits = 0;
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t x = 0; x < 8; ++x) bits = bits << 1 | (grey(x, y) < grey(x + 1, y) ? 1U : 0U);
  return bits;
}

/// Number of bits in which two hashes differ; up to about 10 means "the same picture, stored differently".
[[nodiscard]] constexpr int hash_distance(std::uint64_t a, std::uint64_t b) noexcept {
  return std::popcount(a ^ b);
}

/// A hash as 16 lower-case hexadecimal digits.
[[nodiscard]] inline std::string hash_text(std::uint64_t hash) {
  std::string digits(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

} // namespace eucv::image
