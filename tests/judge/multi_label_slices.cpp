#include <eucv/judge/multi_label_slices.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("each part of the items has the figures that it has by itself, over the labels that occur in it") {
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
  CHECK(slices[1].exact_match.value == doctest::Approx(figures.exact_match));
  CHECK(slices[1].micro_f1.value == doctest::Approx(figures.micro.f1));
  CHECK(slices[1].macro_f1 == doctest::Approx((figures.per_label[0].f1 + figures.per_label[1].f1) / 2));
  CHECK(slices[1].mean_average_precision ==
        doctest::Approx((figures.average_precision[0] + figures.average_precision[1]) / 2));
  for (const auto& each : slices) {
    CHECK(each.exact_match.low < each.exact_match.value);
    CHECK(each.micro_f1.value < each.micro_f1.high);
  }
  keys.pop_back();
  CHECK(test::code_of([&] { (void)judge::slice_by(set, keys); }) == errc::invalid_argument);
}
