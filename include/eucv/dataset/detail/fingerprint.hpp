#pragma once

#include <eucv/core/digest.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/dhash.hpp>
#include <eucv/image/resize.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace eucv::dataset {

/// The fingerprint of a picture for finding duplicates: a digest, a perceptual hash and a tiny version of it.
struct fingerprint {
  std::string sha256;                            ///< of the bytes; empty where the file could not be read
  std::uint64_t dhash = 0;                       ///< of the picture: image::dhash()
  std::array<std::uint8_t, 9 * 8 * 3> squares{}; ///< the picture as 9 x 8 pixels, red, green, blue
  bool has_detail = false; ///< false for a picture of one colour, or none: nothing but its bytes tells it from others
};

/// The mean difference of two pictures' squares, in levels of 0 to 255.
[[nodiscard]] inline double square_difference(const fingerprint& a, const fingerprint& b) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < a.squares.size(); ++i) sum += std::abs(int{a.squares[i]} - int{b.squares[i]});
  return static_cast<double>(sum) / static_cast<double>(a.squares.size());
}

/// The fingerprint of a file's bytes, or why they are no picture. Decodes at a small scale where the decoder can.
/// Thread safe.
[[nodiscard]] result<fingerprint> fingerprint_of(std::string_view bytes, const image::decode_limits& limits = {});

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>

namespace eucv::dataset {

namespace detail {

// Squares of a flat picture differ by rounding and noise alone, and so does what a hash makes of them.
constexpr int least_contrast = 12;

void describe(const image::bitmap& picture, fingerprint& made) {
  made.dhash = image::dhash(picture);
  const image::bitmap small = image::resize_area(picture, 9, 8);
  std::copy(small.rgb.begin(), small.rgb.end(), made.squares.begin());
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::uint8_t low = 255, high = 0;
    for (std::size_t i = channel; i < made.squares.size(); i += 3) {
      low = std::min(low, made.squares[i]);
      high = std::max(high, made.squares[i]);
    }
    made.has_detail = made.has_detail || high - low >= least_contrast;
  }
}

} // namespace detail

result<fingerprint> fingerprint_of(std::string_view bytes, const image::decode_limits& limits) {
  const auto picture = image::decode(bytes, {.limits = limits, .shorter_side = 64});
  if (!picture) return picture.error();
  fingerprint made;
  made.sha256 = sha256_text(bytes);
  detail::describe(*picture, made);
  return made;
}

} // namespace eucv::dataset
#endif
