#include <eucv/image/bitmap.hpp>

#include <doctest/doctest.h>

using namespace eucv::image;

TEST_CASE("a black picture has three zero bytes a pixel") {
  const bitmap picture = black(5, 3);
  CHECK(picture.width == 5);
  CHECK(picture.height == 3);
  CHECK(picture.rgb == std::vector<std::uint8_t>(45, 0));
}

TEST_CASE("rows and pixels lie from top to bottom and left to right") {
  bitmap picture = black(4, 3);
  picture.pixel(2, 1)[1] = 7;
  CHECK(picture.rgb[(1 * 4 + 2) * 3 + 1] == 7);
  const bitmap& seen = picture;
  CHECK(seen.row(1) + 6 == seen.pixel(2, 1));
  CHECK(seen.row(2) == seen.rgb.data() + 24);
}

TEST_CASE("pictures are equal when sides and bytes are") {
  CHECK(black(2, 3) == black(2, 3));
  CHECK_FALSE(black(2, 3) == black(3, 2));
  bitmap other = black(2, 3);
  other.rgb.back() = 1;
  CHECK_FALSE(other == black(2, 3));
}
