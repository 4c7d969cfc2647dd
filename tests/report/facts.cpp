#include <eucv/report/facts.hpp>

#include <doctest/doctest.h>

TEST_CASE("facts begin without thresholds, maps or sources, and a class at review") {
  const eucv::report::facts none{};
  CHECK(eucv::report::figure_name("macro_f1") == "macro F1");
  CHECK(eucv::report::figure_name("balanced_accuracy") == "balanced accuracy");
  CHECK(none.thresholds.empty());
  CHECK(none.audit.columns.empty());
  CHECK(none.sources.empty());
  CHECK(eucv::report::class_threshold{}.decision == eucv::judge::verdict::review);
}
