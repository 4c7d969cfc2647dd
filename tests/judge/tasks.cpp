#include <eucv/judge/tasks.hpp>

#include <doctest/doctest.h>

using namespace eucv;

TEST_CASE("each task is found by its name, and no other") {
  CHECK(judge::find_task("single-label") == &judge::single_label);
  CHECK(judge::find_task("multi-label") == &judge::multi_label);
  CHECK(judge::find_task("ordinal") == nullptr);
  for (const auto* const each : judge::tasks) CHECK(judge::find_task(each->name()) == each);
}
