#pragma once

#include <eucv/core/error.hpp>
#include <eucv/image/bitmap.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace eucv::dataset {

/// A mini-batch: pixels of pictures as a network takes them, and their labels.
struct batch {
  std::size_t n = 0; ///< pictures; 0 where none of its files could be read
  std::size_t height = 0, width = 0;
  std::vector<float> pixels;       ///< {n, height, width, 3}, channels last, red, green, blue
  std::vector<std::size_t> labels; ///< n of them
  std::vector<std::size_t> items;  ///< place of each picture in the list of files
  std::size_t channels = 3;        ///< of `pixels`; other numbers where they are features of pictures
  /// Instead of `pixels`: where those of each picture lie, in memory of the source. It saves a copy of them.
  std::vector<const float*> rows = {};

  /// Copies the pixels that `rows` point to into `pixels`, and clears `rows`.
  void gather() {
    const std::size_t size = channels * height * width;
    pixels.reserve(pixels.size() + rows.size() * size);
    for (const float* const row : rows) pixels.insert(pixels.end(), row, row + size);
    rows.clear();
  }
};

/// Normalisation of pixels: (value / 255 - mean) / deviation in each channel. The defaults are ImageNet's, which
/// networks trained on it expect; any network learns well with them.
struct pixel_scale {
  std::array<double, 3> mean{0.485, 0.456, 0.406};
  std::array<double, 3> deviation{0.229, 0.224, 0.225};

  friend bool operator==(const pixel_scale&, const pixel_scale&) = default;
};

/// Converts bitmaps to normalised pixels. Immutable once made, so that threads may share one.
class pixel_writer {
public:
  /// Throws errc::invalid_argument for a deviation that is not positive, or a value that is not finite.
  explicit pixel_writer(const pixel_scale& scale = {}) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const double mean = scale.mean[channel], deviation = scale.deviation[channel];
      if (!std::isfinite(mean) || !std::isfinite(deviation) || deviation <= 0)
        throw error(errc::invalid_argument,
                    {"prepare pictures", "channel " + std::to_string(channel),
                     "its mean is " + std::to_string(mean) + " and its deviation " + std::to_string(deviation),
                     "give finite means and deviations above 0"});
      for (std::size_t value = 0; value < 256; ++value)
        table_[value * 3 + channel] = static_cast<float>((static_cast<double>(value) / 255 - mean) / deviation);
    }
  }

  /// Appends the pixels of a picture.
  void append(const image::bitmap& picture, std::vector<float>& pixels) const {
    const std::size_t begin = pixels.size();
    pixels.resize(begin + picture.rgb.size());
    float* out = pixels.data() + begin;
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
      for (std::size_t channel = 0; channel < 3; ++channel)
        *out++ = table_[std::size_t{picture.rgb[i + channel]} * 3 + channel];
  }

private:
  std::array<float, 256 * 3> table_{}; // of each byte its number in each channel
};

} // namespace eucv::dataset
