#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace eucv::explain {

/// A grid of values over a picture, one for each position of a layer: how much each part supports a class.
struct heat_map {
  std::size_t height = 0, width = 0; ///< cells
  std::vector<double> values;        ///< {height, width}, rows from top to bottom; 0: no support

  /// The largest value; 0 for an empty map.
  [[nodiscard]] double peak() const noexcept {
    return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  }
  /// The value at a point of the picture, both coordinates from 0 to 1, by bilinear interpolation between the centres
  /// of the cells; beyond the outermost centres their values. Precondition: the map is not empty.
  [[nodiscard]] double at(double x, double y) const noexcept {
    const auto along = [](double place, std::size_t count) {
      const double centre = std::clamp(place * static_cast<double>(count) - 0.5, 0.0, static_cast<double>(count - 1));
      const auto first = static_cast<std::size_t>(centre);
      return std::pair(first, centre - static_cast<double>(first));
    };
    const auto [column, right] = along(x, width);
    const auto [row, down] = along(y, height);
    const std::size_t next_column = std::min(column + 1, width - 1), next_row = std::min(row + 1, height - 1);
    const auto cell = [&](std::size_t r, std::size_t c) { return values[r * width + c]; };
    return (1 - down) * ((1 - right) * cell(row, column) + right * cell(row, next_column)) +
           down * ((1 - right) * cell(next_row, column) + right * cell(next_row, next_column));
  }
};

/// The colour {r, g, b} of a value from 0 to 1 in the colour map viridis, whose lightness rises evenly from dark blue
/// to yellow, so that it can be read in grey and by people who do not tell red from green. A polynomial of degree 6 (M.
/// Zucker, public domain), within 4 levels of the table of matplotlib.
[[nodiscard]] std::array<std::uint8_t, 3> viridis(double value) noexcept;

/// The picture in grey with a map over its part `seen`, the part that the network saw; the rest is shown pale, in its
/// own colours. Colours are relative to the largest value of the map; a map of zeros is dark blue. Preconditions:
/// `seen` lies inside the picture, and the map is not empty.
[[nodiscard]] image::bitmap overlay(const image::bitmap& picture, const heat_map& map, const image::rectangle& seen);

} // namespace eucv::explain

#ifdef EUCV_IMPLEMENTATION_EXPLAIN
#include <cmath>

namespace eucv::explain {

std::array<std::uint8_t, 3> viridis(double value) noexcept {
  static constexpr double factors[7][3] = {{0.2777273272234177, 0.005407344544966578, 0.3340998053353061},
                                           {0.1050930431085774, 1.404613529898575, 1.384590162594685},
                                           {-0.3308618287255563, 0.214847559468213, 0.09509516302823659},
                                           {-4.634230498983486, -5.799100973351585, -19.33244095627987},
                                           {6.228269936347081, 14.17993336680509, 56.69055260068105},
                                           {4.776384997670288, -13.74514537774601, -65.35303263337234},
                                           {-5.435455855934631, 4.645852612178535, 26.3124352495832}};
  const double t = std::clamp(value, 0.0, 1.0);
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    double sum = 0;
    for (std::size_t power = 7; power-- > 0;) sum = sum * t + factors[power][channel];
    colour[channel] = static_cast<std::uint8_t>(std::lround(255 * std::clamp(sum, 0.0, 1.0)));
  }
  return colour;
}

image::bitmap overlay(const image::bitmap& picture, const heat_map& map, const image::rectangle& seen) {
  image::bitmap made = image::black(picture.width, picture.height);
  const double peak = map.peak();
  std::array<std::array<std::uint8_t, 3>, 256> colours{};
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = viridis(static_cast<double>(i) / 255);
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* const from = picture.pixel(x, y);
      std::uint8_t* const to = made.pixel(x, y);
      if (x < seen.x || y < seen.y || x >= seen.x + seen.width || y >= seen.y + seen.height) {
        for (std::size_t c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>((from[c] + 2 * 255) / 3);
        continue;
      }
      const double heat = peak > 0
                              ? map.at((static_cast<double>(x - seen.x) + 0.5) / static_cast<double>(seen.width),
                                       (static_cast<double>(y - seen.y) + 0.5) / static_cast<double>(seen.height)) /
                                    peak
                              : 0;
      const auto& colour = colours[static_cast<std::size_t>(std::lround(255 * std::clamp(heat, 0.0, 1.0)))];
      const unsigned grey = (299U * from[0] + 587U * from[1] + 114U * from[2]) / 1000U; // luma of ITU-R BT.601
      for (std::size_t c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>((grey + colour[c]) / 2);
    }
  return made;
}

} // namespace eucv::explain
#endif
