#include <eucv/train/history.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("a history is written and read back, number for number") {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<train::epoch_figures> epochs{{1, 1.0 / 3, 2.5, 0.1, 0.7, 0.5, 0.25, 12.75, 0.875},
                                                 {2, 1e-300, 0.1, 1, none, none, none, 0}};
  const std::string text = train::history_csv(epochs);
  CHECK(text.ends_with("\n2,1e-300,0.1,1,,,,0,\n"));
  const auto back = train::parse_history(text, "history.csv");
  REQUIRE(back.size() == 2);
  CHECK(back[0].rate == epochs[0].rate);
  CHECK(back[0].seconds == 12.75);
  CHECK(back[0].validation_mean_average_precision == 0.875);
  CHECK(std::isnan(back[1].validation_loss));
  CHECK(train::history_csv(back) == text);
  CHECK(train::parse_history(train::history_columns, "").empty());
}

TEST_CASE("a text that is no history is refused") {
  const std::string columns(train::history_columns);
  for (const std::string& text :
       {std::string(), std::string("a,b\n"), columns + "1\n", columns + "1,2,3,4,5,6,7,8\n",
        columns + "1,2,3,4,5,6,7,8,9", columns + "1,2,3,x,5,6,7,8,9\n", columns + "1,2,3,4,5,6,7,8,9,0\n"})
    CHECK(test::code_of([&] { (void)train::parse_history(text, "history.csv"); }) == errc::bad_format);
}
