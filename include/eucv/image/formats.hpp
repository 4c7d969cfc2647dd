#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/header.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace eucv::image {

/// Magic bytes: what a file of a format holds at a place near its beginning.
struct magic_bytes {
  std::size_t at = 0; ///< offset in the file
  std::string_view bytes{};

  [[nodiscard]] constexpr bool match(std::string_view file) const noexcept {
    return file.size() >= at && file.substr(at).starts_with(bytes);
  }
};

/// Reads the header of a whole file without decoding a pixel. Limits on bytes, pixels and memory are left to inspect().
using header_reader = result<header>(std::string_view bytes, const decode_limits& limits);
/// Decodes a file that inspect() let through, as it is stored: not turned upright.
using format_decoder = result<bitmap>(std::string_view bytes, const header& found, const decode_options& options);

/// An image format that can be read: its names, how its files begin, and the functions that read it.
struct format {
  std::string_view name;       ///< as people write it: "JPEG"
  std::string_view mime_type;  ///< "image/jpeg"
  std::string_view endings[2]; ///< of file names, with the dot, lower case; stored files get the first
  magic_bytes magic[2];        ///< all of them must match
  std::string_view library;    ///< what `decode` uses: "libjpeg"
  header_reader* read_header;
  format_decoder* decode; ///< by `library`; null where the build lacks it
  format_decoder* stb;    ///< by stb_image; null where that does not read the format

  /// Whether this build can decode it.
  [[nodiscard]] constexpr bool is_available() const noexcept { return decode != nullptr || stb != nullptr; }
};

/// The table of all image formats, in the order in which they are preferred of a server. Whatever depends on the format
/// of a file takes it from here: a new format is its own file in detail/, and a line in this table. Its entries live as
/// long as the program; a header points to one.
[[nodiscard]] std::span<const format> formats() noexcept;

/// The format that a file name ends like, in any case of letters, or null. What the file holds is format_of()'s answer.
[[nodiscard]] const format* format_by_ending(std::string_view file) noexcept;

/// The names of the formats that this build decodes, for a message: "JPEG, PNG".
[[nodiscard]] std::string format_names();

/// The value of the HTTP header Accept with which to ask for pictures (RFC 9110, section 12.5.1): the formats that this
/// build decodes, each with a lower weight than the one before, and any other image with the lowest.
[[nodiscard]] std::string accept_header();

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/image/detail/jpeg_header.hpp>
#include <eucv/image/detail/png_header.hpp>
#include <eucv/image/detail/turbo_jpeg.hpp>
#include <eucv/image/detail/turbo_png.hpp>
#include <eucv/image/detail/webp.hpp>
#include <eucv/image/stb.hpp>

#include <algorithm>

namespace eucv::image {
namespace detail {

static constexpr format format_table[]{
    {"JPEG", "image/jpeg", {".jpg", ".jpeg"}, {{0, "\xFF\xD8\xFF"}}, "libjpeg", read_jpeg_header, turbo_jpeg, stb_jpeg},
    {"PNG", "image/png", {".png"}, {{0, "\x89PNG\r\n\x1A\n"}}, "libpng", read_png_header, turbo_png, stb_png},
    {"WebP", "image/webp", {".webp"}, {{0, "RIFF"}, {8, "WEBP"}}, "libwebp", read_webp_header, decode_webp, nullptr},
};

static bool ends_like(std::string_view file, std::string_view ending) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return !ending.empty() && file.size() >= ending.size() &&
         std::ranges::equal(file.substr(file.size() - ending.size()), ending, {}, lower);
}

} // namespace detail

std::span<const format> formats() noexcept {
  return detail::format_table;
}

const format* format_by_ending(std::string_view file) noexcept {
  for (const format& each : formats())
    for (const std::string_view ending : each.endings)
      if (detail::ends_like(file, ending)) return &each;
  return nullptr;
}

std::string format_names() {
  std::string names;
  for (const format& each : formats())
    if (each.is_available()) names.append(names.empty() ? "" : ", ").append(each.name);
  return names;
}

std::string accept_header() {
  std::string value;
  int tenths = 10;
  for (const format& each : formats()) {
    if (!each.is_available()) continue;
    value += each.mime_type;
    if (tenths < 10) value += ";q=0." + std::to_string(tenths);
    value += ", ";
    if (tenths > 6) --tenths;
  }
  return value + "image/*;q=0.5";
}

} // namespace eucv::image
#endif
