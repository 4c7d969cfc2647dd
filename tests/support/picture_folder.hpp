#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/encode.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace test {

/// A picture of noise in which one of three colours is stronger; `number` makes each another one.
inline eucv::image::bitmap coloured_picture(std::size_t colour, std::size_t number) {
  eucv::random engine(1000 * colour + number);
  const std::size_t width = 40 + engine.below(10), height = 40 + engine.below(10);
  eucv::image::bitmap picture;
  picture.width = width;
  picture.height = height;
  for (std::size_t i = 0; i < width * height * 3; ++i)
    picture.rgb.push_back(static_cast<std::uint8_t>(engine.below(120) + (i % 3 == colour ? 120 : 0)));
  return picture;
}

/// Fills `folder` with `count` such pictures for each of three classes: map, painting, unknown_to_all.
inline void write_picture_folder(const std::filesystem::path& folder, std::size_t count) {
  const std::string names[] = {"map", "painting", "unknown_to_all"};
  for (std::size_t colour = 0; colour < 3; ++colour) {
    eucv::make_folder(folder / names[colour]);
    for (std::size_t number = 0; number < count; ++number)
      eucv::write_file_atomically(folder / names[colour] / (std::to_string(number) + ".png"),
                                  eucv::image::encode_png(coloured_picture(colour, number)));
  }
}

} // namespace test
