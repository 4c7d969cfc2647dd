#include <eucv/classify/learning_curve_multi_label.hpp>

#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/code_of.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

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
  const auto runs = classify::learning_curve_multi_label(set, folder / "curve", options);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].part == 0.25);
  CHECK(runs[2].part == 1);
  CHECK(runs[0].n < runs[1].n);
  CHECK(runs[1].n < runs[2].n);
  CHECK(runs[0].figures.n == runs[2].figures.n); // judged on the same pictures
  CHECK(runs[2].n + runs[2].figures.n == 56);
  CHECK(runs[2].labels == std::vector<std::string>{"bars", "disc", "ring"});
  CHECK(steps > 0);
  steps = 0;
  CHECK(classify::to_csv(classify::learning_curve_multi_label(set, folder / "curve", options)) ==
        classify::to_csv(runs));
  CHECK(steps == 0);
  const auto csv = classify::to_csv(runs);
  CHECK(csv.starts_with("seed,part,n,accuracy,macro_f1,mean_average_precision,f1:bars,f1:disc,f1:ring\n"));
  CHECK(std::ranges::count(csv, '\n') == 4);
  const auto needs = classify::needs_of(runs);
  REQUIRE(needs.size() == 3);
  for (std::size_t label = 0; label < 3; ++label)
    CHECK(needs[label].gain ==
          doctest::Approx(runs[2].figures.per_label[label].f1 - runs[1].figures.per_label[label].f1));
  const auto single = dataset::read_picture_set(folder / "images", pool);
  CHECK(test::code_of([&] { (void)classify::learning_curve_multi_label(single, folder / "no", options); }) ==
        errc::invalid_argument);
}
