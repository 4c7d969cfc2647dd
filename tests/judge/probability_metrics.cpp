#include <eucv/judge/probability_metrics.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("of equal probabilities the first label is the more probable") {
  const judge::prediction_set set{.labels = {"a", "b", "c"}, .truth = {1}, .probabilities = {0.4, 0.4, 0.2}};
  CHECK(judge::top_k_accuracy(set, 1) == 0);
  CHECK(judge::top_k_accuracy(set, 2) == 1);
}

TEST_CASE("a probability of 0 has a large loss, not an infinite one") {
  const judge::prediction_set set{.labels = {"a", "b"}, .truth = {1}, .probabilities = {1, 0}};
  CHECK(judge::log_loss(set) == doctest::Approx(52 * std::log(2)));
}

TEST_CASE("the calibration error is near 0 where labels follow the probabilities, and large where they do not") {
  CHECK(judge::expected_calibration_error(test::drawn_predictions({.items = 20000})) < 0.015);
  CHECK(judge::expected_calibration_error(test::drawn_predictions({.items = 20000, .temperature = 0.4})) > 0.05);
}

TEST_CASE("every item stands in the bin of its greatest probability") {
  const judge::prediction_set set{
      .labels = {"a", "b"}, .truth = {0, 0, 0}, .probabilities = {0.5, 0.5, 0.6, 0.4, 0.0, 1.0}};
  const auto bins = judge::reliability(set, 10);
  CHECK(bins[4].n == 1); // 0.5 is the end of the fifth
  CHECK(bins[5].n == 1);
  CHECK(bins[9].n == 1);
  CHECK(bins[9].right == 0);
  CHECK(bins[5].confidence == 0.6);
}

TEST_CASE("no items have no figures") {
  const judge::prediction_set none{.labels = {"a"}};
  CHECK(std::isnan(judge::top_k_accuracy(none, 1)));
  CHECK(std::isnan(judge::log_loss(none)));
  CHECK(std::isnan(judge::expected_calibration_error(none)));
  CHECK(std::isnan(judge::rank_one_against_rest(none).macro_roc_area));
}
