#include <eucv/download/items.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;

TEST_CASE("any table with three columns gives items") {
  const eucv::dataset::table table{{"URL", "extra", "ID", "category"},
                                   {{"http://a/1", "x", "/1/a", "toy"},
                                    {"", "", "", ""}, // as spreadsheets leave behind
                                    {"http://a/2", "x", "/1/a", "map"},
                                    {"http://a/3", "x", "/1/a", "toy"}}};
  const auto items = items_of(table);
  REQUIRE(items.size() == 2);
  CHECK(items[0].url == "http://a/1");
  CHECK(items[1].category == "map");
  CHECK(items[0].rights.empty());
  const eucv::dataset::table with_rights{{"category", "ID", "URL", "rights"}, {{"toy", "1", "u", "r\nx"}}};
  CHECK(items_of(with_rights).at(0).rights == "r x");
}

TEST_CASE("what no folder can be made of is named with its row") {
  for (const char* category : {"..", "../up", "/etc", "a/b", "", ".git", "toy "}) {
    const eucv::dataset::table table{{"category", "ID", "URL"}, {{"toy", "1", "u"}, {category, "2", "u"}}};
    const auto failure = test::failure_of([&] { (void)items_of(table); });
    REQUIRE(failure);
    CHECK(failure->code() == eucv::errc::bad_format);
    CHECK(std::string(failure->what()).find("row 2") != std::string::npos);
  }
  const eucv::dataset::table no_id{{"category", "ID", "URL"}, {{"toy", "", "u"}}};
  CHECK(test::code_of([&] { (void)items_of(no_id); }) == eucv::errc::bad_format);
  const eucv::dataset::table control{{"category", "ID", "URL"}, {{"toy", "a\nb", "u"}}};
  CHECK(test::code_of([&] { (void)items_of(control); }) == eucv::errc::bad_format);
}

TEST_CASE("a missing column is named") {
  for (const char* missing : {"category", "ID", "URL"}) {
    eucv::dataset::table table{{"category", "ID", "URL"}, {}};
    std::erase(table.columns, missing);
    const auto failure = test::failure_of([&] { (void)items_of(table); });
    REQUIRE(failure);
    CHECK(failure->code() == eucv::errc::missing_column);
    CHECK(std::string(failure->what()).find(missing) != std::string::npos);
  }
}

TEST_CASE("labels and concepts are written for the training") {
  const test::temporary_folder folder;
  const eucv::dataset::table table{{"category", "skos_concept"},
                                   {{"toy", "http://data.europeana.eu/concept/base/56"},
                                    {"map", "http://data.europeana.eu/concept/43"},
                                    {"toy", "http://data.europeana.eu/concept/56"},
                                    {"torn", "http://x/1"},
                                    {"torn", "http://x/2"},
                                    {"twin", "http://x/3"},
                                    {"twins", "http://x/3"},
                                    {"map toy", "http://x/1 http://x/2"},
                                    {"none", ""}}};
  write_labels(table, folder / "vocabulary.json");
  CHECK(eucv::read_file(folder / "vocabulary.json") == "{\n  \"map\": \"http://data.europeana.eu/concept/43\",\n  "
                                                       "\"toy\": \"http://data.europeana.eu/concept/56\"\n}\n");
  write_labels({{"category", "skos_concept"},
                {{"photograph postcard", "http://data.europeana.eu/concept/48 http://data.europeana.eu/concept/50"},
                 {"fire engine", "http://data.europeana.eu/concept/99"}}},
               folder / "several.json");
  CHECK(eucv::read_file(folder / "several.json") == "{\n  \"fire engine\": \"http://data.europeana.eu/concept/99\",\n  "
                                                    "\"photograph\": \"http://data.europeana.eu/concept/48\",\n  "
                                                    "\"postcard\": \"http://data.europeana.eu/concept/50\"\n}\n");
  write_labels({{"category", "ID"}, {{"toy", "1"}}}, folder / "none.json");
  CHECK_FALSE(std::filesystem::exists(folder / "none.json"));
}
