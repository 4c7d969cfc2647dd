#pragma once

#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// The decoder on stb_image, for programs without libjpeg and libpng: JPEG and PNG only, about a third of turbo's
/// speed, no scaling while it decodes. Damage inside the compressed data of a JPEG may pass as a damaged picture, since
/// stb_image does not tell. Its memory is counted and bounded by what the header announces. Thread safe.
struct stb {
  /// Decodes what inspect() let pass. Returns errc::corrupt_image or errc::out_of_budget.
  static result<bitmap> decode(std::string_view bytes, const picture_header& header, const decode_options& options);
};

} // namespace eucv::image
