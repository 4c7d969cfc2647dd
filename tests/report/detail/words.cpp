#include <eucv/report/detail/words.hpp>

#include <eucv/judge/tasks.hpp>

#include <doctest/doctest.h>

TEST_CASE("each task has its words") {
  for (const auto* task : eucv::judge::tasks) {
    const auto words = eucv::report::words_of(*task);
    for (const auto word : {words.label, words.labels, words.pictures_with, words.suggests, words.loss, words.loss_axis,
                            words.coverage, words.coverage_axis, words.reliability, words.probability, words.right,
                            words.missed, words.right_pictures, words.limit})
      CHECK_FALSE(word.empty());
  }
  CHECK(eucv::report::words_of(eucv::judge::single_label).label == "class");
  CHECK(eucv::report::words_of(eucv::judge::multi_label).label == "label");
}
