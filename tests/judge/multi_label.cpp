#include <eucv/judge/multi_label.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("what a label's own threshold calls") {
  const judge::multi_label_set set{
      .labels = {"a", "b"}, .truth = {1, 0, 1, 1}, .scores = {0.3, 0.6, 0.9, 0.6}, .thresholds = {0.2, 0.7}};
  const auto figures = judge::metrics_of(set);
  CHECK(figures.n == 2);
  CHECK(figures.exact_match == 0.5);
  CHECK(figures.hamming_loss == 0.25);
  CHECK(figures.per_label[0].recall == 1);
  CHECK(figures.per_label[1].recall == 0);
  CHECK(figures.per_label[1].support == 1);
}

TEST_CASE("zero division is what the caller says") {
  const judge::multi_label_set set{.labels = {"a", "b"}, .truth = {1, 0}, .scores = {0.9, 0.1}};
  CHECK(judge::metrics_of(set).per_label[1].precision == 0);
  const auto ones = judge::metrics_of(set, {.zero_division = 1});
  CHECK(ones.per_label[1].precision == 1);
  CHECK(ones.average_precision[1] == 1);
  CHECK(ones.macro.recall == 1);
}

TEST_CASE("lists that do not fit are refused") {
  CHECK(test::code_of([] { (void)judge::metrics_of(judge::multi_label_set{}); }) == errc::invalid_argument);
  CHECK(test::code_of([] {
          (void)judge::metrics_of(judge::multi_label_set{.labels = {"a", "b"}, .truth = {1}, .scores = {1}});
        }) == errc::invalid_argument);
  CHECK(test::code_of([] {
          (void)judge::metrics_of(
              judge::multi_label_set{.labels = {"a"}, .truth = {1}, .scores = {1}, .thresholds = {0.1, 0.2}});
        }) == errc::invalid_argument);
}
