#include <eucv/judge/multi_label_assess.hpp>

#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("the figures that are drawn anew are those of metrics_of()") {
  auto set = test::drawn_answers({.items = 200});
  for (std::size_t i = 0; i < set.scores.size(); i += 4) set.scores[i] = 0.5; // ties
  eucv::random engine(3);
  train::detail::redrawn_figures redrawn(set);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::size_t> items(200);
    for (auto& each : items) each = engine.below(200);
    const auto values = redrawn(items);
    const auto figures = judge::metrics_of(judge::subset(set, items));
    const double expected[] = {figures.exact_match,  figures.macro.f1,
                               figures.micro.f1,     figures.macro.precision,
                               figures.macro.recall, figures.mean_average_precision,
                               figures.hamming_loss, figures.coverage,
                               figures.ranking_loss, figures.lrap};
    for (std::size_t i = 0; i < 10; ++i) CHECK(values[i] == doctest::Approx(expected[i]).epsilon(1e-12));
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(values[10 + 2 * c] == doctest::Approx(figures.per_label[c].f1).epsilon(1e-12));
      CHECK(values[11 + 2 * c] == doctest::Approx(figures.average_precision[c]).epsilon(1e-12));
    }
  }
}

TEST_CASE("intervals hold their figures, and all of it is JSON") {
  const auto set = test::drawn_answers({.items = 200});
  const auto all = judge::assess(set, {.replicates = 200});
  for (const auto& range : all.headline) {
    CHECK(range.low <= range.value);
    CHECK(range.value <= range.high);
    CHECK(range.low < range.high);
  }
  CHECK(all.headline[0].value == doctest::Approx(all.figures.exact_match));
  CHECK(all.headline[5].value == doctest::Approx(all.figures.mean_average_precision));
  REQUIRE(all.f1.size() == 3);
  CHECK(all.average_precision[2].value == doctest::Approx(all.figures.average_precision[2]));
  const auto json = parse_json(judge::to_json(all, set.labels), "figures").as_object();
  CHECK(json.at("accuracy").to_number<double>() == all.figures.exact_match);
  CHECK(json.at("per_class").as_array()[1].as_object().at("label").as_string() == "label 1");
  CHECK(json.at("intervals").as_object().at("f1_by_class").as_array().size() == 3);
  CHECK(json.at("n").to_number<int>() == 200);
}
