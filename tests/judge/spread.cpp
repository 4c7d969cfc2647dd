#include <eucv/judge/spread.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace eucv;

TEST_CASE("mean and sample deviation") {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  const auto all = judge::spread_of(values);
  CHECK(all.mean == 5);
  CHECK(all.deviation == doctest::Approx(std::sqrt(32.0 / 7)));
  CHECK(all.least == 2);
  CHECK(all.most == 9);
}

TEST_CASE("one value has no deviation, none has nothing") {
  const std::vector<double> one{3};
  CHECK(judge::spread_of(one).mean == 3);
  CHECK(std::isnan(judge::spread_of(one).deviation));
  CHECK(std::isnan(judge::spread_of({}).mean));
}
