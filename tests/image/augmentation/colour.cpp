#include <eucv/image/augmentation/colour.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/tiny_images.hpp"

using namespace eucv::image;

TEST_CASE("brightness, contrast and saturation do what their names say") {
  bitmap picture = black(2, 1);
  picture.rgb = {100, 100, 100, 60, 60, 60};
  bitmap brighter = picture;
  change_colours(brighter, {1.5, 1, 1});
  CHECK(brighter.rgb == std::vector<std::uint8_t>{150, 150, 150, 90, 90, 90});
  bitmap flat = picture;
  change_colours(flat, {1, 0, 1});
  CHECK(flat.rgb == std::vector<std::uint8_t>(6, 80)); // the mean grey
  bitmap harder = picture;
  change_colours(harder, {1, 2, 1});
  CHECK(harder.rgb == std::vector<std::uint8_t>{120, 120, 120, 40, 40, 40});

  bitmap colourful = black(1, 1);
  colourful.rgb = {200, 100, 50};
  bitmap grey = colourful;
  change_colours(grey, {1, 1, 0});
  CHECK(grey.rgb == std::vector<std::uint8_t>(3, 124)); // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
  bitmap vivid = colourful;
  change_colours(vivid, {1, 1, 2});
  CHECK(vivid.rgb == std::vector<std::uint8_t>{255, 76, 0}); // clamped, not wrapped
  bitmap same = colourful;
  change_colours(same, {1, 1, 1});
  CHECK(same == colourful);
}

TEST_CASE("colour jitter changes at most by what it says, and draws three numbers whatever comes of it") {
  bitmap grey = black(1, 1);
  grey.rgb = {100, 100, 100};
  eucv::random engine(3);
  int darkest = 255, brightest = 0;
  for (int i = 0; i < 500; ++i) {
    bitmap made = grey;
    colour_jitter{.colour = 0.2}.apply(made, engine); // of one grey pixel only the brightness changes
    CHECK(made.rgb[0] == made.rgb[2]);
    darkest = std::min<int>(darkest, made.rgb[0]);
    brightest = std::max<int>(brightest, made.rgb[0]);
  }
  CHECK(darkest >= 80);
  CHECK(darkest < 85);
  CHECK(brightest <= 120);
  CHECK(brightest > 115);
  eucv::random one(7), other(7);
  bitmap made = test::noise(4, 4);
  colour_jitter{.colour = 0}.apply(made, one);
  for (int i = 0; i < 3; ++i) (void)other.uniform();
  CHECK(made == test::noise(4, 4));
  CHECK(one == other);
  CHECK(eucv::identity_of(colour_jitter{}).at("colour") == "0.2");
}
