#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/detail/erase.hpp>
#include <eucv/image/resize.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace eucv::image {

/// How a training picture is varied, so that a network learns what matters and not where it stands or how it was lit.
/// The defaults suit a few thousand photographs; `{.size = 128, .flip = 0, .crop_scale_min = 1, .crop_aspect = 1,
/// .brightness = 0, .contrast = 0, .saturation = 0}` only takes a square and resizes.
struct augmentation {
  std::size_t size = 128;       ///< sides of the result
  double flip = 0.5;            ///< probability of a mirror image
  double crop_scale_min = 0.4;  ///< smallest part of the picture's area that a crop takes; the largest is all of it
  double crop_aspect = 4.0 / 3; ///< greatest ratio of the sides of a crop; the smallest is its inverse
  double shift = 0; ///< the most that the result moves along each axis, as a part of `size`: a crop with mirrored edges
  double brightness = 0.2; ///< each of these: factors are drawn from [1 - x, 1 + x], x at most 1
  double contrast = 0.2;
  double saturation = 0.2;
  double erase = 0; ///< probability that a rectangle is painted over, by erase()
};

namespace detail {

inline void check(const augmentation& how) {
  const auto unit = [](double value) { return value >= 0 && value <= 1; };
  std::string fault;
  if (how.size == 0) fault = "the size is 0";
  if (!unit(how.flip)) fault = "the probability of a flip is not in [0, 1]";
  if (!unit(how.crop_scale_min) || how.crop_scale_min == 0) fault = "the scale of a crop is not in (0, 1]";
  if (!(how.crop_aspect >= 1 && how.crop_aspect <= 100)) fault = "the aspect of a crop is not in [1, 100]";
  if (!(how.shift >= 0 && how.shift < 1)) fault = "the shift is not in [0, 1)";
  if (!unit(how.brightness) || !unit(how.contrast) || !unit(how.saturation))
    fault = "a strength of brightness, contrast or saturation is not in [0, 1]";
  if (!unit(how.erase)) fault = "the probability of an erased rectangle is not in [0, 1]";
  if (!fault.empty()) throw error(errc::invalid_argument, {"augment a picture", "", fault, "choose another"});
}

// A crop of random area and aspect, both uniform (the aspect in its logarithm); after ten that do not fit, as for very
// long pictures, the middle square. Szegedy et al., "Going Deeper with Convolutions" (2014), section 6.
inline rectangle random_crop(const bitmap& picture, const augmentation& how, random& engine) {
  const double width = static_cast<double>(picture.width), height = static_cast<double>(picture.height);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = width * height * engine.uniform(how.crop_scale_min, 1.0);
    const double bound = std::log(how.crop_aspect);
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

// What moves in from outside is the picture mirrored at its edge, the edge itself not repeated: the crop with padding 4
// of He et al. (2015, arXiv:1512.03385, section 4.2) for a shift of 4 pixels, but for the padding in black.
inline bitmap shifted(const bitmap& picture, std::ptrdiff_t right, std::ptrdiff_t down) {
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

// Each way within the bounds is as likely as any other.
inline bitmap randomly_shifted(bitmap picture, double shift, random& engine) {
  const auto most = static_cast<std::size_t>(std::lround(shift * static_cast<double>(picture.width)));
  const auto way = [&] {
    const std::size_t drawn = engine.below(2 * most + 1);
    return static_cast<std::ptrdiff_t>(drawn) - static_cast<std::ptrdiff_t>(most);
  };
  if (most == 0) return picture;
  const std::ptrdiff_t right = way();
  return shifted(picture, right, way());
}

inline float luma(const float* pixel) noexcept {
  return 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2]; // ITU-R BT.601
}

// Brightness scales from black, contrast from the mean grey of the picture, saturation from each pixel's grey: in that
// order, rounded once at the end.
inline void change_colours(bitmap& picture, double brightness, double contrast, double saturation) {
  double grey = 0;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const std::array<float, 3> pixel{float(picture.rgb[i]), float(picture.rgb[i + 1]), float(picture.rgb[i + 2])};
    grey += static_cast<double>(luma(pixel.data()));
  }
  const double mean = brightness * grey / static_cast<double>(picture.width * picture.height);
  const auto slope = static_cast<float>(brightness * contrast), offset = static_cast<float>(mean * (1 - contrast));
  const auto vivid = static_cast<float>(saturation);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    std::array<float, 3> pixel{};
    for (std::size_t c = 0; c < 3; ++c)
      pixel[c] = std::clamp(slope * static_cast<float>(picture.rgb[i + c]) + offset, 0.0F, 255.0F);
    const float own = luma(pixel.data());
    for (std::size_t c = 0; c < 3; ++c)
      picture.rgb[i + c] = static_cast<std::uint8_t>(std::clamp(own + vivid * (pixel[c] - own), 0.0F, 255.0F) + 0.5F);
  }
}

} // namespace detail

/// The mirror image of a picture, left for right.
[[nodiscard]] inline bitmap mirror(bitmap picture) {
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t left = 0, right = picture.width; left + 1 < right; ++left, --right)
      std::swap_ranges(picture.pixel(left, y), picture.pixel(left, y) + 3, picture.pixel(right - 1, y));
  return picture;
}

/// A random variation of a picture, `size` x `size`: crop, resize, shift, mirror, colours, erased rectangle. All that
/// is random comes from `engine`: the same engine state gives the same picture. Throws errc::invalid_argument for an
/// empty picture or values out of range. Thread safe with an engine for each thread.
[[nodiscard]] inline bitmap augment(const bitmap& picture, const augmentation& how, random& engine) {
  detail::check(how);
  detail::check_sizes(picture, how.size, how.size);
  bitmap made = resize(crop(picture, detail::random_crop(picture, how, engine)), how.size, how.size);
  if (how.shift > 0) made = detail::randomly_shifted(std::move(made), how.shift, engine);
  if (engine.uniform() < how.flip) made = mirror(std::move(made));
  const auto factor = [&](double strength) { return engine.uniform(1 - strength, 1 + strength); };
  const double brightness = factor(how.brightness), contrast = factor(how.contrast),
               saturation = factor(how.saturation);
  if (brightness != 1 || contrast != 1 || saturation != 1)
    detail::change_colours(made, brightness, contrast, saturation);
  if (how.erase > 0 && engine.uniform() < how.erase) erase(made, engine); // draws nothing where nobody wants it
  return made;
}

} // namespace eucv::image
