#include <eucv/nn/host/pool.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <limits>

using eucv::nn::shape;
using eucv::nn::window;

namespace {

const window windows[] = {{{2, 64, 9, 9}, {3, 3}, {2, 2}, {1, 1}},
                          {{3, 5, 8, 6}, {2, 2}, {2, 2}},
                          {{1, 17, 7, 7}, {7, 7}, {1, 1}},
                          {{2, 3, 5, 9}, {3, 2}, {1, 3}, {1, 0}},
                          {{1, 1, 1, 1}, {1, 1}, {1, 1}},
                          {{1, 33, 4, 4}, {5, 5}, {3, 3}, {2, 2}},
                          {{2, 8, 7, 5}, {2, 2}, {3, 3}},
                          {{1, 70, 6, 6}, {4, 4}, {1, 1}, {2, 2}},
                          {{2, 19, 8, 6}, {3, 3}, {2, 2}, {0, 0, eucv::nn::rounding::up}},
                          {{1, 5, 6, 7}, {3, 3}, {3, 3}, {1, 1, eucv::nn::rounding::up}}};

} // namespace

TEST_CASE("maxima, their places and means equal plain loops") {
  eucv::random engine(1);
  for (const window& over : windows) {
    CAPTURE(to_string(over.in));
    const shape out = over.out(over.in.c);
    const auto maximum = test::compare_backends(
        engine, [&](auto& on, auto x) { return on.max_pool(x, over).values; }, over.in);
    CHECK(maximum.in_float == 0);
    const auto places = test::compare_backends(
        engine, [&](auto& on, auto x, auto dy) { return on.max_pool_gradient(dy, on.max_pool(x, over).origins, over); },
        over.in, out);
    CHECK(places.in_double < 1e-13);
    const auto mean = test::compare_backends(
        engine, [&](auto& on, auto x) { return on.average_pool(x, over); }, over.in);
    CHECK(mean.in_double < 1e-13);
    CHECK(mean.in_float < 1e-5);
    const auto spread = test::compare_backends(
        engine, [&](auto& on, auto dy) { return on.average_pool_gradient(dy, over); }, out);
    CHECK(spread.in_double < 1e-13);
  }
}

TEST_CASE("of equal values the first is the maximum, and what is not a number always is") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  const window over{{1, 9, 2, 2}, {2, 2}};
  auto x = backend.make(over.in);
  backend.fill(x, -1);
  const auto ties = backend.max_pool(x, over);
  auto one = backend.make(over.out(9));
  backend.fill(one, 1);
  const auto dx = backend.values(backend.max_pool_gradient(one, ties.origins, over), eucv::nn::order::channels_last);
  for (std::size_t i = 0; i < dx.size(); ++i) CHECK(dx[i] == (i < 9 ? 1 : 0));

  for (std::size_t c = 0; c < 9; ++c) backend.data(x)[c] = std::numeric_limits<float>::quiet_NaN();
  const auto nan = backend.max_pool(x, over);
  for (const float value : backend.values(nan.values, eucv::nn::order::channels_last)) CHECK(std::isnan(value));
}
