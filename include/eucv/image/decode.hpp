#pragma once

#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/exif.hpp>
#include <eucv/image/gate.hpp>
#include <eucv/image/header.hpp>
#include <eucv/image/stb.hpp>
#include <eucv/image/turbo.hpp>

#include <concepts>
#include <string_view>
#include <utility>

namespace eucv::image {

/// An image decoder: turns the bytes of a file that inspect() accepted into pixels, as they are stored; decode()
/// applies the EXIF orientation. The two models are `turbo` and `stb`.
template <class T>
concept decoder = requires(const T& decode, std::string_view bytes, const header& found,
                           const decode_options& options) {
  { decode(bytes, found, options) } -> std::same_as<result<bitmap>>;
};

#ifdef EUCV_WITH_TURBO
using default_decoder = turbo; ///< where CMake finds libjpeg-turbo and libpng
#else
using default_decoder = stb; ///< what the bare single header uses
#endif

/// Decodes an image file of one of formats() into RGB: checks it by inspect(), decodes it by `Decoder` and applies its
/// EXIF orientation.
///
/// `bytes` is the whole file. Grey, palette, CMYK, 16 bits and alpha (laid on white) become RGB of 8 bits; colour
/// profiles are not applied. Returns the errors of inspect() and of the decoder; throws nothing but std::bad_alloc.
/// Thread safe.
template <decoder Decoder = default_decoder>
[[nodiscard]] result<bitmap> decode(std::string_view bytes, const decode_options& options = {},
                                    const Decoder& decoder = {}) {
  const result<header> found = inspect(bytes, options.limits);
  if (!found) return found.error();
  result<bitmap> picture = decoder(bytes, *found, options);
  if (!picture) return picture;
  return apply_orientation(*std::move(picture), found->orientation);
}

} // namespace eucv::image
