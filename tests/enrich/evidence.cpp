#include <eucv/enrich/evidence.hpp>

#include <eucv/core/error.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "support/code_of.hpp"
#include "support/spoken_evidence.hpp"

using namespace eucv::enrich;

TEST_CASE("a time is told in UTC to the second") {
  using std::chrono::system_clock;
  CHECK(utc_text(system_clock::time_point()) == "1970-01-01T00:00:00Z");
  CHECK(utc_text(system_clock::from_time_t(1'769'861'025)) == "2026-01-31T12:03:45Z");
}

TEST_CASE("evidence comes back from its line bit by bit") {
  for (const std::size_t number : {0U, 1U}) {
    const auto all = test::spoken_evidence(number);
    const std::string line = to_json(all);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(parse_evidence(line, "x") == all);
  }
}

TEST_CASE("a line that is no evidence is refused by name") {
  const auto refused = [](const std::string& line) {
    const auto failure = test::failure_of([&] { (void)parse_evidence(line, "file line 7"); });
    REQUIRE(failure);
    CHECK(failure->code() == eucv::errc::bad_format);
    CHECK(std::string(failure->what()).find("file line 7") != std::string::npos);
  };
  const std::string line = to_json(test::spoken_evidence(1));
  refused("");
  refused("{}");
  refused("[]");
  refused(line.substr(0, line.size() - 1));
  refused(line + "}");
  for (const char* name :
       {"id", "image", "sha256", "model", "data_set", "time", "statements", "known", "probability"}) {
    std::string other = line;
    other.replace(other.find(std::string("\"") + name + "\""), std::string(name).size() + 2, "\"other\"");
    refused(other);
  }
  std::string other = line;
  other.replace(other.find("/1/item_1"), 9, "/1/../..1");
  refused(other);
}

TEST_CASE("each new statement is an annotation of the item and its picture, and known ones are none") {
  CHECK(annotations_of(test::spoken_evidence(0)).empty());
  auto all = test::spoken_evidence(1);
  all.image = "http://museum.example/a b.jpg"; // blanks are no part of a URI
  all.statements.push_back({"http://data.europeana.eu/concept/56", "toy", 0.9, 0.8});
  const auto made = annotations_of(all);
  REQUIRE(made.size() == 2);
  CHECK(made[0].subject == "http://data.europeana.eu/concept/43");
  CHECK(made[1].subject == "http://data.europeana.eu/concept/56");
  for (const auto& one : made) {
    CHECK(one.item == "http://data.europeana.eu/item/1/item_1");
    CHECK(one.image == "http://museum.example/a%20b.jpg");
    CHECK(one.created == all.time);
    CHECK(one.generator == "nih:sha-256;" + all.model);
    CHECK(eucv::europeana::parse_annotation(eucv::europeana::to_json(one), "x") == one);
  }
}
