#include <eucv/image/augmentation/crop.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <set>

#include "support/tiny_images.hpp"

using namespace eucv::image;

TEST_CASE("crops stay inside, cover what they shall and lie everywhere") {
  const bitmap picture = black(90, 60);
  const random_crop how{.crop = 0.25};
  eucv::random engine(4);
  std::set<std::size_t> columns, rows;
  for (int i = 0; i < 4000; ++i) {
    const rectangle part = how.draw(picture, engine);
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

TEST_CASE("a crop of all is the picture where it is a square, and else the square in its middle") {
  eucv::random engine(5);
  const random_crop all{.crop = 1};
  CHECK(all.draw(black(30, 30), engine) == rectangle{0, 0, 30, 30});
  CHECK(all.draw(black(50, 30), engine) == rectangle{10, 0, 30, 30});
  CHECK(random_crop{}.draw(black(1000, 2), engine).height == 2); // none of ten fits
}

TEST_CASE("a crop has options") {
  CHECK(eucv::identity_of(random_crop{}).at("crop") == "0.4");
  CHECK(eucv::identity_of(random_crop{}).at("crop-aspect") == "1.3333333333333333");
}
