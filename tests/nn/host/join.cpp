#include <eucv/nn/host/join.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

using eucv::nn::shape;

TEST_CASE("joined and split channels equal plain loops") {
  eucv::random engine(1);
  for (const auto& [a, b] :
       {std::pair(shape{1, 1, 1, 1}, shape{1, 2, 1, 1}), std::pair(shape{3, 16, 5, 4}, shape{3, 3, 5, 4}),
        std::pair(shape{2, 64, 40, 40}, shape{2, 65, 40, 40})}) {
    CAPTURE(to_string(b));
    const auto joined = test::compare_backends(
        engine, [](auto& on, auto first, auto second) { return on.join(first, second); }, a, b);
    CHECK(joined.in_double == 0);
    const shape whole{a.n, a.c + b.c, a.h, a.w};
    const auto first = test::compare_backends(
        engine, [channels = a.c](auto& on, auto x) { return on.split(x, channels).first; }, whole);
    const auto second = test::compare_backends(
        engine, [channels = a.c](auto& on, auto x) { return on.split(x, channels).second; }, whole);
    CHECK(first.in_double == 0);
    CHECK(second.in_double == 0);
  }
}
