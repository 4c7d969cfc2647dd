#include <eucv/nn/host/winograd_tiles.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace eucv::nn::detail::winograd;

TEST_CASE("tiles cover the outputs row by row and image by image") {
  const tiling map{.images = 2, .height = 5, .width = 9};
  CHECK(map.rows() == 2);
  CHECK(map.columns() == 3);
  CHECK(map.count() == 12);
  const auto last = map.at(11);
  CHECK(last.image == 1);
  CHECK(last.y == 4);
  CHECK(last.x == 8);
}

TEST_CASE("a patch reads the map where it is inside, and zeros elsewhere") {
  const eucv::nn::shape extents{2, 1, 5, 6};
  std::vector<double> map(extents.size());
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<double>(i + 1);
  const double zero = 0;
  const patch<double, points> at(map.data(), extents, {.image = 1, .y = 4, .x = 0}, {1, 1}, &zero);
  for (std::size_t row = 0; row < points; ++row)
    for (std::size_t column = 0; column < points; ++column) {
      const bool inside = row + 3 < 5 && column >= 1;
      CHECK(*at.pixels[row][column] == (inside ? map[30 + (row + 3) * 6 + column - 1] : 0));
    }
}
