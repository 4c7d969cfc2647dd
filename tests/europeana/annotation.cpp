#include <eucv/europeana/annotation.hpp>

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/net/client.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/fetch.hpp"
#include "support/loopback_server.hpp"

using namespace eucv::europeana;

namespace {

annotation example_annotation() {
  return {.subject = "http://data.europeana.eu/concept/43",
          .item = "http://data.europeana.eu/item/1/a_b",
          .image = "http://museum.example/a.jpg?x=1&y=2",
          .created = "2026-01-31T12:03:45Z",
          .generator = model_uri(std::string(64, 'a')),
          .generator_name = "eucv \"1\""};
}

const std::filesystem::path fixture_folder = EUCV_SHARED "/fixtures/annotation";

// The members of a value, as "target.scope:string".
void members_of(const boost::json::value& value, const std::string& at, std::set<std::string>& found) {
  if (!value.is_object()) {
    found.insert(at + (value.is_string() ? ":string" : ":other"));
    return;
  }
  for (const auto& entry : value.get_object())
    members_of(entry.value(), at + "." + std::string(entry.key().data(), entry.key().size()), found);
}

} // namespace

TEST_CASE("an annotation comes back from its JSON") {
  annotation one = example_annotation();
  const std::string line = to_json(one);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(parse_annotation(line, "x") == one);
  one.image.clear(); // about the item as a whole
  CHECK(parse_annotation(to_json(one), "x") == one);
  CHECK(to_json(one).find("\"target\": \"http://data.europeana.eu/item/1/a_b\"") != std::string::npos);
  one.created.clear();
  one.generator.clear();
  one.generator_name.clear();
  CHECK(parse_annotation(to_json(one), "x") == one);
}

TEST_CASE("a service gets it whole: POST, application/ld+json") {
  std::string type;
  test::loopback_server server([&](const test::received& question) {
    type = question.find("Content-Type");
    return test::reply::text(question.method == "POST" ? question.body : "", 201);
  });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.verb = eucv::net::method::post;
  question.target = server.url("/annotation/");
  question.headers = {{"Content-Type", "application/ld+json"}};
  question.body = to_json(example_annotation());
  const auto reply = test::fetch(web, question);
  CHECK(reply.status == 201);
  CHECK(type == "application/ld+json");
  CHECK(parse_annotation(reply.body, "the reply") == example_annotation());
}

TEST_CASE("what the Annotation API would not take is refused") {
  const std::string good = to_json(example_annotation());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string other = good;
    REQUIRE(other.find(from) != std::string::npos);
    return other.replace(other.find(from), from.size(), to);
  };
  const std::vector<std::string> bad{
      "",
      "[]",
      "{}",
      with("\"tagging\"", "\"linking\""),
      with("\"motivation\": \"tagging\", ", ""),
      with("\"type\": \"Annotation\"", "\"type\": \"Note\""),
      with("\"type\": \"Annotation\"", "\"eucv:confidence\": 0.9"), // no such property in its model
      with("\"http://www.w3.org/ns/anno.jsonld\"", "[\"http://www.w3.org/ns/anno.jsonld\", {\"eucv\": \"http://x/\"}]"),
      with("\"http://www.w3.org/ns/anno.jsonld\"", "\"http://x.example/\""),
      with("\"http://data.europeana.eu/concept/43\"", "\"map\""),
      with("\"http://data.europeana.eu/concept/43\"", "{}"),
      with("\"http://data.europeana.eu/concept/43\"", "7"),
      with("\"body\"", "\"bodies\""),
      with("\"body\"", "\"bodyValue\": \"map\", \"body\""),
      with("item/1/a_b", "place/1/a_b"),
      with("item/1/a_b", "item/1"),
      with("http://museum.example/a.jpg", "a picture.jpg"),
      with(", \"source\": \"http://museum.example/a.jpg?x=1&y=2\"", ""),
      with("\"scope\"", "\"selector\""),
      with("2026-01-31T12:03:45Z", "2026-01-31 12:03:45"),
      with("2026-01-31T12:03:45Z", "yesterday"),
      with("\"Software\"", "\"Robot\""),
      good + good,
  };
  for (const auto& text : bad) {
    CAPTURE(text);
    CHECK(test::code_of([&] { (void)parse_annotation(text, "x"); }) == eucv::errc::bad_format);
  }
}

TEST_CASE("the requests of the API's own tests are read, and ours have no member that those have not") {
  if (!std::filesystem::exists(fixture_folder)) {
    MESSAGE("the recorded annotations are not here: skipped");
    return;
  }
  std::set<std::string> known;
  std::size_t files = 0, semantic = 0, with_picture = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture_folder)) {
    CAPTURE(entry.path().string());
    const auto document = eucv::parse_json(eucv::read_file(entry.path()), entry.path().string());
    const annotation one = parse_annotation(document, entry.path().string());
    CHECK(one.item.starts_with("http://data.europeana.eu/item/"));
    ++files;
    semantic += one.subject.empty() ? 0 : 1;
    with_picture += one.image.empty() ? 0 : 1;
    members_of(document, "", known);
  }
  CHECK(files == 6);
  CHECK(semantic == 4);
  CHECK(with_picture == 1);
  std::set<std::string> own;
  members_of(eucv::parse_json(to_json(example_annotation()), "ours"), "", own);
  for (const auto& member : own) {
    CAPTURE(member);
    CHECK(known.contains(member));
  }
}
