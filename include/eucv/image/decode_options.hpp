#pragma once

#include <cstddef>

namespace eucv::image {

/// Limits on the resources that decoding one image may take. Each has its own error, returned before anything is
/// decoded where the header tells. Scans of museums with 90 megapixels and more exist: raise `pixels` and `memory` for
/// those.
struct decode_limits {
  std::size_t bytes = std::size_t{64} << 20; ///< of the file; errc::too_large
  std::size_t pixels = 64'000'000;           ///< width times height as the header says; errc::too_many_pixels
  std::size_t scans = 100;                   ///< of a JPEG; errc::too_many_scans
  std::size_t scan_pixels = 1'000'000'000;   ///< scans times pixels, so 15 scans of 64 megapixels; errc::too_many_scans
  std::size_t memory = std::size_t{512} << 20; ///< bytes that decoding may allocate; errc::out_of_budget
};

/// Options of a decoder.
struct decode_options {
  decode_limits limits{};
  /// A hint: a decoder may scale the picture down while it decodes, to a shorter side of no less than this. 0 asks for
  /// every pixel. Libjpeg's DCT scaling saves a third of the time for thumbnails.
  std::size_t shorter_side = 0;
};

} // namespace eucv::image
