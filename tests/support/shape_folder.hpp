#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/encode.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A dark picture of 32 x 32 with any of three shapes in it, each at a place and of a grey of its own: a disc (bit 0),
/// a ring of a square (bit 1), bars (bit 2). `number` makes each another one.
inline eucv::image::bitmap picture_of_shapes(unsigned shapes, std::size_t number) {
  eucv::random engine(1000 * number + shapes);
  const std::size_t side = 32;
  eucv::image::bitmap picture{side, side, std::vector<std::uint8_t>(side * side * 3)};
  for (auto& value : picture.rgb) value = static_cast<std::uint8_t>(engine.below(60));
  for (unsigned shape = 0; shape < 3; ++shape) {
    if ((shapes >> shape) % 2 == 0) continue;
    const std::size_t size = 12, left = engine.below(side - size), top = engine.below(side - size);
    const auto grey = static_cast<std::uint8_t>(160 + engine.below(90));
    for (std::size_t y = 0; y < size; ++y)
      for (std::size_t x = 0; x < size; ++x) {
        const std::size_t from_middle = (2 * x - 11) * (2 * x - 11) + (2 * y - 11) * (2 * y - 11); // wraps to a square
        const bool disc = from_middle <= 121, ring = x < 2 || y < 2 || x > 9 || y > 9, bars = y % 4 < 2;
        if (shape == 0 ? disc : shape == 1 ? ring : bars)
          for (std::size_t channel = 0; channel < 3; ++channel) picture.pixel(left + x, top + y)[channel] = grey;
      }
  }
  return picture;
}

/// The folder for such pictures: "bars disc ring", its labels with blanks between. Precondition: shapes is not 0.
inline std::string shape_labels(unsigned shapes) {
  std::string name;
  for (const auto& [bit, label] : {std::pair(4U, "bars"), std::pair(1U, "disc"), std::pair(2U, "ring")})
    if ((shapes & bit) != 0) name += (name.empty() ? "" : " ") + std::string(label);
  return name;
}

/// Fills `folder` with `count` pictures of each of the seven combinations.
inline void write_shape_folder(const std::filesystem::path& folder, std::size_t count) {
  for (unsigned shapes = 1; shapes < 8; ++shapes) {
    const auto place = folder / shape_labels(shapes);
    eucv::make_folder(place);
    for (std::size_t number = 0; number < count; ++number)
      eucv::write_file_atomically(place / (std::to_string(number) + ".png"),
                                  eucv::image::encode_png(picture_of_shapes(shapes, number)));
  }
}

} // namespace test
