#include <eucv/judge/curves.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace eucv;

TEST_CASE("a ROC curve by hand: two positives, two negatives, one pair of equal scores") {
  const auto curve = judge::roc_curve({{0.9, true}, {0.5, false}, {0.5, true}, {0.1, false}});
  CHECK(curve.false_positive_rate == std::vector<double>{0, 0, 0.5, 1});
  CHECK(curve.true_positive_rate == std::vector<double>{0, 0.5, 1, 1});
  CHECK(std::isinf(curve.thresholds[0]));
  CHECK(curve.thresholds[2] == 0.5);
  CHECK(curve.area == 0.875);
}

TEST_CASE("precision over recall by hand, whatever the order of the items") {
  const auto curve = judge::precision_recall_curve({{0.1, true}, {0.8, false}, {0.9, true}});
  CHECK(curve.recall == std::vector<double>{0, 0.5, 0.5, 1});
  CHECK(curve.precision == std::vector<double>{1, 1, 0.5, 2.0 / 3});
  CHECK(curve.average_precision == doctest::Approx(0.5 * 1 + 0.5 * 2 / 3));
}

TEST_CASE("areas that do not exist are not numbers") {
  CHECK(std::isnan(judge::roc_curve({}).area));
  CHECK(std::isnan(judge::roc_curve({{0.5, true}}).area));
  CHECK(std::isnan(judge::roc_curve({{0.5, false}}).area));
  CHECK(std::isnan(judge::precision_recall_curve({{0.5, false}}).average_precision));
  CHECK(judge::precision_recall_curve({{0.5, true}}).average_precision == 1);
}
