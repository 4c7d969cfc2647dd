#include <eucv/report/detail/charts.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

using namespace eucv::report;

TEST_CASE("charts hold the figures that they show") {
  const auto all = test::report_facts();
  const auto loss = loss_chart(all.history);
  REQUIRE(loss.all.size() == 2);
  CHECK(loss.all[0].points.front() == std::pair(1.0, 2.0));
  CHECK(loss.y.high == doctest::Approx(1.05 * 2.2));
  CHECK(accuracy_chart(all.history).all[2].points.size() == 6);

  const auto coverage = coverage_chart(all.predictions);
  const auto points = eucv::judge::precision_over_coverage(all.predictions);
  CHECK(coverage.all[0].points.back() == std::pair(1.0, points.precision.back()));
  CHECK(coverage.y.low <= points.precision.back());
  CHECK(coverage.description.find("The surest 50\u00a0% are right in ") != std::string::npos);

  std::size_t bins = 0;
  for (const auto& bin : eucv::judge::reliability(all.predictions, 10)) bins += bin.n == 0 ? 0 : 1;
  const auto reliability = reliability_chart(all.predictions, all.figures.calibration_error);
  CHECK(reliability.all[0].points.size() == bins);
  CHECK(reliability.all[1].points.size() == bins);
}

TEST_CASE("the learning curve goes on to twice as many pictures") {
  const auto all = test::report_facts();
  const auto fit = eucv::judge::fit_learning_curve(all.learning_curve);
  const auto drawn = learning_chart(all.learning_curve, fit);
  CHECK(drawn.all[0].points.size() == 8);
  CHECK(drawn.all[1].points.back().first == doctest::Approx(800));
  CHECK(drawn.all[1].points.back().second == doctest::Approx(1 - fit.doubled.value));
  CHECK(drawn.x.logarithmic);
}
