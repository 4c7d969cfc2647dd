// eucv vocabulary: the built-in one, and one made from concept URIs through the Entity API of a replay.
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/vocabulary.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

replay::server a_server() {
  return replay::server(replay::collection(std::vector<replay::item>()));
}

} // namespace

TEST_CASE("without URIs the built-in vocabulary is printed, or written, without a key or a network") {
  const test::temporary_folder folder;
  const test::outcome printed = test::run_eucv({"vocabulary"});
  CHECK(printed.status == 0);
  CHECK(eucv::dataset::parse_vocabulary(printed.out, "stdout") == eucv::dataset::pilot_vocabulary());
  const auto file = (folder / "pilot.json").string();
  const test::outcome written = test::run_eucv({"vocabulary", "--out", file});
  CHECK(written.status == 0);
  CHECK(written.out.find("20 subjects in ") != std::string::npos);
  CHECK(eucv::read_file(file) == printed.out);
}

TEST_CASE("URIs of Europeana and of Getty AAT become labels, in the language asked for") {
  const auto server = a_server();
  const std::vector<std::string> uris{"http://data.europeana.eu/concept/base/43",
                                      "http://vocab.getty.edu/aat/300033618", "http://vocab.getty.edu/aat/300209273"};
  std::vector<std::string> command{"vocabulary"};
  command.insert(command.end(), uris.begin(), uris.end());
  command.insert(command.end(), {"--endpoint", server.origin()});
  const test::outcome english = test::run_eucv(command, test::with_key(server));
  CAPTURE(english.err);
  CHECK(english.status == 0);
  CHECK(english.out == "{\n  \"map\": \"http://data.europeana.eu/concept/43\",\n"
                       "  \"painting\": \"http://vocab.getty.edu/aat/300033618\",\n"
                       "  \"costume_accessories\": \"http://vocab.getty.edu/aat/300209273\"\n}\n");
  CHECK(server.searches() == 5); // a term of AAT is resolved first
  command.insert(command.end(), {"--language", "fr,de"});
  const test::outcome german = test::run_eucv(command, test::with_key(server));
  CHECK(german.out.find("\"landkarte\"") != std::string::npos);
  CHECK(german.out.find("\"costume_accessories\"") != std::string::npos); // no German one: English
}

TEST_CASE("what the Entity API does not know ends with status 1 and the URI, and writes nothing") {
  const test::temporary_folder folder;
  const auto server = a_server();
  const auto file = (folder / "a.json").string();
  for (const char* uri : {"http://data.europeana.eu/concept/1", "http://vocab.getty.edu/aat/1"}) {
    const test::outcome end =
        test::run_eucv({"vocabulary", uri, "--out", file, "--endpoint", server.origin()}, test::with_key(server));
    CHECK(end.status == 1);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK(end.last_line().find("404") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(file));
  }
  const auto before = server.searches();
  const test::outcome wrong =
      test::run_eucv({"vocabulary", "http://data.europeana.eu/concept/43", "--endpoint", server.origin()},
                     {.environment = {{"EUROPEANA_API_KEY", "SECRET-4711-CANARY"}}});
  CHECK(wrong.status == 1);
  CHECK(wrong.err.find("SECRET-4711-CANARY") == std::string::npos);
  CHECK(server.searches() == before + 1);
}
