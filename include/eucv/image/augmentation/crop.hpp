#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace eucv::image {

/// Random resized crop (Szegedy et al., 2014, "Going Deeper with Convolutions", section 6): a part of random area,
/// aspect ratio and place.
struct random_crop {
  double crop = 0.4; ///< smallest part of the picture's area; 1: no crops, but the largest square in the middle
  double crop_aspect = 4.0 / 3; ///< largest aspect ratio of a crop; the smallest is its inverse

  static constexpr auto fields() {
    using self = random_crop;
    return field_list{option("crop", &self::crop,
                             "smallest part of an image's area that a random crop takes; 1: no crops",
                             above(0).at_most(1)),
                      option("crop-aspect", &self::crop_aspect,
                             "largest aspect ratio of a random crop; the smallest is its inverse", between(1, 100))};
  }

  /// The part to crop. Area and logarithm of the aspect ratio are uniform; after ten that do not fit, as for very long
  /// pictures, it is the largest square in the middle.
  [[nodiscard]] rectangle draw(const bitmap& picture, random& engine) const {
    const double width = static_cast<double>(picture.width), height = static_cast<double>(picture.height);
    for (int attempt = 0; attempt < 10; ++attempt) {
      const double area = width * height * engine.uniform(crop, 1.0);
      const double bound = crop < 1 ? std::log(crop_aspect) : 0;
      const double aspect = std::exp(engine.uniform(-bound, bound));
      const auto w = static_cast<std::size_t>(std::lround(std::sqrt(area * aspect)));
      const auto h = static_cast<std::size_t>(std::lround(std::sqrt(area / aspect)));
      if (w == 0 || h == 0 || w > picture.width || h > picture.height) continue;
      const std::size_t x = engine.below(picture.width - w + 1);
      return {x, engine.below(picture.height - h + 1), w, h};
    }
    const std::size_t side = std::min(picture.width, picture.height);
    return {(picture.width - side) / 2, (picture.height - side) / 2, side, side};
  }
};

static_assert(describes_all_fields<random_crop>);

} // namespace eucv::image
