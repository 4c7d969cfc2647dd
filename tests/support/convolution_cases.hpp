#pragma once

#include <support/compare_backends.hpp>

#include <eucv/core/random.hpp>
#include <eucv/nn/window.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace test {

/// Windows and numbers of output channels that reach every branch of the kernels: those of real networks, small, and
/// random ones with odd sizes, unequal extents, strides over 1 and paddings beyond the kernel.
inline std::vector<std::pair<eucv::nn::window, std::size_t>> convolution_cases(eucv::random& engine) {
  using eucv::nn::window;
  std::vector<std::pair<window, std::size_t>> cases{
      {window{{2, 16, 9, 9}, {3, 3}, {1, 1}, {1, 1}}, 16},   // a stage
      {window{{3, 16, 9, 9}, {3, 3}, {2, 2}, {1, 1}}, 32},   // the first of a stage
      {window{{2, 32, 8, 8}, {1, 1}, {2, 2}, {0, 0}}, 40},   // a projection, which skips three of four pixels
      {window{{5, 33, 4, 4}, {1, 1}, {1, 1}, {0, 0}}, 17},   // a bottleneck
      {window{{3, 3, 20, 20}, {7, 7}, {2, 2}, {3, 3}}, 20},  // the stem
      {window{{17, 64, 2, 2}, {3, 3}, {1, 1}, {1, 1}}, 70},  // many images in one block of places
      {window{{1, 24, 3, 300}, {3, 3}, {1, 1}, {1, 1}}, 7},  // rows longer than a block of places
      {window{{1, 5, 1, 1}, {1, 1}, {1, 1}, {0, 0}}, 1},     // one pixel
      {window{{2, 8, 2, 2}, {5, 5}, {1, 1}, {2, 2}}, 3},     // a kernel larger than the map
      {window{{1, 4, 3, 3}, {2, 2}, {5, 5}, {0, 0}}, 3},     // a stride larger than the map
      {window{{9, 64, 20, 20}, {3, 3}, {1, 1}, {1, 1}}, 64}, // enough for several pieces
      {window{{2, 32, 17, 15}, {3, 3}, {1, 1}, {1, 1}}, 48}, // tiles beyond the edge
      {window{{3, 48, 10, 11}, {3, 3}, {1, 1}, {0, 2}}, 64}, // more weights than tiles, paddings of their own
  };
  while (cases.size() < 60) {
    const auto between = [&](std::size_t least, std::size_t most) { return least + engine.below(most - least + 1); };
    const window over{{between(1, 4), between(1, 40), between(1, 12), between(1, 12)},
                      {between(1, 5), between(1, 5)},
                      {between(1, 3), between(1, 3)},
                      {between(0, 3), between(0, 3)}};
    if (over.fits()) cases.emplace_back(over, between(1, 40));
  }
  return cases;
}

} // namespace test
