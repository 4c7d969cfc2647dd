#pragma once

#include <eucv/image/bitmap.hpp>
#include <eucv/image/encode.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace test {

/// A picture of slanted stripes whose colours and slant depend on the seed.
inline eucv::image::bitmap tiny_picture(unsigned seed, std::size_t width = 48, std::size_t height = 32) {
  eucv::image::bitmap made{width, height, std::vector<std::uint8_t>(width * height * 3)};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t channel = 0; channel < 3; ++channel)
        made.pixel(x, y)[channel] =
            static_cast<std::uint8_t>((x * (seed % 7 + 1) + y * (seed % 5 + channel) + seed * 37) % 256);
  return made;
}

/// It as the bytes of a JPEG file.
inline std::string tiny_jpeg(unsigned seed, std::size_t width = 48, std::size_t height = 32) {
  return eucv::image::encode_jpeg(tiny_picture(seed, width, height));
}

} // namespace test
