#include <eucv/classify/calibrate_multi_label.hpp>

#include <eucv/classify/architecture.hpp>
#include <eucv/classify/description.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/weights.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// A model with fresh weights, by way of its folder.
classify::classifier fresh_model(const classify::description& about, const std::filesystem::path& folder) {
  thread_pool pool(1);
  eucv::random engine(3);
  auto net = classify::make_network({about.architecture, about.labels.size(), about.pictures.size}, engine, pool);
  nn::tensor_file weights;
  nn::save_weights(net, weights);
  make_folder(folder);
  nn::write_safetensors(folder / "weights.safetensors", weights);
  write_file_atomically(folder / "model.json", classify::to_json(about));
  return classify::classifier::load(folder);
}

} // namespace

TEST_CASE("a model with several labels takes a sigmoid and a threshold for each, and keeps them in its folder") {
  const test::temporary_folder folder;
  classify::description about;
  about.architecture = "small";
  about.mode = classify::label_mode::multi_label;
  about.pictures.size = 32;
  about.labels = {{"label 0", ""}, {"label 1", ""}, {"label 2", ""}};
  auto model = fresh_model(about, folder / "fresh");
  const auto before = model.predict(test::picture_of_shapes(3, 1));

  const auto seen = test::drawn_answers({.items = 3000, .sharpness = 5, .claim = 2});
  const auto found = classify::calibrate(model, seen, {.target_precision = 0.9});
  CHECK(found.error_after < found.error_before);
  CHECK(found.plan.automatic + found.plan.review + found.plan.never == found.plan.n);
  const auto& rule = model.about().decisions;
  REQUIRE(rule.sigmoids.size() == 3);
  REQUIRE(rule.categories.size() == 3);
  for (std::size_t label = 0; label < 3; ++label) {
    CHECK(rule.sigmoids[label].slope == doctest::Approx(-0.5).epsilon(0.15));
    CHECK(rule.categories[label].decision == judge::verdict::automatic);
    CHECK(rule.categories[label].threshold == found.plan.categories[label].threshold);
  }

  model.save(folder / "model");
  auto loaded = classify::classifier::load(folder / "model");
  CHECK(loaded.about().mode == classify::label_mode::multi_label);
  for (const auto& was : before)
    for (const auto& is : loaded.predict(test::picture_of_shapes(3, 1)))
      if (was.label == is.label) {
        const auto& fit = rule.sigmoids[static_cast<std::size_t>(is.label.back() - '0')];
        CHECK(is.probability == doctest::Approx(fit(judge::logit_of(was.probability))).epsilon(1e-6));
      }

  auto other = model.about();
  other.labels[0].name = "else";
  CHECK(test::code_of([&] { (void)classify::calibrate(other, seen); }) == errc::invalid_argument);
  const auto json = classify::to_json(found.plan, judge::cross_calibrated(seen));
  CHECK(json.find("\"categories\": [") != std::string::npos);
  CHECK(json.find("\"decision\": \"automatic\"") != std::string::npos);
}

TEST_CASE("isotonic regression takes the place of the sigmoids, and is kept and used like them") {
  const test::temporary_folder folder;
  classify::description about;
  about.architecture = "small";
  about.mode = classify::label_mode::multi_label;
  about.pictures.size = 32;
  about.labels = {{"label 0", ""}, {"label 1", ""}, {"label 2", ""}};
  auto model = fresh_model(about, folder / "fresh");
  const auto before = model.predict(test::picture_of_shapes(3, 1));
  const auto seen = test::drawn_answers({.items = 3000, .sharpness = 5, .claim = 2});
  const auto found = classify::calibrate<judge::isotonic>(model, seen, {.target_precision = 0.9});
  CHECK(found.error_after < found.error_before);
  CHECK(found.error_after == judge::calibration_error(judge::cross_calibrated<judge::isotonic>(seen)));
  const auto& rule = model.about().decisions;
  CHECK(rule.sigmoids.empty());
  REQUIRE(rule.steps.size() == 3);
  CHECK(rule.steps == judge::fit_isotonics(seen));
  model.save(folder / "model");
  auto loaded = classify::classifier::load(folder / "model");
  CHECK(loaded.about().decisions == rule);
  for (const auto& was : before)
    for (const auto& is : loaded.predict(test::picture_of_shapes(3, 1)))
      if (was.label == is.label) {
        const auto label = static_cast<std::size_t>(is.label.back() - '0');
        CHECK(is.probability == doctest::Approx(rule.steps[label](judge::logit_of(was.probability))).epsilon(1e-6));
      }
  auto few = rule;
  few.steps.pop_back();
  CHECK(test::code_of([&] { model.decide_by(few); }) == errc::invalid_argument);
}
