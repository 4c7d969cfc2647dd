#include <eucv/image/detail/turbo_png.hpp>

#ifdef EUCV_WITH_TURBO
#include <eucv/image/detail/png_header.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::image;
using eucv::errc;

namespace {

eucv::result<bitmap> read_png(const std::string& png) {
  const auto found = read_png_header(png);
  if (!found) return found.error();
  return turbo_png(png, *found);
}

errc turbo_png_verdict(const std::string& png) {
  const auto picture = read_png(png);
  return picture ? errc{} : picture.error().code();
}

unsigned level(std::size_t x, std::size_t y, int c) {
  return unsigned(31 * x + 17 * y + 59 * std::size_t(c)) % 256;
}

} // namespace

TEST_CASE("interlaced PNGs of all small sizes equal the plain ones") {
  for (std::size_t width = 1; width <= 10; ++width)
    for (std::size_t height = 1; height <= 10; ++height)
      for (const int colour : {2, 6}) {
        const auto plain = read_png(test::make_png({.width = width, .height = height, .colour = colour}, level));
        const auto passes =
            read_png(test::make_png({.width = width, .height = height, .colour = colour, .interlaced = true}, level));
        CAPTURE(width);
        CAPTURE(height);
        REQUIRE(plain);
        REQUIRE_MESSAGE(passes.has_value(), (passes ? "" : passes.error().what()));
        CHECK(*plain == *passes);
      }
}

TEST_CASE("too little data is corrupt, too much is left alone") {
  for (const bool interlaced : {false, true}) {
    const test::png_variant how{.width = 9, .height = 7, .interlaced = interlaced};
    const std::string rows = test::png_rows(how, level);
    REQUIRE(turbo_png_verdict(test::png_with_data(how, test::deflate(rows))) == errc{});
    for (std::size_t missing = 1; missing < rows.size(); ++missing)
      REQUIRE(turbo_png_verdict(test::png_with_data(how, test::deflate(rows.substr(missing)))) == errc::corrupt_image);
    CHECK(turbo_png_verdict(test::png_with_data(how, test::deflate(rows + "more"))) == errc{});
    CHECK(turbo_png_verdict(test::png_with_data(how, "no deflate stream")) == errc::corrupt_image);
    std::string filter = rows;
    filter[0] = 5;
    CHECK(turbo_png_verdict(test::png_with_data(how, test::deflate(filter))) == errc::corrupt_image);
  }
}

TEST_CASE("a wrong check sum of a chunk that matters is corrupt, of another one not") {
  test::png_variant how{.width = 9, .height = 7};
  std::string png = test::make_png(how, level);
  png[png.size() - 13] ^= 1; // the last byte of IDAT's
  CHECK(turbo_png_verdict(png) == errc::corrupt_image);
  std::string text = test::png_chunk("tEXt", std::string("Title\0x", 7));
  text.back() ^= 1;
  how.before_data = text;
  CHECK(turbo_png_verdict(test::make_png(how, level)) == errc{});
}

TEST_CASE("an index beyond the palette does not leave it") {
  const test::png_variant how{.width = 4, .height = 4, .colour = 3, .before_data = test::png_chunk("PLTE", "abcdef")};
  const auto picture = read_png(test::make_png(how, [](std::size_t x, auto...) { return unsigned(100 * x % 256); }));
  if (picture) {
    CHECK(picture->pixel(0, 0)[0] == 'a');
  } else {
    CHECK(picture.error().code() == errc::corrupt_image);
  }
}
#endif
