#include <eucv/image/exif.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::image;

TEST_CASE("the orientation is read in both byte orders") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CHECK(exif_orientation(test::orientation_block(orientation, test::byte_order::little)) == orientation);
    CHECK(exif_orientation(test::orientation_block(orientation, test::byte_order::big)) == orientation);
  }
}

TEST_CASE("an orientation out of range, of another type or absent counts as 1") {
  CHECK(exif_orientation(test::orientation_block(0)) == 1);
  CHECK(exif_orientation(test::orientation_block(9)) == 1);
  std::string block = test::orientation_block(6);
  block[24] = 4; // LONG
  CHECK(exif_orientation(block) == 1);
  block = test::orientation_block(6);
  block[26] = 2; // two values
  CHECK(exif_orientation(block) == 1);
  block = test::orientation_block(6);
  block[22] = 0x13; // another tag
  CHECK(exif_orientation(block) == 1);
  block = test::orientation_block(6);
  block[2] = 43; // no TIFF
  CHECK(exif_orientation(block) == 1);
  CHECK(exif_orientation("") == 1);
}

TEST_CASE("a block that is cut or points beyond itself is read within its bounds") {
  const std::string block = test::orientation_block(6);
  for (std::size_t length = 0; length < block.size(); ++length) {
    const std::string cut = block.substr(0, length); // of its own, so that a sanitizer sees a step beyond
    const int read = exif_orientation(cut);
    CHECK(read == (length < 32 ? 1 : 6)); // the value ends at byte 32
  }
  for (std::size_t at = 4; at < 10; ++at) {
    std::string wild = block;
    wild[at] = '\xFF';
    (void)exif_orientation(wild);
  }
  std::string far = block;
  far.replace(4, 4, "\xFF\xFF\xFF\xFF");
  CHECK(exif_orientation(far) == 1);
}

TEST_CASE("each orientation brings the stored pixels to where the standard says") {
  // Where the first stored row and the first stored column lie in the scene: Exif 2.32, table 6.
  const bitmap stored = test::noise(3, 2);
  const auto at = [&](std::size_t x, std::size_t y) { return stored.pixel(x, y); };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bitmap scene = apply_orientation(stored, orientation);
    const bool turned = orientation >= 5;
    REQUIRE(scene.width == (turned ? 2U : 3U));
    REQUIRE(scene.height == (turned ? 3U : 2U));
    for (std::size_t y = 0; y < scene.height; ++y)
      for (std::size_t x = 0; x < scene.width; ++x) {
        const std::uint8_t* from = nullptr;
        switch (orientation) {
        case 1: from = at(x, y); break;         // top, left
        case 2: from = at(2 - x, y); break;     // top, right
        case 3: from = at(2 - x, 1 - y); break; // bottom, right
        case 4: from = at(x, 1 - y); break;     // bottom, left
        case 5: from = at(y, x); break;         // left, top
        case 6: from = at(y, 1 - x); break;     // right, top
        case 7: from = at(2 - y, 1 - x); break; // right, bottom
        case 8: from = at(2 - y, x); break;     // left, bottom
        }
        for (std::size_t c = 0; c < 3; ++c) CHECK(scene.pixel(x, y)[c] == from[c]);
      }
  }
}

TEST_CASE("turning back gives the stored picture, and an unknown orientation changes nothing") {
  const bitmap stored = test::noise(5, 4);
  for (const auto& [there, back] : {std::pair{2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 8}, {7, 7}, {8, 6}})
    CHECK(apply_orientation(apply_orientation(stored, there), back) == stored);
  CHECK(apply_orientation(stored, 0) == stored);
  CHECK(apply_orientation(stored, 9) == stored);
}
