#include <eucv/image/dhash.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

using eucv::image::dhash;
using eucv::image::hash_distance;

namespace {

// A picture whose grey at (x, y) is level(x, y), both from 0 to 1.
eucv::image::bitmap picture(std::size_t width, std::size_t height, auto&& level) {
  eucv::image::bitmap made{width, height, std::vector<std::uint8_t>(width * height * 3)};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (int channel = 0; channel < 3; ++channel)
        made.pixel(x, y)[channel] =
            static_cast<std::uint8_t>(255 * level((static_cast<double>(x) + 0.5) / static_cast<double>(width),
                                                  (static_cast<double>(y) + 0.5) / static_cast<double>(height)));
  return made;
}

} // namespace

TEST_CASE("brighter to the right is all ones, darker is all zeros, flat is zero") {
  CHECK(dhash(picture(90, 80, [](double x, double) { return x; })) == ~std::uint64_t{0});
  CHECK(dhash(picture(90, 80, [](double x, double) { return 1 - x; })) == 0);
  CHECK(dhash(picture(90, 80, [](double, double y) { return y; })) == 0);
  CHECK(dhash(picture(1, 1, [](double, double) { return 0.5; })) == 0);
  CHECK(dhash({}) == 0);
}

TEST_CASE("the first bit is the upper left corner") {
  const auto hash = dhash(picture(90, 80, [](double x, double y) { return y < 0.124 && x > 0.111 ? 1.0 : 0.0; }));
  CHECK(eucv::image::hash_text(hash) == "8000000000000000");
}

TEST_CASE("another size changes few bits, another picture many") {
  const auto wave = [](double x, double y) {
    return 0.5 + 0.2 * (x * (1 - x) * 4 - 0.5) + 0.3 * (x - 0.5) * (y - 0.5) * 4;
  };
  const auto other = [](double x, double y) { return 0.5 + 0.4 * (0.5 - x) * (x + y - 1); };
  const auto one = dhash(picture(300, 200, wave));
  CHECK(hash_distance(one, dhash(picture(150, 100, wave))) <= 4);
  CHECK(hash_distance(one, dhash(picture(300, 200, other))) > 10);
}

TEST_CASE("a hash as text") {
  CHECK(eucv::image::hash_text(0) == "0000000000000000");
  CHECK(eucv::image::hash_text(0x0123456789abcdef) == "0123456789abcdef");
}
