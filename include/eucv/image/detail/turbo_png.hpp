#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// Decodes a PNG that inspect() let through, by libpng, to RGB: palette and grey are expanded, 16 bits rounded to 8,
/// alpha laid on white. Inflating ends with the last row, whatever the file still holds; text and colour profiles are
/// skipped without being inflated. Refused: corrupt_image.
[[nodiscard]] result<bitmap> turbo_png(std::string_view bytes, const header& found, const decode_options& options = {});

} // namespace eucv::image
#endif

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <cstddef>

#ifdef EUCV_WITH_TURBO // once more: the single header puts this section elsewhere
#include <eucv/image/detail/blend.hpp>

#include <cstdint>

#include <csetjmp>
#include <cstdio>

#include <png.h>

namespace eucv::image {
namespace detail {

// One picture on its way through libpng's push reader, which unlike the pull reader does not inflate to the end of the
// stream after the last row. Errors leave by longjmp: no callback holds an object with a destructor.
struct png_reading {
  png_structp codec = nullptr;
  png_infop info = nullptr;
  std::uint8_t* canvas = nullptr; // RGB, or RGBA while the passes of an interlaced picture are combined
  std::size_t width = 0, height = 0;
  bool interlaced = false, complete = false;
  char message[128] = "its data ends early";

  png_reading() = default;
  png_reading(const png_reading&) = delete;
  png_reading& operator=(const png_reading&) = delete;
  ~png_reading() { png_destroy_read_struct(&codec, &info, nullptr); }

  [[noreturn]] static void leave(png_structp codec, png_const_charp text) {
    auto& self = *static_cast<png_reading*>(png_get_error_ptr(codec));
    std::snprintf(self.message, sizeof self.message, "%s", text);
    png_longjmp(codec, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  static void start(png_structp codec, png_infop info) {
    const auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    png_set_expand(codec);
    png_set_scale_16(codec);
    png_set_gray_to_rgb(codec);
    png_set_add_alpha(codec, 0xFF, PNG_FILLER_AFTER);
    (void)png_set_interlace_handling(codec);
    png_read_update_info(codec, info);
    if (png_get_image_height(codec, info) != self.height || png_get_rowbytes(codec, info) != self.width * 4)
      png_error(codec, "its header tells two sizes");
  }

  static void row(png_structp codec, png_bytep pixels, png_uint_32 y, int) {
    auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    if (y >= self.height) png_error(codec, "it has too many rows");
    if (self.interlaced) {
      png_progressive_combine_row(codec, self.canvas + y * self.width * 4, pixels);
    } else {
      blend_on_white(pixels, self.width, self.canvas + y * self.width * 3);
      self.complete = y + 1 == self.height;
    }
  }

  static void end(png_structp codec, png_infop) {
    auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    // libpng counts passes from 0; after the last row of the last pass it stands on 7.
    if (self.interlaced) self.complete = png_get_current_pass_number(codec) >= 7;
  }
};

// False after an error.
inline bool read_png(png_reading& reading, std::string_view bytes) {
  if (setjmp(png_jmpbuf(reading.codec)) != 0) return false;
  png_set_user_limits(reading.codec, static_cast<png_uint_32>(reading.width), static_cast<png_uint_32>(reading.height));
  png_set_chunk_cache_max(reading.codec, 1);
  png_set_chunk_malloc_max(reading.codec, 1 << 20);
  // All chunks but IHDR, PLTE, tRNS, IDAT and IEND are passed over.
  png_set_keep_unknown_chunks(reading.codec, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_progressive_read_fn(reading.codec, &reading, png_reading::start, png_reading::row, png_reading::end);
  png_process_data(reading.codec, reading.info, reinterpret_cast<png_bytep>(const_cast<char*>(bytes.data())),
                   bytes.size());
  return true;
}

} // namespace detail

result<bitmap> turbo_png(std::string_view bytes, const header& found, const decode_options&) {
  detail::png_reading reading;
  reading.codec =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, detail::png_reading::leave, detail::png_reading::ignore);
  if (reading.codec != nullptr) reading.info = png_create_info_struct(reading.codec);
  if (reading.info == nullptr) return detail::refusal(errc::out_of_budget, "no memory is left to start libpng");
  bitmap picture{.width = found.width, .height = found.height, .rgb = {}};
  picture.rgb.resize(found.width * found.height * (found.interlaced ? 4 : 3));
  reading.canvas = picture.rgb.data();
  reading.width = found.width;
  reading.height = found.height;
  reading.interlaced = found.interlaced;
  if (!detail::read_png(reading, bytes) || !reading.complete)
    return detail::refusal(errc::corrupt_image, reading.message);
  if (found.interlaced) {
    detail::blend_on_white(reading.canvas, found.width * found.height, reading.canvas);
    picture.rgb.resize(found.width * found.height * 3);
  }
  return picture;
}

} // namespace eucv::image
#else
namespace eucv::image {

static constexpr std::nullptr_t turbo_png = nullptr; // what the table of formats takes

} // namespace eucv::image
#endif
#endif
