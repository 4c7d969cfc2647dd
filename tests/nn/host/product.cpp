#include <eucv/nn/host/product.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using eucv::nn::detail::gathered_product;
using eucv::nn::detail::gathered_rows;
using eucv::nn::detail::tile;
using eucv::nn::detail::tiles;

TEST_CASE("rows gathered in runs from anywhere meet the runs of the packed side that they name") {
  eucv::thread_pool pool(2);
  eucv::nn::arena arena;
  constexpr std::size_t columns = tile<double>::columns + 3, length = 4, packed_runs = 3;
  constexpr std::size_t panels = tiles(columns, tile<double>::columns);
  const std::array<std::size_t, 2> order{2, 0};
  std::vector<double> packed(panels * packed_runs * length * tile<double>::columns), left(1000);
  for (std::size_t i = 0; i < packed.size(); ++i) packed[i] = static_cast<double>(i % 13);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<double>(i % 11);
  // Row r has its first run at 3 r and its second at 500 - r.
  for (const std::size_t rows : {1U, 5U, 6U, 50U, 193U}) {
    std::vector<double> result(rows * columns, -1);
    const gathered_product<double> product{
        pool, arena, {.rows = rows, .runs = 2, .length = length, .columns = columns}};
    product.run({packed.data(), packed_runs}, order, [&](eucv::range taken, const gathered_rows<double>& to) {
      for (std::size_t row = taken.begin; row < taken.end; ++row) {
        to.address(0, row - taken.begin) = &left[3 * row % 900];
        to.address(1, row - taken.begin) = &left[500 - row];
        to.targets[row - taken.begin] = &result[row * columns];
      }
    });
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t j = 0; j < columns; ++j) {
        double expected = 0;
        for (std::size_t k = 0; k < length; ++k) {
          const std::size_t panel = j / tile<double>::columns * packed_runs, lane = j % tile<double>::columns;
          expected += left[3 * row % 900 + k] * packed[((panel + 2) * length + k) * tile<double>::columns + lane];
          expected += left[500 - row + k] * packed[(panel * length + k) * tile<double>::columns + lane];
        }
        REQUIRE(result[row * columns + j] == expected);
      }
  }
}

TEST_CASE("a product of no runs is zero") {
  eucv::thread_pool pool(1);
  eucv::nn::arena arena;
  std::vector<float> result(20, -1);
  const gathered_product<float> product{pool, arena, {.rows = 2, .runs = 0, .length = 4, .columns = 10}};
  product.run({nullptr, 0}, {}, [&](eucv::range taken, const gathered_rows<float>& to) {
    for (std::size_t row = taken.begin; row < taken.end; ++row) to.targets[row - taken.begin] = &result[row * 10];
  });
  CHECK(result == std::vector<float>(20, 0));
}
