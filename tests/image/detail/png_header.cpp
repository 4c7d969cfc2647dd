#include <eucv/image/detail/png_header.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::image;
using eucv::errc;

namespace {

errc png_verdict(const std::string& bytes) {
  const auto found = read_png_header(bytes);
  return found ? errc{} : found.error().code();
}

// IHDR with any values, followed by a harmless IDAT.
std::string with_ihdr(const std::string& content) {
  return test::png_signature() + test::png_chunk("IHDR", content) + test::png_chunk("IDAT", "x") +
         test::png_chunk("IEND", "");
}

std::string ihdr(std::size_t width, std::size_t height, const char (&rest)[6]) {
  return test::big(width, 4) + test::big(height, 4) + std::string(rest, 5);
}

} // namespace

TEST_CASE("the pairs of depth and colour are those of the standard, table 11.1") {
  for (char colour = 0; colour < 8; ++colour)
    for (char depth = 0; depth < 18; ++depth) {
      const bool packed = depth == 1 || depth == 2 || depth == 4;
      const bool allowed = (colour == 0 && (packed || depth == 8 || depth == 16)) ||
                           (colour == 3 && (packed || depth == 8)) ||
                           ((colour == 2 || colour == 4 || colour == 6) && (depth == 8 || depth == 16));
      const std::string rest{depth, colour, 0, 0, 0};
      std::string file = test::png_signature() + test::png_chunk("IHDR", test::big(3, 4) + test::big(2, 4) + rest);
      file += test::png_chunk("PLTE", "abc") + test::png_chunk("IDAT", "x") + test::png_chunk("IEND", "");
      CAPTURE(int{colour});
      CAPTURE(int{depth});
      CHECK(png_verdict(file) == (allowed ? errc{} : errc::corrupt_image));
    }
}

TEST_CASE("a header that contradicts itself is corrupt") {
  CHECK(png_verdict(with_ihdr(ihdr(1, 1, "\x08\x02\0\0\0"))) == errc{});
  CHECK(png_verdict(with_ihdr(ihdr(0, 1, "\x08\x02\0\0\0"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(1, 0, "\x08\x02\0\0\0"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(0x80000000, 1, "\x08\x02\0\0\0"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(1, 1, "\x08\x02\1\0\0"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(1, 1, "\x08\x02\0\1\0"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(1, 1, "\x08\x02\0\0\2"))) == errc::corrupt_image);
  CHECK(png_verdict(with_ihdr(ihdr(1, 1, "\x08\x02\0\0\0") + "more")) == errc::corrupt_image);
}

TEST_CASE("chunks must be there, once, and within the file") {
  const test::png_variant how{.width = 2, .height = 2};
  const std::string head = test::png_signature() + test::png_header_chunk(how);
  const std::string data = test::png_chunk("IDAT", "x"), end = test::png_chunk("IEND", "");
  CHECK(png_verdict(head + data + end) == errc{});
  CHECK(png_verdict(head + end) == errc::corrupt_image);
  CHECK(png_verdict(head + data) == errc::corrupt_image);
  CHECK(png_verdict(head + test::png_header_chunk(how) + data + end) == errc::corrupt_image);
  CHECK(png_verdict(test::png_signature() + data + end) == errc::corrupt_image);
  CHECK(png_verdict(head + "\x7F\xFF\xFF\xFFtEXt" + data + end) == errc::corrupt_image);
  CHECK(png_verdict(test::png_signature() + test::png_chunk("CgBI", "abcd") + data + end) == errc::unsupported_image);
  const std::string palette = test::png_signature() + test::png_header_chunk({.colour = 3, .depth = 8});
  CHECK(png_verdict(palette + data + end) == errc::corrupt_image);
  CHECK(png_verdict(palette + test::png_chunk("PLTE", "abc") + data + end) == errc{});
}

TEST_CASE("the orientation of a PNG is read from its eXIf chunk") {
  const test::png_variant how{
      .width = 2, .height = 2, .before_data = test::png_chunk("eXIf", test::orientation_block(7))};
  CHECK(read_png_header(test::png_with_data(how, "x"))->orientation == 7);
}
