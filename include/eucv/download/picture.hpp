#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/decode_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// How deep a picture is looked into that is stored as it came. One that is stored at another size is always decoded.
enum class picture_check : std::uint8_t {
  decode, ///< every code of it is read: what is stored is known to be a whole picture
  /// Its type, its size within the limits, and its marks up to the last one: what is no picture, or was cut off, is
  /// refused. Not found are wrong bytes between the marks, a picture whose data is shorter than its size wants and yet
  /// ends by its mark, and a PNG that unpacks to too much. Takes a tenth of the time, and leaves picture::dhash empty.
  header,
};

/// How images are stored.
struct picture_options {
  std::size_t size = 256;        ///< length of the shorter side; nothing is enlarged; 0 keeps the bytes as they came
  int quality = 90;              ///< of the JPEG
  image::decode_limits limits{}; ///< what an image may ask of the decoder
  picture_check check = picture_check::decode;
};

/// An image, ready to be stored.
struct picture {
  std::string bytes;
  std::string_view suffix; ///< of the format of `bytes`: ".jpg"
  std::size_t width = 0, height = 0;
  std::uint64_t size = 0; ///< number of `bytes`
  std::string sha256;     ///< of `bytes`
  std::string dhash;      ///< empty where it was not decoded
};

/// Makes an image of what a server sent, or says why it is none: not_an_image, unsupported_image, corrupt_image,
/// too_many_pixels, too_many_scans, out_of_budget. A kept original is decoded as well, unless options.check says
/// otherwise, so that what is stored is known to be an image. Takes milliseconds of processor time: not for the network
/// thread.
result<picture> make_picture(std::string body, const picture_options& options);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/digest.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/dhash.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include <utility>

namespace eucv::download {

result<picture> make_picture(std::string body, const picture_options& options) {
  const auto found = image::inspect(body, options.limits);
  if (!found) return found.error();
  picture made;
  if (options.size == 0) {
    if (options.check == picture_check::decode) {
      // To see that it is whole, and for its hash: of 9 x 8 means, for which the means of blocks that a JPEG holds
      // serve as well.
      const auto decoded = image::decode(std::string_view(body), {.limits = options.limits, .shorter_side = 18});
      if (!decoded) return decoded.error();
      made.dhash = image::hash_text(image::dhash(*decoded));
    }
    const bool lies = found->orientation >= 5; // turned by 90 degrees when shown
    made.bytes = std::move(body);
    made.suffix = found->kind->endings[0];
    made.width = lies ? found->height : found->width;
    made.height = lies ? found->width : found->height;
  } else {
    auto decoded = image::decode(std::string_view(body), {.limits = options.limits, .shorter_side = options.size});
    if (!decoded) return decoded.error();
    std::string().swap(body); // the file as it came and the picture need not lie in memory side by side
    const image::bitmap small = image::shrink_shorter_side(std::move(*decoded), options.size);
    made.bytes = image::encode_jpeg(small, options.quality);
    made.suffix = ".jpg";
    made.width = small.width;
    made.height = small.height;
    made.dhash = image::hash_text(image::dhash(small));
  }
  made.size = made.bytes.size();
  made.sha256 = sha256_text(made.bytes);
  return made;
}

} // namespace eucv::download
#endif
