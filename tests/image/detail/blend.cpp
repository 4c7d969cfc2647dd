#include <eucv/image/detail/blend.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using eucv::image::detail::blend_on_white;

TEST_CASE("each level and each alpha is blended on white as exact arithmetic has it") {
  for (unsigned alpha = 0; alpha < 256; ++alpha)
    for (unsigned level = 0; level < 256; ++level) {
      const std::array<std::uint8_t, 4> from{std::uint8_t(level), 0, 255, std::uint8_t(alpha)};
      std::array<std::uint8_t, 3> to{};
      blend_on_white(from.data(), 1, to.data());
      const double exact = (level * alpha + 255.0 * (255 - alpha)) / 255;
      REQUIRE(std::abs(to[0] - exact) <= 0.5);
      REQUIRE(to[1] == 255 - alpha);
      REQUIRE(to[2] == 255);
    }
}

TEST_CASE("pixels may be blended where they lie") {
  std::array<std::uint8_t, 12> pixels{1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 0};
  blend_on_white(pixels.data(), 3, pixels.data());
  const std::array<std::uint8_t, 9> expected{1, 2, 3, 4, 5, 6, 255, 255, 255};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(pixels[i] == expected[i]);
}
