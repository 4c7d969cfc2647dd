#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/image/bitmap.hpp>

#include <string>

namespace eucv::image {

/// Encodes a picture as a baseline JPEG with colour at half resolution, quality 1 to 100. By libjpeg-turbo under
/// EUCV_WITH_TURBO, else by stb_image_write: the bytes differ between the two, the picture hardly does. Throws
/// errc::invalid_argument for an empty picture, one wider or higher than 65,500 pixels, or another quality.
[[nodiscard]] std::string encode_jpeg(const bitmap& picture, int quality = 90);

/// Encodes a picture as a PNG, lossless. By libpng or stb_image_write, as encode_jpeg(). Throws errc::invalid_argument
/// for an empty picture.
[[nodiscard]] std::string encode_png(const bitmap& picture);

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

#ifdef EUCV_WITH_TURBO
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE and size_t
#include <cstdlib>

#include <jpeglib.h>
#include <png.h>
#else
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image_write.h>
#pragma GCC diagnostic pop
#endif

namespace eucv::image {
namespace detail {

// No encoder here copes with an array that is shorter than its sides say.
static void check_encodable(const bitmap& picture, std::size_t longest) {
  const auto refuse = [](std::string why, std::string advice) {
    throw error(errc::invalid_argument, {"encode a picture", "", std::move(why), std::move(advice)});
  };
  if (picture.width == 0 || picture.height == 0) refuse("it is empty", "encode at least one pixel");
  if (picture.width > longest || picture.height > longest)
    refuse("a side is longer than " + std::to_string(longest) + " pixels", "shrink it first");
  if (picture.rgb.size() != picture.width * picture.height * 3)
    refuse("its array does not fit its sides", "give width * height * 3 bytes");
}

static void check_quality(int quality) {
  if (quality < 1 || quality > 100)
    throw error(errc::invalid_argument, {"encode a JPEG", "", "the quality " + std::to_string(quality) + " is no such",
                                         "choose one from 1 to 100"});
}

static constexpr std::size_t longest_jpeg_side = 65500;
static constexpr std::size_t longest_png_side = 1'000'000; // libpng's own limit

} // namespace detail
} // namespace eucv::image

#ifdef EUCV_WITH_TURBO
namespace eucv::image {
namespace detail {

// libjpeg leaves by longjmp, see turbo_jpeg.hpp: whatever has a destructor lies in the caller.
struct jpeg_writing {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  char message[JMSG_LENGTH_MAX] = {};

  jpeg_writing() = default;
  jpeg_writing(const jpeg_writing&) = delete;
  jpeg_writing& operator=(const jpeg_writing&) = delete;
  ~jpeg_writing() {
    jpeg_destroy_compress(&codec);
    std::free(bytes);
  }

  [[noreturn]] static void leave(j_common_ptr codec) {
    auto& self = *static_cast<jpeg_writing*>(codec->client_data);
    codec->err->format_message(codec, self.message);
    std::longjmp(self.jump, 1);
  }
};

// False after an error.
static bool write_jpeg(jpeg_writing& writing, const bitmap& picture, int quality) {
  jpeg_compress_struct& codec = writing.codec;
  codec.err = jpeg_std_error(&writing.errors);
  writing.errors.error_exit = jpeg_writing::leave;
  codec.client_data = &writing;
  if (setjmp(writing.jump) != 0) return false;
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &writing.bytes, &writing.size);
  codec.image_width = static_cast<JDIMENSION>(picture.width);
  codec.image_height = static_cast<JDIMENSION>(picture.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.row(codec.next_scanline));
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  return true;
}

} // namespace detail

std::string encode_jpeg(const bitmap& picture, int quality) {
  detail::check_encodable(picture, detail::longest_jpeg_side);
  detail::check_quality(quality);
  detail::jpeg_writing writing;
  if (!detail::write_jpeg(writing, picture, quality))
    throw error(errc::out_of_budget, {"encode a JPEG", "", writing.message, "free some memory"});
  return {reinterpret_cast<const char*>(writing.bytes), static_cast<std::size_t>(writing.size)};
}

std::string encode_png(const bitmap& picture) {
  detail::check_encodable(picture, detail::longest_png_side);
  png_image about{};
  about.version = PNG_IMAGE_VERSION;
  about.width = static_cast<png_uint_32>(picture.width);
  about.height = static_cast<png_uint_32>(picture.height);
  about.format = PNG_FORMAT_RGB;
  // The upper bound spares compressing twice, once for the size.
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(about), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&about, bytes.data(), &size, 0, picture.rgb.data(), 0, nullptr) == 0)
    throw error(errc::out_of_budget, {"encode a PNG", "", about.message, "free some memory"});
  bytes.resize(size);
  return bytes;
}

} // namespace eucv::image
#else
namespace eucv::image {
namespace detail {

static void append_bytes(void* to, void* data, int size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

} // namespace detail

std::string encode_jpeg(const bitmap& picture, int quality) {
  detail::check_encodable(picture, detail::longest_jpeg_side);
  detail::check_quality(quality);
  std::string bytes;
  if (stbi_write_jpg_to_func(detail::append_bytes, &bytes, static_cast<int>(picture.width),
                             static_cast<int>(picture.height), 3, picture.rgb.data(), quality) == 0)
    throw error(errc::out_of_budget, {"encode a JPEG", "", "stb_image_write gave up", "free some memory"});
  return bytes;
}

std::string encode_png(const bitmap& picture) {
  detail::check_encodable(picture, detail::longest_png_side);
  std::string bytes;
  if (stbi_write_png_to_func(detail::append_bytes, &bytes, static_cast<int>(picture.width),
                             static_cast<int>(picture.height), 3, picture.rgb.data(),
                             static_cast<int>(picture.width * 3)) == 0)
    throw error(errc::out_of_budget, {"encode a PNG", "", "stb_image_write gave up", "free some memory"});
  return bytes;
}

} // namespace eucv::image
#endif
#endif
