#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace eucv::image {
namespace detail {

// Luma of ITU-R BT.601.
inline float luma(const float* pixel) noexcept {
  return 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
}

} // namespace detail

/// Factors of the colours of a picture; 1 leaves it as it is.
struct colour_factors {
  double brightness = 1; ///< scales all values from black
  double contrast = 1;   ///< scales them from the mean luma of the picture
  double saturation = 1; ///< scales them from the luma of each pixel
};

/// Changes brightness, contrast and saturation, in this order and rounded once at the end.
inline void change_colours(bitmap& picture, const colour_factors& by) {
  double grey = 0;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const std::array<float, 3> pixel{float(picture.rgb[i]), float(picture.rgb[i + 1]), float(picture.rgb[i + 2])};
    grey += static_cast<double>(detail::luma(pixel.data()));
  }
  const double mean = by.brightness * grey / static_cast<double>(picture.width * picture.height);
  const auto slope = static_cast<float>(by.brightness * by.contrast),
             offset = static_cast<float>(mean * (1 - by.contrast));
  const auto vivid = static_cast<float>(by.saturation);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    std::array<float, 3> pixel{};
    for (std::size_t c = 0; c < 3; ++c)
      pixel[c] = std::clamp(slope * static_cast<float>(picture.rgb[i + c]) + offset, 0.0F, 255.0F);
    const float own = detail::luma(pixel.data());
    for (std::size_t c = 0; c < 3; ++c)
      picture.rgb[i + c] = static_cast<std::uint8_t>(std::clamp(own + vivid * (pixel[c] - own), 0.0F, 255.0F) + 0.5F);
  }
}

/// Colour jitter: brightness, contrast and saturation are scaled by a factor each, uniform in [1 - colour, 1 + colour].
struct colour_jitter {
  double colour = 0.2;

  static constexpr auto fields() {
    return field_list{option("colour", &colour_jitter::colour,
                             "largest change of brightness, contrast and saturation, as a part of them",
                             between(0, 1))};
  }

  void apply(bitmap& picture, random& engine) const {
    const auto factor = [&] { return engine.uniform(1 - colour, 1 + colour); };
    const double brightness = factor(), contrast = factor(), saturation = factor();
    if (colour > 0) change_colours(picture, {brightness, contrast, saturation});
  }
};

static_assert(describes_all_fields<colour_jitter>);

} // namespace eucv::image
