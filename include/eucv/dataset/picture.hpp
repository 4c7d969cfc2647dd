#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/resize.hpp>

#include <cstddef>
#include <filesystem>

namespace eucv::dataset {

/// Options of read_picture().
struct picture_options {
  std::size_t shorter_side = 0; ///< larger pictures are shrunk to it, aspect kept; 0 keeps each pixel
  image::decode_limits limits{};
};

/// Reads and decodes the picture in a file or shard; returns the error of reading, of inspect() or of the decoder.
/// Throws nothing but std::bad_alloc. Thread safe.
[[nodiscard]] result<image::bitmap> read_picture(const labelled_file& from, const picture_options& options = {});

/// The same for a file by its path.
[[nodiscard]] inline result<image::bitmap> read_picture(const std::filesystem::path& file,
                                                        const picture_options& options = {}) {
  const labelled_file from{.file = file};
  return read_picture(from, options);
}

/// The centre crop of a picture at `size` x `size` pixels, which networks take outside of training: the same as
/// resizing the shorter side to `size` and cropping the middle. Cuts first, so that memory stays bounded for a picture
/// of 1 x 60,000. Throws errc::invalid_argument for an empty picture or a size of 0. Thread safe.
[[nodiscard]] inline image::bitmap middle_square(const image::bitmap& picture, std::size_t size) {
  image::bitmap square = image::centre_square(picture);
  return square.width == size ? square : image::resize(square, size, size);
}

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <string>
#include <utility>

namespace eucv::dataset {

result<image::bitmap> read_picture(const labelled_file& from, const picture_options& options) {
  std::string bytes;
  try {
    bytes = read_bytes(from, options.limits.bytes);
  } catch (const error& failure) {
    return failure;
  }
  auto picture = image::decode(bytes, {.limits = options.limits, .shorter_side = options.shorter_side});
  if (!picture) {
    error_text told = picture.error().text();
    told.on = from.file.string() + (told.on.empty() ? "" : ", " + told.on);
    return error(picture.error().code(), std::move(told));
  }
  if (options.shorter_side == 0) return picture;
  return image::shrink_shorter_side(std::move(*picture), options.shorter_side);
}

} // namespace eucv::dataset
#endif
