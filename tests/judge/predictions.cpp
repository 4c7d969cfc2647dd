#include <eucv/judge/predictions.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

namespace {

judge::prediction_set two_items() {
  return {.labels = {"map", "a, b"},
          .files = {"map/1.jpg", "a, b/=2.jpg"},
          .groups = {"/1/x", "/2/y"},
          .truth = {0, 1},
          .folds = {1, 0},
          .probabilities = {0.25, 0.75, 1e-300, 1}};
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
    CHECK(back.probabilities == set.probabilities);
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
  CHECK(set.predicted() == std::vector<std::size_t>{1, 1});
  const auto maps = set.one_against_rest(0);
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
