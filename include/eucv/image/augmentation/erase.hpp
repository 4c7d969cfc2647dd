#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace eucv::image {

/// Fills a random rectangle of a picture with the picture's mean colour.
///
/// Area (2 % to a third of the picture), aspect (3:10 to 10:3, uniform in its logarithm) and place are drawn from
/// `engine`; after ten that do not fit, as in very long pictures, nothing is erased. The picture must not be empty.
inline void erase(bitmap& picture, random& engine) {
  const double area_of_all = static_cast<double>(picture.width) * static_cast<double>(picture.height);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = area_of_all * engine.uniform(0.02, 1.0 / 3);
    const double bound = std::log(10.0 / 3), aspect = std::exp(engine.uniform(-bound, bound));
    const auto w = static_cast<std::size_t>(std::lround(std::sqrt(area * aspect)));
    const auto h = static_cast<std::size_t>(std::lround(std::sqrt(area / aspect)));
    if (w == 0 || h == 0 || w > picture.width || h > picture.height) continue;
    const std::size_t left = engine.below(picture.width - w + 1), top = engine.below(picture.height - h + 1);
    std::array<std::uint64_t, 3> sum{};
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) sum[i % 3] += picture.rgb[i];
    const std::uint64_t pixels = picture.width * picture.height;
    std::array<std::uint8_t, 3> mean{};
    for (std::size_t c = 0; c < 3; ++c) mean[c] = static_cast<std::uint8_t>((sum[c] + pixels / 2) / pixels);
    for (std::size_t y = top; y < top + h; ++y)
      for (std::size_t x = left; x < left + w; ++x) std::copy(mean.begin(), mean.end(), picture.pixel(x, y));
    return;
  }
}

/// Random erasing (Zhong et al., 2017, arXiv:1708.04896; cutout of DeVries and Taylor, arXiv:1708.04552, is the same
/// with a square), so that a network does not depend on a single part of the picture.
struct random_erasing {
  double erase = 0; ///< probability; 0: no number is drawn

  static constexpr auto fields() {
    return field_list{option("erase", &random_erasing::erase,
                             "probability that a random rectangle of an image is painted over: 0.25, say",
                             between(0, 1))};
  }

  void apply(bitmap& picture, random& engine) const {
    if (erase > 0 && engine.uniform() < erase) image::erase(picture, engine);
  }
};

static_assert(describes_all_fields<random_erasing>);

} // namespace eucv::image
