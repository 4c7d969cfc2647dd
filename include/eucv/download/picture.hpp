#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/decode_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// How thoroughly a picture is checked that is stored unchanged. One that is resized is always decoded.
enum class picture_check : std::uint8_t {
  decode, ///< it is decoded: the stored file is known to be a complete picture
  /// Type, size within the limits, and all markers up to the last one are checked: what is no picture, or is truncated,
  /// is refused. Not detected are wrong bytes between markers, missing data before a valid end marker, and a PNG that
  /// inflates to too much. Takes a tenth of the time, and leaves picture::dhash empty.
  header,
};

/// Options of a stored picture.
struct picture_options {
  std::size_t size = 256;        ///< pixels of the shorter side; nothing is enlarged; 0 stores the bytes unchanged
  int quality = 90;              ///< of the JPEG, 1 to 100
  image::decode_limits limits{}; ///< refuses images that cost too much to decode
  picture_check check = picture_check::decode; ///< of a picture that is stored unchanged
};

/// A picture to store: its encoded bytes and their properties.
struct picture {
  std::string bytes;
  std::string_view suffix; ///< of the format of `bytes`: ".jpg"
  std::size_t width = 0, height = 0;
  std::uint64_t size = 0; ///< number of `bytes`
  std::string sha256;     ///< of `bytes`
  std::string dhash;      ///< 16 hexadecimal digits, see image::dhash(); empty where the picture was not decoded
};

/// Checks a body from a server and resizes it to a picture to store. Returns not_an_image, unsupported_image,
/// corrupt_image, too_many_pixels, too_many_scans or out_of_budget where it is none. An original that is stored
/// unchanged is decoded too, unless options.check says otherwise. Takes milliseconds of processor time: not for the I/O
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
