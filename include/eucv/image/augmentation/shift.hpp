#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace eucv::image {

/// A picture moved right and down by whole pixels, fewer than it has. What moves in is mirrored at the edge, the edge
/// itself not repeated ("reflect" padding).
[[nodiscard]] inline bitmap shifted(const bitmap& picture, std::ptrdiff_t right, std::ptrdiff_t down) {
  const auto mirrored = [](std::ptrdiff_t place, std::size_t size) {
    const auto last = static_cast<std::ptrdiff_t>(size) - 1;
    if (last == 0) return std::size_t{0};
    const std::ptrdiff_t inside = place < 0 ? -place : place;
    return static_cast<std::size_t>(inside > last ? 2 * last - inside : inside);
  };
  bitmap made = black(picture.width, picture.height);
  for (std::size_t y = 0; y < made.height; ++y) {
    const std::size_t row = mirrored(static_cast<std::ptrdiff_t>(y) - down, picture.height);
    for (std::size_t x = 0; x < made.width; ++x)
      std::copy_n(picture.pixel(mirrored(static_cast<std::ptrdiff_t>(x) - right, picture.width), row), 3,
                  made.pixel(x, y));
  }
  return made;
}

/// Random shift: the crop with padding 4 of He et al. (2015, arXiv:1512.03385, section 4.2) for a shift of 4 pixels,
/// with reflect padding instead of black. Each offset within the bounds is equally likely.
struct random_shift {
  double shift = 0; ///< largest offset along each axis, as a part of the picture's width; 0: none, no number is drawn

  static constexpr auto fields() {
    return field_list{option("shift", &random_shift::shift,
                             "largest shift of an image along each axis, as a part of it: 0.125, say; what moves in is "
                             "mirrored",
                             at_least(0).below(1))};
  }

  void apply(bitmap& picture, random& engine) const {
    const auto most = static_cast<std::size_t>(std::lround(shift * static_cast<double>(picture.width)));
    if (most == 0) return;
    const auto offset = [&] {
      const std::size_t drawn = engine.below(2 * most + 1);
      return static_cast<std::ptrdiff_t>(drawn) - static_cast<std::ptrdiff_t>(most);
    };
    const std::ptrdiff_t right = offset();
    picture = shifted(picture, right, offset());
  }
};

static_assert(describes_all_fields<random_shift>);

} // namespace eucv::image
