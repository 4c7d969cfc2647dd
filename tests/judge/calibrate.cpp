#include <eucv/judge/calibrate.hpp>

#include <eucv/judge/reliability.hpp>
#include <eucv/judge/temperature.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("where labels exclude each other one temperature calibrates all") {
  const auto set = test::drawn_predictions({.items = 500, .temperature = 0.4});
  const auto fit = judge::fit_calibration(set);
  CHECK(fit.temperature == judge::fit_temperature(set));
  CHECK(fit.sigmoids.empty());
  CHECK(fit.steps.empty());
  const auto all = judge::calibrated(set, fit);
  const auto row = judge::tempered(set.row(7), fit.temperature);
  CHECK(std::ranges::equal(all.row(7), row));
  CHECK(test::predicted(all) == test::predicted(set));
  CHECK(judge::calibrated(set, {}).scores[0] == doctest::Approx(set.scores[0]));
  CHECK(test::code_of([&] { (void)judge::fit_calibration(set, judge::calibration_method::isotonic); }) ==
        errc::invalid_argument);
}

TEST_CASE("each fold of items with one label is tempered by the others") {
  auto set = test::drawn_predictions({.items = 3000, .temperature = 0.4});
  CHECK(test::code_of([&] { (void)judge::cross_calibrated(set); }) == errc::invalid_argument);
  for (std::size_t i = 0; i < set.size(); ++i) set.folds.push_back(i % 3);
  const auto calibrated = judge::cross_calibrated(set);
  CHECK(judge::calibration_error(set) > 0.08);
  CHECK(judge::calibration_error(calibrated) < 0.03);
  CHECK(test::predicted(calibrated) == test::predicted(set));
  // The labels of a fold do not matter to its own probabilities.
  auto other = set;
  for (std::size_t i = 0; i < set.size(); ++i)
    if (set.folds[i] == 1) test::relabel(other, i, (other.label_of(i) + 1) % 3);
  const auto again = judge::cross_calibrated(other);
  CHECK(again.row(1)[0] == calibrated.row(1)[0]);
  CHECK(again.row(0)[0] != calibrated.row(0)[0]);
}

TEST_CASE("Platt's sigmoids find out by how much probabilities claim too much, label by label") {
  const auto boastful = test::drawn_answers({.items = 4000, .claim = 2});
  const auto fits = judge::fit_calibration(boastful);
  CHECK(fits.temperature == 1);
  REQUIRE(fits.sigmoids.size() == 3);
  for (const auto& fit : fits.sigmoids) {
    CHECK(fit.slope == doctest::Approx(-0.5).epsilon(0.1));
    CHECK(std::abs(fit.offset) < 0.15);
  }
  const auto fair = judge::cross_calibrated(boastful);
  CHECK(judge::calibration_error(boastful) > 0.04);
  CHECK(judge::calibration_error(fair) < 0.02);
  const auto all = judge::calibrated(boastful, fits);
  CHECK(all.scores[5] == doctest::Approx(fair.scores[5]).epsilon(0.05));
}

TEST_CASE("a fold of items with several labels is calibrated by the others alone") {
  auto set = test::drawn_answers();
  const auto before = judge::cross_calibrated(set);
  for (std::size_t i = 0; i < set.size(); ++i)
    if (set.folds[i] == 0) std::fill_n(set.truth.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, std::uint8_t{1});
  const auto after = judge::cross_calibrated(set);
  for (std::size_t i = 0; i < set.size(); ++i)
    CHECK((after.scores[3 * i] == before.scores[3 * i]) == (set.folds[i] == 0));
  set.folds.assign(set.size(), 0);
  CHECK(test::code_of([&] { (void)judge::cross_calibrated(set); }) == errc::invalid_argument);
}

TEST_CASE("where the items speak against the model, the rate of the label is all that is left") {
  auto set = test::drawn_answers();
  for (auto& score : set.scores) score = 1 - score;
  for (const auto& fit : judge::fit_calibration(set).sigmoids) {
    CHECK(fit.slope == 0);
    CHECK(fit(3) == fit(-3));
    CHECK(fit(0) > 0.1);
    CHECK(fit(0) < 0.7);
  }
}

TEST_CASE("isotonic regression finds out a distortion that no sigmoid has") {
  auto set = test::drawn_answers({.items = 4000});
  for (auto& score : set.scores) score = 0.5 + 4 * (score - 0.5) * (score - 0.5) * (score - 0.5); // flat in the middle
  const auto smooth = judge::cross_calibrated(set);
  const auto steps = judge::cross_calibrated(set, judge::calibration_method::isotonic);
  CHECK(judge::calibration_error(steps) < 0.02);
  CHECK(judge::calibration_error(steps) < judge::calibration_error(smooth));
  const auto fits = judge::fit_calibration(set, judge::calibration_method::isotonic);
  CHECK(judge::calibrated(set, fits).scores[4] == fits.steps[1](judge::logit_of(set.scores[4])));
}

TEST_CASE("a probability is that of the steps, else of the sigmoids, else of the logit itself") {
  judge::calibration by;
  CHECK(by.probability(0, 2) == doctest::Approx(logistic(2)));
  by.sigmoids = {{.slope = -0.5, .offset = 1}};
  CHECK(by.probability(0, 2) == 0.5);
  by.steps = {{.scores = {0}, .probabilities = {0.25}}};
  CHECK(by.probability(0, 2) == 0.25);
}
