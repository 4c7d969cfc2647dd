#include <eucv/image/detail/jpeg_header.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::image;
using eucv::errc;
using test::jpeg_order;

namespace {

errc jpeg_verdict(const std::string& bytes) {
  const auto found = read_jpeg_header(bytes, {});
  return found ? errc{} : found.error().code();
}

std::size_t frame_of(const std::string& jpeg) {
  const std::size_t place = jpeg.find("\xFF\xC0");
  REQUIRE(place != std::string::npos);
  return place;
}

} // namespace

TEST_CASE("components, scans and kind of JPEG are read") {
  const bitmap picture = test::waves(20, 10);
  const auto grey = read_jpeg_header(test::make_jpeg(picture.rgb.data(), 20, 10, {.channels = 1}), {});
  REQUIRE(grey);
  CHECK(grey->components == 1);
  CHECK(grey->scans == 1);
  CHECK_FALSE(grey->progressive);
  const auto progressive = read_jpeg_header(test::make_jpeg(picture, {.order = jpeg_order::progressive}), {});
  REQUIRE(progressive);
  CHECK(progressive->progressive);
  CHECK(progressive->scans == 10); // libjpeg's script for YCbCr
  CHECK(progressive->memory >= 20 * 10 * 3 + 20 * 10 * 3 * 2);
}

TEST_CASE("the scans of a progressive JPEG are counted, and too many refused without delay") {
  const std::string once = test::make_jpeg(test::waves(64, 64), {.order = jpeg_order::progressive});
  CHECK(read_jpeg_header(test::with_repeated_scan(once, 50), {})->scans == 60);
  CHECK(jpeg_verdict(test::with_repeated_scan(once, 1000)) == errc::too_many_scans);
}

TEST_CASE("variants that are not read are told from damage") {
  const bitmap picture = test::waves(16, 16);
  CHECK(jpeg_verdict(test::make_jpeg(picture, {.arithmetic = true})) == errc::unsupported_image);
  std::string jpeg = test::make_jpeg(picture);
  const std::size_t frame = frame_of(jpeg);
  for (const char kind : {'\xC3', '\xC5', '\xC7', '\xC9', '\xCF'}) {
    jpeg[frame + 1] = kind;
    CHECK(jpeg_verdict(jpeg) == errc::unsupported_image);
  }
  jpeg[frame + 1] = '\xC1';
  CHECK(jpeg_verdict(jpeg) == errc{});
  jpeg[frame + 4] = 12; // bits
  CHECK(jpeg_verdict(jpeg) == errc::unsupported_image);
  jpeg = test::make_jpeg(picture);
  jpeg.replace(frame + 5, 2, std::string(2, '\0')); // no height
  CHECK(jpeg_verdict(jpeg) == errc::unsupported_image);
}

TEST_CASE("a JPEG that contradicts itself is corrupt") {
  const std::string jpeg = test::make_jpeg(test::waves(16, 16));
  const std::size_t frame = frame_of(jpeg), scan = jpeg.rfind("\xFF\xDA");
  std::string wrong = jpeg;
  wrong[frame + 9] = 2; // fewer components than listed
  CHECK((jpeg_verdict(wrong) == errc::corrupt_image || jpeg_verdict(wrong) == errc::unsupported_image));
  wrong = jpeg;
  wrong[frame + 11] = '\x50'; // sampling factors 5 x 0
  CHECK(jpeg_verdict(wrong) == errc::corrupt_image);
  const std::size_t length = 2 + 17;
  CHECK(jpeg_verdict(jpeg.substr(0, frame + length) + jpeg.substr(frame)) == errc::corrupt_image); // two frames
  CHECK(jpeg_verdict(jpeg.substr(0, frame) + jpeg.substr(frame + length)) == errc::corrupt_image); // none
  CHECK(jpeg_verdict(jpeg.substr(0, scan) + "\xFF\xD9") == errc::corrupt_image);                   // no scan
  CHECK(jpeg_verdict(jpeg.substr(0, 2) + jpeg) == errc::corrupt_image);                            // two beginnings
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xC4, std::string(17, '\xFF'))) == errc::corrupt_image);
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xC4, std::string(5, '\0'))) == errc::corrupt_image);
  CHECK(jpeg_verdict(std::string("\xFF\xD8\xFF\xE0\0\1", 6) + jpeg.substr(2)) == errc::corrupt_image); // length 1
}

TEST_CASE("a scan without its Huffman table is corrupt") {
  const std::string marker = "\xFF\xC4";
  const std::string jpeg = test::make_jpeg(test::waves(16, 16));
  std::size_t tables = 0;
  for (std::size_t at = jpeg.find(marker); at != std::string::npos; at = jpeg.find(marker, at + 1), ++tables) {
    std::string wrong = jpeg;
    wrong[at + 1] = '\xFE'; // a comment
    CHECK(jpeg_verdict(wrong) == errc::corrupt_image);
    wrong = jpeg;
    wrong[at + 4] = 0x25; // no such place
    CHECK(jpeg_verdict(wrong) == errc::corrupt_image);
  }
  CHECK(tables == 4);
  // A progressive JPEG gives the same place new tables again and again: only without all of them is it corrupt.
  std::string progressive = test::make_jpeg(test::waves(16, 16), {.order = jpeg_order::progressive});
  for (std::size_t at = progressive.find(marker); at != std::string::npos; at = progressive.find(marker))
    progressive[at + 1] = '\xFE';
  CHECK(jpeg_verdict(progressive) == errc::corrupt_image);
}

TEST_CASE("what cameras leave in a JPEG does no harm") {
  const std::string jpeg = test::make_jpeg(test::waves(16, 16));
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xE1, "http://ns.adobe.com/xap/1.0/")) == errc{});
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xE1, "Ex")) == errc{});
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xFE, "a comment")) == errc{});
  // A thumbnail is a whole JPEG within a segment.
  CHECK(jpeg_verdict(test::with_segment(jpeg, 0xE1, std::string("Exif\0\0", 6) + jpeg)) == errc{});
  CHECK(read_jpeg_header(test::with_orientation(test::with_orientation(jpeg, 3), 8), {})->orientation == 8);
  CHECK(read_jpeg_header(test::with_segment(jpeg, 0xE1, std::string("Exif\0\0II", 8)), {})->orientation == 1);
}
