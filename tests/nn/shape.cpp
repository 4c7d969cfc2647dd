#include <eucv/nn/shape.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>

using eucv::nn::shape;

TEST_CASE("extents that are not named are 1") {
  constexpr shape vector{.c = 5};
  static_assert(vector.size() == 5 && vector.pixels() == 1);
  constexpr shape images{32, 3, 16, 8};
  static_assert(images.size() == 32 * 3 * 16 * 8 && images.pixels() == 32 * 16 * 8);
  CHECK(images.with_images(1) == shape{1, 3, 16, 8});
  CHECK(images != shape{32, 3, 8, 16});
}

TEST_CASE("a shape prints its letters") {
  CHECK(to_string(shape{2, 3, 4, 5}) == "{n 2, c 3, h 4, w 5}");
}

TEST_CASE("PyTorch's dimensions become a shape") {
  CHECK(eucv::nn::shape_of({7}) == shape{1, 7, 1, 1});
  CHECK(eucv::nn::shape_of({10, 7}) == shape{10, 7, 1, 1});
  CHECK(eucv::nn::shape_of({64, 3, 7, 5}) == shape{64, 3, 7, 5});
  CHECK(test::code_of([] { static_cast<void>(eucv::nn::shape_of({})); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([] { static_cast<void>(eucv::nn::shape_of({1, 2, 3})); }) == eucv::errc::invalid_argument);
}
