#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// Walks the chunks of a PNG from IHDR to IEND without inflating a byte: size, colour type, EXIF orientation.
///
/// Refused: unsupported_image (Apple's variant); corrupt_image (no or a bad IHDR, a palette picture without palette, no
/// IDAT, an end before IEND, a chunk that leaves the file, more chunks than a picture has use
/// for). Limits on bytes, pixels and memory are left to inspect().
[[nodiscard]] result<header> read_png_header(std::string_view bytes, const decode_limits& limits = {});

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/image/exif.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace eucv::image {
namespace detail {

// Channels of a PNG colour type with that depth, or 0 where the two are no pair of the standard.
static unsigned png_channels(unsigned colour, unsigned depth) {
  const bool packed = depth == 1 || depth == 2 || depth == 4, whole = depth == 8 || depth == 16;
  switch (colour) {
  case 0: return packed || whole ? 1 : 0;
  case 2: return whole ? 3 : 0;
  case 3: return packed || depth == 8 ? 1 : 0;
  case 4: return whole ? 2 : 0;
  case 6: return whole ? 4 : 0;
  default: return 0;
  }
}

} // namespace detail

result<header> read_png_header(std::string_view bytes, const decode_limits&) {
  using namespace detail;
  const auto broken = [](std::string why) { return refusal(errc::corrupt_image, std::move(why)); };
  constexpr std::string_view signature("\x89PNG\r\n\x1A\n", 8);
  if (!bytes.starts_with(signature)) return refusal(errc::not_an_image, "it does not begin as a PNG");
  header found;
  bool palette = false;
  std::size_t data = 0, chunks = 0; // bytes in IDAT; chunks so far
  unsigned colour = 0;
  for (std::size_t place = signature.size(); place + 12 <= bytes.size();) {
    const std::size_t length = big32(bytes, place);
    const std::string_view name = bytes.substr(place + 4, 4);
    if (length > bytes.size() - place - 12) return broken("a chunk leaves the file");
    const std::string_view content = bytes.substr(place + 8, length);
    if (place == signature.size()) {
      if (name == "CgBI") return refusal(errc::unsupported_image, "it is a PNG of Apple's own kind");
      if (name != "IHDR" || length != 13) return broken("it does not begin with a header");
      found.width = big32(content, 0);
      found.height = big32(content, 4);
      const unsigned depth = byte_at(content, 8);
      colour = byte_at(content, 9);
      found.components = png_channels(colour, depth);
      found.depth = depth;
      found.interlaced = byte_at(content, 12) == 1;
      if (found.width == 0 || found.height == 0 || found.width > 0x7FFFFFFF || found.height > 0x7FFFFFFF)
        return broken("its width or height is no number of pixels");
      if (found.components == 0) return broken("its colour type and depth do not belong together");
      if (byte_at(content, 10) != 0 || byte_at(content, 11) != 0 || byte_at(content, 12) > 1)
        return broken("its compression, filter or interlace method is unknown");
    } else if (name == "IHDR") {
      return broken("it has two headers");
    }
    if (name == "PLTE") palette = true;
    if (name == "IDAT") data += length;
    if (++chunks > most_segments) return broken("it has too many chunks");
    if (name == "eXIf" && found.orientation == 1) found.orientation = exif_orientation(content);
    if (name == "IEND") {
      if (data == 0) return broken("it holds no picture");
      if (colour == 3 && !palette) return broken("its palette is missing");
      const std::size_t row = (found.width * found.components * found.depth + 7) / 8;
      found.is_hollow = row > (data + 1) * 1032 / found.height; // deflate packs at most 1,032 bytes into one
      // Rows as red, green, blue, alpha of 8 bits, and the same once more where a decoder holds them inflated as well.
      found.memory =
          std::min<std::size_t>(found.width * found.height, std::size_t{1} << 56) * 4 * (found.depth == 16 ? 2 : 1);
      return found;
    }
    place += length + 12;
  }
  return broken("it breaks off before its end");
}

} // namespace eucv::image
#endif
