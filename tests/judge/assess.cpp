#include <eucv/judge/assess.hpp>

#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("each headline figure is that of its function, and lies within its interval") {
  const auto set = test::drawn_predictions({.items = 200});
  const auto all = judge::assess(set, {.replicates = 200});
  CHECK(all.figures.accuracy == judge::metrics_of(set).accuracy);
  CHECK(all.headline[0].value == all.figures.accuracy);
  CHECK(all.headline[1].value == all.figures.macro.f1);
  CHECK(all.headline[7].value == doctest::Approx(all.figures.item_means[0]));
  CHECK(all.class_f1.size() == 3);
  CHECK(all.class_average_precision.empty());
  CHECK(all.top_3 == 1); // of three labels
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
  for (const auto& each : judge::single_label.figures(judge::figure_use::headline))
    CHECK(intervals.at(std::string(each.key)).as_array().size() == 2);
  CHECK(intervals.at("f1_by_class").as_array().size() == 3);
  CHECK_FALSE(intervals.contains("average_precision_by_class"));
}

TEST_CASE("intervals of items with several labels hold their figures, and all of it is JSON") {
  const auto set = test::drawn_answers({.items = 200});
  const auto all = judge::assess(set, {.replicates = 200});
  for (const auto& range : all.headline) {
    CHECK(range.low <= range.value);
    CHECK(range.value <= range.high);
    CHECK(range.low < range.high);
  }
  CHECK(all.headline[0].value == doctest::Approx(all.figures.accuracy));
  CHECK(all.headline[5].value == doctest::Approx(all.figures.mean_average_precision));
  REQUIRE(all.class_f1.size() == 3);
  CHECK(all.class_average_precision[2].value == doctest::Approx(all.figures.per_class[2].average_precision));
  CHECK(std::isnan(all.top_3));
  const auto json = parse_json(judge::to_json(all), "figures").as_object();
  CHECK(json.at("accuracy").to_number<double>() == all.figures.accuracy);
  CHECK(json.at("per_class").as_array()[1].as_object().at("label").as_string() == "label 1");
  CHECK(json.at("per_class").as_array()[1].as_object().at("average_precision").is_number());
  const auto& intervals = json.at("intervals").as_object();
  CHECK(intervals.at("f1_by_class").as_array().size() == 3);
  CHECK(intervals.at("average_precision_by_class").as_array().size() == 3);
  for (const auto& each : judge::multi_label.figures(judge::figure_use::headline))
    CHECK(intervals.at(std::string(each.key)).as_array().size() == 2);
  for (const char* key : {"weighted", "confusion_matrix", "top_3_accuracy", "macro_roc_area"})
    CHECK_FALSE(json.contains(key));
  CHECK(json.at("n").to_number<int>() == 200);
}

TEST_CASE("metrics.json") {
  const std::vector<std::size_t> truth{0, 1}, predicted{0, 0};
  CHECK(judge::to_json(judge::metrics_of(truth, predicted, {"map", "a \"b\""}), judge::single_label) == R"({
  "accuracy": 0.5,
  "macro_f1": 0.3333333333333333,
  "macro_precision": 0.25,
  "macro_recall": 0.5,
  "macro_specificity": 0.5,
  "balanced_accuracy": 0.5,
  "weighted": {"precision": 0.25, "recall": 0.5, "f1": 0.3333333333333333},
  "per_class": [
    {"label": "map", "precision": 0.5, "recall": 1, "f1": 0.6666666666666666, "specificity": 0, "support": 1},
    {"label": "a \"b\"", "precision": 0, "recall": 0, "f1": 0, "specificity": 1, "support": 1}],
  "confusion_matrix": [
    [1, 0],
    [1, 0]],
  "labels": ["map", "a \"b\""],
  "n": 2
}
)");
}
