#pragma once

#include <cstddef>
#include <cstdint>

namespace eucv::image::detail {

// Lays `count` pixels of red, green, blue, alpha on white, into 3 bytes a pixel. `rgb` may be where `rgba` is.
inline void blend_on_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) noexcept {
  for (std::size_t i = 0; i < count; ++i, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3];
    for (std::size_t c = 0; c < 3; ++c)
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

} // namespace eucv::image::detail
