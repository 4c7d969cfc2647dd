#include <eucv/judge/task_type.hpp>

#include <eucv/judge/metrics.hpp>
#include <eucv/judge/tasks.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string_view>
#include <vector>

using namespace eucv;

TEST_CASE("tasks are compared by identity") {
  CHECK(judge::single_label == *judge::tasks[0]);
  CHECK_FALSE(judge::single_label == static_cast<const judge::task_type&>(judge::multi_label));
}

TEST_CASE("of equal scores the first is the largest") {
  CHECK(judge::largest(std::vector<double>{1, 3, 3, 2}) == 1);
  CHECK(judge::largest(std::vector<double>{-1}) == 0);
}

TEST_CASE("the figures of each task stand under keys of their own, and can be read from metrics of its shape") {
  using enum judge::figure_use;
  for (const auto* const task : judge::tasks) {
    CAPTURE(task->name());
    judge::metrics figures;
    figures.item_means.assign(task->item_figures().size(), 0.25);
    for (const auto use : {file, headline, summary, folds, curve, fitted, slices, slice_intervals}) {
      std::set<std::string_view> keys;
      for (const auto& each : task->figures(use)) {
        CHECK(keys.insert(each.key).second);
        CHECK_FALSE(each.title.empty());
        CHECK(each.of(figures) >= 0);
      }
      CHECK_FALSE(keys.empty());
    }
    const auto all = task->figures(slices), with_interval = task->figures(slice_intervals);
    REQUIRE(with_interval.size() <= all.size());
    for (std::size_t i = 0; i < with_interval.size(); ++i) CHECK(with_interval[i].key == all[i].key);
  }
}
