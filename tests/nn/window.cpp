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

TEST_CASE("rounding up adds the window that hangs over the edge, as PyTorch's ceil_mode") {
  using eucv::nn::rounding;
  const auto rows = [](std::size_t size, std::size_t kernel, std::size_t stride, std::size_t padding) {
    return window{{1, 1, size, size}, {kernel, kernel}, {stride, stride}, {padding, padding, rounding::up}}.out_h();
  };
  // Counted by torch.nn.MaxPool2d(kernel, stride, padding, ceil_mode=True).
  CHECK(rows(113, 3, 2, 0) == 56); // as rounding down: the steps end at the edge
  CHECK(rows(56, 3, 2, 0) == 28);
  CHECK(rows(7, 2, 2, 1) == 4);
  CHECK(rows(6, 2, 2, 1) == 4);
  CHECK(rows(5, 2, 3, 0) == 2);
  CHECK(rows(4, 2, 3, 0) == 2);
  CHECK(rows(3, 2, 3, 0) == 1); // a second one would begin behind the map
  CHECK(rows(5, 3, 3, 1) == 2);
  CHECK(rows(6, 3, 3, 1) == 3);
}

TEST_CASE("a window larger than the padded map does not fit") {
  CHECK(window{{1, 1, 4, 4}, {4, 4}}.fits());
  CHECK_FALSE(window{{1, 1, 4, 3}, {4, 4}}.fits());
  CHECK(window{{1, 1, 4, 3}, {4, 4}, {1, 1}, {0, 1}}.fits());
}
