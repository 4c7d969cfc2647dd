#include <eucv/download/picture.hpp>
#include <eucv/download/sha256.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/dhash.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/tiny_picture.hpp"

using namespace eucv::download;

TEST_CASE("an image is stored as a JPEG of the wanted size, with its facts") {
  const auto made = make_picture(test::tiny_jpeg(1, 120, 80), {.size = 40});
  REQUIRE(made);
  CHECK(made->suffix == ".jpg");
  CHECK(made->width == 60);
  CHECK(made->height == 40);
  CHECK(made->sha256 == sha256(made->bytes));
  const auto back = eucv::image::decode(std::string_view(made->bytes));
  REQUIRE(back);
  CHECK(back->width == 60);
  CHECK(made->dhash.size() == 16);
  // The same bytes make the same file: that is how duplicates are found.
  CHECK(make_picture(test::tiny_jpeg(1, 120, 80), {.size = 40})->sha256 == made->sha256);
}

TEST_CASE("nothing is enlarged") {
  const auto made = make_picture(test::tiny_jpeg(2, 30, 20), {.size = 256});
  REQUIRE(made);
  CHECK(made->width == 30);
  CHECK(made->height == 20);
}

TEST_CASE("an original keeps its bytes and gets the suffix that they deserve") {
  const std::string png = eucv::image::encode_png(test::tiny_picture(3));
  const auto made = make_picture(png, {.size = 0});
  REQUIRE(made);
  CHECK(made->bytes == png);
  CHECK(made->suffix == ".png");
  CHECK(made->width == 48);
  const auto jpeg = make_picture(test::tiny_jpeg(3), {.size = 0});
  REQUIRE(jpeg);
  CHECK(jpeg->bytes == test::tiny_jpeg(3));
  CHECK(jpeg->suffix == ".jpg");
}

TEST_CASE("what is no image is refused with its reason, original or not") {
  using eucv::errc;
  for (const std::size_t size : {0, 256}) {
    const auto reason = [&](std::string body) { return make_picture(std::move(body), {.size = size}).error().code(); };
    CHECK(reason("<!DOCTYPE html><html>Not found</html>") == errc::not_an_image);
    CHECK(reason("") == errc::not_an_image);
    CHECK(reason("GIF89a\x01\x02\x03\x04\x05\x06\x07\x08") == errc::unsupported_image);
    const std::string jpeg = test::tiny_jpeg(4, 200, 200);
    CHECK(reason(jpeg.substr(0, jpeg.size() / 2)) == errc::corrupt_image);
  }
}
