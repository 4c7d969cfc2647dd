#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace eucv::image {

/// Turns a picture grey: each pixel becomes its luma by ITU-R BT.601, 0.299 red + 0.587 green + 0.114 blue, rounded.
inline void make_grey(bitmap& picture) {
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const unsigned sum = 299U * picture.rgb[i] + 587U * picture.rgb[i + 1] + 114U * picture.rgb[i + 2];
    std::fill_n(&picture.rgb[i], 3, static_cast<std::uint8_t>((sum + 500) / 1000));
  }
}

/// Random conversion to grey, so that a network learns form besides colour: for collections of which some pictures are
/// black and white photographs.
struct random_grey {
  double grey = 0; ///< probability; 0: no number is drawn

  static constexpr auto fields() {
    return field_list{
        option("grey", &random_grey::grey, "probability that an image is turned grey: 0.1, say", between(0, 1))};
  }

  void apply(bitmap& picture, random& engine) const {
    if (grey > 0 && engine.uniform() < grey) make_grey(picture);
  }
};

static_assert(describes_all_fields<random_grey>);

} // namespace eucv::image
