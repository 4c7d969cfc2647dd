#include <eucv/image/augmentation/flip.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>

#include "support/tiny_images.hpp"

using namespace eucv::image;

TEST_CASE("a mirror image is one, as its name says") {
  const bitmap picture = test::noise(5, 3);
  const bitmap mirrored = mirror(picture);
  for (std::size_t y = 0; y < 3; ++y)
    for (std::size_t x = 0; x < 5; ++x)
      for (std::size_t c = 0; c < 3; ++c) CHECK(mirrored.pixel(x, y)[c] == picture.pixel(4 - x, y)[c]);
  CHECK(mirror(mirrored) == picture);
  CHECK(mirror(test::noise(4, 1)).pixel(0, 0)[2] == test::noise(4, 1).pixel(3, 0)[2]);
}

TEST_CASE("a picture is flipped as often as asked, and one number is drawn whatever comes of it") {
  const bitmap picture = test::noise(8, 8), turned = mirror(picture);
  for (const auto& [probability, low, high] : {std::array{0.0, 0.0, 0.0}, {0.3, 0.24, 0.36}, {1.0, 1.0, 1.0}}) {
    eucv::random engine(6), other(6);
    int flips = 0;
    for (int i = 0; i < 2000; ++i) {
      bitmap made = picture;
      random_flip{.flip = probability}.apply(made, engine);
      flips += made == turned;
      (void)other.uniform();
    }
    CHECK(flips >= 2000 * low);
    CHECK(flips <= 2000 * high);
    CHECK(engine == other);
  }
  CHECK(eucv::identity_of(random_flip{}).at("flip") == "0.5");
}
