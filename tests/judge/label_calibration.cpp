#include <eucv/judge/label_calibration.hpp>

#include <eucv/core/probability.hpp>
#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <vector>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

std::vector<judge::scored> some() {
  const std::vector<double> scores{-2, -1.5, -1, -1, -0.5, 0, 0.25, 0.5, 0.5, 1, 1.5, 2, 3};
  const std::vector<int> is{0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1};
  std::vector<judge::scored> items;
  for (std::size_t i = 0; i < scores.size(); ++i) items.push_back({scores[i], is[i] == 1});
  std::reverse(items.begin(), items.end()); // their order does not matter
  return items;
}

} // namespace

TEST_CASE("isotonic regression equals scikit-learn's, between its points and beyond them") {
  const auto fit = judge::fit_isotonic(some());
  const std::vector<double> at{-3, -1.25, -1, -0.25, 0.1, 0.5, 0.75, 1.7, 5};
  const std::vector<double> theirs{
      0, 0.16666666666666666, 0.3333333333333333, 0.41666666666666663, 0.5, 0.5, 0.5833333333333333, 0.6666666666666666,
      1};
  for (std::size_t i = 0; i < at.size(); ++i) CHECK(fit(at[i]) == doctest::Approx(theirs[i]).epsilon(1e-12));
}

TEST_CASE("of random items it is scikit-learn's to the last digits, equal scores and falling ones included") {
  std::ifstream golden(EUCV_TEST_DATA "/isotonic.txt");
  REQUIRE(golden.is_open());
  std::size_t cases = 0, items = 0, queries = 0;
  for (; golden >> items >> queries; ++cases) {
    std::vector<judge::scored> scores(items);
    for (auto& item : scores) {
      int label = 0;
      golden >> item.score >> label;
      item.positive = label == 1;
    }
    const auto fit = judge::fit_isotonic(scores);
    for (std::size_t i = 0; i < queries; ++i) {
      double score = 0, theirs = 0;
      golden >> score >> theirs;
      CHECK(std::abs(fit(score) - theirs) <= 1e-12);
    }
  }
  CHECK(cases == 24);
}

TEST_CASE("Platt's sigmoid is the optimum that SciPy's root finder comes to") {
  const auto fit = judge::fit_sigmoid(some());
  CHECK(fit.slope == doctest::Approx(-0.5016767436032851).epsilon(1e-9));
  CHECK(fit.offset == doctest::Approx(0.26098142555167153).epsilon(1e-9));
}

TEST_CASE("both find the probabilities that labels were drawn from") {
  eucv::random engine(4);
  std::vector<judge::scored> items;
  const judge::sigmoid truth{.slope = -2, .offset = 1};
  for (std::size_t i = 0; i < 20000; ++i) {
    const double score = engine.uniform(-3, 3);
    items.push_back({score, engine.uniform() < truth(score)});
  }
  const auto smooth = judge::fit_sigmoid(items);
  const auto steps = judge::fit_isotonic(items);
  for (const double score : {-1.5, 0.0, 0.5, 1.0, 2.0}) {
    CHECK(smooth(score) == doctest::Approx(truth(score)).epsilon(0.05));
    CHECK(std::abs(steps(score) - truth(score)) < 0.1);
  }
}

TEST_CASE("labels with one kind of item only, and scores that are all equal, make no accident") {
  const auto all = judge::fit_sigmoid({{0.5, true}, {0.7, true}, {0.9, true}});
  CHECK(all(0.7) == doctest::Approx(0.8).epsilon(0.02)); // (3 + 1) / (3 + 2)
  const auto equal = judge::fit_sigmoid({{1, true}, {1, false}});
  CHECK(equal(1) == doctest::Approx(0.5));
  CHECK(judge::fit_isotonic({{1, true}, {1, false}})(7) == 0.5);
  CHECK(judge::sigmoid{.slope = -1e6, .offset = 0}(1) == 1);
  CHECK(judge::sigmoid{.slope = -1e6, .offset = 0}(-1) == 0);
  CHECK(test::code_of([] { (void)judge::fit_sigmoid({}); }) == errc::invalid_argument);
  CHECK(test::code_of([] {
          (void)judge::fit_isotonic({{std::numeric_limits<double>::quiet_NaN(), true}});
        }) == errc::invalid_argument);
}

TEST_CASE("logits come back from probabilities, and stay finite at the ends") {
  for (const double logit : {-20.0, -1.0, 0.0, 3.0, 20.0})
    CHECK(judge::logit_of(logistic(logit)) == doctest::Approx(logit).epsilon(1e-6));
  CHECK(std::isfinite(judge::logit_of(0)));
  CHECK(judge::logit_of(1) == doctest::Approx(-judge::logit_of(0)).epsilon(1e-3));
}
