#include <eucv/image/turbo.hpp>

#ifdef EUCV_WITH_TURBO
#include <eucv/image/decode.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

using namespace eucv::image;

static_assert(decoder<turbo>);
static_assert(std::same_as<default_decoder, turbo>);

TEST_CASE("turbo decodes each format by its own library") {
  const bitmap picture = test::waves(24, 16);
  const auto jpeg = decode<turbo>(test::make_jpeg(picture));
  REQUIRE(jpeg);
  CHECK(test::difference(*jpeg, picture) < 3);
  const auto png = decode<turbo>(test::make_png({.width = 24, .height = 16}, [&](std::size_t x, std::size_t y, int c) {
    return unsigned{picture.pixel(x, y)[c]};
  }));
  REQUIRE(png);
  CHECK(*png == picture);
}
#endif
