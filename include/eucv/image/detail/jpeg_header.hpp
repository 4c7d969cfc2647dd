#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// Walks the markers of a JPEG from SOI to EOI without decoding a pixel: size, components, number of scans, EXIF
/// orientation. Cost: one search for 0xFF bytes through the file.
///
/// Refused: unsupported_image (lossless, hierarchical and arithmetic JPEG, 12 bits, CMYK without Adobe's marker, which
/// alone tells ink from its absence); too_many_scans; corrupt_image (no frame or scan, an end before EOI, a segment
/// that leaves the file, a Huffman table with more than 256 codes or a scan without one, at which stb_image 2.27 leaves
/// its memory; more segments or tables than a picture has use for). Limits on bytes, pixels and memory are left to
/// inspect().
[[nodiscard]] result<header> read_jpeg_header(std::string_view bytes, const decode_limits& limits = {});

} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/image/exif.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace eucv::image {
namespace detail {

// Reads the markers of one file.
class jpeg_walker {
public:
  jpeg_walker(std::string_view bytes, const decode_limits& limits) : bytes_(bytes), limits_(limits) {}

  result<header> walk() {
    place_ = 2; // after SOI
    while (true) {
      if (!next_marker()) return broken("it breaks off before its end");
      if (marker_ == 0xD9) return finish();
      if (marker_ == 0x01 || (marker_ >= 0xD0 && marker_ <= 0xD7)) continue; // TEM, RSTn: no segment
      if (++segments_ > most_segments) return broken("it has too many segments");
      if (marker_ == 0xD8) return broken("a second picture begins inside it");
      if (bytes_.size() - place_ < 2) return broken("it breaks off before its end");
      const std::size_t length = big16(bytes_, place_);
      if (length < 2 || length > bytes_.size() - place_) return broken("a segment leaves the file");
      segment_ = bytes_.substr(place_ + 2, length - 2);
      place_ += length;
      if (auto fault = read_segment()) return *std::move(fault);
    }
  }

private:
  static error broken(std::string why) { return refusal(errc::corrupt_image, std::move(why)); }
  static error unsupported(std::string why) { return refusal(errc::unsupported_image, std::move(why)); }

  // To the next marker, over entropy-coded bytes, in which FF 00 is a byte and no marker.
  bool next_marker() {
    while (true) {
      place_ = bytes_.find('\xFF', place_);
      if (place_ == std::string_view::npos) return false;
      place_ = bytes_.find_first_not_of('\xFF', place_);
      if (place_ == std::string_view::npos) return false;
      marker_ = byte_at(bytes_, place_++);
      if (marker_ != 0) return true;
    }
  }

  std::optional<error> read_segment() {
    if (marker_ >= 0xC0 && marker_ <= 0xCF && marker_ != 0xC4 && marker_ != 0xC8 && marker_ != 0xCC)
      return read_frame();
    if (marker_ == 0xC4) return read_huffman_tables();
    if (marker_ == 0xDC) return unsupported("it is a JPEG that tells its height only at the end");
    if (marker_ == 0xE1 && segment_.starts_with(std::string_view("Exif\0\0", 6)) && found_.orientation == 1)
      found_.orientation = exif_orientation(segment_.substr(6));
    if (marker_ == 0xEE && segment_.starts_with("Adobe")) adobe_ = true;
    if (marker_ == 0xDA) {
      if (!frame_) return broken("a scan stands before the frame");
      if (scans_ == 0) data_ = place_;
      if (++scans_ > limits_.scans)
        return refusal(errc::too_many_scans,
                       "it is a JPEG of more than " + std::to_string(limits_.scans) + " scans, which cost time");
      return read_scan();
    }
    return std::nullopt;
  }

  std::optional<error> read_frame() {
    if (frame_) return broken("it has two frames");
    if (marker_ > 0xC2)
      return unsupported(marker_ >= 0xC9 ? "it is a JPEG with arithmetic coding"
                                         : "it is a lossless or hierarchical JPEG");
    if (segment_.size() < 6) return broken("its frame header is too short");
    frame_ = true;
    found_.depth = byte_at(segment_, 0);
    found_.height = big16(segment_, 1);
    found_.width = big16(segment_, 3);
    found_.components = byte_at(segment_, 5);
    found_.progressive = marker_ == 0xC2;
    if (found_.depth != 8) return unsupported("it is a JPEG of " + std::to_string(found_.depth) + " bits");
    if (found_.components != 1 && found_.components != 3 && found_.components != 4)
      return unsupported("it is a JPEG of " + std::to_string(found_.components) + " components");
    if (segment_.size() != 6 + 3 * found_.components) return broken("its frame header has a wrong length");
    std::size_t widest = 1, highest = 1, samples = 0;
    for (std::size_t i = 0; i < found_.components; ++i) {
      const std::size_t sampling = byte_at(segment_, 7 + 3 * i), h = sampling >> 4, v = sampling & 15;
      if (h < 1 || h > 4 || v < 1 || v > 4) return broken("its sampling factors are out of range");
      widest = std::max(widest, h);
      highest = std::max(highest, v);
      samples += h * v;
    }
    for (std::size_t i = 0; i < found_.components; ++i) {
      const std::size_t sampling = byte_at(segment_, 7 + 3 * i), h = sampling >> 4, v = sampling & 15;
      const auto blocks = [](std::size_t pixels, std::size_t part, std::size_t of) {
        return (pixels * part + 8 * of - 1) / (8 * of);
      };
      blocks_ += blocks(found_.width, h, widest) * blocks(found_.height, v, highest);
    }
    // Coefficients of 2 bytes, and samples of 1 byte, of all components, over whole blocks of the largest factors.
    const std::size_t units = (found_.width / (8 * widest) + 1) * (found_.height / (8 * highest) + 1);
    planes_ = units * samples * 64;
    return std::nullopt;
  }

  // stb_image reads on beyond a Huffman table that was never given, and libjpeg puts a standard one there.
  std::optional<error> read_scan() {
    const std::size_t count = segment_.empty() ? 0 : byte_at(segment_, 0);
    if (count == 0 || count > found_.components || segment_.size() != 4 + 2 * count)
      return broken("a scan header has a wrong length");
    const unsigned first = byte_at(segment_, 1 + 2 * count), last = byte_at(segment_, 2 + 2 * count);
    const bool refines = byte_at(segment_, 3 + 2 * count) >> 4 != 0;
    const bool needs_dc = !found_.progressive || (first == 0 && !refines), needs_ac = !found_.progressive || last > 0;
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned selected = byte_at(segment_, 2 + 2 * i);
      if ((needs_dc && (tables_[0] >> (selected >> 4) & 1) == 0) ||
          (needs_ac && (tables_[1] >> (selected & 15) & 1) == 0))
        return broken("a scan lacks its Huffman table");
    }
    return std::nullopt;
  }

  std::optional<error> read_huffman_tables() {
    for (std::string_view rest = segment_; !rest.empty();) {
      if (rest.size() < 17) return broken("a Huffman table is cut off");
      std::size_t codes = 0;
      for (std::size_t i = 1; i <= 16; ++i) codes += byte_at(rest, i);
      if (codes > 256 || codes > rest.size() - 17) return broken("a Huffman table has more codes than it can");
      const unsigned kind = byte_at(rest, 0) >> 4, place = byte_at(rest, 0) & 15;
      if (kind > 1 || place > 3) return broken("a Huffman table has no place");
      if (++table_count_ > 8 * (limits_.scans + 1)) return broken("it has more Huffman tables than scans could use");
      tables_[kind] |= 1U << place;
      rest.remove_prefix(17 + codes);
    }
    return std::nullopt;
  }

  result<header> finish() {
    if (!frame_ || scans_ == 0) return broken("it holds no picture");
    if (found_.width == 0 || found_.height == 0) return unsupported("it is a JPEG without width or height");
    if (found_.components == 4 && !adobe_)
      return unsupported("it is a CMYK JPEG without the marker that tells its inks");
    // The shortest code has one bit, and each block takes two in a sequential picture, one in a progressive one.
    found_.is_hollow = (place_ - data_) * 8 < blocks_ * (found_.progressive ? 1 : 2);
    found_.scans = scans_;
    const bool keeps_coefficients = found_.progressive || scans_ > 1;
    found_.memory = found_.width * found_.height * 3 + planes_ * (keeps_coefficients ? 2 : 0);
    return found_;
  }

  std::string_view bytes_, segment_;
  const decode_limits& limits_;
  header found_;
  std::size_t place_ = 0, data_ = 0; // the latter: where the first scan's data begins
  std::size_t scans_ = 0, planes_ = 0, blocks_ = 0, segments_ = 0, table_count_ = 0;
  unsigned marker_ = 0;
  std::array<unsigned, 2> tables_{}; // which of the DC and AC tables were given, a bit for each
  bool frame_ = false, adobe_ = false;
};

} // namespace detail

result<header> read_jpeg_header(std::string_view bytes, const decode_limits& limits) {
  if (!bytes.starts_with("\xFF\xD8")) return detail::refusal(errc::not_an_image, "it does not begin as a JPEG");
  return detail::jpeg_walker(bytes, limits).walk();
}

} // namespace eucv::image
#endif
