#include <eucv/explain/heat_map.hpp>

#include <doctest/doctest.h>

#include <support/tiny_images.hpp>

#include <cmath>

using namespace eucv::explain;

TEST_CASE("a map is linear between the centres of its cells, and goes on as it is beyond them") {
  const heat_map map{2, 3, {0, 1, 2, 3, 4, 5}};
  CHECK(map.peak() == 5);
  CHECK(map.at(0.5, 0.25) == doctest::Approx(1));
  CHECK(map.at(1.0 / 3, 0.25) == doctest::Approx(0.5));
  CHECK(map.at(0.5, 0.5) == doctest::Approx(2.5));
  CHECK(map.at(0, 0) == 0);
  CHECK(map.at(1, 1) == 5);
  CHECK(map.at(-3, 9) == 3);
  CHECK(heat_map{1, 1, {7}}.at(0.3, 0.9) == 7);
  CHECK(heat_map{}.peak() == 0);
}

TEST_CASE("the colours are those of matplotlib's viridis, and get lighter all the way") {
  // matplotlib 3.6, cm.viridis(t) x 255, for t of 0, 1/4, 1/2, 3/4, 1
  const int theirs[5][3] = {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto ours = viridis(static_cast<double>(i) / 4);
    for (std::size_t c = 0; c < 3; ++c) CHECK(std::abs(int{ours[c]} - theirs[i][c]) <= 4);
  }
  double before = -1;
  for (int i = 0; i <= 100; ++i) {
    const auto colour = viridis(i / 100.0);
    double light = 0; // relative luminance of sRGB
    const double shares[] = {0.2126, 0.7152, 0.0722};
    for (std::size_t c = 0; c < 3; ++c) light += shares[c] * std::pow(colour[c] / 255.0, 2.2);
    CHECK(light > before);
    before = light;
  }
  CHECK(viridis(-1) == viridis(0));
  CHECK(viridis(2) == viridis(1));
}

TEST_CASE("an overlay keeps the size of the picture, and pales what was not seen") {
  const auto picture = test::waves(40, 20);
  const heat_map map{1, 2, {0, 3}};
  const auto made = overlay(picture, map, {10, 0, 20, 20});
  REQUIRE(made.width == 40);
  REQUIRE(made.height == 20);
  REQUIRE(made.rgb.size() == picture.rgb.size());
  for (std::size_t c = 0; c < 3; ++c) CHECK(int{made.pixel(2, 3)[c]} == (picture.pixel(2, 3)[c] + 510) / 3);
  const auto& cold = *made.pixel(10, 10);
  const auto* const hot = made.pixel(29, 10);
  const auto* const grey = picture.pixel(29, 10);
  const unsigned level = (299U * grey[0] + 587U * grey[1] + 114U * grey[2]) / 1000U;
  CHECK(unsigned{hot[0]} == (level + viridis(1)[0]) / 2);
  CHECK(hot[0] > cold);
  const auto nothing = overlay(picture, {1, 1, {0}}, {0, 0, 40, 20});
  const unsigned of_corner = 10;
  CHECK(unsigned{nothing.pixel(0, 0)[2]} == (of_corner + viridis(0)[2]) / 2);
}
