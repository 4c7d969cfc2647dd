#pragma once

#include <eucv/core/result.hpp>
#include <eucv/image/decode_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// How images are stored.
struct picture_options {
  std::size_t size = 256;        ///< length of the shorter side; nothing is enlarged; 0 keeps the bytes as they came
  int quality = 90;              ///< of the JPEG
  image::decode_limits limits{}; ///< what an image may ask of the decoder
};

/// An image, ready to be stored.
struct picture {
  std::string bytes;
  std::string_view suffix; ///< ".jpg" or ".png"
  std::size_t width = 0, height = 0;
  std::string sha256; ///< of `bytes`
  std::string dhash;
};

/// Makes an image of what a server sent, or says why it is none: not_an_image, unsupported_image, corrupt_image,
/// too_many_pixels, too_many_scans, out_of_budget. A kept original is decoded as well, so that what is stored is known
/// to be an image. Takes milliseconds of processor time: not for the network thread.
result<picture> make_picture(std::string body, const picture_options& options);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION
#include <eucv/download/sha256.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/dhash.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include <utility>

namespace eucv::download {

result<picture> make_picture(std::string body, const picture_options& options) {
  const auto found = image::inspect(body, options.limits);
  if (!found) return found.error();
  image::decode_options decoding;
  decoding.limits = options.limits;
  // An original is decoded to see that it is whole, and for its hash: of 9 x 8 means, for which the means of blocks
  // that a JPEG holds serve as well.
  decoding.shorter_side = options.size != 0 ? options.size : 18;
  auto decoded = image::decode(std::string_view(body), decoding);
  if (!decoded) return decoded.error();
  picture made;
  if (options.size == 0) {
    const bool lies = found->orientation >= 5; // turned by 90 degrees when shown
    made.bytes = std::move(body);
    made.suffix = found->kind == image::format::png ? ".png" : ".jpg";
    made.width = lies ? found->height : found->width;
    made.height = lies ? found->width : found->height;
    made.dhash = image::hash_text(image::dhash(*decoded));
  } else {
    std::string().swap(body); // the file as it came and the picture need not lie in memory side by side
    const image::bitmap small = image::shrink_shorter_side(std::move(*decoded), options.size);
    made.bytes = image::encode_jpeg(small, options.quality);
    made.suffix = ".jpg";
    made.width = small.width;
    made.height = small.height;
    made.dhash = image::hash_text(image::dhash(small));
  }
  made.sha256 = sha256(made.bytes);
  return made;
}

} // namespace eucv::download
#endif
