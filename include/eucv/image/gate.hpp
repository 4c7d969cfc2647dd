#pragma once

#include <eucv/core/result.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// The format of a file by its first bytes. Returns errc::unsupported_image for formats that are known and not read
/// (GIF, WebP, TIFF, BMP, AVIF, HEIF, JPEG 2000, PSD, SVG), errc::not_an_image for all else: a web page, nothing.
[[nodiscard]] result<format> format_of(std::string_view bytes);

/// Reads what a JPEG or PNG says of itself, and refuses what the limits forbid or what breaks off, without decoding a
/// pixel: one pass over the markers or chunks, about 1 ms for 1 MB. Whatever comes out can be given to any decoder.
///
/// Returns errc::too_large, errc::too_many_pixels, errc::too_many_scans by the limits, errc::not_an_image and
/// errc::unsupported_image by format or variant (arithmetic, lossless or 12-bit JPEG), errc::corrupt_image where the
/// file ends before its end marker, errc::out_of_budget where the picture alone is larger than the memory limit and
/// cannot be scaled down on the way.
[[nodiscard]] result<picture_header> inspect(std::string_view bytes, const decode_limits& limits = {});

} // namespace eucv::image
