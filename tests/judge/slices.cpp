#include <eucv/judge/slices.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("each slice has the figures of its own items, the largest first") {
  const auto set = test::drawn_predictions({.items = 90});
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 90; ++i) keys.push_back(i % 3 == 0 ? "Museum A" : "Museum B");
  const auto slices = judge::slice_by(set, keys, {.replicates = 100});
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].value == "Museum B");
  CHECK(slices[0].n == 60);
  std::vector<std::size_t> of_a;
  for (std::size_t i = 0; i < 90; i += 3) of_a.push_back(i);
  const auto part = judge::subset(set, of_a);
  const auto figures = judge::metrics_of(part.truth, part.predicted(), part.labels);
  CHECK(slices[1].accuracy.value == figures.accuracy);
  CHECK(slices[1].macro_f1 == figures.macro_f1);
  CHECK(slices[1].accuracy.low <= figures.accuracy);
  CHECK(test::code_of([&] { (void)judge::slice_by(set, std::span(keys).first(3)); }) == errc::invalid_argument);
}
