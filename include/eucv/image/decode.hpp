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

/// A type that turns the bytes of a JPEG or PNG into a picture. It sees only files that inspect() let pass, and keeps
/// to `options.limits.memory`; decode() does the rest. A user's own decoder needs this one function.
template <class T>
concept decoder = requires(std::string_view bytes, const picture_header& header, const decode_options& options) {
  { T::decode(bytes, header, options) } -> std::same_as<result<bitmap>>;
};

#ifdef EUCV_WITH_TURBO
using default_decoder = turbo; ///< libjpeg-turbo and libpng where CMake finds them
#else
using default_decoder = stb; ///< stb_image, what the bare single header uses
#endif

static_assert(decoder<default_decoder>);

/// Decodes a JPEG or PNG of unknown origin: gate, decoder, EXIF orientation. CMYK, grey, palette, 16-bit and alpha
/// become RGB, transparent parts become white. Colour profiles are not applied.
///
/// Never throws for what the bytes hold; the refusals are those of inspect() and of the decoder. The memory limit
/// bounds the decoder; turning a picture by its orientation takes one more picture for a moment. Thread safe.
template <decoder D = default_decoder>
[[nodiscard]] result<bitmap> decode(std::string_view bytes, const decode_options& options = {}) {
  const result<picture_header> header = inspect(bytes, options.limits);
  if (!header) return header.error();
  result<bitmap> picture = D::decode(bytes, *header, options);
  if (!picture || header->orientation == 1) return picture;
  return apply_orientation(std::move(*picture), header->orientation);
}

} // namespace eucv::image
