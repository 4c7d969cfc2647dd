#include <eucv/judge/multi_label_calibration.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("Platt's sigmoids find out by how much probabilities claim too much, label by label") {
  const auto boastful = test::drawn_answers({.items = 4000, .claim = 2});
  const auto fits = judge::fit_sigmoids(boastful);
  REQUIRE(fits.size() == 3);
  for (const auto& fit : fits) {
    CHECK(fit.slope == doctest::Approx(-0.5).epsilon(0.1));
    CHECK(std::abs(fit.offset) < 0.15);
  }
  const auto fair = judge::cross_calibrated(boastful);
  CHECK(judge::calibration_error(boastful) > 0.04);
  CHECK(judge::calibration_error(fair) < 0.02);
  const auto all = judge::calibrated(boastful, fits);
  CHECK(all.scores[5] == doctest::Approx(fair.scores[5]).epsilon(0.05));
}

TEST_CASE("a fold is calibrated by the others alone") {
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
  for (const auto& fit : judge::fit_sigmoids(set)) {
    CHECK(fit.slope == 0);
    CHECK(fit(3) == fit(-3));
    CHECK(fit(0) > 0.1);
    CHECK(fit(0) < 0.7);
  }
}

TEST_CASE("logits come back from probabilities, and stay finite at the ends") {
  for (const double logit : {-20.0, -1.0, 0.0, 3.0, 20.0})
    CHECK(judge::logit_of(nn::logistic(logit)) == doctest::Approx(logit).epsilon(1e-6));
  CHECK(std::isfinite(judge::logit_of(0)));
  CHECK(judge::logit_of(1) == doctest::Approx(-judge::logit_of(0)).epsilon(1e-3));
}

TEST_CASE("the calibration error of one label is the distance of its probabilities from what is so") {
  CHECK(judge::binary_calibration_error({{0.8, true}, {0.8, true}, {0.8, true}, {0.8, false}, {0.2, false}}) ==
        doctest::Approx((4 * 0.05 + 0.2) / 5));
  CHECK(std::isnan(judge::binary_calibration_error({})));
}

TEST_CASE("the reliability diagram holds every answer once") {
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

TEST_CASE("isotonic regression finds out a distortion that no sigmoid has") {
  auto set = test::drawn_answers({.items = 4000});
  for (auto& score : set.scores) score = 0.5 + 4 * (score - 0.5) * (score - 0.5) * (score - 0.5); // flat in the middle
  const auto smooth = judge::cross_calibrated(set);
  const auto steps = judge::cross_calibrated<judge::isotonic>(set);
  CHECK(judge::calibration_error(steps) < 0.02);
  CHECK(judge::calibration_error(steps) < judge::calibration_error(smooth));
  const auto fits = judge::fit_labels<judge::isotonic>(set);
  CHECK(judge::calibrated(set, fits).scores[4] == fits[1](judge::logit_of(set.scores[4])));
}
