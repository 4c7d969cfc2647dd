#include <eucv/report/detail/multi_label_charts.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

using namespace eucv::report;

TEST_CASE("charts of several labels hold the figures that they show, thinned but to the end") {
  const auto all = test::multi_label_report_facts();
  const auto coverage = coverage_chart(all.predictions);
  const auto points = eucv::judge::precision_over_recall(all.predictions);
  REQUIRE(coverage.all[0].points.size() > 100);
  CHECK(coverage.all[0].points.size() <= 301);
  CHECK(coverage.all[0].points.back().first == 1);
  CHECK(coverage.all[0].points.front() == std::pair(points.coverage.front(), points.precision.front()));
  CHECK(coverage.description.find(" of the labels are found, ") != std::string::npos);

  // Labels 0 and 3 are automatic at 0.6, label 1 is not.
  const auto one = label_chart(all, 0);
  REQUIRE(one.all.size() == 2);
  std::size_t stated = 0, right = 0;
  for (const auto& item : all.predictions.of_label(0)) {
    stated += item.score >= 0.6 ? 1 : 0;
    right += item.score >= 0.6 && item.positive ? 1 : 0;
  }
  CHECK(one.all[1].points.front().second == doctest::Approx(static_cast<double>(right) / static_cast<double>(stated)));
  CHECK(label_chart(all, 1).all.size() == 1);

  const auto reliability = reliability_chart(all.predictions, all.figures.calibration_error);
  CHECK(reliability.all[0].points.size() == 10);
  CHECK(multi_label_history_chart(all.history).all[0].points.back().second == doctest::Approx(1 - 0.7 / 6));
  CHECK(multi_label_loss_chart(all.history).y.label == "loss");
}
