#include <eucv/report/facts.hpp>

#include <doctest/doctest.h>

TEST_CASE("facts begin without thresholds, maps, sources or commands, and a class at review") {
  const eucv::report::facts none{};
  CHECK(none.thresholds.empty());
  CHECK(none.audit.columns.empty());
  CHECK(none.sources.empty());
  CHECK(none.how.repeat.empty());
  CHECK(none.predictions_by == eucv::report::origin::model);
  CHECK(none.predictions.task == &eucv::judge::single_label);
  CHECK(eucv::report::class_threshold{}.decision == eucv::judge::verdict::review);
}
