#include <eucv/classify/learning_curve.hpp>

#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("parts double, all of a repeat are judged on the same pictures, and nothing is trained twice") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 24);
  thread_pool pool(1);
  const auto set = dataset::read_picture_set(folder / "images", pool);
  classify::learning_curve_options options;
  options.points = 3;
  options.repeats = 2;
  options.training.size = 16;
  options.training.epochs = 1;
  options.training.batch = 8;
  std::size_t steps = 0;
  options.training.progress = [&](const progress&) { ++steps; };
  const auto runs = classify::learning_curve(set, folder / "curve", options);
  REQUIRE(runs.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(runs[i].part == (i % 3 == 0 ? 0.25 : i % 3 == 1 ? 0.5 : 1));
    CHECK(runs[i].seed == 1 + i / 3);
    CHECK(runs[i].figures.n == 15);
  }
  CHECK(runs[0].n == 15);
  CHECK(runs[1].n == 27);
  CHECK(runs[2].n == 57);
  CHECK(steps > 0);
  steps = 0;
  const auto again = classify::learning_curve(set, folder / "curve", options);
  CHECK(steps == 0);
  CHECK(classify::to_csv(again) == classify::to_csv(runs));
  CHECK(classify::to_csv(runs).starts_with("seed,part,n,accuracy,macro_f1,f1:map,f1:painting,f1:unknown_to_all\n"));
  CHECK(std::ranges::count(classify::to_csv(runs), '\n') == 7);
  const auto errors = classify::errors_of(runs, judge::single_label.figures(judge::figure_use::fitted)[0]);
  CHECK(errors[2].n == 57);
  CHECK(errors[2].error == 1 - runs[2].figures.accuracy);
  options.points = 2;
  CHECK(test::code_of([&] { (void)classify::learning_curve(set, folder / "curve", options); }) ==
        errc::invalid_argument);
}

TEST_CASE("a category lacks pictures where the last doubling helped it beyond doubt") {
  const auto run = [](std::uint64_t seed, double part, double first, double second) {
    classify::learning_run made{.seed = seed, .part = part, .n = 10, .figures = {}};
    made.figures.labels = {"a", "b"};
    made.figures.per_class.resize(2);
    made.figures.per_class[0].f1 = first;
    made.figures.per_class[1].f1 = second;
    return made;
  };
  const std::vector<classify::learning_run> runs{run(1, 0.5, 0.5, 0.9), run(1, 1, 0.6, 0.91), run(2, 0.5, 0.52, 0.91),
                                                 run(2, 1, 0.61, 0.89)};
  const auto needs = classify::needs_of(runs);
  CHECK(needs[0].f1 == doctest::Approx(0.605));
  CHECK(needs[0].gain == doctest::Approx(0.095));
  CHECK(needs[0].uncertainty == doctest::Approx(0.005));
  CHECK(needs[0].lacks_pictures());
  CHECK_FALSE(needs[1].lacks_pictures());
  CHECK(test::code_of([&] { (void)classify::needs_of(std::span(runs).first(1)); }) == errc::invalid_argument);
}

TEST_CASE("parts of pictures with several labels double, and nothing is trained twice") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 8);
  thread_pool pool(1);
  const auto set = dataset::read_multi_label_set(folder / "images", pool);
  classify::learning_curve_options options;
  options.points = 3;
  options.repeats = 1;
  options.training.size = 16;
  options.training.epochs = 1;
  options.training.batch = 6;
  std::size_t steps = 0;
  options.training.progress = [&](const progress&) { ++steps; };
  const auto runs = classify::learning_curve(set, folder / "curve", options);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].part == 0.25);
  CHECK(runs[2].part == 1);
  CHECK(runs[0].n < runs[1].n);
  CHECK(runs[1].n < runs[2].n);
  CHECK(runs[0].figures.n == runs[2].figures.n); // judged on the same pictures
  CHECK(runs[2].n + runs[2].figures.n == 56);
  CHECK(runs[2].figures.labels == std::vector<std::string>{"bars", "disc", "ring"});
  CHECK(runs[2].task == &judge::multi_label);
  CHECK(steps > 0);
  steps = 0;
  CHECK(classify::to_csv(classify::learning_curve(set, folder / "curve", options)) == classify::to_csv(runs));
  CHECK(steps == 0);
  const auto csv = classify::to_csv(runs);
  CHECK(csv.starts_with("seed,part,n,accuracy,macro_f1,mean_average_precision,f1:bars,f1:disc,f1:ring\n"));
  CHECK(std::ranges::count(csv, '\n') == 4);
  const auto needs = classify::needs_of(runs);
  REQUIRE(needs.size() == 3);
  for (std::size_t label = 0; label < 3; ++label)
    CHECK(needs[label].gain ==
          doctest::Approx(runs[2].figures.per_class[label].f1 - runs[1].figures.per_class[label].f1));
}
