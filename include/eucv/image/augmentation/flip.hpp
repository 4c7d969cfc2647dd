#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace eucv::image {

/// The mirror image of a picture: left and right exchanged.
[[nodiscard]] inline bitmap mirror(bitmap picture) {
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t left = 0, right = picture.width; left + 1 < right; ++left, --right)
      std::swap_ranges(picture.pixel(left, y), picture.pixel(left, y) + 3, picture.pixel(right - 1, y));
  return picture;
}

/// Random horizontal flip.
struct random_flip {
  double flip = 0.5; ///< probability

  static constexpr auto fields() {
    return field_list{option("flip", &random_flip::flip,
                             "probability of a mirror image; 0 where left and right differ, as in maps",
                             between(0, 1))};
  }

  void apply(bitmap& picture, random& engine) const {
    if (engine.uniform() < flip) picture = mirror(std::move(picture));
  }
};

static_assert(describes_all_fields<random_flip>);

} // namespace eucv::image
