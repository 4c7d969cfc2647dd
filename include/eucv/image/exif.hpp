#pragma once

#include <eucv/image/bitmap.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace eucv::image {
namespace detail {

// Numbers of a TIFF block in its own byte order; nothing where the block ends too early.
struct tiff_reader {
  std::string_view bytes;
  bool little = true;

  std::optional<std::uint32_t> number(std::size_t at, std::size_t width) const {
    if (at > bytes.size() || bytes.size() - at < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t from = at + (little ? width - 1 - i : i);
      value = value << 8 | static_cast<unsigned char>(bytes[from]);
    }
    return value;
  }
};

} // namespace detail

/// The EXIF orientation of a TIFF block: tag 0x0112 of its first directory (JPEG APP1 after "Exif\0\0", PNG eXIf). 1
/// where it is absent, damaged or none of 1 to 8: a bad tag does not spoil an image. No other tag is read. Source: TIFF
/// 6.0, section 2; Exif 2.32, section 4.6.
[[nodiscard]] inline int exif_orientation(std::string_view tiff) {
  const bool little = tiff.starts_with("II");
  if (!little && !tiff.starts_with("MM")) return 1;
  const detail::tiff_reader reader{tiff, little};
  const auto directory = reader.number(4, 4);
  if (reader.number(2, 2) != 42U || !directory) return 1;
  const std::uint32_t entries = reader.number(*directory, 2).value_or(0);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + std::size_t{12} * i;
    const auto tag = reader.number(entry, 2);
    if (!tag) return 1;
    if (*tag != 0x0112) continue;
    const bool is_one_short = reader.number(entry + 2, 2) == 3U && reader.number(entry + 4, 4) == 1U;
    const std::uint32_t value = reader.number(entry + 8, 2).value_or(1);
    return is_one_short && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// Turns and mirrors a picture, so that the first row of the result is the top of the scene. Orientations 5 to 8
/// exchange width and height. A value that is none of 2 to 8 changes nothing.
[[nodiscard]] inline bitmap apply_orientation(bitmap picture, int orientation) {
  if (orientation < 2 || orientation > 8) return picture;
  const bool transposed = orientation >= 5;
  bitmap turned = transposed ? black(picture.height, picture.width) : black(picture.width, picture.height);
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (std::size_t y = 0; y < turned.height; ++y)
    for (std::size_t x = 0; x < turned.width; ++x) {
      const std::size_t along = transposed ? y : x, down = transposed ? x : y;
      const std::uint8_t* const from =
          picture.pixel(from_right ? picture.width - 1 - along : along, from_below ? picture.height - 1 - down : down);
      std::uint8_t* const to = turned.pixel(x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) to[channel] = from[channel];
    }
  return turned;
}

} // namespace eucv::image
