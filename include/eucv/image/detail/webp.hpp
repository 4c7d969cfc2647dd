#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// Reads the header of a WebP without libwebp: size, alpha and EXIF orientation, from the chunks of its RIFF container
/// (lossy, lossless or extended). Cost: a step for each chunk, and of lossless frames the parameters before the pixels.
/// Source: RFC 9649; of the lossy frame RFC 6386.
///
/// Refused: unsupported_image (an animation: it is no single picture, and its first frame may be an empty one);
/// corrupt_image (no frame or two, a frame with a bad start or another size than the container says, a file shorter
/// than its container, a chunk that leaves it, a lossless stream that is broken before its pixels). Limits on bytes,
/// pixels and memory are left to inspect().
///
/// A lossless frame of one colour takes no bit a pixel. header::is_hollow holds where more than 4 million pixels come
/// with less than a byte for 32,768 of them; libwebp writes a byte for 26,000 black ones.
[[nodiscard]] result<header> read_webp_header(std::string_view bytes, const decode_limits& limits = {});

#ifdef EUCV_WITH_WEBP
/// Decodes a WebP that inspect() let through, by libwebp, to RGB, alpha laid on white. Always at full size: libwebp
/// scales after it has decoded, which saves no time. Refused: corrupt_image, out_of_budget.
[[nodiscard]] result<bitmap> decode_webp(std::string_view bytes, const header& found,
                                         const decode_options& options = {});
#endif

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/image/detail/vp8l_tables.hpp>
#include <eucv/image/exif.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#ifdef EUCV_WITH_WEBP
#include <eucv/image/detail/blend.hpp>

#include <webp/decode.h>
#endif

namespace eucv::image {
namespace detail {

// Reads the chunks of one file, of which `bytes` begins with RIFF, a size and WEBP.
class webp_walker {
public:
  webp_walker(std::string_view bytes, const decode_limits& limits) : bytes_(bytes), limits_(limits) {}

  result<header> walk() {
    const std::size_t size = little(bytes_, 4, 4);
    if (size > bytes_.size() - 8) return broken("it breaks off before its end");
    bytes_ = bytes_.substr(0, 8 + size); // trailing bytes are ignored
    std::size_t chunks = 0;
    for (std::size_t place = 12; place + 8 <= bytes_.size();) {
      const std::string_view name = bytes_.substr(place, 4);
      const std::size_t length = little(bytes_, place + 4, 4);
      if (length > bytes_.size() - place - 8) return broken("a chunk leaves the file");
      if (++chunks > most_segments) return broken("it has too many chunks");
      if (auto fault = read_chunk(name, bytes_.substr(place + 8, length))) return *std::move(fault);
      if (chunks == 1 && !is_extended_ && !has_frame_) return broken("it does not begin with a frame or a header");
      place += 8 + length + length % 2;
    }
    if (!has_frame_) return broken("it holds no picture");
    return found_;
  }

private:
  static error broken(std::string why) { return refusal(errc::corrupt_image, std::move(why)); }

  // A little-endian number. Precondition: it lies within the bytes.
  static std::size_t little(std::string_view bytes, std::size_t at, std::size_t width) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::size_t{byte_at(bytes, at + i)} << (8 * i);
    return value;
  }

  std::optional<error> read_chunk(std::string_view name, std::string_view content) {
    if (name == "VP8X") return read_extended(content);
    if (name == "VP8 ") return read_lossy(content);
    if (name == "VP8L") return read_lossless(content);
    if (name == "ALPH" && is_extended_ && !has_frame_) {
      found_.components = 4;
      alpha_ = content;
    }
    if (name == "EXIF" && found_.orientation == 1) {
      if (constexpr std::string_view jpeg_prefix("Exif\0\0", 6); content.starts_with(jpeg_prefix))
        content.remove_prefix(jpeg_prefix.size()); // some programs write it here too
      found_.orientation = exif_orientation(content);
    }
    return std::nullopt;
  }

  std::optional<error> read_extended(std::string_view content) {
    if (is_extended_ || has_frame_) return broken("its header stands at a wrong place");
    if (content.size() < 10) return broken("its header is too short");
    is_extended_ = true;
    if ((byte_at(content, 0) & 0x02) != 0)
      return refusal(errc::unsupported_image, "it is an animated WebP, which is no single picture");
    if ((byte_at(content, 0) & 0x10) != 0) may_have_alpha_ = true;
    canvas_width_ = little(content, 4, 3) + 1;
    canvas_height_ = little(content, 7, 3) + 1;
    return std::nullopt;
  }

  // RFC 6386, section 9.1: a tag of 3 bytes, a start code, then width and height of 14 bits with a hint for scaling.
  std::optional<error> read_lossy(std::string_view content) {
    if (content.size() < 10 || content.substr(3, 3) != "\x9D\x01\x2A") return broken("its frame begins wrongly");
    const std::size_t tag = little(content, 0, 3);
    if ((tag & 1) != 0 || (tag >> 1 & 7) > 3 || (tag >> 4 & 1) == 0 || tag >> 5 >= content.size())
      return broken("its frame is no picture of its own");
    const std::size_t width = little(content, 6, 2) & 0x3FFF, height = little(content, 8, 2) & 0x3FFF;
    // The modes of a block of 16 x 16 have fixed probabilities: they take 3 bits at least.
    const std::size_t blocks = (width + 15) / 16 * ((height + 15) / 16);
    found_.is_hollow = content.size() * 8 < blocks * 3;
    const bool packs_alpha = !alpha_.empty() && (byte_at(alpha_, 0) & 3) == 1; // as a lossless picture
    const std::size_t pixels = width * height;
    found_.memory = pixels * (packs_alpha ? 9 : found_.components == 4 ? 5 : 3) + width * 64;
    return frame(width, height, packs_alpha ? alpha_.substr(1) : std::string_view());
  }

  // RFC 9649, section 3: a byte 0x2F, then width and height less one of 14 bits, alpha of 1 and version of 3.
  std::optional<error> read_lossless(std::string_view content) {
    if (content.size() < 5 || content[0] != 0x2F) return broken("its frame begins wrongly");
    const std::size_t bits = little(content, 1, 4);
    if (bits >> 29 != 0) return broken("its frame is of an unknown version");
    if ((bits >> 28 & 1) != 0 || may_have_alpha_) found_.components = 4;
    const std::size_t width = (bits & 0x3FFF) + 1, height = (bits >> 14 & 0x3FFF) + 1;
    const std::size_t pixels = width * height;
    found_.is_hollow = pixels > (std::size_t{4} << 20) && content.size() < pixels / 32'768;
    // The pixels as libwebp decodes them, what it keeps of its transforms, and the result.
    found_.memory = pixels * 4 + pixels / 2 + width * 64 + pixels * found_.components;
    return frame(width, height, content.substr(5));
  }

  // `packed` is the lossless bit stream of the frame or its alpha, if it has one.
  std::optional<error> frame(std::size_t width, std::size_t height, std::string_view packed) {
    if (has_frame_) return broken("it holds two pictures");
    if (width == 0 || height == 0) return broken("its width or height is no number of pixels");
    if (is_extended_ && (width != canvas_width_ || height != canvas_height_))
      return broken("its header and its frame tell two sizes");
    has_frame_ = true;
    found_.width = width;
    found_.height = height;
    if (packed.empty() || width > limits_.pixels / height) return std::nullopt; // the latter is inspect()'s to refuse
    const auto tables = vp8l_table_memory(packed, width, height);
    if (!tables) return broken("its data is damaged");
    found_.memory += *tables;
    return std::nullopt;
  }

  std::string_view bytes_, alpha_;
  const decode_limits& limits_;
  header found_;
  std::size_t canvas_width_ = 0, canvas_height_ = 0; // of the extended header
  bool is_extended_ = false, has_frame_ = false, may_have_alpha_ = false;
};

} // namespace detail

result<header> read_webp_header(std::string_view bytes, const decode_limits& limits) {
  if (bytes.size() < 12 || !bytes.starts_with("RIFF") || bytes.substr(8, 4) != "WEBP")
    return detail::refusal(errc::not_an_image, "it does not begin as a WebP");
  return detail::webp_walker(bytes, limits).walk();
}

#ifdef EUCV_WITH_WEBP
result<bitmap> decode_webp(std::string_view bytes, const header& found, const decode_options&) {
  const auto broken = [](std::string why) { return detail::refusal(errc::corrupt_image, std::move(why)); };
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    return detail::refusal(errc::unsupported_image, "libwebp is older than the one that eucv was built with",
                           "install the libwebp that it was built with");
  const bool has_alpha = found.components == 4;
  const std::size_t row = found.width * (has_alpha ? 4 : 3);
  bitmap picture{.width = found.width, .height = found.height, .rgb = {}};
  picture.rgb.resize(row * found.height);
  config.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1; // libwebp checks that its picture fits in
  config.output.u.RGBA = {picture.rgb.data(), static_cast<int>(row), picture.rgb.size()};
  switch (WebPDecode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &config)) {
  case VP8_STATUS_OK: break;
  case VP8_STATUS_OUT_OF_MEMORY: return detail::refusal(errc::out_of_budget, "no memory is left to decode it");
  case VP8_STATUS_NOT_ENOUGH_DATA:
  case VP8_STATUS_SUSPENDED: return broken("its data ends early");
  case VP8_STATUS_UNSUPPORTED_FEATURE: return broken("libwebp does not read this variant");
  default: return broken("its data is damaged");
  }
  if (static_cast<std::size_t>(config.output.width) != found.width ||
      static_cast<std::size_t>(config.output.height) != found.height)
    return broken("its header tells two sizes");
  if (has_alpha) {
    detail::blend_on_white(picture.rgb.data(), found.width * found.height, picture.rgb.data());
    picture.rgb.resize(found.width * found.height * 3);
  }
  return picture;
}
#else
static constexpr std::nullptr_t decode_webp = nullptr; // what the table of formats takes
#endif

} // namespace eucv::image
#endif
