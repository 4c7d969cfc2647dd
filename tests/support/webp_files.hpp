#pragma once

#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#ifdef EUCV_WITH_WEBP
#include <webp/encode.h>
#endif

// WebP files made in memory: containers chunk by chunk, and frames by libwebp's encoder where the build has it.
namespace test {

inline std::string little(std::size_t value, int bytes) {
  std::string made;
  for (int i = 0; i < bytes; ++i) made += static_cast<char>(value >> (8 * i) & 0xFF);
  return made;
}

inline std::string webp_chunk(std::string_view name, std::string_view content) {
  return std::string(name) + little(content.size(), 4) + std::string(content) + std::string(content.size() % 2, '\0');
}

/// A WebP of these chunks.
inline std::string webp_file(std::string_view chunks) {
  return "RIFF" + little(chunks.size() + 4, 4) + "WEBP" + std::string(chunks);
}

/// The chunk that begins an extended WebP; `flags`: 2 animation, 8 EXIF, 16 alpha.
inline std::string webp_extended(std::size_t width, std::size_t height, int flags) {
  return webp_chunk("VP8X", little(static_cast<std::size_t>(flags), 4) + little(width - 1, 3) + little(height - 1, 3));
}

/// The beginning of a lossy frame, of `rest` more bytes of nothing.
inline std::string webp_lossy_head(std::size_t width, std::size_t height, std::size_t rest = 0) {
  return webp_chunk("VP8 ",
                    little(0x10, 3) + "\x9D\x01\x2A" + little(width, 2) + little(height, 2) + std::string(rest, '\0'));
}

/// The beginning of a lossless frame, of `rest` more bytes of nothing.
inline std::string webp_lossless_head(std::size_t width, std::size_t height, std::size_t rest = 0) {
  return webp_chunk("VP8L", "\x2F" + little((width - 1) | (height - 1) << 14, 4) + std::string(rest, '\0'));
}

#ifdef EUCV_WITH_WEBP
enum class webp_frame { lossy, lossless };

/// A simple WebP of `samples`, 3 or 4 (with alpha) bytes a pixel; lossless ones give back each byte.
inline std::string make_webp(const std::uint8_t* samples, std::size_t width, std::size_t height, int channels,
                             webp_frame frame = webp_frame::lossless, float quality = 90) {
  WebPConfig how;
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  if (WebPConfigInit(&how) == 0 || WebPPictureInit(&picture) == 0) return "";
  how.lossless = frame == webp_frame::lossless ? 1 : 0;
  how.exact = 1; // colours under full transparency too
  how.quality = quality;
  picture.use_argb = how.lossless;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  const int stride = picture.width * channels;
  const bool read = channels == 4 ? WebPPictureImportRGBA(&picture, samples, stride) != 0
                                  : WebPPictureImportRGB(&picture, samples, stride) != 0;
  const bool written = read && WebPEncode(&how, &picture) != 0;
  std::string made(written ? std::string(reinterpret_cast<const char*>(writer.mem), writer.size) : std::string());
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&picture);
  return made;
}

inline std::string make_webp(const eucv::image::bitmap& picture, webp_frame frame = webp_frame::lossless,
                             float quality = 90) {
  return make_webp(picture.rgb.data(), picture.width, picture.height, 3, frame, quality);
}
#endif

} // namespace test
