#include <eucv/europeana/entity.hpp>

#include <eucv/core/file.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"

using namespace eucv::europeana;

namespace {

const std::string photograph = R"({"@context":"http://www.europeana.eu/schemas/context/entity.jsonld",
  "id":"http://data.europeana.eu/concept/base/48","type":"Concept","prefLabel":{"en":"Photograph","de":"Fotografie"},
  "altLabel":{"de":["Foto","Lichtbild"]},
  "exactMatch":["http://www.wikidata.org/entity/Q125191","https://vocab.getty.edu/aat/300046300"]})";

eucv::net::url endpoint() {
  return search_endpoint("https://api.example");
}

} // namespace

TEST_CASE("a concept has labels by language, and equal terms") {
  const entity found = parse_entity(photograph, "https://api.example/");
  CHECK(found.uri == "http://data.europeana.eu/concept/48"); // the form of today
  CHECK(found.labels.at("de") == "Fotografie");
  CHECK(found.other_labels.at("de") == std::vector<std::string>{"Foto", "Lichtbild"});
  CHECK(found.aat() == "http://vocab.getty.edu/aat/300046300");
  CHECK(found.label(std::vector<std::string>{"fr", "de"}) == "Fotografie");
  CHECK(found.label(std::vector<std::string>{"fr"}) == "Photograph");
  const auto subject = subject_of(found, "http://data.europeana.eu/concept/base/48", std::vector<std::string>{"de"});
  CHECK(subject == eucv::dataset::subject{"fotografie", "http://data.europeana.eu/concept/48",
                                          "http://vocab.getty.edu/aat/300046300"});
}

TEST_CASE("what is no concept is refused") {
  using eucv::errc;
  const auto code = [](const std::string& body) { return test::code_of([&] { (void)parse_entity(body, "x"); }); };
  CHECK(code("<html>") == errc::bad_response);
  CHECK(code(R"({"success":false,"error":"late"})") == errc::bad_response);
  for (const char* body : {"[]", "{}", R"({"id":"http://x/","type":"Agent"})", R"({"id":1,"type":"Concept"})",
                           R"({"id":"http://x/","type":"Concept","prefLabel":["a"]})",
                           R"({"id":"http://x/","type":"Concept","prefLabel":{"en":7}})",
                           R"({"id":"http://x/","type":"Concept","exactMatch":{}})"})
    CHECK(code(body) == errc::bad_record);
  const entity nameless = parse_entity(R"({"id":"http://x/","type":"Concept"})", "x");
  CHECK(test::code_of([&] { (void)subject_of(nameless, "http://x/", {}); }) == errc::bad_record);
}

TEST_CASE("a concept of Europeana has an address of its own, any other URI is resolved") {
  CHECK(entity_address(endpoint(), "http://data.europeana.eu/concept/base/48").str() ==
        "https://api.example/entity/concept/48.json");
  CHECK(entity_address(endpoint(), "http://vocab.getty.edu/aat/300046300").str() ==
        "https://api.example/entity/resolve?uri=http%3A%2F%2Fvocab.getty.edu%2Faat%2F300046300");
  CHECK(concept_number("http://data.europeana.eu/concept/48") == "48");
  CHECK(concept_number("http://api.europeana.eu/entity/concept/base/48.json?x=1") == "48");
  CHECK(concept_number("http://data.europeana.eu/concept/48/../1").empty());
  CHECK(concept_number("http://data.europeana.eu/agent/48").empty());
  CHECK(concept_number("/concept/").empty());
}

TEST_CASE("a term of another vocabulary leads to the concept that equals it") {
  std::string leads_to = "http://data.europeana.eu/concept/48";
  test::canned_transport transport([&](const eucv::net::request& question) {
    CHECK(eucv::net::find_header(question.headers, "X-Api-Key") == "key-of-tests");
    if (question.target.target.starts_with("/entity/resolve")) {
      CHECK_FALSE(question.follow_redirects);
      auto reply = test::canned(301, "");
      reply.headers.push_back({"Location", leads_to});
      return reply;
    }
    return question.target.target == "/entity/concept/48.json" ? test::canned(200, photograph)
                                                               : test::canned(404, "{}");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  api.at(endpoint());
  CHECK(eucv::net::run(find_entity(api, "http://vocab.getty.edu/aat/300046300")).label({}) == "Photograph");
  CHECK(api.requests() == 2);
  CHECK(eucv::net::run(find_entity(api, "http://data.europeana.eu/concept/48")).label({}) == "Photograph");
  CHECK(api.requests() == 3);
  const auto unknown =
      test::failure_of([&] { (void)eucv::net::run(find_entity(api, "http://data.europeana.eu/concept/1")); });
  REQUIRE(unknown);
  CHECK(unknown->reason() == "http_404");
  leads_to = "https://www.europeana.eu/";
  CHECK(test::code_of([&] { (void)eucv::net::run(find_entity(api, "http://vocab.getty.edu/aat/1")); }) ==
        eucv::errc::bad_record);
}

TEST_CASE("recorded replies of the service are read") {
  const std::filesystem::path folder = EUCV_SHARED "/fixtures/entity";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("no recorded replies here");
    return;
  }
  const entity techno = parse_entity(eucv::read_file(folder / "concept_1326.json"), "fixture");
  CHECK(techno.uri == "http://data.europeana.eu/concept/1326");
  CHECK(techno.labels.size() == 15);
  CHECK(techno.labels.at("fr") == "Techno minimale");
  CHECK(techno.other_labels.at("it").size() == 4);
  CHECK(techno.exact_matches.size() == 19);
  CHECK(techno.aat().empty());
  const entity prints = parse_entity(eucv::read_file(folder / "static_concept_1689.json"), "fixture");
  CHECK(prints.uri == "http://data.europeana.eu/concept/1689");
  CHECK(subject_of(prints, prints.uri, {}).label == "negative_prints");
}
