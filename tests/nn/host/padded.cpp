#include <eucv/nn/host/padded.hpp>

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("a padded map has each row of a window as one run, zeros outside and beyond the end") {
  eucv::thread_pool pool(2);
  eucv::nn::arena arena;
  const eucv::nn::window over{{2, 3, 4, 5}, {3, 2}, {2, 3}, {2, 1}};
  std::vector<float> x(over.in.size()); // [n][h][w][c]
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
  const eucv::nn::detail::padded_map<float> padded(pool, arena, over, x.data(), 4);
  REQUIRE(padded.run() == 6);
  for (std::size_t image = 0; image < 2; ++image)
    for (std::size_t y = 0; y < over.out_h(); ++y)
      for (std::size_t place = 0; place < over.out_w(); ++place)
        for (std::size_t tap = 0; tap < 3; ++tap)
          for (std::size_t k = 0; k < 6; ++k) {
            const std::size_t row = y * 2 + tap - 2, column = place * 3 + k / 3 - 1;
            const float expected = row < 4 && column < 5 ? x[((image * 4 + row) * 5 + column) * 3 + k % 3] : 0;
            CHECK(padded.at(image, y, place, tap)[k] == expected);
          }
  const float* const end = padded.at(1, 0, 0, 0) + 8 * 7 * 3;
  for (std::size_t i = 0; i < 4; ++i) CHECK(end[i] == 0);
}
