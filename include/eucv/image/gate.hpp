#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// The format of a file by its first bytes, an entry of formats(). Returns errc::unsupported_image for formats that are
/// known and not read (GIF, TIFF, BMP, AVIF, HEIF, JPEG 2000, JPEG XL, PSD, SVG) or that this build has no library for,
/// errc::not_an_image for all else: a web page, nothing.
[[nodiscard]] result<const format*> format_of(std::string_view bytes);

/// Reads the header of an image file, and checks it against the limits, without decoding a pixel: one pass over the
/// markers or chunks, less than 0.1 ms for 1 MB. A header that it returns can be passed to any decoder.
///
/// Returns errc::too_large, errc::too_many_pixels, errc::too_many_scans by the limits, errc::not_an_image and
/// errc::unsupported_image by format or variant (arithmetic, lossless or 12-bit JPEG), errc::corrupt_image where the
/// file ends before its end marker or holds less data than so many pixels take, errc::out_of_budget where decoding
/// every pixel would take more memory than the limit.
[[nodiscard]] result<header> inspect(std::string_view bytes, const decode_limits& limits = {});

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <algorithm>
#include <string>

namespace eucv::image {
namespace detail {

// A format that is known, so that a refusal can name it, and not read.
struct other_format {
  magic_bytes magic;
  std::string_view name;
};

static constexpr other_format other_formats[]{
    {{0, "GIF8"}, "a GIF"},
    {{0, {"II*\0", 4}}, "a TIFF"},
    {{0, {"MM\0*", 4}}, "a TIFF"},
    {{0, "BM"}, "a BMP"},
    {{4, "ftypavif"}, "an AVIF"},
    {{4, "ftypavis"}, "an AVIF"},
    {{4, "ftyphei"}, "a HEIF"},
    {{4, "ftypmif1"}, "a HEIF"},
    {{0, {"\0\0\0\x0CjP  ", 8}}, "a JPEG 2000"},
    {{0, "\xFF\x4F\xFF\x51"}, "a JPEG 2000"},
    {{0, {"\0\0\0\x0CJXL ", 8}}, "a JPEG XL"},
    {{0, "8BPS"}, "a Photoshop file"},
    {{0, "<svg"}, "an SVG"},
    {{0, {"\0\0\1\0", 4}}, "an icon"},
    {{0, "%PDF"}, "a PDF"},
};

} // namespace detail

result<const format*> format_of(std::string_view bytes) {
  for (const format& each : formats()) {
    if (!std::ranges::all_of(each.magic, [&](const magic_bytes& magic) { return magic.match(bytes); })) continue;
    if (each.is_available()) return &each;
    return detail::refusal(errc::unsupported_image,
                           "it is of the format " + std::string(each.name) + ", and this build has no " +
                               std::string(each.library),
                           "leave the image out, or build with that library");
  }
  for (const auto& [magic, name] : detail::other_formats)
    if (magic.match(bytes))
      return detail::refusal(errc::unsupported_image, "it is " + std::string(name),
                             "leave the image out: what is read is " + format_names());
  if (bytes.empty()) return detail::refusal(errc::not_an_image, "it is empty");
  const std::size_t text = bytes.find_first_not_of(" \t\r\n");
  const bool page = text != std::string_view::npos && bytes[text] == '<';
  return detail::refusal(errc::not_an_image, page ? "it begins as HTML or XML" : "it begins like no image");
}

result<header> inspect(std::string_view bytes, const decode_limits& limits) {
  using detail::refusal;
  if (bytes.size() > limits.bytes)
    return refusal(errc::too_large,
                   "it has " + std::to_string(bytes.size()) + " bytes of " + std::to_string(limits.bytes) + " allowed",
                   "leave the image out or raise decode_limits::bytes");
  const result<const format*> kind = format_of(bytes);
  if (!kind) return kind.error();
  result<header> about = (*kind)->read_header(bytes, limits);
  if (about) about->kind = *kind;
  if (about && about->width > limits.pixels / about->height)
    return refusal(errc::too_many_pixels,
                   "it has " + std::to_string(about->width) + " x " + std::to_string(about->height) + " pixels of " +
                       std::to_string(limits.pixels) + " allowed",
                   "leave the image out or raise decode_limits::pixels");
  // Each scan may cost time for each pixel, with hardly a byte of its own.
  if (about && about->scans > 1 && about->width * about->height > limits.scan_pixels / about->scans)
    return refusal(errc::too_many_scans,
                   "it is a JPEG of " + std::to_string(about->scans) + " scans for each of " +
                       std::to_string(about->width) + " x " + std::to_string(about->height) + " pixels",
                   "leave the image out or raise decode_limits::scan_pixels");
  // Memory for the picture would be set aside before a decoder notices.
  if (about && about->is_hollow) return refusal(errc::corrupt_image, "its data is too short for so many pixels");
  if (about && about->memory > limits.memory)
    return refusal(errc::out_of_budget,
                   "decoding takes about " + std::to_string(about->memory >> 20) + " MiB of " +
                       std::to_string(limits.memory >> 20) + " allowed",
                   "leave the image out or raise decode_limits::memory");
  return about;
}

} // namespace eucv::image
#endif
