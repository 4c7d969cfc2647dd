#include <eucv/dataset/stats.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "support/code_of.hpp"

using namespace eucv::dataset;

TEST_CASE("values are counted, the most frequent first") {
  const table table{{"ID", "country", "category"},
                    {{"1", "Spain", "toy"}, {"2", "", "map"}, {"2", "", "map"}, {"3", "France", "toy"}}};
  const table_facts facts = stats(table);
  CHECK(facts.rows == 4);
  CHECK(facts.items == 3);
  REQUIRE(facts.columns.size() == 2);
  CHECK(facts.columns[0].column == "category"); // in the order of counted_columns, not of the table
  CHECK(facts.columns[0].values == std::vector<tally>{{"map", 2}, {"toy", 2}});
  CHECK(facts.columns[1].column == "country");
  CHECK(facts.columns[1].values == std::vector<tally>{{"", 2}, {"France", 1}, {"Spain", 1}});
}

TEST_CASE("a table without the usual columns has its rows counted") {
  const table_facts facts = stats({{"URL"}, {{"a"}, {"a"}}});
  CHECK(facts.rows == 2);
  CHECK(facts.items == 2);
  CHECK(facts.columns.empty());
  CHECK(stats({}).rows == 0);
  CHECK(count_values({{"URL"}, {{"a"}, {"a"}}}, "URL").values == std::vector<tally>{{"a", 2}});
  CHECK(test::code_of([] { (void)count_values({{"URL"}, {}}, "rights"); }) == eucv::errc::missing_column);
}

TEST_CASE("the pilot's table has 20 categories of 100") {
  const auto file = std::filesystem::path(EUCV_SHARED) / "fixtures/pilot/crowdheritage_dataset.csv";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: the pilot's table is not here");
    return;
  }
  const table_facts facts = stats(read_table(file));
  CHECK(facts.rows == 2000);
  REQUIRE(facts.columns.size() == 1);
  CHECK(facts.columns[0].values.size() == 20);
  for (const auto& each : facts.columns[0].values) CHECK(each.rows == 100);
}
