#include <eucv/judge/predictions.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

namespace {

judge::predictions two_items() {
  return {.labels = {"map", "a, b"},
          .files = {"map/1.jpg", "a, b/=2.jpg"},
          .groups = {"/1/x", "/2/y"},
          .folds = {1, 0},
          .truth = {1, 0, 0, 1},
          .scores = {0.25, 0.75, 1e-300, 1}};
}

} // namespace

TEST_CASE("predictions survive the way through CSV, to the bit") {
  auto set = two_items();
  for (const bool folded : {true, false}) {
    if (!folded) set.folds.clear();
    const auto back = judge::parse_predictions(dataset::parse_table(judge::to_csv(set), "there"));
    CHECK(back.labels == set.labels);
    CHECK(back.files == set.files);
    CHECK(back.groups == set.groups);
    CHECK(back.truth == set.truth);
    CHECK(back.folds == set.folds);
    CHECK(back.scores == set.scores);
    CHECK(back.task == &judge::single_label);
  }
}

TEST_CASE("tables that hold no predictions are refused") {
  const auto code = [](const char* text) {
    return test::code_of([&] { (void)judge::parse_predictions(dataset::parse_table(text, "there")); });
  };
  CHECK(code("file,label\n") == errc::missing_column);
  CHECK(code("file,group,label,fold,p:a\nx,x,b,0,1\n") == errc::bad_format);
  CHECK(code("file,group,label,fold,p:a\nx,x,a,0,1.5\n") == errc::bad_format);
  CHECK(code("file,group,label,fold,p:a\nx,x,a,0,nan\n") == errc::bad_format);
  CHECK(code("file,group,label,fold,p:a\nx,x,a,none,1\n") == errc::bad_format);
  CHECK(code("file,group,label,fold,p:a\nx,x,a,0,1\ny,y,a,,1\n") == errc::bad_format);
}

TEST_CASE("rows, guesses and one label against the rest") {
  const auto set = two_items();
  CHECK(set.size() == 2);
  CHECK(set.row(1)[1] == 1);
  CHECK(test::predicted(set) == std::vector<std::size_t>{1, 1});
  CHECK(set.label_of(0) == 0);
  CHECK(set.label_of(1) == 1);
  CHECK(set.decisions() == std::vector<std::uint8_t>{0, 1, 0, 1});
  const auto maps = set.of_label(0);
  CHECK(maps[0].positive);
  CHECK_FALSE(maps[1].positive);
  CHECK(maps[0].score == 0.25);
}

TEST_CASE("sets with the same labels are joined") {
  auto set = two_items();
  judge::append(set, two_items());
  CHECK(set.size() == 4);
  CHECK(set.row(3)[1] == 1);
  CHECK(set.folds == std::vector<std::size_t>{1, 0, 1, 0});
  auto other = two_items();
  other.labels[0] = "mop";
  CHECK(test::code_of([&] { judge::append(set, other); }) == errc::invalid_argument);
}

TEST_CASE("a part and the rest make the whole again") {
  const auto all = test::drawn_answers({.items = 10});
  const std::vector<std::size_t> front{0, 1, 2}, back{3, 4, 5, 6, 7, 8, 9};
  auto joined = judge::subset(all, front);
  CHECK(joined.task == &judge::multi_label);
  CHECK(joined.size() == 3);
  CHECK(joined.of_label(1)[2].score == all.scores[2 * 3 + 1]);
  judge::append(joined, judge::subset(all, back));
  CHECK(judge::to_csv(joined) == judge::to_csv(all));
  CHECK(joined.truth == all.truth);
  auto other = all;
  other.labels[0] = "else";
  CHECK(test::code_of([&] { judge::append(joined, other); }) == errc::invalid_argument);
  auto single = all;
  single.task = &judge::single_label;
  CHECK(test::code_of([&] { judge::append(joined, single); }) == errc::invalid_argument);
}

TEST_CASE("items with several labels have each that reaches its threshold, and may have none") {
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"a", "b"},
                               .truth = {0, 0, 1, 1},
                               .scores = {0.3, 0.6, 0.9, 0.7},
                               .thresholds = {0.2, 0.7}};
  CHECK(set.size() == 2);
  CHECK(set.label_of(0) == 2);
  CHECK(set.label_of(1) == 0);
  CHECK(set.decisions() == std::vector<std::uint8_t>{1, 0, 1, 1});
}

TEST_CASE("out_of_fold.csv names all labels of an item") {
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"map", "toy"},
                               .files = {"map toy/a.jpg", "map/b.jpg"},
                               .groups = {"/1/a", "/1/b"},
                               .folds = {0, 1},
                               .truth = {1, 1, 0, 0},
                               .scores = {0.75, 0.5, 0.25, 0.125}};
  CHECK(judge::to_csv(set) == "file,group,labels,fold,p:map,p:toy\n"
                              "map toy/a.jpg,/1/a,map toy,0,0.75,0.5\n"
                              "map/b.jpg,/1/b,,1,0.25,0.125\n");
}

TEST_CASE("predictions with several labels survive the way through a table to the last bit") {
  for (const bool with_folds : {true, false}) {
    auto set = test::drawn_answers({.items = 50}); // whose labels hold a blank
    set.labels[2] = "Einfaches, \"auch\"";
    if (!with_folds) set.folds.clear();
    const auto back = judge::parse_predictions(dataset::parse_table(judge::to_csv(set), "there"));
    CHECK(back.task == &judge::multi_label);
    CHECK(back.labels == set.labels);
    CHECK(back.files == set.files);
    CHECK(back.groups == set.groups);
    CHECK(back.truth == set.truth);
    CHECK(back.folds == set.folds);
    CHECK(back.scores == set.scores);
  }
}

TEST_CASE("tables that hold no predictions with several labels are refused") {
  const auto code = [](const char* text) {
    return test::code_of([&] { (void)judge::parse_predictions(dataset::parse_table(text, "there")); });
  };
  CHECK(code("file,group,fold,p:a\nx,x,0,1\n") == errc::missing_column);
  CHECK(code("file,group,labels,fold,p:a\nx,x,a b,0,1\n") == errc::bad_format);
  CHECK(code("file,group,labels,fold,p:a\nx,x,a,0,1.5\n") == errc::bad_format);
  CHECK(code("file,group,labels,fold,p:a\nx,x,,0,1\ny,y,a,,1\n") == errc::bad_format);
}
