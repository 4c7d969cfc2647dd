#include <eucv/judge/reliability.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("the calibration error is near 0 where labels follow the probabilities, and large where they do not") {
  CHECK(judge::calibration_error(test::drawn_predictions({.items = 20000})) < 0.015);
  CHECK(judge::calibration_error(test::drawn_predictions({.items = 20000, .temperature = 0.4})) > 0.05);
  CHECK(judge::calibration_error(test::drawn_answers({.items = 20000})) < 0.015);
  CHECK(judge::calibration_error(test::drawn_answers({.items = 20000, .claim = 2})) > 0.04);
}

TEST_CASE("every item with one label stands in the bin of its greatest probability") {
  const judge::predictions set{
      .labels = {"a", "b"}, .truth = {1, 0, 1, 0, 1, 0}, .scores = {0.5, 0.5, 0.6, 0.4, 0.0, 1.0}};
  const auto bins = judge::reliability(set, 10);
  CHECK(bins[4].n == 1); // 0.5 is the end of the fifth
  CHECK(bins[5].n == 1);
  CHECK(bins[9].n == 1);
  CHECK(bins[9].right == 0);
  CHECK(bins[5].confidence == 0.6);
}

TEST_CASE("the reliability diagram of several labels holds every answer once") {
  const auto set = test::drawn_answers();
  std::size_t n = 0, right = 0;
  for (const auto& bin : judge::reliability(set, 10)) {
    n += bin.n;
    right += bin.right;
    if (bin.n == 0) continue;
    CHECK(bin.confidence >= bin.low);
    CHECK(bin.confidence <= bin.high);
  }
  CHECK(n == set.scores.size());
  CHECK(right == static_cast<std::size_t>(std::count(set.truth.begin(), set.truth.end(), 1)));
}

TEST_CASE("the calibration error of one label is the distance of its probabilities from what is so") {
  CHECK(judge::label_calibration_error({{0.8, true}, {0.8, true}, {0.8, true}, {0.8, false}, {0.2, false}}) ==
        doctest::Approx((4 * 0.05 + 0.2) / 5));
  CHECK(std::isnan(judge::label_calibration_error({})));
}

TEST_CASE("the calibration error of several labels is the mean of theirs") {
  const auto set = test::drawn_answers({.claim = 2});
  double sum = 0;
  for (std::size_t label = 0; label < 3; ++label) sum += judge::label_calibration_error(set.of_label(label));
  CHECK(judge::calibration_error(set) == doctest::Approx(sum / 3));
}

TEST_CASE("no items have no calibration error") {
  CHECK(std::isnan(judge::calibration_error(judge::predictions{.labels = {"a"}})));
  CHECK(std::isnan(judge::calibration_error(judge::predictions{.task = &judge::multi_label, .labels = {"a"}})));
}
