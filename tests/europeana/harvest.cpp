#include <eucv/europeana/harvest.hpp>

#include <eucv/core/file.hpp>
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

const std::string harvest_canary = "SECRET-4711-CANARY";
const std::string in_copyright = "http://rightsstatements.org/vocab/InC/1.0/";

std::string concept_uri(int subject) {
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
      item.concepts = {concept_uri(subject)};
      if (i % 7 == 0) item.concepts.push_back(concept_uri((subject + 1) % 5));
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
    plan.subjects.push_back({"class" + std::to_string(subject), concept_uri(subject), ""});
  plan.table = table;
  plan.per_class = per_class;
  return plan;
}

harvest_report harvest_once(test::search_replay& index, const harvest_plan& plan, std::uint64_t seed = 1) {
  test::canned_transport transport(std::ref(index), seed);
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  return eucv::net::run(harvest(api, plan));
}

harvest_report harvest_within(test::search_replay& index, const harvest_plan& plan, std::uint64_t requests) {
  test::canned_transport transport(std::ref(index), requests);
  client_options options;
  options.max_requests = requests;
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key), options);
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
      CHECK(eucv::read_file(entry.path()).find(harvest_canary) == std::string::npos);
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
    CHECK(row[1] == concept_uri(row[0].back() - '0'));
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

TEST_CASE("with a budget of requests the harvest stops, and goes on to the same table") {
  const test::temporary_folder folder;
  for (const auto mode : {harvest_mode::single_label, harvest_mode::multi_label}) {
    auto index = museum();
    auto whole = plan_for(folder / (std::string(to_string(mode)) + ".csv"));
    whole.mode = mode;
    const auto report = harvest_once(index, whole);
    CHECK(report.complete);
    const auto expected = eucv::read_file(whole.table);
    for (const std::uint64_t budget : {1, 4}) {
      CAPTURE(budget);
      auto plan = whole;
      plan.table = folder / (std::string(to_string(mode)) + std::to_string(budget) + ".csv");
      index.requests = 0;
      std::uint64_t sum = 0, left = report.requests;
      for (bool complete = false; !complete;) {
        const auto part = harvest_within(index, plan, budget);
        CHECK(part.requests <= budget);
        sum += part.requests;
        complete = part.complete;
        CHECK(std::filesystem::exists(plan.table) == complete);
        if (complete) break;
        CHECK(part.requests == budget);
        CHECK(part.requests_left > 0);
        CHECK(part.requests_left <= left + 2 * plan.subjects.size());
        left = part.requests_left;
        REQUIRE(sum < 200);
      }
      CHECK(sum == index.requests);
      CHECK(sum == report.requests); // nothing was asked twice
      CHECK(eucv::read_file(plan.table) == expected);
    }
  }
}

TEST_CASE("in the mode multi-label an item comes once, with the labels of all its concepts") {
  const test::temporary_folder folder;
  auto index = museum();
  auto plan = plan_for(folder / "a.csv", 1000); // more than any subject has
  plan.mode = harvest_mode::multi_label;
  const auto report = harvest_once(index, plan);
  CHECK(report.requests == 3 + 3 + 4 + 5 + 7); // the pages of the five subjects, with an empty last one each
  std::map<std::string, std::string> expected;
  for (const auto& item : index.items) {
    if (item.image.empty() || item.rights.find("InC") != std::string::npos) continue;
    std::set<std::string> concepts(item.concepts.begin(), item.concepts.end());
    std::string labels;
    for (const auto& one : concepts) labels += (labels.empty() ? "class" : " class") + one.substr(one.rfind('/') + 1);
    expected[item.id] = labels;
  }
  const auto rows = cells(eucv::read_file(plan.table));
  std::map<std::string, std::string> found;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    CHECK(found.emplace(rows[i][3], rows[i][0]).second);
    const bool two = rows[i][0].find(' ') != std::string::npos;
    CHECK((rows[i][1].find(' ') != std::string::npos) == two);
    CHECK(rows[i][1].starts_with(concept_uri(rows[i][0][5] - '0')));
  }
  CHECK(found == expected);
}

TEST_CASE("items with several labels that lie deep in large subjects are found by one search a subject") {
  const test::temporary_folder folder;
  test::search_replay index;
  for (int subject = 0; subject < 4; ++subject)
    for (int i = 0; i < (subject == 3 ? 40 : 2000); ++i) {
      test::replayed_item item;
      item.id = "/" + std::to_string(subject) + "/item_" + std::to_string(i);
      item.concepts = {concept_uri(subject)};
      if (i % 100 == 0) item.concepts.push_back(concept_uri((subject + 1) % 3));
      item.image = "http://images.example" + item.id + ".jpg";
      index.items.push_back(item);
    }
  auto plan = plan_for(folder / "a.csv", 100);
  plan.subjects.resize(4);
  plan.mode = harvest_mode::multi_label;
  const auto report = harvest_once(index, plan);
  std::size_t several = 0;
  for (const auto& row : cells(eucv::read_file(plan.table))) several += row[0].find(' ') != std::string::npos ? 1 : 0;
  CHECK(several == 61); // 20 between each two of the three large ones, and one that the small one has
  for (int subject = 0; subject < 3; ++subject) CHECK(report.subjects[static_cast<std::size_t>(subject)].rows == 100);
  // 40 at class0, 20 at class1, and the one of class3 and class1, which neither needed to be asked for nor was.
  CHECK(report.subjects[0].several == 40);
  CHECK(report.subjects[1].several == 20);
  CHECK(report.subjects[3].several + report.subjects[1].several == 21);
  // Four first pages, the empty second one of class3, two searches of a page and an empty one, and one page more of
  // class2, whose first items are partly at class0 and class1.
  CHECK(report.requests == 10);
}

TEST_CASE("killed at any moment, the harvest goes on to the same table") {
  const test::temporary_folder folder;
  auto index = museum();
  harvest_mode mode = harvest_mode::single_label;
  SUBCASE("single-label") {}
  SUBCASE("multi-label") {
    mode = harvest_mode::multi_label;
  }
  auto whole = plan_for(folder / "whole.csv");
  whole.mode = mode;
  const auto begun = std::chrono::steady_clock::now();
  harvest_once(index, whole);
  const auto length = std::chrono::steady_clock::now() - begun;
  const auto expected = eucv::read_file(whole.table);

  eucv::random moments(7);
  std::size_t kills = 0, harvests = 0;
  const auto deadline = begun + std::chrono::seconds(6);
  while (kills < 60 && std::chrono::steady_clock::now() < deadline) {
    auto plan = plan_for(folder / (std::to_string(harvests++) + ".csv"));
    plan.mode = mode;
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
      if (kills >= 60) break;
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
  client<test::canned_transport> wrong(transport, eucv::net::secret_string("not-" + harvest_canary));
  const auto failure = test::failure_of([&] { (void)eucv::net::run(harvest(wrong, plan)); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::invalid_api_key);
  CHECK(std::string(failure->what()).find(harvest_canary) == std::string::npos);
  CHECK(index.requests == 1);
  CHECK(harvest_once(index, plan).rows() > 0);
  check_no_key_under(folder.path());
}

TEST_CASE("an index that changes under the harvest: items go, come and move, and each row stands once") {
  const test::temporary_folder folder;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto index = museum();
    eucv::random engine(seed);
    // Before each request, some items vanish, new ones appear, others change their subject and so their place.
    index.fault = [&](std::size_t request) -> std::optional<eucv::net::response> {
      for (int i = 0; i < 10 && index.items.size() > 200; ++i)
        index.items.erase(index.items.begin() + static_cast<std::ptrdiff_t>(engine.below(index.items.size())));
      for (int i = 0; i < static_cast<int>(engine.below(20)); ++i) {
        test::replayed_item item;
        item.id = "/9/new_" + std::to_string(request) + "_" + std::to_string(i);
        item.concepts = {concept_uri(static_cast<int>(engine.below(5)))};
        item.image = "http://images.example" + item.id;
        index.items.push_back(item);
      }
      for (int i = 0; i < 5; ++i)
        index.items[engine.below(index.items.size())].concepts = {concept_uri(0), concept_uri(1)};
      return std::nullopt;
    };
    auto plan = plan_for(folder / (std::to_string(seed) + ".csv"));
    plan.mode = seed % 2 == 0 ? harvest_mode::multi_label : harvest_mode::single_label;
    const auto report = harvest_once(index, plan, seed);
    const auto rows = cells(eucv::read_file(plan.table));
    std::set<std::string> ids;
    for (std::size_t i = 1; i < rows.size(); ++i) CHECK(ids.insert(rows[i][3]).second);
    CHECK(ids.size() == report.rows());
    CHECK(report.rows() > 300);
  }
}

TEST_CASE("a service that goes in circles under marks that are always new is left") {
  const test::temporary_folder folder;
  std::size_t number = 0;
  test::canned_transport transport([&](const eucv::net::request&) {
    std::string items;
    for (int i = 0; i < 100; ++i)
      items +=
          std::string(i == 0 ? "" : ",") + R"({"id":"/1/i)" + std::to_string(i) +
          R"(","type":"IMAGE","edmIsShownBy":["http://x.example/"],"rights":["http://creativecommons.org/licenses/by/4.0/"]})";
    return test::canned(200, R"({"success":true,"totalResults":100,"nextCursor":"M)" + std::to_string(++number) +
                                 R"(","items":[)" + items + "]}");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  auto plan = plan_for(folder / "a.csv");
  plan.subjects.resize(1);
  const auto report = eucv::net::run(harvest(api, plan));
  CHECK(report.rows() == 100);
  CHECK(report.subjects[0].state.end == cursor_end::overrun);
  CHECK(number == 13);
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
