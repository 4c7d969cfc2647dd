#include <eucv/image/augment.hpp>

#include "support/code_of.hpp"
#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using namespace eucv::image;
using eucv::errc;

namespace {

constexpr augmentation nothing{
    .size = 32, .flip = 0, .crop_scale_min = 1, .crop_aspect = 1, .brightness = 0, .contrast = 0, .saturation = 0};

} // namespace

TEST_CASE("the same engine gives the same picture, another one another") {
  const bitmap picture = test::waves(100, 80);
  const augmentation how{.size = 48};
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    eucv::random one(seed), two(seed);
    const bitmap made = augment(picture, how, one);
    CHECK(made == augment(picture, how, two));
    CHECK(one == two);
    CHECK(made.width == 48);
    CHECK(made.height == 48);
    seen.insert(made.rgb);
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("any shape of picture gives the wanted size") {
  eucv::random engine(2);
  for (const auto& [width, height] : {std::pair{1U, 1U}, {1U, 500U}, {500U, 1U}, {7U, 1000U}, {64U, 64U}})
    for (int i = 0; i < 10; ++i) {
      const bitmap made = augment(test::noise(width, height), {.size = 24}, engine);
      CHECK(made.rgb.size() == 24 * 24 * 3);
    }
}

TEST_CASE("without any variation a square picture is only resized") {
  const bitmap picture = test::waves(96, 96);
  eucv::random engine(3);
  CHECK(augment(picture, nothing, engine) == resize(picture, 32, 32));
}

TEST_CASE("crops stay inside, cover what they shall and lie everywhere") {
  const bitmap picture = black(90, 60);
  const augmentation how{.crop_scale_min = 0.25};
  eucv::random engine(4);
  std::set<std::size_t> columns, rows;
  for (int i = 0; i < 4000; ++i) {
    const rectangle part = detail::random_crop(picture, how, engine);
    REQUIRE(part.x + part.width <= 90);
    REQUIRE(part.y + part.height <= 60);
    const double area = double(part.width * part.height) / (90 * 60), aspect = double(part.width) / double(part.height);
    REQUIRE(area > 0.25 - 0.03);
    REQUIRE(aspect < 4.0 / 3 * 1.05);
    REQUIRE(aspect > 3.0 / 4 * 0.95);
    columns.insert(part.x);
    rows.insert(part.y);
  }
  CHECK(columns.size() > 40);
  CHECK(rows.size() > 25);
}

TEST_CASE("a mirror image is one, as often as asked") {
  const bitmap picture = test::noise(5, 3);
  const bitmap mirrored = mirror(picture);
  for (std::size_t y = 0; y < 3; ++y)
    for (std::size_t x = 0; x < 5; ++x)
      for (std::size_t c = 0; c < 3; ++c) CHECK(mirrored.pixel(x, y)[c] == picture.pixel(4 - x, y)[c]);
  CHECK(mirror(mirrored) == picture);
  CHECK(mirror(test::noise(4, 1)).pixel(0, 0)[2] == test::noise(4, 1).pixel(3, 0)[2]);

  augmentation how = nothing;
  const bitmap square = test::noise(32, 32);
  const bitmap turned = mirror(square);
  for (const auto& [probability, low, high] : {std::array{0.0, 0.0, 0.0}, {0.3, 0.24, 0.36}, {1.0, 1.0, 1.0}}) {
    how.flip = probability;
    eucv::random engine(6);
    int flips = 0;
    for (int i = 0; i < 2000; ++i) flips += augment(square, how, engine) == turned;
    CHECK(flips >= 2000 * low);
    CHECK(flips <= 2000 * high);
  }
}

TEST_CASE("a shift moves the picture, and what moves in is its mirror image") {
  bitmap row = black(4, 1);
  for (std::size_t x = 0; x < 4; ++x) row.pixel(x, 0)[0] = static_cast<std::uint8_t>(10 * x);
  const auto red = [](const bitmap& picture) {
    std::vector<int> values;
    for (std::size_t y = 0; y < picture.height; ++y)
      for (std::size_t x = 0; x < picture.width; ++x) values.push_back(picture.pixel(x, y)[0]);
    return values;
  };
  CHECK(red(detail::shifted(row, 0, 0)) == std::vector{0, 10, 20, 30});
  CHECK(red(detail::shifted(row, 2, 0)) == std::vector{20, 10, 0, 10});
  CHECK(red(detail::shifted(row, -3, 0)) == std::vector{30, 20, 10, 0});
  bitmap column = black(1, 4);
  for (std::size_t y = 0; y < 4; ++y) column.pixel(0, y)[0] = static_cast<std::uint8_t>(10 * y);
  CHECK(red(detail::shifted(column, 0, 1)) == std::vector{10, 0, 10, 20});
}

TEST_CASE("each shift within the bounds is as likely as any other") {
  const bitmap square = test::noise(32, 32);
  augmentation how = nothing;
  how.shift = 1.0 / 32;
  eucv::random engine(9);
  std::array<int, 9> seen{};
  for (int i = 0; i < 900; ++i) {
    const bitmap made = augment(square, how, engine);
    for (int way = 0; way < 9; ++way)
      seen[std::size_t(way)] += made == detail::shifted(square, way % 3 - 1, way / 3 - 1);
  }
  for (const int count : seen) {
    CHECK(count > 60);
    CHECK(count < 140);
  }
}

TEST_CASE("brightness, contrast and saturation do what their names say") {
  bitmap picture = black(2, 1);
  picture.rgb = {100, 100, 100, 60, 60, 60};
  bitmap brighter = picture;
  detail::change_colours(brighter, 1.5, 1, 1);
  CHECK(brighter.rgb == std::vector<std::uint8_t>{150, 150, 150, 90, 90, 90});
  bitmap flat = picture;
  detail::change_colours(flat, 1, 0, 1);
  CHECK(flat.rgb == std::vector<std::uint8_t>(6, 80)); // the mean grey
  bitmap harder = picture;
  detail::change_colours(harder, 1, 2, 1);
  CHECK(harder.rgb == std::vector<std::uint8_t>{120, 120, 120, 40, 40, 40});

  bitmap colourful = black(1, 1);
  colourful.rgb = {200, 100, 50};
  bitmap grey = colourful;
  detail::change_colours(grey, 1, 1, 0);
  CHECK(grey.rgb == std::vector<std::uint8_t>(3, 124)); // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
  bitmap vivid = colourful;
  detail::change_colours(vivid, 1, 1, 2);
  CHECK(vivid.rgb == std::vector<std::uint8_t>{255, 76, 0}); // clamped, not wrapped
  bitmap same = colourful;
  detail::change_colours(same, 1, 1, 1);
  CHECK(same == colourful);
}

TEST_CASE("values out of range are refused") {
  const bitmap picture = test::waves(8, 8);
  eucv::random engine(1);
  const auto refused = [&](const augmentation& how) {
    return test::code_of([&] { (void)augment(picture, how, engine); });
  };
  CHECK(refused({.size = 0}) == errc::invalid_argument);
  CHECK(refused({.flip = 1.5}) == errc::invalid_argument);
  CHECK(refused({.flip = std::nan("")}) == errc::invalid_argument);
  CHECK(refused({.crop_scale_min = 0}) == errc::invalid_argument);
  CHECK(refused({.crop_scale_min = 1.1}) == errc::invalid_argument);
  CHECK(refused({.crop_aspect = 0.5}) == errc::invalid_argument);
  CHECK(refused({.shift = 1}) == errc::invalid_argument);
  CHECK(refused({.brightness = -0.1}) == errc::invalid_argument);
  CHECK(refused({.contrast = 2}) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)augment(bitmap{}, {}, engine); }) == errc::invalid_argument);
}
