#include <eucv/judge/multi_label_predictions.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("a part and the rest make the whole again") {
  const auto all = test::drawn_answers({.items = 10});
  const std::vector<std::size_t> front{0, 1, 2}, back{3, 4, 5, 6, 7, 8, 9};
  auto joined = judge::subset(all, front);
  CHECK(joined.size() == 3);
  CHECK(joined.of_label(1)[2].score == all.scores[2 * 3 + 1]);
  judge::append(joined, judge::subset(all, back));
  CHECK(judge::to_csv(joined) == judge::to_csv(all));
  CHECK(joined.truth == all.truth);
  auto other = all;
  other.labels[0] = "else";
  CHECK(test::code_of([&] { judge::append(joined, other); }) == errc::invalid_argument);
}

TEST_CASE("out_of_fold.csv names all labels of an item") {
  judge::multi_label_predictions set;
  set.labels = {"map", "toy"};
  set.truth = {1, 1, 0, 0};
  set.scores = {0.75, 0.5, 0.25, 0.125};
  set.files = {"map toy/a.jpg", "map/b.jpg"};
  set.groups = {"/1/a", "/1/b"};
  set.folds = {0, 1};
  CHECK(judge::to_csv(set) == "file,group,labels,fold,p:map,p:toy\n"
                              "map toy/a.jpg,/1/a,map toy,0,0.75,0.5\n"
                              "map/b.jpg,/1/b,,1,0.25,0.125\n");
}
