#include <eucv/image/encode.hpp>

#include <eucv/image/decode.hpp>

#include "support/code_of.hpp"
#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

using namespace eucv::image;
using eucv::errc;

TEST_CASE("a PNG gives back every pixel, by either decoder") {
  for (const bitmap& picture :
       {test::noise(1, 1), test::noise(1, 50), test::noise(50, 1), test::noise(65, 33), test::waves(300, 200)}) {
    const std::string png = encode_png(picture);
    CHECK(*decode(png) == picture);
    CHECK(*decode<stb>(png) == picture);
  }
}

TEST_CASE("a JPEG gives back the picture within its quality, in fewer bytes for less") {
  const bitmap picture = test::waves(120, 80);
  std::size_t size = 0;
  double loss = 1e9;
  for (const int quality : {10, 50, 90, 100}) {
    const std::string jpeg = encode_jpeg(picture, quality);
    const double now = test::difference(*decode(jpeg), picture);
    CHECK(jpeg.size() > size);
    CHECK(now <= loss);
    size = jpeg.size();
    loss = now;
  }
  CHECK(loss < 2);
  CHECK(encode_jpeg(picture) == encode_jpeg(picture, 90));
}

TEST_CASE("thin pictures survive") {
  for (const bitmap& picture : {test::noise(1, 1), test::noise(1, 9), test::noise(17, 1)}) {
    const auto back = decode(encode_jpeg(picture, 100));
    REQUIRE(back);
    CHECK(back->width == picture.width);
    CHECK(back->height == picture.height);
  }
}

TEST_CASE("what cannot be encoded is refused") {
  const bitmap picture = test::noise(4, 4);
  CHECK(test::code_of([] { (void)encode_jpeg({}); }) == errc::invalid_argument);
  CHECK(test::code_of([] { (void)encode_png({}); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)encode_jpeg(picture, 0); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)encode_jpeg(picture, 101); }) == errc::invalid_argument);
  CHECK(test::code_of([] { (void)encode_jpeg(black(65'501, 1)); }) == errc::invalid_argument);
  bitmap short_array = picture;
  short_array.rgb.pop_back();
  CHECK(test::code_of([&] { (void)encode_jpeg(short_array); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)encode_png(short_array); }) == errc::invalid_argument);
}
