#include <eucv/classify/calibrate.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/prediction_set.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("a model gets temperature and thresholds from predictions out of fold") {
  const test::temporary_folder folder;
  auto set = test::drawn_predictions({.items = 3000, .sharpness = 6, .temperature = 0.5});
  for (std::size_t i = 0; i < set.size(); ++i) set.folds.push_back(i % 5);
  classify::description about;
  for (const auto& label : set.labels) about.labels.push_back({label, ""});
  const auto found = classify::calibrate(about, set, {.target_precision = 0.97});
  CHECK(about.decisions.temperature == doctest::Approx(2).epsilon(0.1));
  CHECK(about.decisions.target_precision == 0.97);
  CHECK(found.error_after < 0.5 * found.error_before);
  REQUIRE(about.decisions.categories.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found.plan.categories[i].decision == judge::verdict::automatic);
    CHECK(about.decisions.categories[i].threshold == found.plan.categories[i].threshold);
  }
  CHECK(found.plan.automatic + found.plan.review + found.plan.never == 3000);

  const auto document = parse_json(classify::to_json(found.plan, judge::cross_tempered(set)), "here").as_object();
  CHECK(document.at("automatic").to_number<std::size_t>() == found.plan.automatic);
  const auto& points = document.at("precision_over_coverage").as_array();
  CHECK(points.size() == 20);
  CHECK(points.back().as_array()[0].to_number<double>() == 1);
  CHECK(document.at("categories").as_array().size() == 3);

  // The rule in a model: its probabilities are those of the tempered logits, and it says so in its folder.
  test::write_picture_folder(folder / "images", 6);
  classify::train_options small;
  small.size = 16;
  small.epochs = 1;
  small.batch = 4;
  auto made = classify::train_classifier(folder / "images", folder / "model", small);
  const auto picture = test::coloured_picture(0, 99);
  const auto before = made.model.predict(picture);
  made.model.decide_by({.temperature = 2, .categories = {}});
  const auto after = made.model.predict(picture);
  CHECK(after[0].label == before[0].label);
  CHECK(after[0].probability / after[1].probability ==
        doctest::Approx(std::sqrt(before[0].probability / before[1].probability)));
  made.model.save(folder / "model");
  CHECK(classify::classifier::load(folder / "model").predict(picture)[0].probability == after[0].probability);
  CHECK(test::code_of([&] { made.model.decide_by({.temperature = 0}); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { made.model.decide_by({.categories = {{}}}); }) == errc::invalid_argument);

  about.labels[0].name = "another";
  CHECK(test::code_of([&] { (void)classify::calibrate(about, set); }) == errc::invalid_argument);
}
