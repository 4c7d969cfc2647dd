#pragma once

#include <eucv/core/error.hpp>
#include <eucv/image/decode_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::image {

struct format;

/// What the header of an image file says: its format, its size, and what decoding it will cost.
struct header {
  const format* kind = nullptr; ///< an entry of formats(): by the file's first bytes, whatever its name or MIME type
  std::size_t width = 0, height = 0; ///< as stored, before the orientation is applied
  std::size_t components = 3;        ///< of a JPEG: 1 grey, 3 colour, 4 CMYK or YCCK; of a PNG: 1 to 4 as stored
  std::size_t depth = 8;             ///< bits a component
  std::size_t scans = 1;             ///< of a JPEG
  bool progressive = false;          ///< a JPEG whose scans refine one another
  bool interlaced = false;           ///< a PNG in seven passes
  int orientation = 1;               ///< EXIF tag 0x0112, 1 to 8; 1 where the file has none
  bool is_hollow = false;            ///< its data is shorter than the shortest code of so many pixels
  std::size_t memory = 0;            ///< bytes that decoding takes, about, if nothing is scaled down on the way
};

namespace detail {

/// The most segments of a JPEG, chunks of a PNG. A file of 64 MB could hold millions of empty ones; pictures have
/// hundreds.
inline constexpr std::size_t most_segments = 100'000;

/// The error of an image that is not decoded.
[[nodiscard]] inline error refusal(errc code, std::string why, std::string advice = "leave the image out") {
  return error(code, {"decode the image", "", std::move(why), std::move(advice)});
}

// Big-endian numbers, as JPEG and PNG hold them. Precondition: they lie within the bytes.
[[nodiscard]] inline std::uint32_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}
[[nodiscard]] inline std::uint32_t big16(std::string_view bytes, std::size_t at) noexcept {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}
[[nodiscard]] inline std::uint32_t big32(std::string_view bytes, std::size_t at) noexcept {
  return big16(bytes, at) << 16 | big16(bytes, at + 2);
}

} // namespace detail
} // namespace eucv::image
