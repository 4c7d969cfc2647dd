#pragma once

#include <eucv/core/error.hpp>
#include <eucv/image/bitmap.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::image {
namespace detail {

// What each pixel of one axis of the result takes from the source: `count` pixels from `first` on, with weights.
struct axis {
  struct span {
    std::size_t first, count, weights;
  };
  std::vector<span> spans;
  std::vector<float> weights;
  float total = 1; // of the weights of one span
};

// Each result pixel covers in / out source pixels: whole ones weigh 1, those at its ends the covered part. The weights
// are divided by their sum only at the end, so that whole factors stay exact.
inline axis area_axis(std::size_t in, std::size_t out) {
  axis made;
  made.total = static_cast<float>(static_cast<double>(in) / static_cast<double>(out));
  const auto part = [&](std::size_t numerator) {
    return static_cast<float>(static_cast<double>(numerator) / static_cast<double>(out));
  };
  for (std::size_t i = 0; i < out; ++i) {
    std::size_t from = i * in; // the covered stretch, in units of 1 / out source pixels
    const std::size_t to = from + in;
    made.spans.push_back({from / out, (to - 1) / out - from / out + 1, made.weights.size()});
    while (from < to) {
      const std::size_t edge = std::min(to, (from / out + 1) * out);
      made.weights.push_back(part(edge - from));
      from = edge;
    }
  }
  return made;
}

// Each result pixel lies between the centres of two source pixels; beyond the outermost centres the edge goes on.
inline axis linear_axis(std::size_t in, std::size_t out) {
  axis made;
  for (std::size_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
    const double place = std::clamp(centre, 0.0, static_cast<double>(in - 1));
    const std::size_t first = std::min(static_cast<std::size_t>(place), in - 1);
    const float second = static_cast<float>(place - static_cast<double>(first));
    made.spans.push_back({first, first + 1 < in ? std::size_t{2} : std::size_t{1}, made.weights.size()});
    made.weights.push_back(first + 1 < in ? 1 - second : 1);
    if (first + 1 < in) made.weights.push_back(second);
  }
  return made;
}

// Rows first: they lie contiguous, and what is left for the columns is fewer.
inline bitmap resize_along(const bitmap& picture, const axis& across, const axis& down) {
  bitmap made = black(across.spans.size(), down.spans.size());
  const std::size_t length = picture.width * 3;
  std::vector<float> sums(length);
  const float scale = across.total * down.total;
  for (std::size_t y = 0; y < made.height; ++y) {
    const axis::span rows = down.spans[y];
    float* const sum = sums.data();
    for (std::size_t k = 0; k < rows.count; ++k) {
      const std::uint8_t* const row = picture.row(rows.first + k);
      const float weight = down.weights[rows.weights + k];
      if (k == 0)
        for (std::size_t i = 0; i < length; ++i) sum[i] = weight * static_cast<float>(row[i]);
      else
        for (std::size_t i = 0; i < length; ++i) sum[i] += weight * static_cast<float>(row[i]);
    }
    std::uint8_t* to = made.row(y);
    for (const axis::span& columns : across.spans) {
      const float* from = sum + columns.first * 3;
      const float* const weights = across.weights.data() + columns.weights;
      float red = 0, green = 0, blue = 0;
      for (std::size_t k = 0; k < columns.count; ++k, from += 3) {
        red += weights[k] * from[0];
        green += weights[k] * from[1];
        blue += weights[k] * from[2];
      }
      for (const float value : {red, green, blue}) *to++ = static_cast<std::uint8_t>(value / scale + 0.5F);
    }
  }
  return made;
}

inline void check_sizes(const bitmap& picture, std::size_t width, std::size_t height) {
  if (width != 0 && height != 0 && picture.width != 0 && picture.height != 0) return;
  throw error(errc::invalid_argument, {"resize a picture",
                                       std::to_string(picture.width) + " x " + std::to_string(picture.height) + " to " +
                                           std::to_string(width) + " x " + std::to_string(height),
                                       "a side is 0", "ask for at least one pixel"});
}

} // namespace detail

/// Resizes by the area filter: each pixel of the result is the mean of what it covers, whole source pixels exactly and
/// those at its ends by their covered part. The right filter for shrinking (no aliasing, no ringing); where it enlarges
/// it repeats pixels. About 1 ms for each 1.5 million pixels of the source. Throws errc::invalid_argument for a side of
/// 0. Thread safe.
[[nodiscard]] inline bitmap resize_area(const bitmap& picture, std::size_t width, std::size_t height) {
  detail::check_sizes(picture, width, height);
  return detail::resize_along(picture, detail::area_axis(picture.width, width),
                              detail::area_axis(picture.height, height));
}

/// Resizes to any size: by area along an axis that shrinks, bilinearly along one that grows. Throws
/// errc::invalid_argument for a side of 0. Thread safe.
[[nodiscard]] inline bitmap resize(const bitmap& picture, std::size_t width, std::size_t height) {
  detail::check_sizes(picture, width, height);
  const auto along = [](std::size_t in, std::size_t out) {
    return out > in ? detail::linear_axis(in, out) : detail::area_axis(in, out);
  };
  return detail::resize_along(picture, along(picture.width, width), along(picture.height, height));
}

/// Shrinks to a shorter side of `side` pixels, the longer one in proportion, rounded. A picture that is small enough
/// already, or empty, comes back as it is: nothing is enlarged. Throws errc::invalid_argument for a side of 0.
[[nodiscard]] inline bitmap shrink_shorter_side(bitmap picture, std::size_t side) {
  const std::size_t shorter = std::min(picture.width, picture.height);
  if (shorter <= side) return picture;
  const auto shrunk = [&](std::size_t length) { return (2 * length * side + shorter) / (2 * shorter); };
  return resize_area(picture, shrunk(picture.width), shrunk(picture.height));
}

/// Crops a picture to `part`. Throws errc::invalid_argument where it is empty or leaves the picture.
[[nodiscard]] inline bitmap crop(const bitmap& picture, const rectangle& part) {
  const auto inside = [](std::size_t start, std::size_t length, std::size_t whole) {
    return length != 0 && length <= whole && start <= whole - length;
  };
  if (!inside(part.x, part.width, picture.width) || !inside(part.y, part.height, picture.height))
    throw error(errc::invalid_argument,
                {"crop a picture", std::to_string(picture.width) + " x " + std::to_string(picture.height),
                 "the part is empty or leaves the picture", "name a part inside"});
  bitmap made = black(part.width, part.height);
  for (std::size_t y = 0; y < part.height; ++y)
    std::copy_n(picture.pixel(part.x, part.y + y), part.width * 3, made.row(y));
  return made;
}

/// The largest centre crop that is a square. Throws errc::invalid_argument where the picture is empty.
[[nodiscard]] inline bitmap centre_square(const bitmap& picture) {
  const std::size_t side = std::min(picture.width, picture.height);
  return crop(picture, {(picture.width - side) / 2, (picture.height - side) / 2, side, side});
}

} // namespace eucv::image
