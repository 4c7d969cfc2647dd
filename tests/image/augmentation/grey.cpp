#include <eucv/image/augmentation/grey.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/tiny_images.hpp"

using namespace eucv::image;

TEST_CASE("grey is the luma of ITU-R BT.601, rounded") {
  bitmap picture = black(5, 1);
  picture.rgb = {255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50, 255, 255, 255};
  make_grey(picture);
  // 76.245, 149.685, 29.07, 59.8 + 58.7 + 5.7 = 124.2 and 255
  CHECK(picture.rgb == std::vector<std::uint8_t>{76, 76, 76, 150, 150, 150, 29, 29, 29, 124, 124, 124, 255, 255, 255});
  const bitmap once = picture;
  make_grey(picture);
  CHECK(picture == once);
}

TEST_CASE("a picture is turned grey as often as asked, and by default nothing is drawn") {
  const bitmap picture = test::noise(8, 8);
  bitmap grey = picture;
  make_grey(grey);
  REQUIRE(grey != picture);
  for (const double probability : {0.0, 0.3, 1.0}) {
    eucv::random engine(6);
    int count = 0;
    for (int i = 0; i < 2000; ++i) {
      bitmap made = picture;
      random_grey{.grey = probability}.apply(made, engine);
      CHECK((made == grey || made == picture));
      count += made == grey;
    }
    CHECK(count >= 2000 * (probability - 0.06));
    CHECK(count <= 2000 * (probability + 0.06));
    CHECK((engine == eucv::random(6)) == (probability == 0));
  }
  CHECK(random_grey{}.grey == 0);
  CHECK(eucv::identity_of(random_grey{}).at("grey") == "0");
}
