#pragma once

#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <jpeglib.h>
#include <zlib.h>

// Image files made in memory, variant by variant, so that no binary lies in the repository.
namespace test {

using eucv::image::bitmap;

/// A picture without symmetry: soft waves that differ in each channel, and a dark left upper corner.
inline bitmap waves(std::size_t width, std::size_t height) {
  bitmap made = eucv::image::black(width, height);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const bool corner = x < width / 4 && y < height / 4;
      std::uint8_t* const to = made.pixel(x, y);
      to[0] = static_cast<std::uint8_t>(corner ? 10 : 60 + 190 * x / width);
      to[1] = static_cast<std::uint8_t>(corner ? 10 : 250 - 190 * y / height);
      to[2] = static_cast<std::uint8_t>(corner ? 10 : 60 + 90 * x / width + 90 * y / height);
    }
  return made;
}

/// A picture of equal, independent random bytes.
inline bitmap noise(std::size_t width, std::size_t height, std::uint64_t seed = 1) {
  eucv::random engine(seed);
  bitmap made = eucv::image::black(width, height);
  for (auto& byte : made.rgb) byte = static_cast<std::uint8_t>(engine.below(256));
  return made;
}

inline std::string big(std::size_t value, int bytes) {
  std::string made;
  for (int i = bytes; i-- > 0;) made += static_cast<char>(value >> (8 * i) & 0xFF);
  return made;
}

// JPEG

enum class jpeg_order { baseline, progressive };

/// How a JPEG is written; `channels` is 1 (grey), 3 (RGB in, YCbCr stored) or 4 (ink as Adobe stores it, inverted).
struct jpeg_variant {
  int channels = 3, quality = 95;
  jpeg_order order = jpeg_order::baseline;
  J_COLOR_SPACE stored = JCS_UNKNOWN; ///< other than libjpeg's choice: JCS_YCCK, JCS_RGB
  int sampling = 1;                   ///< of the first component against the others: 1 is 4:4:4, 2 is 4:2:0
  int sampling_down = 0;              ///< of rows where it is another than that of columns: 2 and 1 is 4:2:2
  unsigned restart = 0;               ///< blocks of the picture from one restart marker to the next; 0: none
  bool arithmetic = false;
  std::size_t scans = 0; ///< of a grey progressive JPEG, 2 to 64: one for each coefficient; 0 leaves libjpeg's choice
};

/// A JPEG of `samples`, `channels` bytes a pixel. Ends the program on an error of libjpeg, which would be one of ours.
inline std::string make_jpeg(const std::uint8_t* samples, std::size_t width, std::size_t height, jpeg_variant how) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &bytes, &size);
  codec.image_width = static_cast<JDIMENSION>(width);
  codec.image_height = static_cast<JDIMENSION>(height);
  codec.input_components = how.channels;
  codec.in_color_space = how.channels == 1 ? JCS_GRAYSCALE : how.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&codec);
  if (how.stored != JCS_UNKNOWN) jpeg_set_colorspace(&codec, how.stored);
  jpeg_set_quality(&codec, how.quality, TRUE);
  codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = how.sampling;
  if (how.sampling_down != 0) codec.comp_info[0].v_samp_factor = how.sampling_down;
  codec.restart_interval = how.restart;
  codec.arith_code = how.arithmetic ? TRUE : FALSE;
  if (how.order == jpeg_order::progressive) jpeg_simple_progression(&codec);
  std::vector<jpeg_scan_info> script;
  if (how.scans != 0) {
    script.push_back({1, {0, 0, 0, 0}, 0, 0, 0, 0});
    for (int k = 1; script.size() < how.scans; ++k) script.push_back({1, {0, 0, 0, 0}, k, k, 0, 0});
    script.back().Se = 63;
    codec.scan_info = script.data();
    codec.num_scans = static_cast<int>(script.size());
  }
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    auto row = const_cast<JSAMPROW>(samples + codec.next_scanline * width * static_cast<std::size_t>(how.channels));
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  std::string made(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return made;
}

inline std::string make_jpeg(const bitmap& picture, jpeg_variant how = {}) {
  return make_jpeg(picture.rgb.data(), picture.width, picture.height, how);
}

/// A JPEG with one more segment right after SOI.
inline std::string with_segment(std::string_view jpeg, unsigned char marker, std::string_view content) {
  std::string made(jpeg.substr(0, 2));
  made += '\xFF';
  made += static_cast<char>(marker);
  return made + big(content.size() + 2, 2) + std::string(content) + std::string(jpeg.substr(2));
}

enum class byte_order { little, big };

/// A TIFF block of two entries, of which the second is the orientation.
inline std::string orientation_block(int orientation, byte_order order = byte_order::little) {
  const auto number = [&](std::size_t value, int bytes) {
    const std::string made = big(value, bytes);
    return order == byte_order::big ? made : std::string(made.rbegin(), made.rend());
  };
  std::string made = order == byte_order::big ? "MM" : "II";
  made += number(42, 2) + number(8, 4) + number(2, 2);
  made += number(0x0103, 2) + number(3, 2) + number(1, 4) + number(6, 2) + number(0, 2);
  made +=
      number(0x0112, 2) + number(3, 2) + number(1, 4) + number(static_cast<std::size_t>(orientation), 2) + number(0, 2);
  return made + number(0, 4);
}

inline std::string with_orientation(std::string_view jpeg, int orientation) {
  return with_segment(jpeg, 0xE1, std::string("Exif\0\0", 6) + orientation_block(orientation));
}

/// A JPEG whose last scan stands `times` more times before its end marker.
inline std::string with_repeated_scan(const std::string& jpeg, std::size_t times) {
  const std::size_t scan = jpeg.rfind(std::string("\xFF\xDA", 2)), end = jpeg.rfind(std::string("\xFF\xD9", 2));
  std::string made = jpeg.substr(0, end);
  for (std::size_t i = 0; i < times; ++i) made.append(jpeg, scan, end - scan);
  return made + jpeg.substr(end);
}

// PNG, chunk by chunk: libpng writes none of the broken ones.

inline std::string png_signature() {
  return std::string("\x89PNG\r\n\x1A\n", 8);
}

inline std::string png_chunk(std::string_view name, std::string_view content) {
  const std::string body = std::string(name) + std::string(content);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big(content.size(), 4) + body + big(sum, 4);
}

inline std::string deflate(std::string_view bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string made(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(made.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), 9) != Z_OK)
    throw std::runtime_error("zlib cannot compress");
  made.resize(size);
  return made;
}

/// A deflate stream of so many MiB of zeros, made block by block.
inline std::string deflate_zeros(std::size_t mebibytes) {
  const std::string zeros(1 << 20, '\0');
  std::string made, piece(1 << 16, '\0');
  z_stream stream{};
  if (deflateInit(&stream, 9) != Z_OK) throw std::runtime_error("zlib cannot start");
  for (std::size_t block = 0; block <= mebibytes; ++block) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
    stream.avail_in = block < mebibytes ? static_cast<uInt>(zeros.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      ::deflate(&stream, block < mebibytes ? Z_NO_FLUSH : Z_FINISH);
      made.append(piece, 0, piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return made;
}

/// How a PNG is written. `sample` gives the value of channel c of pixel (x, y), in `depth` bits.
struct png_variant {
  std::size_t width = 1, height = 1;
  int colour = 2; ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  int depth = 8;
  bool interlaced = false;
  std::string before_data{}; ///< chunks between IHDR and IDAT: PLTE, tRNS, iCCP
};

inline std::string png_header_chunk(const png_variant& how) {
  const std::string rest{static_cast<char>(how.depth), static_cast<char>(how.colour), 0, 0,
                         static_cast<char>(how.interlaced ? 1 : 0)};
  return png_chunk("IHDR", big(how.width, 4) + big(how.height, 4) + rest);
}

/// The rows of a PNG before compression, each after its filter byte 0.
template <class Sample>
std::string png_rows(const png_variant& how, Sample&& sample) {
  struct pass {
    std::size_t x, y, across, down;
  };
  static constexpr std::array<pass, 7> adam7{
      {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};
  const int channels = how.colour == 2 ? 3 : how.colour == 4 ? 2 : how.colour == 6 ? 4 : 1;
  std::string rows;
  const auto write = [&](const pass& p) {
    for (std::size_t y = p.y; y < how.height && p.x < how.width; y += p.down) {
      rows += '\0';
      unsigned held = 0;
      int bits = 0;
      for (std::size_t x = p.x; x < how.width; x += p.across)
        for (int c = 0; c < channels; ++c) {
          const unsigned value = sample(x, y, c);
          if (how.depth == 16) rows += static_cast<char>(value >> 8);
          held = held << how.depth | value;
          bits += how.depth;
          if (how.depth >= 8 || bits == 8) rows += static_cast<char>(held & 0xFF), bits = 0;
        }
      if (bits > 0 && how.depth < 8) rows += static_cast<char>(held << (8 - bits) & 0xFF);
    }
  };
  if (!how.interlaced) write({0, 0, 1, 1});
  for (std::size_t i = 0; how.interlaced && i < adam7.size(); ++i) write(adam7[i]);
  return rows;
}

template <class Sample>
std::string make_png(const png_variant& how, Sample&& sample) {
  return png_signature() + png_header_chunk(how) + how.before_data + png_chunk("IDAT", deflate(png_rows(how, sample))) +
         png_chunk("IEND", "");
}

/// A PNG whose chunks got the check sums of what they hold, as far as their lengths lead: so that a decoder that checks
/// sums looks at what was damaged before.
inline std::string with_right_sums(std::string png) {
  for (std::size_t place = 8; place + 12 <= png.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(png[place + i]);
    if (length > png.size() - place - 12) break;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(png.data() + place + 4), static_cast<uInt>(length + 4));
    png.replace(place + 8 + length, 4, big(sum, 4));
    place += length + 12;
  }
  return png;
}

/// One of the ways in which files go wrong: bytes changed, left out, doubled, or the end cut off.
inline std::string damaged(std::string file, eucv::random& engine) {
  const std::size_t place = engine.below(file.size());
  const std::size_t length = 1 + engine.below(std::min<std::size_t>(64, file.size() - place));
  switch (engine.below(4)) {
  case 0:
    for (std::uint64_t changes = 1 + engine.below(8); changes > 0; --changes)
      file[engine.below(file.size())] = static_cast<char>(engine.below(256));
    return file;
  case 1: return file.erase(place, length);
  case 2: return file.insert(engine.below(file.size()), file.substr(place, length));
  default: return file.substr(0, place) + file.substr(file.size() - std::min<std::size_t>(12, file.size()));
  }
}

/// A PNG of the stated size whose one IDAT holds `data`, whatever that is.
inline std::string png_with_data(const png_variant& how, std::string_view data) {
  return png_signature() + png_header_chunk(how) + how.before_data + png_chunk("IDAT", data) + png_chunk("IEND", "");
}

/// The mean absolute difference of two pictures of one size, in levels.
inline double difference(const bitmap& a, const bitmap& b) {
  if (a.width != b.width || a.height != b.height) return 1e9;
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(int{a.rgb[i]} - int{b.rgb[i]});
  return a.rgb.empty() ? 0 : sum / static_cast<double>(a.rgb.size());
}

} // namespace test
