#include <eucv/nn/host/few_rows.hpp>

#include <doctest/doctest.h>

#include <vector>

using eucv::nn::detail::few_rows_product;
using eucv::nn::detail::gathered_rows;

TEST_CASE("rows gathered in runs from anywhere meet a matrix that is not packed") {
  eucv::thread_pool pool(2);
  eucv::nn::arena arena;
  constexpr std::size_t length = 2 * eucv::nn::packet<double>::size, runs = 3;
  for (const std::size_t rows : {1U, 4U, 7U})
    for (const std::size_t columns : {1U, 5U, 12U}) {
      std::vector<double> left(100 + rows + runs * length), right(columns * runs * length), result(rows * columns);
      for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<double>(i % 11);
      for (std::size_t i = 0; i < right.size(); ++i) right[i] = static_cast<double>(i % 7) - 3;
      const auto at = [&](std::size_t row, std::size_t run) { return left.data() + row + 20 * (runs - run); };
      few_rows_product<double>{pool, arena, {rows, runs, length, columns}}.run(
          right.data(), [&](eucv::range taken, const gathered_rows<double>& to) {
            for (std::size_t row = taken.begin; row < taken.end; ++row) {
              for (std::size_t run = 0; run < runs; ++run) to.address(run, row) = at(row, run);
              to.targets[row] = &result[row * columns];
            }
          });
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column) {
          double expected = 0;
          for (std::size_t run = 0; run < runs; ++run)
            for (std::size_t k = 0; k < length; ++k)
              expected += at(row, run)[k] * right[(column * runs + run) * length + k];
          CHECK(result[row * columns + column] == expected);
        }
    }
}
