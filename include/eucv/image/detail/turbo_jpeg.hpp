#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// Decodes a JPEG that inspect() let through, by libjpeg-turbo, to RGB. With options.shorter_side the picture is scaled
/// by 1/2, 1/4 or 1/8 during the cosine transform, as far as the hint allows. Cost: 4 to 6 ns a pixel of the file.
///
/// Refused: corrupt_image (data that ends early, where libjpeg alone would go on with grey, and whatever else it
/// notices), too_many_scans, out_of_budget. A wrong byte that still reads as codes cannot be noticed.
[[nodiscard]] result<bitmap> turbo_jpeg(std::string_view bytes, const header& found, const decode_options& options);

} // namespace eucv::image
#endif

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <cstddef>

#ifdef EUCV_WITH_TURBO // once more: the single header puts this section elsewhere
#include <algorithm>
#include <cstdint>
#include <vector>

#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE and size_t

#include <jpeglib.h>

#include <jerror.h>

namespace eucv::image {
namespace detail {

// libjpeg reports an error by a function that must not return. We leave it by longjmp, which skips destructors; so the
// functions that call libjpeg hold no object that has one, and memory is owned by their caller.
struct jpeg_reading {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  errc fault = errc::corrupt_image;
  int scan_limit = 0;
  char message[JMSG_LENGTH_MAX] = {};

  jpeg_reading() = default;
  jpeg_reading(const jpeg_reading&) = delete;
  jpeg_reading& operator=(const jpeg_reading&) = delete;
  ~jpeg_reading() { jpeg_destroy_decompress(&codec); }

  static jpeg_reading& of(j_common_ptr codec) { return *static_cast<jpeg_reading*>(codec->client_data); }

  [[noreturn]] static void leave(j_common_ptr codec) {
    jpeg_reading& self = of(codec);
    const int code = codec->err->msg_code;
    if (code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE) self.fault = errc::out_of_budget;
    codec->err->format_message(codec, self.message);
    std::longjmp(self.jump, 1);
  }

  // libjpeg fills what is missing with grey and only warns. These four warnings mean that pixels are missing or wrong;
  // the others are about harmless extras that cameras and editors leave.
  static void warn(j_common_ptr codec, int level) {
    if (level >= 0) return;
    switch (codec->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC: leave(codec);
    default: ++codec->err->num_warnings;
    }
  }

  // The gate has counted the scans; this guards against a file that it reads otherwise than libjpeg does.
  static void watch(j_common_ptr codec) {
    jpeg_reading& self = of(codec);
    if (self.codec.input_scan_number <= self.scan_limit) return;
    self.fault = errc::too_many_scans;
    std::snprintf(self.message, sizeof self.message, "it has more than %d scans", self.scan_limit);
    std::longjmp(self.jump, 1);
  }
};

// Reads the header, chooses the scale, starts. False after an error.
inline bool start_jpeg(jpeg_reading& reading, std::string_view bytes, const decode_options& options) {
  jpeg_decompress_struct& codec = reading.codec;
  codec.err = jpeg_std_error(&reading.errors);
  reading.errors.error_exit = jpeg_reading::leave;
  reading.errors.emit_message = jpeg_reading::warn;
  codec.client_data = &reading;
  if (setjmp(reading.jump) != 0) return false;
  jpeg_create_decompress(&codec);
  codec.mem->max_memory_to_use = static_cast<long>(options.limits.memory);
  reading.scan_limit = static_cast<int>(std::min<std::size_t>(options.limits.scans, 1 << 20));
  reading.progress.progress_monitor = jpeg_reading::watch;
  codec.progress = &reading.progress;
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = codec.num_components == 4 ? JCS_CMYK : JCS_RGB;
  // Only these scales have vector code; the others cost more than they save.
  const std::size_t shorter = std::min(codec.image_width, codec.image_height);
  for (unsigned divisor = 8; options.shorter_side != 0 && divisor > 1; divisor /= 2) {
    if ((shorter + divisor - 1) / divisor < options.shorter_side) continue;
    codec.scale_num = 1;
    codec.scale_denom = divisor;
    break;
  }
  jpeg_start_decompress(&codec);
  return true;
}

// Reads all rows into `rgb`; `inks` is a row of 4 bytes a pixel where the file is CMYK. False after an error.
inline bool read_jpeg_rows(jpeg_reading& reading, std::uint8_t* rgb, std::uint8_t* inks) {
  jpeg_decompress_struct& codec = reading.codec;
  if (setjmp(reading.jump) != 0) return false;
  while (codec.output_scanline < codec.output_height) {
    std::uint8_t* row = rgb + std::size_t{codec.output_scanline} * codec.output_width * 3;
    JSAMPROW to = inks != nullptr ? inks : row;
    jpeg_read_scanlines(&codec, &to, 1);
    if (inks == nullptr) continue;
    // Adobe stores paper, not ink: 255 is no ink. Each channel is then its own paper times that of black.
    for (std::size_t x = 0; x < codec.output_width; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        const unsigned product = unsigned{inks[4 * x + c]} * inks[4 * x + 3] + 128;
        row[3 * x + c] = static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
      }
  }
  jpeg_finish_decompress(&codec);
  return true;
}

} // namespace detail

result<bitmap> turbo_jpeg(std::string_view bytes, const header& found, const decode_options& options) {
  detail::jpeg_reading reading;
  const auto refuse = [&] { return detail::refusal(reading.fault, reading.message); };
  if (!detail::start_jpeg(reading, bytes, options)) return refuse();
  bitmap picture = black(reading.codec.output_width, reading.codec.output_height);
  std::vector<std::uint8_t> inks(found.components == 4 ? picture.width * 4 : 0);
  // The gate and libjpeg read the same header; a row that does not fit would be written out of bounds.
  if (reading.codec.output_components != (inks.empty() ? 3 : 4))
    return detail::refusal(errc::corrupt_image, "its header tells two numbers of components");
  if (!detail::read_jpeg_rows(reading, picture.rgb.data(), inks.empty() ? nullptr : inks.data())) return refuse();
  return picture;
}

} // namespace eucv::image
#else
namespace eucv::image {

static constexpr std::nullptr_t turbo_jpeg = nullptr; // what the table of formats takes

} // namespace eucv::image
#endif
#endif
