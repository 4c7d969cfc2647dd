#include <eucv/classify/cross_validate.hpp>

#include <eucv/core/json.hpp>
#include <eucv/dataset/label_sets.hpp>
#include <eucv/dataset/picture_set.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("each picture is judged once, by a model that has not seen it; a finished fold is not trained again") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  std::ofstream(folder / "images" / "map" / "page.png") << "<html>";
  thread_pool pool(1);
  const auto set = dataset::read_picture_set(folder / "images", pool);
  classify::train_options options;
  options.size = 24;
  options.epochs = 3;
  options.batch = 4;
  const auto all = classify::cross_validate(set, folder / "folds", 2, options);
  CHECK(all.predictions.size() == 24);
  CHECK(all.folds.size() == 2);
  CHECK(all.folds[0].n + all.folds[1].n == 24);
  CHECK(all.unreadable.size() == 1);
  CHECK(std::set<std::string>(all.predictions.files.begin(), all.predictions.files.end()).size() == 24);
  CHECK(std::is_sorted(all.predictions.files.begin(), all.predictions.files.end()));
  for (const std::size_t fold : {0U, 1U}) {
    auto model = classify::classifier::load(folder / "folds" / (std::to_string(fold + 1) + "-of-2"));
    for (std::size_t i = 0; i < 24; ++i) {
      if (all.predictions.folds[i] != fold) continue;
      const std::vector<std::filesystem::path> file{folder / "images" / all.predictions.files[i]};
      const auto best = model.predict_files(file, {.top = 1}).front().ranked.value().front();
      CHECK(best.probability == doctest::Approx(all.predictions.row(i)[all.predictions.predicted(i)]).epsilon(1e-5));
    }
  }
  std::size_t steps = 0;
  options.progress = [&](const progress& now) { steps += now.task.starts_with("fold") ? 1 : 0; };
  CHECK(classify::cross_validate(set, folder / "folds", 2, options).predictions.scores == all.predictions.scores);
  CHECK(steps == 0);
  const auto document = parse_json(classify::to_json(all), "here").as_object();
  CHECK(document.at("accuracy").as_object().at("values").as_array().size() == 2);
  CHECK(document.at("n").to_number<int>() == 24);
  CHECK(test::code_of([&] { (void)classify::cross_validate(set, folder / "many", 9, options); }) ==
        errc::class_too_small);
}

TEST_CASE("pictures with several labels are judged out of fold in their order") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 12);
  thread_pool pool(0);
  const auto set = dataset::read_multi_label_set(folder / "images", pool);
  const classify::train_options options{.size = 32, .epochs = 8, .batch = 12};
  const auto all = classify::cross_validate(set, folder / "folds", 2, options);
  CHECK(all.predictions.size() == 84);
  CHECK(all.predictions.task == &judge::multi_label);
  CHECK(all.folds.size() == 2);
  for (std::size_t i = 0; i < 84; ++i) {
    CHECK(all.predictions.files[i] == set.name(i));
    CHECK(all.predictions.folds[i] < 2);
  }
  const auto document = parse_json(classify::to_json(all), "here").as_object();
  for (const auto& figure : judge::multi_label.figures(judge::figure_use::folds)) {
    const auto& values = document.at(figure.key).as_object().at("values").as_array();
    REQUIRE(values.size() == 2);
    CHECK(values[1].to_number<double>() == figure.of(all.folds[1]));
  }
  CHECK(document.at("macro_f1").as_object().at("values").as_array()[1].to_number<double>() == all.folds[1].macro.f1);
  CHECK(document.at("mean_average_precision").as_object().at("mean").is_number());
}
