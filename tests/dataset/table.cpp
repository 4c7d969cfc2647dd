#include <eucv/dataset/table.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::dataset;

namespace {

std::string fault(std::string_view text) {
  try {
    (void)parse_table(text, "t.csv");
  } catch (const eucv::error& failure) {
    CHECK(failure.code() == eucv::errc::bad_format);
    return failure.what();
  }
  return "none";
}

bool starts_formula(const std::string& raw_cell) {
  return !raw_cell.empty() && std::string_view("=+-@\t\r").find(raw_cell[0]) != std::string_view::npos;
}

} // namespace

TEST_CASE("rows, quotes and line ends of RFC 4180") {
  const table expected{{"a", "b"}, {{"1", "x,y"}, {"", "say \"hi\"\r\nthere"}, {" z ", ""}}};
  CHECK(parse_table("a,b\n1,\"x,y\"\n,\"say \"\"hi\"\"\r\nthere\"\n z ,\n", "") == expected);
  CHECK(parse_table("\xEF\xBB\xBF"
                    "a,b\r\n1,\"x,y\"\r\n,\"say \"\"hi\"\"\r\nthere\"\r\n z ,",
                    "") == expected);
  CHECK(parse_table("a,b", "").rows.empty());
  CHECK(parse_table("a,b\n1,", "").rows.at(0) == std::vector<std::string>{"1", ""});
  CHECK(parse_table("a,b\n\n1,2\r\n\r\n", "").rows.size() == 1);
  CHECK(parse_table("a\n\"\"\n", "").rows.at(0).at(0).empty());
}

TEST_CASE("each fault names its line") {
  CHECK(fault("") == "read the table, t.csv line 1: it is empty, without even the names of columns; mend that line, or "
                     "write the file anew");
  CHECK(fault("a,b\n1,2,3\n").find("line 2: it has 3 cells, and there are 2 columns") != std::string::npos);
  CHECK(fault("a,b\n\"1\n\n\",2\n1\n").find("line 5: it has 1 cells") != std::string::npos);
  CHECK(fault("a,b\n1,x\"y\n").find("line 2: a quote stands inside a cell") != std::string::npos);
  CHECK(fault("a,b\n1,2\n\"1\"x,2\n").find("line 3: text follows the closing quote") != std::string::npos);
  CHECK(fault("a,b\n1,2\n\"1,2\n\n").find("line 3: a quote is opened and never closed") != std::string::npos);
  CHECK(fault("a,b\n1,2\rx\n").find("line 2: a carriage return stands alone") != std::string::npos);
  CHECK(fault(std::string_view("a,b\n1,\0\n", 8)).find("line 2: it holds a NUL byte") != std::string::npos);
  CHECK(fault(std::string_view("a,b\n1,\"\0\"\n", 10)).find("line 2: it holds a NUL byte") != std::string::npos);
  CHECK(fault("a,b,a\n").find("two columns are named \"a\"") != std::string::npos);
}

TEST_CASE("a missing column is told with the columns that there are") {
  const table pilot = parse_table("category,ID\n", "pilot.csv");
  CHECK(pilot.column("ID") == 1);
  CHECK(pilot.has("category"));
  CHECK_FALSE(pilot.has("URL"));
  CHECK_THROWS_WITH_AS(
      (void)pilot.column("URL"),
      "read the table, pilot.csv: it has no column \"URL\", only category, ID; name the right table, or "
      "add the column",
      eucv::error);
}

TEST_CASE("formulas are guarded, and only they") {
  const auto written = [](std::string cell) { return csv_row(std::vector<std::string>{std::move(cell), "x"}); };
  CHECK(written("=1+1") == "'=1+1,x\n");
  CHECK(written("@a") == "'@a,x\n");
  CHECK(written("-5") == "'-5,x\n");
  CHECK(written("'=1") == "''=1,x\n");
  CHECK(written("\t=1") == "'\t=1,x\n");
  CHECK(written("\r") == "\"'\r\",x\n");
  CHECK(written("'tis, yes") == "\"'tis, yes\",x\n");
  CHECK(written("a=b") == "a=b,x\n");
  CHECK(written(std::string("\0=1", 3)) == "'=1,x\n");
  CHECK(csv_row(std::vector<std::string>{""}) == "\"\"\n");
}

TEST_CASE("what was written reads back equal, whatever the cells hold") {
  const test::temporary_folder folder;
  eucv::random random(7);
  constexpr std::string_view letters = "'''=+-@\t\r\n\",ab \xC3\xA9";
  for (int round = 0; round < 300; ++round) {
    const std::size_t width = 1 + random.below(4);
    table original;
    for (std::size_t i = 0; i < width; ++i) original.columns.push_back("c" + std::to_string(i));
    for (std::size_t r = random.below(6); r > 0; --r) {
      auto& row = original.rows.emplace_back();
      for (std::size_t i = 0; i < width; ++i) {
        auto& cell = row.emplace_back();
        for (std::size_t n = random.below(6); n > 0; --n) cell += letters[random.below(letters.size())];
      }
    }
    const std::string text = to_csv(original);
    REQUIRE(parse_table(text, "") == original);
    // No cell of the file begins as a formula, even for a reader that knows nothing of our guard.
    for (const auto& row : original.rows)
      for (const auto& cell : row) {
        const std::string raw = csv_row(std::vector<std::string>{cell, ""});
        REQUIRE_FALSE(starts_formula(raw[0] == '"' ? raw.substr(1) : raw));
      }
    if (round == 0) {
      write_table(folder / "t.csv", original);
      CHECK(read_table(folder / "t.csv") == original);
    }
  }
}

TEST_CASE("a table cut at any byte is refused, or keeps every row before the cut as it was") {
  const std::string text = "a,b\n1,\"x\ny\"\n=2,\"\"\"\"\n";
  const table whole = parse_table(text, "");
  std::size_t refused = 0;
  for (std::size_t size = 3; size < text.size(); ++size) {
    table cut;
    try {
      cut = parse_table(std::string_view(text).substr(0, size), "");
    } catch (const eucv::error& failure) {
      CHECK(failure.code() == eucv::errc::bad_format);
      ++refused;
      continue;
    }
    for (std::size_t i = 0; i + 1 < cut.rows.size(); ++i) CHECK(cut.rows[i] == whole.rows[i]);
  }
  CHECK(refused == 9);
}

TEST_CASE("the tables of the pilot are read") {
  const std::filesystem::path pilot = std::filesystem::path(EUCV_SHARED) / "fixtures" / "pilot";
  if (!std::filesystem::exists(pilot)) {
    MESSAGE("skipped: the pilot's tables are not here");
    return;
  }
  CHECK(read_table(pilot / "crowdheritage_dataset.csv").rows.size() == 2000);
  CHECK(read_table(pilot / "eval_multilabel.csv").rows.size() == 200);
  const table uris = read_table(pilot / "uris_vocabularies.csv");
  CHECK(uris.rows.at(3).at(uris.column("dbpedia")) == "http://dbpedia.org/resource/Ceramic\n");
}

TEST_CASE("a cell that begins like a byte order mark survives") { // found by fuzzing
  const eucv::dataset::table marked{.columns = {"\xEF\xBB\xBFname", "b"}, .rows = {{"\xEF\xBB\xBF", "x"}}};
  CHECK(eucv::dataset::parse_table(eucv::dataset::to_csv(marked), "t") == marked);
}

TEST_CASE("rows are given one by one, and none behind a fault") {
  std::string seen;
  const auto columns = for_each_row("a,b\n1,\"2,3\"\n\n4,5\n", "t",
                                    [&](const std::vector<std::string>& cells) { seen += cells[1] + ';'; });
  CHECK(columns == std::vector<std::string>{"a", "b"});
  CHECK(seen == "2,3;5;");
  seen.clear();
  CHECK(test::code_of([&] { for_each_row("a,b\n1,2\n3\n4,5\n", "t", [&](const auto& cells) { seen += cells[0]; }); }) ==
        eucv::errc::bad_format);
  CHECK(seen == "1");
}
