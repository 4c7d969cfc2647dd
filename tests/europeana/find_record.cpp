#include <eucv/europeana/find_record.hpp>

#include <eucv/core/file.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"

using namespace eucv::europeana;

TEST_CASE("a record of the Record API is read: picture, rights, concepts with those that match them exactly") {
  const auto found = parse_full_record(
      R"({"success":true,"object":{"about":"/1/a_b","type":"IMAGE",
        "aggregations":[{"edmIsShownBy":"ftp://m.example/a.jpg"},
          {"edmIsShownBy":"https://m.example/a.jpg?wskey=K&x=1",
           "edmRights":{"def":["http://creativecommons.org/licenses/by/4.0/"]}}],
        "concepts":[{"about":"http://data.europeana.eu/concept/43","prefLabel":{"en":["map"]},
                     "exactMatch":["http://vocab.getty.edu/aat/300028094"]},
                    {"about":"http://d-nb.info/gnd/4034202-5","exactMatch":"http://x.example/1"}]}})",
      "x");
  CHECK(found.id == "/1/a_b");
  CHECK(found.type == "IMAGE");
  CHECK(found.image == "https://m.example/a.jpg?x=1");
  CHECK(found.rights == "http://creativecommons.org/licenses/by/4.0/");
  CHECK(found.reuse == reusability::open);
  CHECK(found.concepts == std::vector<std::string>{"http://data.europeana.eu/concept/43",
                                                   "http://vocab.getty.edu/aat/300028094",
                                                   "http://d-nb.info/gnd/4034202-5", "http://x.example/1"});
  const auto bare = parse_full_record(R"({"object":{"about":"/1/a"}})", "x");
  CHECK(bare.image.empty());
  CHECK(bare.concepts.empty());
}

TEST_CASE("a reply that is no record is refused") {
  using eucv::errc;
  const auto code = [](const std::string& body) { return test::code_of([&] { (void)parse_full_record(body, "x"); }); };
  CHECK(code("<html>") == errc::bad_response);
  CHECK(code(R"({"success":false})") == errc::bad_response);
  for (const char* body :
       {"{}", "[]", "7", R"({"object":[]})", R"({"object":{}})", R"({"object":{"about":"1"}})",
        R"({"object":{"about":7}})", R"({"object":{"about":"/1/a","aggregations":{}}})",
        R"({"object":{"about":"/1/a","aggregations":[{"edmIsShownBy":7}]}})",
        R"({"object":{"about":"/1/a","concepts":7}})", R"({"object":{"about":"/1/a","concepts":[{"about":7}]}})"})
    CHECK(code(body) == errc::bad_record);
}

TEST_CASE("a record is asked for by its id alone") {
  test::canned_transport transport([](const eucv::net::request& question) {
    CHECK(question.target.str() == "https://api.example/record/v2/1/a_b.json");
    CHECK(eucv::net::find_header(question.headers, "X-Api-Key") == "key-of-tests");
    return test::canned(200, R"({"object":{"about":"/1/a_b"}})");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  api.at(search_endpoint("https://api.example"));
  CHECK(eucv::net::run(find_record(api, "/1/a_b")).id == "/1/a_b");
  CHECK(test::code_of([&] { (void)eucv::net::run(find_record(api, "/1/../2")); }) == eucv::errc::invalid_argument);
  CHECK(api.requests() == 1);
}

TEST_CASE("a recorded record of the service is read") {
  const std::filesystem::path file = EUCV_SHARED "/fixtures/record/record_2021650_trimmed.json";
  if (!std::filesystem::exists(file)) {
    MESSAGE("no recorded reply here");
    return;
  }
  const auto found = parse_full_record(eucv::read_file(file), "fixture");
  CHECK(found.id == "/2021650/memorix_0000ee69_1b9e_6823_478f_c88af61736c6");
  CHECK(found.image == "https://images.memorix.nl/nda/thumb/fullsize/010a31d7-9316-54d7-6ad0-83b9914688d9.jpg");
  CHECK(found.reuse == reusability::open);
}
