#include <eucv/judge/assess.hpp>

#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("each headline figure is that of its function, and lies within its interval") {
  const auto set = test::drawn_predictions({.items = 200});
  const auto all = judge::assess(set, {.replicates = 200});
  CHECK(all.figures.accuracy == judge::metrics_of(set.truth, set.predicted(), set.labels).accuracy);
  CHECK(all.headline[0].value == all.figures.accuracy);
  CHECK(all.headline[1].value == all.figures.macro_f1);
  CHECK(all.headline[7].value == doctest::Approx(judge::log_loss(set)));
  CHECK(all.class_f1.size() == 3);
  CHECK(all.class_f1[2].value == all.figures.per_class[2].f1);
  for (const auto& each : all.headline) {
    CHECK(each.low < each.value);
    CHECK(each.value < each.high);
  }
}

TEST_CASE("the JSON keeps the keys of metrics.json and adds intervals") {
  const auto all = judge::assess(test::drawn_predictions({.items = 50}), {.replicates = 100});
  const auto document = parse_json(judge::to_json(all), "figures").as_object();
  for (const char* key : {"accuracy", "macro_f1", "macro_precision", "macro_recall", "macro_specificity",
                          "balanced_accuracy", "log_loss", "calibration_error", "top_3_accuracy", "macro_roc_area"})
    CHECK(document.at(key).is_number());
  CHECK(document.at("n").to_number<int>() == 50);
  const auto& intervals = document.at("intervals").as_object();
  CHECK(intervals.at("level").to_number<double>() == 0.95);
  for (const auto name : judge::headline_names) CHECK(intervals.at(std::string(name)).as_array().size() == 2);
  CHECK(intervals.at("f1_by_class").as_array().size() == 3);
}
