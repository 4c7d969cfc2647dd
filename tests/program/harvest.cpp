// eucv harvest against a replay of the service: good and bad input, killed, interrupted, resumed.
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace {

constexpr const char* vocabulary = R"({"map": "http://data.europeana.eu/concept/base/43",
                                       "painting": "http://data.europeana.eu/concept/47"})";

replay::collection maps_and_paintings(std::size_t count) {
  return replay::invented(count, {"http://data.europeana.eu/concept/43", "http://data.europeana.eu/concept/47"},
                          "/nowhere/picture.jpg");
}

// A folder with a vocabulary, and the command that harvests it.
struct place {
  test::temporary_folder folder;
  place() { eucv::write_file_atomically(folder / "vocabulary.json", vocabulary); }

  std::vector<std::string> command(const replay::server& server, const char* table = "all.csv") const {
    return {"harvest",
            "--vocabulary",
            (folder / "vocabulary.json").string(),
            "--out",
            (folder / table).string(),
            "--per-class",
            "2000",
            "--endpoint",
            server.origin()};
  }
};

// The bytes of a table, but for the port of its server, which stands in the addresses of the pictures.
std::string table_of(const std::filesystem::path& path, const replay::server& server) {
  std::string text = eucv::read_file(path);
  const std::string port = server.origin().substr(server.origin().rfind(':') + 1);
  for (std::size_t at = 0; (at = text.find(port, at)) != std::string::npos;) text.replace(at, port.size(), "PORT");
  return text;
}

std::ptrdiff_t lines_of(const std::filesystem::path& path) {
  return std::ranges::count(eucv::read_file(path), '\n');
}

} // namespace

TEST_CASE("a harvest writes the table, and a second one asks for nothing") {
  const place here;
  const replay::server server(maps_and_paintings(600));
  const test::outcome first = test::run_eucv(here.command(server), test::with_key(server));
  CAPTURE(first.err);
  CHECK(first.status == 0);
  CHECK(first.out.find("600 rows in ") != std::string::npos);
  const std::string table = eucv::read_file(here.folder / "all.csv");
  CHECK(table.starts_with("category,skos_concept,URI,ID,URL,rights,data_provider,provider,country,title,creator,"
                          "landing_page,preview\n"));
  CHECK(lines_of(here.folder / "all.csv") == 601);
  CHECK(table.find("concept/base/") == std::string::npos); // which matches nothing today
  CHECK(table.find(server.key()) == std::string::npos);

  const auto asked = server.searches();
  const test::outcome second = test::run_eucv(here.command(server), test::with_key(server));
  CHECK(second.status == 0);
  CHECK(second.out.find("nothing was left to do") != std::string::npos);
  CHECK(server.searches() == asked);
  CHECK(eucv::read_file(here.folder / "all.csv") == table);
}

TEST_CASE("a harvest that is killed, or interrupted, goes on and ends in the same bytes") {
  const place here;
  const replay::server whole_server(maps_and_paintings(3000));
  REQUIRE(test::run_eucv(here.command(whole_server, "whole.csv"), test::with_key(whole_server)).status == 0);
  const std::string whole = table_of(here.folder / "whole.csv", whole_server);

  for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const std::string table = "signal" + std::to_string(signal) + ".csv";
    const replay::server server(maps_and_paintings(3000), {.search_delay = std::chrono::milliseconds(10)});
    {
      test::process run(EUCV_PROGRAM, here.command(server, table.c_str()), test::with_key(server));
      REQUIRE(run.until([&] { return server.searches() >= 12; }));
      run.send(signal);
      const test::outcome end = run.wait();
      CHECK(end.status == (signal == SIGKILL ? 128 + SIGKILL : 130));
      if (signal != SIGKILL) CHECK(test::is_failure_line(end.last_line()));
    }
    const auto before = server.searches();
    const test::outcome resumed = test::run_eucv(here.command(server, table.c_str()), test::with_key(server));
    CHECK(resumed.status == 0);
    CHECK(server.searches() - before < whole_server.searches() - 4); // it did not begin anew
    const bool same = table_of(here.folder / table, server) == whole;
    CHECK(same);
  }
}

TEST_CASE("faults of the service are waited out") {
  const place here;
  replay::server server(maps_and_paintings(300));
  server.queue(replay::fault::limit_reached);
  server.queue(replay::fault::search_timeout);
  const test::outcome run = test::run_eucv(here.command(server), test::with_key(server));
  CAPTURE(run.err);
  CHECK(run.status == 0);
  CHECK(run.err.find("waiting ") != std::string::npos);
  CHECK(lines_of(here.folder / "all.csv") == 301);
}

TEST_CASE("a dry run prints counts by subject and licence and writes nothing") {
  const place here;
  const replay::server server(maps_and_paintings(300));
  auto command = here.command(server);
  command.insert(command.end(), {"--dry-run", "--reusability", "open,permission"});
  const test::outcome run = test::run_eucv(command, test::with_key(server));
  CHECK(run.status == 0);
  CHECK(run.out.find("map") != std::string::npos);
  CHECK(run.out.find("150") != std::string::npos);
  CHECK(run.out.find("http://creativecommons.org/publicdomain/mark/1.0/") != std::string::npos);
  CHECK(run.out.find("in some 6 requests; this dry run took 2 requests") != std::string::npos);
  CHECK(server.searches() == 2);
  CHECK_FALSE(std::filesystem::exists(here.folder / "all.csv"));
}

TEST_CASE("a harvest within --max-requests stops with status 3, and the same command goes on to the same bytes") {
  const place here;
  const replay::server server(maps_and_paintings(1500));
  REQUIRE(test::run_eucv(here.command(server, "whole.csv"), test::with_key(server)).status == 0);
  auto command = here.command(server);
  command.insert(command.end(), {"--max-requests", "7"});
  int runs = 0;
  for (; runs < 10; ++runs) {
    const auto before = server.searches();
    const test::outcome end = test::run_eucv(command, test::with_key(server));
    CHECK(server.searches() - before <= 7);
    CHECK(std::filesystem::exists(here.folder / "all.csv") == (end.status == 0));
    if (end.status == 0) break;
    CHECK(end.status == 3);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK(end.last_line().find("are left; run the same command again") != std::string::npos);
  }
  CHECK(runs == 2);
  CHECK(eucv::read_file(here.folder / "all.csv") == eucv::read_file(here.folder / "whole.csv"));
}

TEST_CASE("--mode multi-label writes labels and concepts with blanks between, and each item once") {
  const place here;
  const replay::server server({300, [](std::size_t i) {
                                 replay::item made;
                                 made.id = "/1/item_" + std::to_string(1000 + i);
                                 if (i % 3 != 1) made.concepts.emplace_back("http://data.europeana.eu/concept/43");
                                 if (i % 3 != 0) made.concepts.emplace_back("http://data.europeana.eu/concept/47");
                                 made.file = "/nowhere/picture.jpg";
                                 return made;
                               }});
  auto command = here.command(server);
  command.insert(command.end(), {"--mode", "multi-label"});
  const test::outcome end = test::run_eucv(command, test::with_key(server));
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(end.out.find("several labels") != std::string::npos);
  const std::string table = eucv::read_file(here.folder / "all.csv");
  CHECK(std::ranges::count(table, '\n') == 301);
  std::size_t several = 0;
  const std::string both = "\nmap painting,http://data.europeana.eu/concept/43 http://data.europeana.eu/concept/47,";
  for (std::size_t at = table.find(both); at != std::string::npos; at = table.find(both, at + 1)) ++several;
  CHECK(several == 100);
}

TEST_CASE("what stands in the way of a harvest is said in the last line, with status 1") {
  const place here;
  const replay::server server(maps_and_paintings(300));
  const auto fails = [&](const std::vector<std::string>& command, const test::surroundings& around,
                         const std::string& expected) {
    const test::outcome end = test::run_eucv(command, around);
    CAPTURE(end.err);
    CHECK(end.status == 1);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK(end.last_line().find(expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(here.folder / "all.csv"));
  };
  fails(here.command(server), {.environment = {{"EUROPEANA_API_KEY", ""}}}, "EUROPEANA_API_KEY");
  CHECK(server.searches() == 0);
  fails(here.command(server), {.environment = {{"EUROPEANA_API_KEY", "wrong-key-of-mine"}}}, "key");
  CHECK(server.searches() == 1); // a wrong key costs one request
  CHECK(test::run_eucv(here.command(server), {.environment = {{"EUROPEANA_API_KEY", "wrong-key-of-mine"}}})
            .err.find("wrong-key-of-mine") == std::string::npos);

  eucv::write_file_atomically(here.folder / "vocabulary.json", "map: 43");
  fails(here.command(server), test::with_key(server), "vocabulary.json");
  eucv::write_file_atomically(here.folder / "vocabulary.json", vocabulary);

  auto elsewhere = here.command(server);
  elsewhere[4] = "/proc/no-folder/all.csv";
  fails(elsewhere, test::with_key(server), "/proc/no-folder");
  elsewhere[4] = (here.folder / "vocabulary.json" / "all.csv").string(); // a file is no folder
  fails(elsewhere, test::with_key(server), "vocabulary.json");
}

TEST_CASE("a full disk ends a harvest with status 1, and the same command goes on when there is space") {
  const place here;
  const replay::server server(maps_and_paintings(3000));
  auto around = test::with_key(server);
  around.before = [] { // no file may grow beyond 100 kB
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const test::outcome full = test::run_eucv(here.command(server), around);
  CAPTURE(full.err);
  CHECK(full.status == 1);
  CHECK(test::is_failure_line(full.last_line()));
  CHECK(full.last_line().find("write") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(here.folder / "all.csv"));
  CHECK(test::run_eucv(here.command(server), test::with_key(server)).status == 0);
  CHECK(lines_of(here.folder / "all.csv") == 3001);
}

TEST_CASE("results that cannot be written are a failure too") {
  const place here;
  const replay::server server(maps_and_paintings(30));
  auto around = test::with_key(server);
  around.output = "/dev/full";
  const test::outcome end = test::run_eucv(here.command(server), around);
  CHECK(end.status == 1);
  CHECK(end.last_line().find("standard output") != std::string::npos);
}
