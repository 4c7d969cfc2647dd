#include <eucv/dataset/algebra.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/code_of.hpp"

using namespace eucv::dataset;

namespace {

table numbered(const std::map<std::string, std::size_t>& counts) {
  table result{{"category", "ID"}, {}};
  for (const auto& [category, count] : counts)
    for (std::size_t i = 0; i < count; ++i) result.rows.push_back({category, category + std::to_string(i)});
  return result;
}

std::size_t rows_of(const table& table, const std::string& category) {
  return static_cast<std::size_t>(
      std::count_if(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[0] == category; }));
}

std::set<std::string> ids_of(const table& table, const std::string& category) {
  std::set<std::string> ids;
  for (const auto& row : table.rows)
    if (row[0] == category) ids.insert(row[1]);
  return ids;
}

} // namespace

TEST_CASE("subtract removes by ID, wherever the column stands and whatever else the rows say") {
  const table from{{"category", "ID"}, {{"map", "1"}, {"toy", "2"}, {"toy", "1"}, {"map", "3"}}};
  const table remove{{"ID", "note"}, {{"1", "x"}, {"4", "y"}}};
  CHECK(subtract(from, remove) == table{{"category", "ID"}, {{"toy", "2"}, {"map", "3"}}});
  CHECK(subtract(from, {{"ID"}, {}}) == from);
  CHECK(subtract(from, from).rows.empty());
  CHECK(test::code_of([&] { (void)subtract(from, {{"URL"}, {}}); }) == eucv::errc::missing_column);
}

TEST_CASE("merge unites the columns and keeps the first of two equal items") {
  const table first{{"category", "ID", "URL"}, {{"map", "1", "u1"}, {"map", "1", "again"}}};
  const table second{{"ID", "rights", "category"}, {{"1", "r", "map"}, {"1", "r", "toy"}, {"2", "s", "map"}}};
  CHECK(merge(first, second) == table{{"category", "ID", "URL", "rights"},
                                      {{"map", "1", "u1", ""}, {"toy", "1", "", "r"}, {"map", "2", "", "s"}}});
  CHECK(merge(second, second) == second);
  CHECK(test::code_of([&] { (void)merge(first, {{"ID"}, {}}); }) == eucv::errc::missing_column);
}

TEST_CASE("rows without an ID are all kept") {
  const table nameless{{"category", "ID"}, {{"map", ""}, {"map", ""}}};
  CHECK(subtract(nameless, nameless) == nameless);
  CHECK(merge(nameless, nameless).rows.size() == 4);
}

TEST_CASE("a sample has so many rows of each category, in their order") {
  const table all = numbered({{"map", 50}, {"toy", 7}, {"book", 1}});
  const table some = sample(all, {.per_category = 10});
  CHECK(rows_of(some, "map") == 10);
  CHECK(rows_of(some, "toy") == 7);
  CHECK(rows_of(some, "book") == 1);
  auto place = all.rows.begin();
  for (const auto& row : some.rows) {
    place = std::find(place, all.rows.end(), row);
    REQUIRE(place != all.rows.end());
    ++place;
  }
  const table part = sample(all, {.fraction = 0.3});
  CHECK(rows_of(part, "map") == 15);
  CHECK(rows_of(part, "toy") == 2);
  CHECK(rows_of(part, "book") == 1);
  CHECK(sample(all, {.fraction = 1}) == all);
}

TEST_CASE("the seed decides what is sampled, and other categories do not") {
  const table all = numbered({{"map", 50}, {"toy", 30}});
  CHECK(sample(all, {.per_category = 5, .seed = 2}) == sample(all, {.per_category = 5, .seed = 2}));
  CHECK(sample(all, {.per_category = 5, .seed = 2}) != sample(all, {.per_category = 5, .seed = 3}));
  const table more = numbered({{"art", 20}, {"map", 50}, {"toy", 30}});
  CHECK(ids_of(sample(all, {.per_category = 5}), "toy") == ids_of(sample(more, {.per_category = 5}), "toy"));
  // Each row is taken equally often: 30 of 50 over 200 seeds is 120, with a standard deviation of 7.
  std::map<std::string, int> taken;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    for (const auto& id : ids_of(sample(all, {.fraction = 0.6, .seed = seed}), "map")) ++taken[id];
  CHECK(taken.size() == 50);
  for (const auto& [id, times] : taken) CHECK(std::abs(times - 120) < 35);
}

TEST_CASE("a sample needs one number") {
  const table all = numbered({{"map", 5}});
  for (const sample_options& options :
       {sample_options{}, {.per_category = 2, .fraction = 0.5}, {.fraction = -0.1}, {.fraction = 1.1}})
    CHECK(test::code_of([&] { (void)sample(all, options); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { (void)sample(all, {.fraction = std::nan("")}); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { (void)sample({{"ID"}, {}}, {.per_category = 1}); }) == eucv::errc::missing_column);
}
