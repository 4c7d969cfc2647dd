#pragma once

#include <eucv/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::image {

/// The formats that are read here. A file is what its first bytes say, whatever its name or Content-Type.
enum class format { jpeg, png };

/// "JPEG" or "PNG", for messages.
[[nodiscard]] constexpr std::string_view to_string(format kind) noexcept {
  return kind == format::jpeg ? "JPEG" : "PNG";
}

/// Whether the picture has transparent parts, which are blended on white.
enum class transparency { none, some };

/// What a file says of itself before anything is decoded.
struct picture_header {
  format kind = format::jpeg;
  std::size_t width = 0, height = 0; ///< as stored, before the orientation is applied
  std::size_t components = 3;        ///< of a JPEG: 1 grey, 3 colour, 4 CMYK or YCCK; of a PNG: 1 to 4 as stored
  std::size_t depth = 8;             ///< bits a component
  std::size_t scans = 1;             ///< of a JPEG; more than one where it is progressive
  transparency alpha = transparency::none;
  int orientation = 1; ///< EXIF tag 0x0112, 1 to 8; 1 where the file has none
};

/// The error of an image that is not decoded: what it is, why not, what to do.
[[nodiscard]] inline error refusal(errc code, std::string why, std::string advice = "leave the image out") {
  return error(code, {"decode the image", "", std::move(why), std::move(advice)});
}

} // namespace eucv::image
