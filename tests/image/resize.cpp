#include <eucv/image/resize.hpp>

#include "support/code_of.hpp"
#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

using namespace eucv::image;
using eucv::errc;

namespace {

// The area filter as its definition has it: each source pixel times the part that is covered, in double.
double covered_mean(const bitmap& picture, const bitmap& made, std::size_t x, std::size_t y, std::size_t channel) {
  const double sx = double(picture.width) / double(made.width), sy = double(picture.height) / double(made.height);
  double sum = 0;
  for (std::size_t v = 0; v < picture.height; ++v)
    for (std::size_t u = 0; u < picture.width; ++u) {
      const double across = std::min(double(u + 1), double(x + 1) * sx) - std::max(double(u), double(x) * sx);
      const double down = std::min(double(v + 1), double(y + 1) * sy) - std::max(double(v), double(y) * sy);
      if (across > 0 && down > 0) sum += across * down * picture.pixel(u, v)[channel];
    }
  return sum / (sx * sy);
}

} // namespace

TEST_CASE("whole factors give the rounded mean, exactly") {
  for (const std::size_t factor : {1U, 2U, 3U, 5U, 8U, 16U}) {
    const bitmap picture = test::noise(6 * factor, 4 * factor, factor);
    const bitmap made = resize_area(picture, 6, 4);
    for (std::size_t y = 0; y < 4; ++y)
      for (std::size_t x = 0; x < 6; ++x)
        for (std::size_t c = 0; c < 3; ++c) {
          unsigned sum = 0;
          for (std::size_t v = 0; v < factor; ++v)
            for (std::size_t u = 0; u < factor; ++u) sum += picture.pixel(x * factor + u, y * factor + v)[c];
          const unsigned count = unsigned(factor * factor);
          REQUIRE(made.pixel(x, y)[c] == (2 * sum + count) / (2 * count));
        }
  }
}

TEST_CASE("any factor gives the mean of what is covered") {
  const bitmap picture = test::noise(37, 23);
  for (const auto& [width, height] : {std::pair{10U, 7U}, {36U, 22U}, {1U, 1U}, {37U, 5U}, {50U, 9U}, {80U, 60U}}) {
    const bitmap made = resize_area(picture, width, height);
    REQUIRE(made.rgb.size() == std::size_t{width} * height * 3);
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        REQUIRE(std::abs(made.pixel(x, y)[1] - covered_mean(picture, made, x, y, 1)) <= 0.501);
  }
}

TEST_CASE("a resize to the same size changes nothing, and one of a plain picture keeps its colour") {
  const bitmap picture = test::noise(19, 31);
  CHECK(resize_area(picture, 19, 31) == picture);
  CHECK(resize(picture, 19, 31) == picture);
  for (const std::uint8_t level : std::vector<std::uint8_t>{0, 1, 127, 254, 255}) {
    bitmap plain = black(29, 17);
    std::ranges::fill(plain.rgb, level);
    for (const auto& [width, height] : {std::pair{7U, 5U}, {64U, 64U}, {3U, 90U}, {1U, 1U}}) {
      CHECK(std::ranges::count(resize_area(plain, width, height).rgb, level) == std::ptrdiff_t(width * height * 3));
      CHECK(std::ranges::count(resize(plain, width, height).rgb, level) == std::ptrdiff_t(width * height * 3));
    }
  }
}

TEST_CASE("enlarging lies on the straight line between the centres") {
  bitmap picture = black(2, 1);
  picture.rgb = {0, 0, 0, 200, 100, 40};
  const bitmap made = resize(picture, 4, 1); // centres at -1/4, 1/4, 3/4, 5/4 of the way
  CHECK(made.rgb == std::vector<std::uint8_t>{0, 0, 0, 50, 25, 10, 150, 75, 30, 200, 100, 40});
  CHECK(resize(picture, 4, 3).row(2)[9] == 200);
}

TEST_CASE("one axis may shrink while the other grows") {
  const bitmap picture = test::waves(64, 8);
  const bitmap made = resize(picture, 16, 16);
  CHECK(made.width == 16);
  CHECK(made.height == 16);
  CHECK(test::difference(resize(made, 64, 8), picture) < 8);
}

TEST_CASE("thin pictures and single pixels") {
  for (const auto& [width, height] : {std::pair{1U, 1U}, {1U, 1000U}, {1000U, 1U}}) {
    const bitmap picture = test::noise(width, height);
    for (const auto& [w, h] : {std::pair{1U, 1U}, {3U, 2U}, {1U, 400U}, {400U, 1U}}) {
      CHECK(resize_area(picture, w, h).rgb.size() == std::size_t{w} * h * 3);
      CHECK(resize(picture, w, h).rgb.size() == std::size_t{w} * h * 3);
    }
  }
}

TEST_CASE("the shorter side shrinks, the longer one in proportion") {
  CHECK(shrink_shorter_side(test::noise(400, 300), 128).width == 171);
  CHECK(shrink_shorter_side(test::noise(400, 300), 128).height == 128);
  CHECK(shrink_shorter_side(test::noise(300, 400), 128).width == 128);
  CHECK(shrink_shorter_side(test::noise(1000, 1), 1).width == 1000);
  const bitmap small = test::noise(50, 40);
  CHECK(shrink_shorter_side(small, 40) == small);
  CHECK(shrink_shorter_side(small, 41) == small);
  CHECK(shrink_shorter_side(small, 39).height == 39);
  CHECK(shrink_shorter_side(bitmap{}, 10) == bitmap{});
}

TEST_CASE("a crop is the part that it names") {
  const bitmap picture = test::noise(9, 7);
  const bitmap part = crop(picture, {2, 3, 4, 2});
  for (std::size_t y = 0; y < 2; ++y)
    for (std::size_t x = 0; x < 4; ++x)
      for (std::size_t c = 0; c < 3; ++c) CHECK(part.pixel(x, y)[c] == picture.pixel(x + 2, y + 3)[c]);
  CHECK(crop(picture, {0, 0, 9, 7}) == picture);
  CHECK(centre_square(picture) == crop(picture, {1, 0, 7, 7}));
}

TEST_CASE("sides of 0 and parts outside are refused") {
  const bitmap picture = test::noise(9, 7);
  CHECK(test::code_of([&] { (void)resize_area(picture, 0, 3); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)resize(picture, 3, 0); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)resize(bitmap{}, 3, 3); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)shrink_shorter_side(picture, 0); }) == errc::invalid_argument);
  for (const rectangle& part :
       {rectangle{0, 0, 10, 7}, {0, 0, 9, 8}, {9, 0, 1, 1}, {0, 0, 0, 1}, {std::size_t(-1), 0, 2, 1}})
    CHECK(test::code_of([&] { (void)crop(picture, part); }) == errc::invalid_argument);
}
