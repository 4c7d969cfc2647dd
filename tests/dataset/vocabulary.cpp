#include <eucv/dataset/vocabulary.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "support/temporary_folder.hpp"

using namespace eucv::dataset;

namespace {

std::string fault_of_vocabulary(std::string_view text) {
  try {
    (void)parse_vocabulary(text, "v.json");
  } catch (const eucv::error& failure) {
    CHECK(failure.code() == eucv::errc::bad_format);
    return failure.text().why;
  }
  return "none";
}

} // namespace

TEST_CASE("concept URIs take the form of today") {
  CHECK(normalise_concept_uri("http://data.europeana.eu/concept/base/29") == "http://data.europeana.eu/concept/29");
  CHECK(normalise_concept_uri(" https://data.europeana.eu/concept/43\r\n") == "http://data.europeana.eu/concept/43");
  CHECK(normalise_concept_uri("http://data.europeana.eu/concept/29") == "http://data.europeana.eu/concept/29");
  CHECK(normalise_concept_uri("http://vocab.getty.edu/aat/300266639 ") == "http://vocab.getty.edu/aat/300266639");
  CHECK(normalise_concept_uri("http://example.org/concept/base/29") == "http://example.org/concept/base/29");
  CHECK(normalise_concept_uri("  ").empty());
  CHECK(normalise_concept_uri("").empty());
}

TEST_CASE("the pilot's vocabulary is built in") {
  const vocabulary& pilot = pilot_vocabulary();
  REQUIRE(pilot.size() == 20);
  std::set<std::string> uris, terms;
  for (std::size_t i = 0; i < pilot.size(); ++i) {
    if (i > 0) CHECK(pilot[i - 1].label < pilot[i].label);
    uris.insert(pilot[i].uri);
    terms.insert(pilot[i].aat);
    CHECK(normalise_concept_uri(pilot[i].uri) == pilot[i].uri);
    CHECK(pilot[i].aat.starts_with("http://vocab.getty.edu/aat/300"));
  }
  CHECK(uris.size() == 20);
  CHECK(terms.size() == 20);
  CHECK(pilot[14] ==
        subject{"specimen", "http://data.europeana.eu/concept/167", "http://vocab.getty.edu/aat/300235576"});
  CHECK(pilot[3].uri == "http://vocab.getty.edu/aat/300266639");
}

TEST_CASE("a vocabulary is read in its own order, with the URIs of today") {
  const test::temporary_folder folder;
  eucv::write_file_atomically(folder / "v.json", R"({"toy": "http://data.europeana.eu/concept/base/56",
    "arms":" http://vocab.getty.edu/aat/300036926 ", "own": "https://example.org/c/1"})");
  const vocabulary read = read_vocabulary(folder / "v.json");
  REQUIRE(read.size() == 3);
  CHECK(read[1] == subject{"arms", "http://vocab.getty.edu/aat/300036926", "http://vocab.getty.edu/aat/300036926"});
  CHECK(read[2] == subject{"own", "https://example.org/c/1", ""});
  CHECK(read[0] == subject{"toy", "http://data.europeana.eu/concept/56", "http://vocab.getty.edu/aat/300211037"});
}

TEST_CASE("the vocabulary that the pilot published equals the one built in") {
  const std::filesystem::path file = std::filesystem::path(EUCV_SHARED) / "fixtures/pilot/vocabulary.json";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: the pilot's vocabulary is not here");
    return;
  }
  vocabulary published = read_vocabulary(file);
  std::ranges::sort(published, {}, &subject::label);
  CHECK(published == pilot_vocabulary());
}

TEST_CASE("a vocabulary that was written reads back equal") {
  const test::temporary_folder folder;
  write_vocabulary(folder / "v.json", pilot_vocabulary());
  CHECK(read_vocabulary(folder / "v.json") == pilot_vocabulary());
  const vocabulary own{{"z \"quoted\"", "https://example.org/1", ""}, {"caf\xC3\xA9", "https://example.org/2", ""}};
  CHECK(to_json(own) == "{\n  \"z \\\"quoted\\\"\": \"https://example.org/1\",\n  \"caf\xC3\xA9\": "
                        "\"https://example.org/2\"\n}\n");
  CHECK(parse_vocabulary(to_json(own), "v.json") == own);
}

TEST_CASE("each fault of a vocabulary has its own words") {
  CHECK(fault_of_vocabulary("label,uri\n").starts_with("it is no JSON"));
  CHECK(fault_of_vocabulary("[1]") == "it is JSON, but no object {label: concept URI}");
  CHECK(fault_of_vocabulary("{}") == "it holds no label");
  CHECK(fault_of_vocabulary(R"({"map": 43})") == "the value of \"map\" is no text");
  CHECK(fault_of_vocabulary(R"({"map": "43"})") == "the value of \"map\" is no http URI: 43");
  CHECK(fault_of_vocabulary(R"({"map": ""})") == "the value of \"map\" is no http URI: ");
  CHECK(fault_of_vocabulary(R"({"map": "http://"})") == "the value of \"map\" is no http URI: http://");
  CHECK(fault_of_vocabulary(R"({"map": "http://a/b c"})") == "the value of \"map\" is no http URI: http://a/b c");
  CHECK(fault_of_vocabulary(R"({"map": "http://a/b\" OR \""})").starts_with("the value of \"map\" is no http URI"));
  CHECK(fault_of_vocabulary(
            R"({"a": "http://data.europeana.eu/concept/base/43", "b": "http://data.europeana.eu/concept/43"})") ==
        "\"a\" and \"b\" have the same URI, http://data.europeana.eu/concept/43");
  CHECK(fault_of_vocabulary(R"({"a": "http://x.org/1", "a": "http://x.org/2"})") ==
        "the key \"a\" stands twice in one object");
  for (const char* label : {"", ".", "../up", "a/b", "a\\\\b", "a\\n", " a", "a "})
    CHECK(fault_of_vocabulary("{\"" + std::string(label) + "\": \"http://x.org/1\"}").starts_with("the label"));
}

TEST_CASE("a word for people becomes a label that names a folder") {
  using eucv::dataset::as_label;
  CHECK(as_label("Costume Accessories") == "costume_accessories");
  CHECK(as_label("  ../Prints / drawings\t") == "prints_drawings");
  CHECK(as_label("Gem\xc3\xa4lde") == "gem\xc3\xa4lde");
  CHECK(as_label("already_one") == "already_one");
  CHECK(as_label(" -./ ").empty());
}
