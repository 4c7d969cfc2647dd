#include <eucv/image/augmentation/erase.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/tiny_images.hpp"

using namespace eucv;

TEST_CASE("one rectangle of a fiftieth to a third of the picture becomes its mean colour") {
  // Left half 10, right half 30, so that no pixel has the mean's 20 to begin with.
  image::bitmap picture;
  picture.width = 40;
  picture.height = 30;
  for (std::size_t i = 0; i < 40 * 30; ++i)
    picture.rgb.insert(picture.rgb.end(), 3, static_cast<std::uint8_t>(i % 40 < 20 ? 10 : 30));
  eucv::random engine(2);
  std::vector<std::size_t> lefts, tops;
  for (int round = 0; round < 200; ++round) {
    auto made = picture;
    image::erase(made, engine);
    std::size_t left = 40, right = 0, top = 30, bottom = 0, count = 0;
    for (std::size_t y = 0; y < 30; ++y)
      for (std::size_t x = 0; x < 40; ++x) {
        if (made.pixel(x, y)[0] != 20) {
          CHECK_UNARY(std::equal(made.pixel(x, y), made.pixel(x, y) + 3, picture.pixel(x, y)));
          continue;
        }
        ++count;
        left = std::min(left, x), right = std::max(right, x + 1);
        top = std::min(top, y), bottom = std::max(bottom, y + 1);
      }
    CHECK(count == (right - left) * (bottom - top)); // nothing but the rectangle
    CHECK(count >= 40 * 30 / 60);
    CHECK(count <= 40 * 30 * 37 / 100); // sides are rounded
    lefts.push_back(left);
    tops.push_back(top);
  }
  CHECK(*std::ranges::max_element(lefts) > 25);
  CHECK(*std::ranges::max_element(tops) > 18);
}

TEST_CASE("the same engine erases the same, and a picture of one pixel stays whole or does not") {
  const auto picture = test::noise(16, 16);
  auto one = picture, two = picture;
  eucv::random first(7), second(7);
  image::erase(one, first);
  image::erase(two, second);
  CHECK(one == two);
  CHECK_FALSE(one == picture);
  auto pixel = test::noise(1, 1);
  image::erase(pixel, first);
  CHECK(pixel == test::noise(1, 1)); // its own colour is the mean
}

TEST_CASE("a picture is erased as often as asked, and by default nothing is drawn") {
  const auto picture = test::noise(16, 16);
  for (const double probability : {0.0, 0.3, 1.0}) {
    eucv::random engine(6);
    int erased = 0;
    for (int i = 0; i < 500; ++i) {
      auto made = picture;
      image::random_erasing{.erase = probability}.apply(made, engine);
      erased += made == picture ? 0 : 1;
    }
    CHECK(erased >= 500 * (probability - 0.06));
    CHECK(erased <= 500 * (probability + 0.06));
    CHECK((engine == eucv::random(6)) == (probability == 0));
  }
  CHECK(identity_of(image::random_erasing{}).at("erase") == "0");
}
