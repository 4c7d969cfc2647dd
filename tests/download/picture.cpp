#include <eucv/download/picture.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/dhash.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/tiny_picture.hpp"
#include "support/webp_files.hpp"

using namespace eucv::download;

TEST_CASE("an image is stored as a JPEG of the wanted size, with its facts") {
  const auto made = make_picture(test::tiny_jpeg(1, 120, 80), {.size = 40});
  REQUIRE(made);
  CHECK(made->suffix == ".jpg");
  CHECK(made->width == 60);
  CHECK(made->height == 40);
  CHECK(made->sha256 == eucv::sha256_text(made->bytes));
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

#ifdef EUCV_WITH_WEBP
TEST_CASE("a WebP is stored as it came with its own suffix, or as a JPEG of the wanted size") {
  const std::string webp = test::make_webp(test::tiny_picture(3));
  const auto original = make_picture(webp, {.size = 0});
  REQUIRE(original);
  CHECK(original->bytes == webp);
  CHECK(original->suffix == ".webp");
  CHECK(original->width == 48);
  CHECK(original->dhash == make_picture(eucv::image::encode_png(test::tiny_picture(3)), {.size = 0})->dhash);
  CHECK(make_picture(webp, {.size = 0, .check = picture_check::header})->suffix == ".webp");
  const auto small = make_picture(webp, {.size = 20});
  REQUIRE(small);
  CHECK(small->suffix == ".jpg");
}
#endif

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

TEST_CASE("a check of the header refuses what is no picture, what was cut off and what is too large") {
  using eucv::errc;
  picture_options options{.size = 0};
  options.check = picture_check::header;
  const auto code = [&](std::string body) { return make_picture(std::move(body), options).error().code(); };
  CHECK(code("<!DOCTYPE html><html>Not found</html>") == errc::not_an_image);
  CHECK(code("") == errc::not_an_image);
  CHECK(code("GIF89a\x01\x02\x03\x04\x05\x06\x07\x08") == errc::unsupported_image);
  for (const std::string& whole : {test::tiny_jpeg(5, 60, 40), eucv::image::encode_png(test::tiny_picture(5))}) {
    const auto made = make_picture(whole, options);
    REQUIRE(made);
    CHECK(made->bytes == whole);
    CHECK(made->size == whole.size());
    CHECK(made->sha256 == eucv::sha256_text(whole));
    CHECK(made->dhash.empty());
    // Its end is the last mark: FF D9 of a JPEG, twelve bytes named IEND of a PNG.
    for (std::size_t length = 0; length < whole.size(); ++length)
      REQUIRE_FALSE(make_picture(whole.substr(0, length), options));
  }
  options.limits.pixels = 60 * 40 - 1;
  CHECK(code(test::tiny_jpeg(5, 60, 40)) == errc::too_many_pixels);
}

TEST_CASE(
    "a check of the header passes over damaged data, which decoding finds, and is not for pictures made smaller") {
  std::string damaged = test::tiny_jpeg(6, 64, 64);
  const std::size_t data = damaged.rfind("\xFF\xDA") + 14;
  REQUIRE(data + 40 < damaged.size());
  for (std::size_t i = data; i + 4 <= damaged.size(); i += 2) { // ones: no code
    damaged[i] = '\xFF';
    damaged[i + 1] = '\0';
  }
  picture_options options{.size = 0};
  REQUIRE_FALSE(make_picture(damaged, options));
  CHECK(make_picture(damaged, options).error().code() == eucv::errc::corrupt_image);
  options.check = picture_check::header;
  CHECK(make_picture(damaged, options));
  options.size = 32;
  CHECK_FALSE(make_picture(damaged, options));
  const auto small = make_picture(test::tiny_jpeg(6, 64, 64), options);
  REQUIRE(small);
  CHECK(small->dhash.size() == 16);
}
