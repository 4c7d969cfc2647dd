#include <eucv/download/journal.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/store.hpp>
#include <eucv/image/formats.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;

namespace {

std::vector<item> some_items(std::size_t count) {
  std::vector<item> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back({"toy", "/1/i" + std::to_string(i), "http://a/", "r"});
  return items;
}

// Stores `content` as the file of an item, and its row.
void keep(journal& log, const item& wanted, const std::string& content) {
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.status = download_status::ok;
  row.file = journal::file_of(row, ".jpg");
  row.bytes = content.size();
  row.sha256 = eucv::sha256_text(content);
  eucv::make_folder(log.folder() / wanted.category);
  store_file(log.folder() / row.file, content);
  log.append(row);
}

void fail(journal& log, const item& wanted, const std::string& reason) {
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.reason = reason;
  log.append(row);
}

std::vector<std::string> column(const std::filesystem::path& folder, const char* name) {
  const auto table = eucv::dataset::read_table(folder / "downloads.csv");
  std::vector<std::string> cells;
  for (const auto& row : table.rows) cells.push_back(row[table.column(name)]);
  return cells;
}

using indices = std::vector<std::size_t>;
using words = std::vector<std::string>;

} // namespace

TEST_CASE("rows come in the order in which items end, and are sorted at the end") {
  const test::temporary_folder folder;
  const auto items = some_items(4);
  journal log(folder / "images", "size 256");
  CHECK(log.open_items(items, failures::keep) == indices{0, 1, 2, 3});
  keep(log, items[2], "two");
  fail(log, items[3], "http_404");
  keep(log, items[0], "zero");
  CHECK(log.open_items(items, failures::keep) == indices{1});
  CHECK(log.open_items(items, failures::retry) == indices{1, 3});
  CHECK(column(log.folder(), "ID") == words{"/1/i2", "/1/i3", "/1/i0"});
  keep(log, items[1], "one");
  const auto summary = log.finish(items);
  CHECK(column(log.folder(), "ID") == words{"/1/i0", "/1/i1", "/1/i2", "/1/i3"});
  CHECK(summary.items == 4);
  CHECK(summary.ok == 3);
  CHECK(summary.failed == 1);
  CHECK(summary.reasons.at("http_404") == 1);
  // A row after that is appended where it belongs.
  keep(log, items[3], "three");
  CHECK(log.finish(items).ok == 4);
}

TEST_CASE("a table that is as it should be is not written again") {
  const test::temporary_folder folder;
  const auto items = some_items(3);
  journal log(folder.path(), "size 1");
  for (const std::size_t i : {2U, 0U, 1U}) keep(log, items[i], "same");
  CHECK(log.finish(items).duplicates == 2);
  const auto written = std::filesystem::last_write_time(folder / "downloads.csv");
  const std::string text = eucv::read_file(folder / "downloads.csv");
  std::filesystem::last_write_time(folder / "downloads.csv", written - std::chrono::hours(1));
  CHECK(log.finish(items).duplicates == 2);
  CHECK(std::filesystem::last_write_time(folder / "downloads.csv") == written - std::chrono::hours(1));
  CHECK(eucv::read_file(folder / "downloads.csv") == text);
  keep(log, items[2], "other"); // a fourth line
  CHECK(log.finish(items).ok == 2);
  CHECK(column(folder.path(), "status") == words{"ok", "duplicate", "ok"});
}

TEST_CASE("of equal files the first of the table stays, whatever came first") {
  const auto items = some_items(4);
  std::vector<std::string> tables;
  for (const auto& order : {indices{0, 1, 2, 3}, indices{3, 1, 2, 0}, indices{2, 3, 0, 1}}) {
    const test::temporary_folder folder;
    journal log(folder / "images", "original");
    for (const std::size_t i : order) keep(log, items[i], i == 2 ? "other" : "same");
    const auto summary = log.finish(items);
    CHECK(summary.ok == 2);
    CHECK(summary.duplicates == 2);
    tables.push_back(eucv::read_file(log.folder() / "downloads.csv"));
    const auto status = column(log.folder(), "status"), file = column(log.folder(), "file");
    CHECK(status == words{"ok", "duplicate", "ok", "duplicate"});
    CHECK(file[1] == file[0]);
    CHECK(file[3] == file[0]);
    CHECK(std::distance(std::filesystem::directory_iterator(log.folder() / "toy"), {}) == 2);
    CHECK(log.open_items(items, failures::retry).empty());
    CHECK(log.finish(items).duplicates == 2);
  }
  CHECK(tables[0] == tables[1]);
  CHECK(tables[0] == tables[2]);
}

TEST_CASE("a duplicate whose twin is gone is open again") {
  const test::temporary_folder folder;
  const auto items = some_items(2);
  journal log(folder / "images", "original");
  keep(log, items[0], "same");
  keep(log, items[1], "same");
  log.finish(items);
  std::filesystem::remove(log.folder() / column(log.folder(), "file")[0]);
  CHECK(log.open_items(items, failures::keep) == indices{0, 1});
}

TEST_CASE("a row cut off by a kill is dropped, a whole one stays") {
  const test::temporary_folder folder;
  const auto items = some_items(2);
  {
    journal log(folder / "images", "original");
    keep(log, items[0], "zero");
    keep(log, items[1], "one");
  }
  const auto table = folder / "images" / "downloads.csv";
  const std::string whole = eucv::read_file(table);
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t cut = last; cut < whole.size(); ++cut) {
    std::ofstream(table, std::ios::trunc) << whole.substr(0, cut);
    journal log(folder / "images", "original");
    CHECK(log.open_items(items, failures::keep) == indices{1});
    keep(log, items[1], "one");
    CHECK(eucv::read_file(table) == whole);
  }
}

TEST_CASE("a row whose file is gone or has another length is open") {
  const test::temporary_folder folder;
  const auto items = some_items(3);
  journal log(folder / "images", "original");
  for (const auto& wanted : items) keep(log, wanted, wanted.id);
  std::filesystem::remove(log.folder() / column(log.folder(), "file")[0]);
  std::ofstream(log.folder() / column(log.folder(), "file")[1], std::ios::app) << "x";
  CHECK(log.open_items(items, failures::keep) == indices{0, 1});
}

TEST_CASE("a failure removes what a killed run left under its name") {
  const test::temporary_folder folder;
  const auto items = some_items(1);
  journal log(folder / "images", "original");
  eucv::make_folder(log.folder() / "toy");
  outcome row;
  row.id = items[0].id;
  row.category = "toy";
  for (const auto& format : eucv::image::formats())
    std::ofstream(log.folder() / journal::file_of(row, format.endings[0])) << "stored, but without a row";
  std::ofstream(log.folder() / (journal::file_of(row, ".jpg") + ".part")) << "half";
  fail(log, items[0], "http_404");
  CHECK(std::filesystem::is_empty(log.folder() / "toy"));
}

TEST_CASE("IDs that a spreadsheet would run are guarded, and found again") {
  const test::temporary_folder folder;
  const std::vector<item> items{{"toy", "=cmd|'/c calc'!A1", "u", "-1+1"}, {"toy", "@x, \"y\"", "u", ""}};
  journal log(folder / "images", "original");
  keep(log, items[0], "zero");
  keep(log, items[1], "one");
  CHECK(log.open_items(items, failures::keep).empty());
  log.finish(items);
  CHECK(log.open_items(items, failures::keep).empty());
  CHECK(log.finish(items).ok == 2);
  CHECK(eucv::read_file(log.folder() / "downloads.csv").find("\n=cmd") == std::string::npos);
}

TEST_CASE("another table into the same folder keeps the rows of the first") {
  const test::temporary_folder folder;
  const auto items = some_items(4);
  journal log(folder / "images", "original");
  const std::vector<item> first(items.begin() + 2, items.end()), second(items.begin(), items.begin() + 2);
  for (const auto& wanted : first) keep(log, wanted, wanted.id);
  log.finish(first);
  for (const auto& wanted : second) keep(log, wanted, wanted.id);
  const auto summary = log.finish(second);
  CHECK(summary.ok == 2);
  CHECK(column(log.folder(), "ID") == words{"/1/i0", "/1/i1", "/1/i2", "/1/i3"});
}

TEST_CASE("a folder that is not fit is refused with its reason") {
  const test::temporary_folder folder;
  {
    const journal log(folder / "images", "size 256");
    CHECK(test::code_of([&] { const journal second(folder / "images", "size 256"); }) == eucv::errc::in_use);
  }
  const auto mixed = test::failure_of([&] { const journal log(folder / "images", "original"); });
  REQUIRE(mixed);
  CHECK(mixed->code() == eucv::errc::invalid_argument);
  std::filesystem::create_directory(folder / "other");
  std::ofstream(folder / "other" / "downloads.csv") << "name,link\n";
  CHECK(test::code_of([&] { const journal log(folder / "other", "original"); }) == eucv::errc::bad_format);
  CHECK(eucv::read_file(folder / "other" / "downloads.csv") == "name,link\n");
  std::ofstream(folder / "file") << "";
  CHECK(test::code_of([&] { const journal log(folder / "file", "original"); }) == eucv::errc::io);
}
