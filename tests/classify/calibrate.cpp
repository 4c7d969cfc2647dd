#include <eucv/classify/calibrate.hpp>

#include <eucv/classify/device.hpp>
#include <eucv/classify/network.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/picture_folder.hpp"
#include "support/prediction_set.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// A model with fresh weights, by way of its folder.
classify::classifier fresh_model(const classify::description& about, const std::filesystem::path& folder) {
  thread_pool pool(1);
  eucv::random engine(3);
  const auto net =
      classify::host_device(pool).build({about.architecture, about.labels.size(), about.pictures.size}, engine);
  nn::tensor_file weights;
  net->save_weights(weights);
  make_folder(folder);
  nn::write_safetensors(folder / "weights.safetensors", weights);
  write_file_atomically(folder / "model.json", classify::to_json(about));
  return classify::classifier::load(folder);
}

} // namespace

TEST_CASE("a model gets temperature and thresholds from predictions out of fold") {
  const test::temporary_folder folder;
  auto set = test::drawn_predictions({.items = 3000, .sharpness = 6, .temperature = 0.5});
  for (std::size_t i = 0; i < set.size(); ++i) set.folds.push_back(i % 5);
  classify::description about;
  for (const auto& label : set.labels) about.labels.push_back({label, ""});
  const auto found = classify::calibrate(about, set, {.target_precision = 0.97});
  CHECK(about.decisions.calibration.temperature == doctest::Approx(2).epsilon(0.1));
  CHECK(about.decisions.target_precision == 0.97);
  CHECK(found.error_before == judge::calibration_error(set));
  CHECK(found.fair.scores == judge::cross_calibrated(set).scores);
  CHECK(found.error_after == judge::calibration_error(found.fair));
  CHECK(found.error_after < 0.5 * found.error_before);
  REQUIRE(about.decisions.categories.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found.plan.categories[i].decision == judge::verdict::automatic);
    CHECK(about.decisions.categories[i].threshold == found.plan.categories[i].threshold);
  }
  CHECK(found.plan.automatic + found.plan.review + found.plan.never == 3000);

  const auto document = parse_json(classify::to_json(found.plan, found.fair), "here").as_object();
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
  made.model.decide_by({.calibration = {.temperature = 2}});
  const auto after = made.model.predict(picture);
  CHECK(after[0].label == before[0].label);
  CHECK(after[0].probability / after[1].probability ==
        doctest::Approx(std::sqrt(before[0].probability / before[1].probability)));
  made.model.save(folder / "model");
  CHECK(classify::classifier::load(folder / "model").predict(picture)[0].probability == after[0].probability);
  CHECK(test::code_of([&] { made.model.decide_by({.calibration = {.temperature = 0}}); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { made.model.decide_by({.categories = {{}}}); }) == errc::invalid_argument);

  about.labels[0].name = "another";
  CHECK(test::code_of([&] { (void)classify::calibrate(about, set); }) == errc::invalid_argument);
}

TEST_CASE("a model with several labels takes a sigmoid and a threshold for each, and keeps them in its folder") {
  const test::temporary_folder folder;
  classify::description about;
  about.architecture = "small";
  about.task = &judge::multi_label;
  about.pictures.size = 32;
  about.labels = {{"label 0", ""}, {"label 1", ""}, {"label 2", ""}};
  auto model = fresh_model(about, folder / "fresh");
  const auto before = model.predict(test::picture_of_shapes(3, 1));

  const auto seen = test::drawn_answers({.items = 3000, .sharpness = 5, .claim = 2});
  const auto found = classify::calibrate(model, seen, {.target_precision = 0.9});
  CHECK(found.error_before == judge::calibration_error(seen));
  CHECK(found.fair.scores == judge::cross_calibrated(seen).scores);
  CHECK(found.error_after < found.error_before);
  CHECK(found.plan.automatic + found.plan.review + found.plan.never == found.plan.n);
  const auto& rule = model.about().decisions;
  REQUIRE(rule.calibration.sigmoids.size() == 3);
  REQUIRE(rule.categories.size() == 3);
  for (std::size_t label = 0; label < 3; ++label) {
    CHECK(rule.calibration.sigmoids[label].slope == doctest::Approx(-0.5).epsilon(0.15));
    CHECK(rule.categories[label].decision == judge::verdict::automatic);
    CHECK(rule.categories[label].threshold == found.plan.categories[label].threshold);
  }

  model.save(folder / "model");
  auto loaded = classify::classifier::load(folder / "model");
  CHECK(*loaded.about().task == judge::multi_label);
  for (const auto& was : before)
    for (const auto& is : loaded.predict(test::picture_of_shapes(3, 1)))
      if (was.label == is.label) {
        const auto& fit = rule.calibration.sigmoids[static_cast<std::size_t>(is.label.back() - '0')];
        CHECK(is.probability == doctest::Approx(fit(judge::logit_of(was.probability))).epsilon(1e-6));
      }

  auto other = model.about();
  other.labels[0].name = "else";
  CHECK(test::code_of([&] { (void)classify::calibrate(other, seen); }) == errc::invalid_argument);
  const auto json = classify::to_json(found.plan, found.fair);
  CHECK(json.find("\"categories\": [") != std::string::npos);
  CHECK(json.find("\"decision\": \"automatic\"") != std::string::npos);
}

TEST_CASE("isotonic regression takes the place of the sigmoids, and is kept and used like them") {
  const test::temporary_folder folder;
  classify::description about;
  about.architecture = "small";
  about.task = &judge::multi_label;
  about.pictures.size = 32;
  about.labels = {{"label 0", ""}, {"label 1", ""}, {"label 2", ""}};
  auto model = fresh_model(about, folder / "fresh");
  const auto before = model.predict(test::picture_of_shapes(3, 1));
  const auto seen = test::drawn_answers({.items = 3000, .sharpness = 5, .claim = 2});
  constexpr auto isotonic = judge::calibration_method::isotonic;
  const auto found = classify::calibrate(model, seen, {.target_precision = 0.9}, isotonic);
  CHECK(found.error_after < found.error_before);
  CHECK(found.error_after == judge::calibration_error(judge::cross_calibrated(seen, isotonic)));
  const auto& rule = model.about().decisions;
  CHECK(rule.calibration.sigmoids.empty());
  REQUIRE(rule.calibration.steps.size() == 3);
  CHECK(rule.calibration == judge::fit_calibration(seen, isotonic));
  model.save(folder / "model");
  auto loaded = classify::classifier::load(folder / "model");
  CHECK(loaded.about().decisions == rule);
  for (const auto& was : before)
    for (const auto& is : loaded.predict(test::picture_of_shapes(3, 1)))
      if (was.label == is.label) {
        const auto label = static_cast<std::size_t>(is.label.back() - '0');
        CHECK(is.probability ==
              doctest::Approx(rule.calibration.steps[label](judge::logit_of(was.probability))).epsilon(1e-6));
      }
  auto few = rule;
  few.calibration.steps.pop_back();
  CHECK(test::code_of([&] { model.decide_by(few); }) == errc::invalid_argument);
}
