#pragma once

#include <eucv/core/error.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace eucv::nn {

/// Logical extents of a tensor: n images, c channels, h rows, w columns. What is not named is 1.
///
/// Says nothing of the order in memory; that is the backend's own. A vector over channels is {.c = C}, a matrix of N
/// rows {.n = N, .c = C}, a convolution's weight of PyTorch's [O][I][kh][kw] is {.n = O, .c = I, .h = kh, .w = kw}.
struct shape {
  std::size_t n = 1, c = 1, h = 1, w = 1;

  /// Number of elements.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return n * c * h * w; }
  /// Number of places over all images: elements of one channel.
  [[nodiscard]] constexpr std::size_t pixels() const noexcept { return n * h * w; }
  /// The same extents for another number of images.
  [[nodiscard]] constexpr shape with_images(std::size_t images) const noexcept { return {images, c, h, w}; }
  friend constexpr bool operator==(const shape&, const shape&) = default;
};

/// As it stands in messages: "{n 32, c 64, h 8, w 8}".
[[nodiscard]] inline std::string to_string(const shape& extents) {
  return "{n " + std::to_string(extents.n) + ", c " + std::to_string(extents.c) + ", h " + std::to_string(extents.h) +
         ", w " + std::to_string(extents.w) + "}";
}

/// The shape that holds a PyTorch tensor of these dimensions: [c], [n][c] or [n][c][h][w].
/// Throws errc::invalid_argument for any other number of dimensions.
[[nodiscard]] inline shape shape_of(const std::vector<std::size_t>& dims) {
  switch (dims.size()) {
  case 1: return {.c = dims[0]};
  case 2: return {.n = dims[0], .c = dims[1]};
  case 4: return {dims[0], dims[1], dims[2], dims[3]};
  default:
    throw error(errc::invalid_argument,
                {"make a shape", std::to_string(dims.size()) + " dimensions",
                 "a parameter is a vector, a matrix or a convolution's weight", "give 1, 2 or 4 dimensions"});
  }
}

} // namespace eucv::nn
