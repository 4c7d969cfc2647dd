#include <eucv/image/augmentation/shift.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/tiny_images.hpp"

using namespace eucv::image;

TEST_CASE("a shift moves the picture, and what moves in is its mirror image") {
  bitmap row = black(4, 1);
  for (std::size_t x = 0; x < 4; ++x) row.pixel(x, 0)[0] = static_cast<std::uint8_t>(10 * x);
  const auto red = [](const bitmap& picture) {
    std::vector<int> values;
    for (std::size_t y = 0; y < picture.height; ++y)
      for (std::size_t x = 0; x < picture.width; ++x) values.push_back(picture.pixel(x, y)[0]);
    return values;
  };
  CHECK(red(shifted(row, 0, 0)) == std::vector{0, 10, 20, 30});
  CHECK(red(shifted(row, 2, 0)) == std::vector{20, 10, 0, 10});
  CHECK(red(shifted(row, -3, 0)) == std::vector{30, 20, 10, 0});
  bitmap column = black(1, 4);
  for (std::size_t y = 0; y < 4; ++y) column.pixel(0, y)[0] = static_cast<std::uint8_t>(10 * y);
  CHECK(red(shifted(column, 0, 1)) == std::vector{10, 0, 10, 20});
}

TEST_CASE("each shift within the bounds is as likely as any other") {
  const bitmap square = test::noise(32, 32);
  const random_shift by_one{.shift = 1.0 / 32};
  eucv::random engine(9);
  std::array<int, 9> seen{};
  for (int i = 0; i < 900; ++i) {
    bitmap made = square;
    by_one.apply(made, engine);
    for (int way = 0; way < 9; ++way) seen[std::size_t(way)] += made == shifted(square, way % 3 - 1, way / 3 - 1);
  }
  for (const int count : seen) {
    CHECK(count > 60);
    CHECK(count < 140);
  }
}

TEST_CASE("no shift draws nothing") {
  eucv::random engine(9);
  bitmap picture = test::noise(8, 8);
  random_shift{}.apply(picture, engine);
  random_shift{.shift = 0.01}.apply(picture, engine); // less than half a pixel
  CHECK(picture == test::noise(8, 8));
  CHECK(engine == eucv::random(9));
  CHECK(eucv::identity_of(random_shift{}).at("shift") == "0");
}
