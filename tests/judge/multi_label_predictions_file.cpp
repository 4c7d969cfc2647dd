#include <eucv/judge/multi_label_predictions_file.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("predictions with several labels survive the way through a table to the last bit") {
  for (const bool with_folds : {true, false}) {
    auto set = test::drawn_answers({.items = 50}); // whose labels hold a blank
    set.labels[2] = "Einfaches, \"auch\"";
    if (!with_folds) set.folds.clear();
    const auto table = dataset::parse_table(judge::to_csv(set), "there");
    CHECK(judge::has_several_labels(table));
    const auto back = judge::parse_multi_label_predictions(table);
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
    return test::code_of([&] { (void)judge::parse_multi_label_predictions(dataset::parse_table(text, "there")); });
  };
  CHECK(code("file,group,label,fold,p:a\nx,x,a,0,1\n") == errc::missing_column);
  CHECK(code("file,group,labels,fold,p:a\nx,x,a b,0,1\n") == errc::bad_format);
  CHECK(code("file,group,labels,fold,p:a\nx,x,a,0,1.5\n") == errc::bad_format);
  CHECK(code("file,group,labels,fold,p:a\nx,x,,0,1\ny,y,a,,1\n") == errc::bad_format);
  CHECK_FALSE(judge::has_several_labels(dataset::parse_table("file,label\n", "there")));
}
