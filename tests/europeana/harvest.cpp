#include <eucv/core/file.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <csignal>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/search_replay.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::europeana;

namespace {

const std::string canary = "SECRET-4711-CANARY";
const std::string in_copyright = "http://rightsstatements.org/vocab/InC/1.0/";

std::string uri(int subject) {
  return "http://data.europeana.eu/concept/" + std::to_string(subject);
}

// 5 subjects of 90 to 450 items; every 7th item belongs to the next subject too, every 11th lies about its rights,
// every 13th has no image.
test::search_replay museum() {
  test::search_replay index;
  for (int subject = 0; subject < 5; ++subject)
    for (int i = 0; i < 90 + 90 * subject; ++i) {
      test::replayed_item item;
      item.id = "/" + std::to_string(subject) + "/item_" + std::to_string(i);
      item.concepts = {uri(subject)};
      if (i % 7 == 0) item.concepts.push_back(uri((subject + 1) % 5));
      // The index says "open" of it, its rights statement says otherwise: "/by/" is what the replay looks for.
      if (i % 11 == 0) item.rights = in_copyright + "by/";
      if (i % 13 != 0) item.image = "http://images.example" + item.id + ".jpg";
      index.items.push_back(item);
    }
  return index;
}

harvest_plan plan_for(const std::filesystem::path& table, std::size_t per_class = 140) {
  harvest_plan plan;
  for (int subject = 0; subject < 5; ++subject)
    plan.subjects.push_back({"class" + std::to_string(subject), uri(subject), ""});
  plan.table = table;
  plan.per_class = per_class;
  return plan;
}

harvest_report harvest_once(test::search_replay& index, const harvest_plan& plan, std::uint64_t seed = 1) {
  test::canned_transport transport(std::ref(index), seed);
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  return eucv::net::run(harvest(api, plan));
}

std::vector<std::vector<std::string>> cells(const std::string& table) {
  // No cell of these tables before the ninth holds a comma or a quote.
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    auto& row = rows.emplace_back();
    std::istringstream parts(line);
    for (std::string cell; row.size() < 6 && std::getline(parts, cell, ',');) row.push_back(cell);
  }
  return rows;
}

void check_no_key_under(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) {
      CAPTURE(entry.path().string());
      CHECK(eucv::read_file(entry.path()).find(canary) == std::string::npos);
    }
}

} // namespace

TEST_CASE("a table of images, each once, each under the rights asked for") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto plan = plan_for(folder / "a.csv");
  const auto report = harvest_once(index, plan);
  const auto rows = cells(eucv::read_file(plan.table));
  REQUIRE(rows.size() == report.rows() + 1);
  std::map<std::string, std::size_t> by_class;
  std::set<std::string> ids;
  std::string last;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    ++by_class[row[0]];
    CHECK(row[0] >= last); // the order of the vocabulary
    last = row[0];
    CHECK(row[1] == uri(row[0].back() - '0'));
    CHECK(row[2] == "http://data.europeana.eu/item" + row[3]);
    CHECK(ids.insert(row[3]).second);
    CHECK(row[4] == "http://images.example" + row[3] + ".jpg");
    CHECK(row[5] == "http://creativecommons.org/licenses/by/4.0/");
  }
  // Of the 90 + 65 items of class0 fewer than 140 are fit; the others fill up.
  CHECK(by_class["class0"] < 140);
  for (const char* name : {"class1", "class2", "class3", "class4"}) CHECK(by_class[name] == 140);
  std::uint64_t duplicates = 0, refused = 0, without = 0;
  for (const auto& subject : report.subjects) {
    duplicates += subject.duplicates;
    refused += subject.state.refused_rights;
    without += subject.state.without_image;
    CHECK(subject.rows == by_class[subject.label]);
  }
  CHECK(duplicates > 0);
  CHECK(refused > 0);
  CHECK(without > 0);
  CHECK(report.subjects[0].state.end == cursor_end::empty_page);
  CHECK(report.requests == index.requests);
  check_no_key_under(folder.path());
}

TEST_CASE("the order of the replies does not show in the table; the seed does") {
  const test::temporary_folder folder;
  std::set<std::string> tables;
  for (std::uint64_t arrival = 1; arrival <= 6; ++arrival) {
    auto index = museum();
    auto plan = plan_for(folder / (std::to_string(arrival) + ".csv"));
    plan.concurrency = arrival;
    harvest_once(index, plan, arrival);
    tables.insert(eucv::read_file(plan.table));
  }
  CHECK(tables.size() == 1);
  auto index = museum();
  auto plan = plan_for(folder / "other.csv");
  plan.seed = 2;
  harvest_once(index, plan);
  tables.insert(eucv::read_file(plan.table));
  CHECK(tables.size() == 2);
}

TEST_CASE("at most as many searches as asked for run side by side") {
  const test::temporary_folder folder;
  auto index = museum();
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  auto plan = plan_for(folder / "a.csv");
  plan.concurrency = 3;
  (void)eucv::net::run(harvest(api, plan));
  CHECK(transport.most_open == 3);
}

TEST_CASE("with nothing left to do nothing is sent") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto plan = plan_for(folder / "a.csv");
  const auto first = harvest_once(index, plan);
  const auto table = eucv::read_file(plan.table);
  index.requests = 0;
  const auto second = harvest_once(index, plan);
  CHECK(index.requests == 0);
  CHECK(second.requests == 0);
  CHECK(second.rows() == first.rows());
  CHECK(eucv::read_file(plan.table) == table);
}

TEST_CASE("stopped at each request in turn, the harvest goes on to the same table") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto whole = plan_for(folder / "whole.csv");
  const auto report = harvest_once(index, whole);
  const auto expected = eucv::read_file(whole.table);
  for (std::size_t stop = 1; stop <= report.requests; ++stop) {
    auto broken = museum();
    const auto plan = plan_for(folder / ("stop" + std::to_string(stop) + ".csv"));
    broken.fault = [&](std::size_t request) {
      return request == stop ? std::optional(test::search_replay::refusal(401, "401_key_disabled", "the key is off"))
                             : std::nullopt;
    };
    CHECK(test::code_of([&] { harvest_once(broken, plan, stop); }) == eucv::errc::invalid_api_key);
    CHECK_FALSE(std::filesystem::exists(plan.table));
    broken.fault = nullptr;
    harvest_once(broken, plan, stop);
    CHECK(eucv::read_file(plan.table) == expected);
    // What was under way when it stopped is asked again, no more.
    CHECK(broken.requests <= report.requests + 1 + plan.concurrency);
  }
}

TEST_CASE("killed at any moment, the harvest goes on to the same table") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto whole = plan_for(folder / "whole.csv");
  const auto begun = std::chrono::steady_clock::now();
  harvest_once(index, whole);
  const auto length = std::chrono::steady_clock::now() - begun;
  const auto expected = eucv::read_file(whole.table);

  eucv::random moments(7);
  std::size_t kills = 0, harvests = 0;
  const auto deadline = begun + std::chrono::seconds(20);
  while (kills < 100 && std::chrono::steady_clock::now() < deadline) {
    const auto plan = plan_for(folder / (std::to_string(harvests++) + ".csv"));
    // Each run may take a random part of half the time of a whole one, then it is killed.
    for (bool killed = true; killed;) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        try {
          auto own = museum();
          harvest_once(own, plan, moments());
          ::_exit(0);
        } catch (...) {
          ::_exit(1);
        }
      }
      const auto moment = std::chrono::nanoseconds(static_cast<std::int64_t>(
          moments.below(static_cast<std::uint64_t>(std::chrono::nanoseconds(length).count()) / 2)));
      const timespec pause{.tv_sec = static_cast<time_t>(moment.count() / 1'000'000'000),
                           .tv_nsec = static_cast<long>(moment.count() % 1'000'000'000)};
      ::nanosleep(&pause, nullptr);
      ::kill(child, SIGKILL);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      killed = WIFSIGNALED(status);
      kills += killed ? 1 : 0;
      if (!killed) REQUIRE(WEXITSTATUS(status) == 0);
      // Whenever it was killed, there is no table, or the whole one.
      if (std::filesystem::exists(plan.table)) REQUIRE(eucv::read_file(plan.table) == expected);
      if (kills >= 100) break;
    }
    harvest_once(index, plan);
    REQUIRE(eucv::read_file(plan.table) == expected);
    CHECK_FALSE(std::filesystem::exists(plan.table.string() + ".harvest/0.rows"));
  }
  MESSAGE(kills << " kills in " << harvests << " harvests");
  CHECK(kills > 20);
}

TEST_CASE("Ctrl-C ends the harvest, and the next run goes on") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto whole = plan_for(folder / "whole.csv");
  harvest_once(index, whole);
  const auto plan = plan_for(folder / "a.csv");
  index.requests = 0;
  index.fault = [](std::size_t request) -> std::optional<eucv::net::response> {
    if (request == 6) std::raise(SIGINT);
    return std::nullopt;
  };
  CHECK(test::code_of([&] { harvest_once(index, plan); }) == eucv::errc::interrupted);
  CHECK(index.requests < 20);
  index.fault = nullptr;
  harvest_once(index, plan);
  CHECK(eucv::read_file(plan.table) == eucv::read_file(whole.table));
}

TEST_CASE("a wrong key costs one request, and leaves a state that a right key goes on with") {
  const test::temporary_folder folder;
  auto index = museum();
  const auto plan = plan_for(folder / "a.csv");
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> wrong(transport, eucv::net::secret_string("not-" + canary));
  const auto failure = test::failure_of([&] { (void)eucv::net::run(harvest(wrong, plan)); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::invalid_api_key);
  CHECK(std::string(failure->what()).find(canary) == std::string::npos);
  CHECK(index.requests == 1);
  CHECK(harvest_once(index, plan).rows() > 0);
  check_no_key_under(folder.path());
}

TEST_CASE("items that break the rules are counted, and the harvest goes on") {
  const test::temporary_folder folder;
  test::canned_transport transport([](const eucv::net::request& question) {
    if (question.target.target.find("cursor=%2A") == std::string::npos)
      return test::canned(200, R"({"success":true,"totalResults":4,"items":[]})");
    return test::canned(200, R"({"success":true,"totalResults":4,"nextCursor":"A","items":[
      {"id":"/../../etc/passwd","type":"IMAGE"},{"id":"/1/text","type":"TEXT","edmIsShownBy":["http://x.example/"]},
      {"id":"/1/ftp","type":"IMAGE","edmIsShownBy":["ftp://x.example/"],"rights":["http://creativecommons.org/licenses/by/4.0/"]},
      {"id":"/1/none","type":"IMAGE","edmIsShownBy":["http://x.example/"]},
      {"id":"/1/good","type":"IMAGE","edmIsShownBy":["http://x.example/"],"rights":["http://creativecommons.org/licenses/by/4.0/"]}]})");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  auto plan = plan_for(folder / "a.csv");
  plan.subjects.resize(1);
  std::uint64_t last = 0;
  const auto report = eucv::net::run(harvest(api, plan, [&](const eucv::progress& step) {
    CHECK(step.task == "harvest");
    CHECK(step.total == plan.per_class);
    last = step.done;
  }));
  CHECK(last == 1);
  CHECK(report.rows() == 1);
  CHECK(report.subjects[0].state.malformed == 1);
  CHECK(report.subjects[0].state.without_image == 2);
  CHECK(report.subjects[0].state.refused_rights == 1);
}
