#pragma once

#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// The decoder that reads each format by its own library (libjpeg-turbo, libpng): about 2.5 times as fast as stb on
/// photographs, and more with a hint. A model of the concept `decoder`, without state; thread safe.
struct turbo {
  static constexpr std::string_view name = "turbo";

  /// Decodes what inspect() let through. Refuses a JPEG whose data is broken in a way that leaves a part of the picture
  /// grey, by corrupt_image.
  result<bitmap> operator()(std::string_view bytes, const header& found, const decode_options& options) const {
    return found.kind->decode(bytes, found, options);
  }
};

} // namespace eucv::image
#endif
