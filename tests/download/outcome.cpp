#include <eucv/download/outcome.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/code_of.hpp"

using namespace eucv::download;

TEST_CASE("a row goes into cells and back") {
  outcome row;
  row.id = "/1/a";
  row.category = "toy";
  row.file = "toy/1_a-0123.jpg";
  row.status = download_status::ok;
  row.bytes = 12345678901;
  row.width = 300;
  row.height = 256;
  row.sha256 = std::string(64, 'a');
  row.dhash = std::string(16, 'b');
  row.seconds = 1.5;
  row.attempts = 2;
  row.rights = "http://creativecommons.org/licenses/by/4.0/";
  const auto cells = cells_of(row);
  CHECK(cells == std::vector<std::string>{"/1/a", "toy", "toy/1_a-0123.jpg", "ok", "", "12345678901", "300", "256",
                                          std::string(64, 'a'), std::string(16, 'b'), "1.500", "2",
                                          "http://creativecommons.org/licenses/by/4.0/"});
  CHECK(cells_of(outcome_of(cells, "x")) == cells);
}

TEST_CASE("of a failed item the numbers of a file stay empty") {
  outcome row;
  row.id = "/1/a";
  row.reason = "http_404";
  row.attempts = 1;
  const auto cells = cells_of(row);
  CHECK(cells[3] == "failed");
  for (const std::size_t column : {2, 5, 6, 7, 8, 9}) CHECK(cells[column].empty());
  CHECK(cells_of(outcome_of(cells, "x")) == cells);
}

TEST_CASE("cells that eucv did not write are refused") {
  const auto good = cells_of(outcome{});
  for (const auto& [column, text] : {std::pair{3, "fine"}, {5, "-1"}, {6, "12px"}, {10, "soon"}, {11, "1.5"}}) {
    auto bad = good;
    bad[static_cast<std::size_t>(column)] = text;
    const auto failure = test::failure_of([&] { (void)outcome_of(bad, "downloads.csv"); });
    REQUIRE(failure);
    CHECK(failure->code() == eucv::errc::bad_format);
    CHECK(std::string(failure->what()).find(text) != std::string::npos);
  }
  CHECK(test::code_of([&] { (void)outcome_of({"/1/a"}, "downloads.csv"); }) == eucv::errc::bad_format);
}
