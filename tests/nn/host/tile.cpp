#include <eucv/nn/host/tile.hpp>

#include <doctest/doctest.h>

#include <vector>

using eucv::nn::detail::tile;
using eucv::nn::detail::tiles;

TEST_CASE("tiles cover a count") {
  static_assert(tiles(0, 6) == 0 && tiles(1, 6) == 1 && tiles(6, 6) == 1 && tiles(7, 6) == 2);
  CHECK(tile<float>::columns == 2 * eucv::nn::packet<float>::size);
}

TEST_CASE_TEMPLATE("a tile sums outer products, and writes or adds whole and partial rows", Scalar, float, double) {
  using block = tile<Scalar>;
  constexpr std::size_t depth = 5;
  std::vector<Scalar> a(block::rows * depth), b(depth * block::columns);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<Scalar>(i % 7);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<Scalar>(i % 5) - Scalar(2);
  block sums;
  sums.clear();
  for (std::size_t k = 0; k < depth; ++k)
    sums.step([&](std::size_t r) { return &a[r * depth + k]; }, &b[k * block::columns]);

  std::vector<Scalar> whole(block::rows * block::columns), again(whole.size());
  eucv::nn::unroll<block::rows>([&](auto r) { sums.store(r, &whole[r * block::columns], block::columns); });
  block taken_up;
  taken_up.load(whole.data());
  eucv::nn::unroll<block::rows>([&](auto r) { taken_up.store(r, &again[r * block::columns], block::columns); });
  CHECK(again == whole);

  for (const std::size_t count : {block::columns, block::columns - 1, std::size_t{1}}) {
    std::vector<Scalar> rows(block::rows * block::columns, Scalar(100));
    eucv::nn::unroll<block::rows>([&](auto r) { sums.store(r, &rows[r * block::columns], count); });
    eucv::nn::unroll<block::rows>([&](auto r) { sums.add(r, &rows[r * block::columns], count); });
    for (std::size_t r = 0; r < block::rows; ++r)
      for (std::size_t j = 0; j < block::columns; ++j) {
        Scalar expected = 0;
        for (std::size_t k = 0; k < depth; ++k) expected += a[r * depth + k] * b[k * block::columns + j];
        CHECK(rows[r * block::columns + j] == (j < count ? 2 * expected : Scalar(100)));
      }
  }
}
