#include <eucv/judge/slices.hpp>

#include <eucv/judge/figures.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
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
  const auto figures = judge::metrics_of(part);
  REQUIRE(slices[1].figures.size() == 2);
  CHECK(slices[1].figures[0].value == figures.accuracy);
  CHECK(slices[1].figures[1].value == figures.macro.f1);
  CHECK(slices[1].figures[0].low <= figures.accuracy);
  CHECK(std::isnan(slices[1].figures[1].low)); // only the first has an interval
  CHECK(test::code_of([&] { (void)judge::slice_by(set, std::span(keys).first(3)); }) == errc::invalid_argument);
}

TEST_CASE("a slice of items with several labels has macro averages over the labels that occur in it") {
  auto set = test::drawn_answers({.items = 300});
  std::vector<std::string> keys;
  std::vector<std::size_t> of_b;
  for (std::size_t i = 0; i < set.size(); ++i) {
    keys.push_back(i % 3 == 0 ? "b" : "a");
    if (i % 3 != 0) continue;
    of_b.push_back(i);
    set.truth[3 * i + 2] = 0; // the last label occurs nowhere in b
  }
  const auto slices = judge::slice_by(set, keys, {.replicates = 200});
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].value == "a");
  CHECK(slices[0].n == 200);
  CHECK(slices[1].n == 100);
  const auto figures = judge::metrics_of(judge::subset(set, of_b));
  const auto& of = slices[1].figures; // all labels right, micro F1, macro F1, mean average precision
  REQUIRE(of.size() == 4);
  CHECK(of[0].value == doctest::Approx(figures.accuracy));
  CHECK(of[1].value == doctest::Approx(figures.micro.f1));
  CHECK(of[2].value == doctest::Approx((figures.per_class[0].f1 + figures.per_class[1].f1) / 2));
  CHECK(of[3].value ==
        doctest::Approx((figures.per_class[0].average_precision + figures.per_class[1].average_precision) / 2));
  for (const auto& each : slices) {
    CHECK(each.figures[0].low < each.figures[0].value);
    CHECK(each.figures[1].value < each.figures[1].high);
  }
  keys.pop_back();
  CHECK(test::code_of([&] { (void)judge::slice_by(set, keys); }) == errc::invalid_argument);
}
