#include "program/terminal.hpp"

#include <doctest/doctest.h>

#include <string>

using program::clock_text;
using program::progress_display;

TEST_CASE("times are told as a clock does") {
  CHECK(clock_text(0) == "0:00");
  CHECK(clock_text(65.4) == "1:05");
  CHECK(clock_text(7384) == "2:03:04");
  CHECK(clock_text(-3) == "0:00");
}

TEST_CASE("a step of progress is one line with bar, rate and time left, cut to the width") {
  const eucv::progress step{.task = "download", .done = 150, .total = 600, .note = "3 failed"};
  CHECK(progress_display::text(step, 7.5, 120, false) ==
        "download [#####...............] 150/600 7.50/s 1:00 left  3 failed");
  CHECK(progress_display::text(step, 7.5, 72, false) ==
        "download [#####...............] 150/600 7.50/s 1:00 left  3 failed");
  CHECK(progress_display::text(step, 7.5, 62, false) ==
        "download [#####...............] 150/600 7.50/s 1:00 left  3 fa");
  CHECK(progress_display::text(step, 0, 30, false) == "download 150/600  3 failed");
  CHECK(progress_display::text(step, 0, 120, true).find("\x1b[32m#####\x1b[0m") != std::string::npos);
  // without a total there is neither bar nor end
  CHECK(progress_display::text({.task = "harvest", .done = 42, .total = 0, .note = {}}, 120, 100, false) ==
        "harvest 42 120/s");
  // a character of UTF-8 is not cut in two
  CHECK(progress_display::text({.task = "t", .done = 1, .total = 0, .note = "äöü"}, 0, 8, false) == "t 1  ä");
}

TEST_CASE("whoever wants quiet gets no sink") {
  progress_display quiet(progress_display::choose(true));
  CHECK_FALSE(quiet.sink());
  progress_display lines(progress_display::style::lines);
  CHECK(lines.sink());
}
