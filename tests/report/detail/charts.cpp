#include <eucv/report/detail/charts.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

using namespace eucv::report;

TEST_CASE("charts of a training hold the figures of the task") {
  const auto one = test::report_facts(), several = test::multi_label_report_facts();
  const auto loss = loss_chart(one);
  REQUIRE(loss.all.size() == 2);
  CHECK(loss.all[0].points.front() == std::pair(1.0, 2.0));
  CHECK(loss.y.high == doctest::Approx(1.05 * 2.2));
  CHECK(loss.y.label == "cross-entropy (nats)");
  CHECK(loss_chart(several).y.label == "loss");

  const auto history = history_chart(one);
  REQUIRE(history.all.size() == 3);
  CHECK(history.all[0].name == "accuracy");
  CHECK(history.all[0].points.back().second == doctest::Approx(1 - 0.9 / 6));
  CHECK(history.all[1].points.back().second == doctest::Approx(1 - 0.8 / 6));
  CHECK(history.all[2].points.size() == 6);
  CHECK(history.description == "On validation pictures, at the end: accuracy 0.850, macro F1 0.600.");
  const auto figures = history_chart(several);
  REQUIRE(figures.all.size() == 4);
  CHECK(figures.all[3].name == "mean average precision");
  CHECK(figures.all[3].points.back().second == doctest::Approx(1 - 0.7 / 6));
}

TEST_CASE("precision over coverage is drawn to the end, thinned") {
  const auto all = test::report_facts();
  const auto coverage = coverage_chart(all.predictions);
  const auto points = eucv::judge::precision_over_coverage(all.predictions);
  CHECK(coverage.all[0].points.size() == points.coverage.size());
  CHECK(coverage.all[0].points.back() == std::pair(1.0, points.precision.back()));
  CHECK(coverage.y.low <= points.precision.back());
  CHECK(coverage.description.find(" At 50\u00a0% coverage the precision is ") != std::string::npos);

  const auto several = test::multi_label_report_facts();
  const auto found = coverage_chart(several.predictions);
  const auto statements = eucv::judge::precision_over_coverage(several.predictions);
  REQUIRE(found.all[0].points.size() > 100);
  CHECK(found.all[0].points.size() <= 301);
  CHECK(found.all[0].points.back().first == 1);
  CHECK(found.all[0].points.front() == std::pair(statements.coverage.front(), statements.precision.front()));
  CHECK(found.title == "Precision over recall");
}

TEST_CASE("the curve of a label shows where its threshold stands") {
  // Labels 0 and 3 are automatic at 0.6, label 1 is not.
  const auto all = test::multi_label_report_facts();
  const auto one = label_chart(all, 0);
  REQUIRE(one.all.size() == 2);
  std::size_t stated = 0, right = 0;
  for (const auto& item : all.predictions.of_label(0)) {
    stated += item.score >= 0.6 ? 1 : 0;
    right += item.score >= 0.6 && item.positive ? 1 : 0;
  }
  CHECK(one.all[1].points.front().second == doctest::Approx(static_cast<double>(right) / static_cast<double>(stated)));
  CHECK(label_chart(all, 1).all.size() == 1);
}

TEST_CASE("a reliability diagram has a bar for each range that holds a probability") {
  for (const auto& all : {test::report_facts(), test::multi_label_report_facts()}) {
    std::size_t bins = 0;
    for (const auto& bin : eucv::judge::reliability(all.predictions, 10)) bins += bin.n == 0 ? 0 : 1;
    const auto reliability = reliability_chart(all);
    CHECK(reliability.all[0].points.size() == bins);
    CHECK(reliability.all[1].points.size() == bins);
    CHECK(reliability.description.find(number(all.figures.calibration_error)) != std::string::npos);
  }
}

TEST_CASE("the learning curve goes on to twice as many pictures") {
  const auto all = test::report_facts();
  const auto fit = eucv::judge::fit_learning_curve(all.learning_curve);
  const auto drawn = learning_chart(all);
  CHECK(drawn.title == "Accuracy by number of pictures");
  CHECK(drawn.all[0].points.size() == 8);
  CHECK(drawn.all[1].points.back().first == doctest::Approx(800));
  CHECK(drawn.all[1].points.back().second == doctest::Approx(1 - fit.doubled.value));
  CHECK(drawn.x.ticks == scale::halves);
  CHECK(learning_chart(test::multi_label_report_facts()).y.label == "mean average precision");
}
