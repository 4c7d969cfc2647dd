#pragma once

#ifdef EUCV_WITH_TURBO
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// The decoder on libjpeg-turbo and libpng: fast, scales JPEGs down while it decodes, finds every fault in the
/// compressed data. Exists under EUCV_WITH_TURBO. Thread safe.
struct turbo {
  /// Decodes what inspect() let pass. Returns errc::corrupt_image or errc::out_of_budget.
  static result<bitmap> decode(std::string_view bytes, const picture_header& header, const decode_options& options);
};

} // namespace eucv::image
#endif
