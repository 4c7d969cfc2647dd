#include <eucv/nn/window.hpp>

#include <doctest/doctest.h>

using eucv::nn::shape;
using eucv::nn::window;

TEST_CASE("the extents of an output are PyTorch's") {
  // ResNet's first two windows at 224 pixels, then odd sizes where the last rows are left over.
  constexpr window stem{{1, 3, 224, 224}, {7, 7}, {2, 2}, {3, 3}};
  static_assert(stem.out(64) == shape{1, 64, 112, 112});
  constexpr window pool{{4, 64, 112, 112}, {3, 3}, {2, 2}, {1, 1}};
  static_assert(pool.out(64) == shape{4, 64, 56, 56});
  constexpr window odd{{1, 1, 8, 7}, {3, 2}, {3, 2}};
  static_assert(odd.out_h() == 2 && odd.out_w() == 3 && odd.taps() == 6);
  CHECK(odd.with_images(9).out(5) == shape{9, 5, 2, 3});
}

TEST_CASE("a window larger than the padded map does not fit") {
  CHECK(window{{1, 1, 4, 4}, {4, 4}}.fits());
  CHECK_FALSE(window{{1, 1, 4, 3}, {4, 4}}.fits());
  CHECK(window{{1, 1, 4, 3}, {4, 4}, {1, 1}, {0, 1}}.fits());
}
