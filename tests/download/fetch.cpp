#include <eucv/download/fetch.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/fetch.hpp"
#include "support/loopback_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::download;

namespace {

// Items 0, 1, 2, ... over some hosts; the path says what the host answers: see answer().
eucv::dataset::table table_of(std::size_t count, const std::string& path = "/picture/") {
  eucv::dataset::table table{{"category", "skos_concept", "URI", "ID", "URL", "rights"}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "/1/item_" + std::to_string(i);
    table.rows.push_back({i % 2 == 0 ? "toy" : "map", "http://data.europeana.eu/concept/" + std::to_string(56 - i % 2),
                          "http://data.europeana.eu/item" + id, id,
                          "http://host" + std::to_string(i % 5) + ".example" + path + std::to_string(i),
                          "http://creativecommons.org/licenses/by/4.0/"});
  }
  return table;
}

// What a host answers: /picture/N an image, /same/N one of three images, /status/N that status, /html/N a page.
eucv::net::response answer(const eucv::net::request& question) {
  const std::string& target = question.target.target;
  const auto number = static_cast<unsigned>(std::stoul("0" + target.substr(target.rfind('/') + 1)));
  if (target.starts_with("/picture/")) return test::canned(200, test::tiny_jpeg(number), "image/jpeg");
  if (target.starts_with("/same/")) return test::canned(200, test::tiny_jpeg(number % 3), "image/jpeg");
  if (target.starts_with("/status/")) return test::canned(static_cast<int>(number), "no");
  return test::canned(200, "<html>gone</html>", "text/html");
}

fetch_job job_for(const std::filesystem::path& folder, eucv::dataset::table table) {
  fetch_job job;
  job.table = std::move(table);
  job.folder = folder;
  job.options.politeness.retry.first = std::chrono::milliseconds(1);
  job.options.threads = 2;
  return job;
}

fetch_summary fetch_once(const fetch_job& job, test::canned_transport& transport, eucv::progress_sink sink = {}) {
  return eucv::net::run(fetch(transport, job, std::move(sink)));
}

// Requests for anything but a robots.txt.
std::ptrdiff_t asked_for(const test::canned_transport& transport) {
  return std::ranges::count_if(transport.requests,
                               [](const auto& question) { return question.target.target != "/robots.txt"; });
}

fetch_summary fetch_once(const fetch_job& job, std::uint64_t seed = 1) {
  test::canned_transport transport(answer, seed);
  return fetch_once(job, transport);
}

using row_cells = std::vector<std::string>;

std::vector<row_cells> rows_of(const std::filesystem::path& folder) {
  return eucv::dataset::read_table(folder / "downloads.csv").rows;
}

// downloads.csv without what depends on time.
std::string table_of_outcomes(const std::filesystem::path& folder) {
  std::string text;
  for (auto& row : rows_of(folder)) {
    row[10].clear();
    row[11].clear();
    text += eucv::dataset::csv_row(row);
  }
  return text;
}

// Every file under a folder, but the journal, with its content.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "downloads.csv")
      files.emplace(entry.path().lexically_relative(folder).string(), eucv::sha256_text(eucv::read_file(entry.path())));
  return files;
}

} // namespace

TEST_CASE("a table becomes a folder of images, one a row") {
  const test::temporary_folder folder;
  const auto summary = fetch_once(job_for(folder / "images", table_of(40)));
  CHECK(summary.items == 40);
  CHECK(summary.ok == 40);
  CHECK(summary.failed == 0);
  CHECK(summary.fetched == 40);
  const auto table = eucv::dataset::read_table(folder / "images" / "downloads.csv");
  CHECK(table.columns == row_cells(download_columns.begin(), download_columns.end()));
  REQUIRE(table.rows.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    const auto& row = table.rows[i];
    CHECK(row[0] == "/1/item_" + std::to_string(i)); // in the order of the table
    CHECK(row[1] == (i % 2 == 0 ? "toy" : "map"));
    CHECK(row[2].starts_with(row[1] + "/1_item_" + std::to_string(i) + "-"));
    CHECK(row[3] == "ok");
    const std::string bytes = eucv::read_file(folder / "images" / row[2]);
    CHECK(row[5] == std::to_string(bytes.size()));
    CHECK(row[6] == "48");
    CHECK(row[7] == "32");
    CHECK(row[8] == eucv::sha256_text(bytes));
    CHECK(row[9].size() == 16);
    CHECK(row[11] == "1");
    CHECK(row[12] == "http://creativecommons.org/licenses/by/4.0/");
  }
  CHECK(eucv::read_file(folder / "images" / "vocabulary.json") ==
        "{\n  \"map\": \"http://data.europeana.eu/concept/55\",\n  \"toy\": "
        "\"http://data.europeana.eu/concept/56\"\n}\n");
}

TEST_CASE("each failure has its word, and only what may mend is tried again") {
  const test::temporary_folder folder;
  eucv::dataset::table table{{"category", "ID", "URL"},
                             {{"toy", "a", "http://h.example/status/404"},
                              {"toy", "b", "http://h.example/status/503"},
                              {"toy", "c", "http://h.example/html/1"},
                              {"toy", "d", "ftp://h.example/x.jpg"},
                              {"toy", "e", "http://h.example/reset/1"},
                              {"toy", "f", "http://h.example/private/1"},
                              {"toy", "g", "http://h.example/picture/1"},
                              {"toy", "h", "http://user:pw@h.example/picture/1"},
                              {"toy", "i", "http://h.example/large/1"}}};
  std::map<std::string, int> asked;
  test::canned_transport transport([&](const eucv::net::request& question) -> eucv::net::response {
    const std::string& target = question.target.target;
    ++asked[target];
    if (target == "/reset/1") throw eucv::error(eucv::errc::connection_reset, {"receive", target, "reset", ""});
    if (target == "/private/1") throw eucv::error(eucv::errc::private_address, {"connect", target, "private", ""});
    if (target == "/large/1") return test::canned(200, std::string(2'000'000, 'x'), "image/jpeg");
    return answer(question);
  });
  auto job = job_for(folder / "images", table);
  job.options.body_limit = 1'000'000;
  job.options.politeness.give_up_after = 100; // so many bad items are not the host's fault here
  const auto summary = fetch_once(job, transport);
  CHECK(summary.ok == 1);
  CHECK(summary.failed == 8);
  const auto rows = rows_of(folder / "images");
  const row_cells reasons{"http_404",        "http_503", "not_an_image", "bad_url",  "connection_reset",
                          "private_address", "",         "bad_url",      "too_large"};
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    CHECK(rows[i][4] == reasons[i]);
    CHECK(rows[i][3] == (reasons[i].empty() ? "ok" : "failed"));
    if (!reasons[i].empty()) CHECK(summary.reasons.at(reasons[i]) >= 1);
  }
  CHECK(asked["/status/404"] == 1);
  CHECK(asked["/status/503"] == 4);
  CHECK(asked["/reset/1"] == 4);
  CHECK(asked["/private/1"] == 1);
  CHECK(rows[1][11] == "4");
  CHECK(rows[3][11] == "0");
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "images" / "toy"), {}) == 1);
}

TEST_CASE("with nothing left to do nothing is sent; failures are tried again when asked for") {
  const test::temporary_folder folder;
  auto table = table_of(10);
  table.rows[3][4] = "http://host.example/flaky/3";
  bool broken = true;
  test::canned_transport transport([&](const eucv::net::request& question) {
    if (!question.target.target.starts_with("/flaky/")) return answer(question);
    return broken ? test::canned(404, "") : test::canned(200, test::tiny_jpeg(3), "image/jpeg");
  });
  auto job = job_for(folder / "images", table);
  CHECK(fetch_once(job, transport).failed == 1);
  CHECK(asked_for(transport) == 10);
  broken = false;
  const auto before = eucv::read_file(folder / "images" / "downloads.csv");
  const auto second = fetch_once(job, transport);
  CHECK(second.failed == 1);
  CHECK(second.ok == 9);
  CHECK(second.fetched == 0);
  CHECK(asked_for(transport) == 10);
  CHECK(eucv::read_file(folder / "images" / "downloads.csv") == before);
  job.options.failed = failures::retry;
  CHECK(fetch_once(job, transport).ok == 10);
  CHECK(asked_for(transport) == 11);
  CHECK(rows_of(folder / "images").size() == 10);
}

TEST_CASE("the table does not depend on the order in which replies come, duplicates included") {
  const test::temporary_folder folder;
  std::set<std::string> tables;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto job = job_for(folder / std::to_string(seed), table_of(30, "/same/"));
    job.options.jobs = 1 + 7 * seed;
    const auto summary = fetch_once(job, seed);
    CHECK(summary.ok == 3);
    CHECK(summary.duplicates == 27);
    tables.insert(table_of_outcomes(job.folder));
    CHECK(files_of(job.folder).size() == 3 + 2); // vocabulary.json, .download.json
  }
  CHECK(tables.size() == 1);
}

TEST_CASE("no more requests are open than allowed, in all and to one host") {
  const test::temporary_folder folder;
  std::map<std::string, std::size_t> open;
  std::size_t most_of_a_host = 0;
  test::canned_transport transport(answer);
  struct counting {
    test::canned_transport& inner;
    std::map<std::string, std::size_t>& open;
    std::size_t& most;
    eucv::net::task<eucv::net::response> send(const eucv::net::request& question, eucv::net::body_sink sink) {
      most = std::max(most, ++open[question.target.host]);
      eucv::net::response reply = co_await inner.send(question, std::move(sink));
      --open[question.target.host];
      co_return reply;
    }
    eucv::net::task<eucv::net::response> send(const eucv::net::request& question) { return send(question, {}); }
  } counted{transport, open, most_of_a_host};
  auto job = job_for(folder / "images", table_of(60));
  job.options.jobs = 7;
  job.options.politeness.per_host = 2;
  CHECK(eucv::net::run(fetch(counted, job)).ok == 60);
  CHECK(transport.most_open <= 7);
  CHECK(transport.most_open >= 3);
  CHECK(most_of_a_host == 2);
}

TEST_CASE("originals keep their bytes") {
  const test::temporary_folder folder;
  auto job = job_for(folder / "images", table_of(3));
  job.options.picture.size = 0;
  CHECK(fetch_once(job).ok == 3);
  for (unsigned i = 0; i < 3; ++i)
    CHECK(eucv::read_file(folder / "images" / rows_of(folder / "images")[i][2]) == test::tiny_jpeg(i));
  job.options.picture.size = 256;
  CHECK(test::code_of([&] { fetch_once(job); }) == eucv::errc::invalid_argument); // sizes are not mixed
}

TEST_CASE("killed at any moment, the download goes on to the same files and the same table") {
  const test::temporary_folder folder;
  const auto whole = job_for(folder / "whole", table_of(60, "/same/"));
  auto table = whole.table;
  // Pictures, copies of pictures, and failures.
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (i % 4 != 0) table.rows[i][4] = "http://host.example/picture/" + std::to_string(i);
  table.rows[7][4] = "http://host.example/status/404";
  table.rows[8][4] = "nonsense";
  const auto begun = std::chrono::steady_clock::now();
  fetch_once(job_for(folder / "expected", table));
  const auto length = std::chrono::steady_clock::now() - begun;
  const auto expected = table_of_outcomes(folder / "expected");
  const auto files = files_of(folder / "expected");

  eucv::random moments(11);
  std::size_t kills = 0, downloads = 0;
  const auto deadline = begun + std::chrono::seconds(20);
  while (kills < 100 && std::chrono::steady_clock::now() < deadline) {
    const auto job = job_for(folder / std::to_string(downloads++), table);
    for (bool killed = true; killed;) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        try {
          fetch_once(job, moments());
          ::_exit(0);
        } catch (...) {
          ::_exit(1);
        }
      }
      const auto moment = static_cast<long>(
          moments.below(static_cast<std::uint64_t>(std::chrono::nanoseconds(length).count()) / 2 + 1));
      const timespec pause{.tv_sec = moment / 1'000'000'000, .tv_nsec = moment % 1'000'000'000};
      ::nanosleep(&pause, nullptr);
      ::kill(child, SIGKILL);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      killed = WIFSIGNALED(status);
      kills += killed ? 1 : 0;
      if (!killed) REQUIRE(WEXITSTATUS(status) == 0);
      if (kills >= 100) break;
    }
    fetch_once(job);
    REQUIRE(table_of_outcomes(job.folder) == expected);
    REQUIRE(files_of(job.folder) == files);
    std::filesystem::remove_all(job.folder);
  }
  MESSAGE(kills << " kills in " << downloads << " downloads");
  CHECK(kills > 20);
}

TEST_CASE("Ctrl-C keeps what is there, and the next run goes on") {
  const test::temporary_folder folder;
  const auto job = job_for(folder / "images", table_of(60));
  std::size_t asked = 0;
  test::canned_transport transport([&](const eucv::net::request& question) {
    if (++asked == 30) std::raise(SIGINT);
    return answer(question);
  });
  CHECK(test::code_of([&] { fetch_once(job, transport); }) == eucv::errc::interrupted);
  const std::size_t rows = rows_of(folder / "images").size();
  CHECK(rows < 60);
  for (const auto& row : rows_of(folder / "images"))
    CHECK(row[3] == "ok"); // nothing is called failed that was cancelled
  const auto summary = fetch_once(job);
  CHECK(summary.ok == 60);
  CHECK(summary.fetched == 60 - rows);
}

TEST_CASE("a disk that takes no more ends the run by its error, and the next run goes on") {
  const test::temporary_folder folder;
  auto job = job_for(folder / "images", table_of(20));
  job.options.picture.size = 0;
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 600; // holds the table's first rows, no picture
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  test::canned_transport transport(answer);
  const auto failure = test::failure_of([&] { fetch_once(job, transport); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::io);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(job.folder))
    CHECK(entry.path().extension() != ".part");
  CHECK(fetch_once(job).ok == 20);
}

TEST_CASE("a folder that cannot be made is named") {
  const test::temporary_folder folder;
  std::ofstream(folder / "file") << "";
  CHECK(test::code_of([&] { fetch_once(job_for(folder / "file" / "images", table_of(1))); }) == eucv::errc::io);
}

TEST_CASE("progress counts every item once") {
  const test::temporary_folder folder;
  const auto job = job_for(folder / "images", table_of(12));
  std::vector<std::uint64_t> steps;
  test::canned_transport transport(answer);
  fetch_once(job, transport, [&](const eucv::progress& step) {
    CHECK(step.task == "download");
    CHECK(step.total == 12);
    steps.push_back(step.done);
  });
  REQUIRE(steps.size() == 12);
  for (std::size_t i = 0; i < 12; ++i) CHECK(steps[i] == i + 1);
}

TEST_CASE("over real connections, with redirects, broken replies and HTML with status 200") {
  std::atomic<int> flaky{0};
  test::loopback_server server([&](const test::received& question) {
    const std::string& target = question.target;
    if (target.starts_with("/picture/"))
      return test::reply::text(test::tiny_jpeg(static_cast<unsigned>(std::stoul(target.substr(9)))));
    if (target == "/moved") return test::reply::redirect("/picture/100");
    if (target == "/flaky")
      return ++flaky == 1 ? test::reply::nothing(test::then::reset) : test::reply::text(test::tiny_jpeg(101));
    if (target == "/short")
      return test::reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nshort", test::then::close);
    if (target == "/html") return test::reply::text("<html>sorry</html>");
    return test::reply::text("", 404);
  });
  const std::string origin = server.url().origin();
  eucv::dataset::table table{{"category", "ID", "URL"}, {}};
  for (int i = 0; i < 50; ++i)
    table.rows.push_back({"toy", "/1/" + std::to_string(i), origin + "/picture/" + std::to_string(i)});
  for (const char* path : {"/moved", "/flaky", "/short", "/html", "/absent"})
    table.rows.push_back({"map", path, origin + path});
  const test::temporary_folder folder;
  eucv::net::client_options options;
  options.addresses = eucv::net::address_rule::any;
  eucv::net::client transport(options);
  const auto job = job_for(folder / "images", table);
  const auto summary = eucv::net::run(fetch(transport, job));
  CHECK(summary.ok == 52);
  CHECK(summary.reasons ==
        std::map<std::string, std::uint64_t>{{"truncated", 1}, {"not_an_image", 1}, {"http_404", 1}});
  CHECK(server.most_connections() <= 4);
  const int requests = server.requests();
  CHECK(eucv::net::run(fetch(transport, job)).ok == 52);
  CHECK(server.requests() == requests);

  // The same without leave for private addresses: nothing is even tried.
  eucv::net::client careful;
  const auto refused = eucv::net::run(fetch(careful, job_for(folder / "careful", table)));
  CHECK(refused.reasons == std::map<std::string, std::uint64_t>{{"private_address", 55}});
  CHECK(server.requests() == requests);
}

TEST_CASE("robots.txt is asked for once an origin, before the first picture, and honoured unless it is to be ignored") {
  const test::temporary_folder folder;
  auto table = table_of(40);
  for (std::size_t i = 0; i < 10; ++i) table.rows[i][4] += "?secret";
  std::map<std::string, int> first;
  const auto run = [&](const char* name, eucv::crawl::robots_rule rule) {
    test::canned_transport transport([&](const eucv::net::request& question) {
      if (question.target.target != "/robots.txt") return answer(question);
      if (question.target.host == "host1.example") return test::canned(503, "");
      if (question.target.host == "host2.example") return test::canned(403, "User-agent: *\nDisallow: /");
      return test::canned(200, "User-agent: EUCV\nDisallow: /*?secret$\n", "text/plain");
    });
    auto job = job_for(folder / name, table);
    job.options.robots = rule;
    const auto summary = fetch_once(job, transport);
    std::map<std::string, int> robots;
    std::set<std::string> pictures;
    for (const auto& question : transport.requests) {
      const bool is_robots = question.target.target == "/robots.txt";
      if (is_robots) ++robots[question.target.host];
      CHECK((!is_robots || !pictures.contains(question.target.host)));
      if (!is_robots) pictures.insert(question.target.host);
    }
    return std::pair(summary, robots);
  };
  const auto [honoured, robots] = run("honoured", eucv::crawl::robots_rule::honour);
  CHECK(honoured.reasons == std::map<std::string, std::uint64_t>{{"robots_disallowed", 6}, {"robots_unreachable", 8}});
  CHECK(honoured.ok == 26);
  CHECK(robots == std::map<std::string, int>{{"host0.example", 1},
                                             {"host1.example", 4},
                                             {"host2.example", 1},
                                             {"host3.example", 1},
                                             {"host4.example", 1}});
  for (const auto& row : rows_of(folder / "honoured"))
    if (row[3] == "failed") CHECK(row[11] == "0");
  const auto [ignored, unread] = run("ignored", eucv::crawl::robots_rule::ignore);
  CHECK(ignored.ok == 40);
  CHECK(unread.empty());
}

TEST_CASE("a picture whose reply forbids learning is not stored, nor a placeholder") {
  const test::temporary_folder folder;
  test::canned_transport transport([](const eucv::net::request& question) {
    auto reply = answer(question);
    if (question.target.target == "/picture/3") reply.headers.push_back({"X-Robots-Tag", "noindex, NoImageAI"});
    if (question.target.target.starts_with("/thumbnail/"))
      return test::canned(200, std::string(2319, 'x'), "image/png");
    return reply;
  });
  auto table = table_of(6);
  table.rows[4][4] = "https://api.europeana.eu/thumbnail/v2/url.json?uri=x";
  auto job = job_for(folder / "images", table);
  const auto summary = fetch_once(job, transport);
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"robots_tag", 1}, {"placeholder", 1}});
  CHECK(rows_of(folder / "images")[3][2].empty());
  job.options.robots = eucv::crawl::robots_rule::ignore;
  job.options.failed = failures::retry;
  CHECK(fetch_once(job, transport).reasons == std::map<std::string, std::uint64_t>{{"placeholder", 1}});
}

TEST_CASE("a host that asks for patience rests as a whole, one that asks for too much is given up") {
  const test::temporary_folder folder;
  using clock = std::chrono::steady_clock;
  bool refused = false;
  clock::time_point refusal, next;
  std::size_t of_impatient = 0;
  test::canned_transport transport([&](const eucv::net::request& question) {
    const auto now = clock::now();
    if (question.target.target != "/robots.txt" && question.target.host == "host1.example") {
      if (!refused) {
        refused = true;
        refusal = now;
        auto reply = test::canned(429, "");
        reply.headers.push_back({"Retry-After", "1"});
        return reply;
      }
      if (next == clock::time_point()) next = now;
    }
    if (question.target.target != "/robots.txt" && question.target.host == "host2.example") {
      ++of_impatient;
      auto reply = test::canned(503, "");
      reply.headers.push_back({"Retry-After", "36000"});
      return reply;
    }
    return answer(question);
  });
  auto job = job_for(folder / "images", table_of(100));
  job.options.politeness.per_host = 1; // with more, those under way may end during the rest
  const auto summary = fetch_once(job, transport);
  CHECK(summary.ok == 80);
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"http_503", 20}});
  CHECK(next - refusal >= std::chrono::seconds(1));
  CHECK(of_impatient == 1);
  REQUIRE(summary.hosts.size() == 5);
  CHECK(summary.hosts[2].name == "host2.example");
  CHECK(summary.hosts[2].failed == 20);
  CHECK(summary.hosts[1].failed == 0);
}

TEST_CASE("a dead host costs a few requests, however many items it has") {
  const test::temporary_folder folder;
  auto table = table_of(3000);
  for (auto& row : table.rows) row[4] = "http://dead.example/picture/1";
  test::canned_transport transport([](const eucv::net::request& question) -> eucv::net::response {
    throw eucv::error(eucv::errc::connect_failed, {"connect", question.target.str(), "refused", ""});
  });
  const auto summary = fetch_once(job_for(folder / "images", table), transport);
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"connect_failed", 3000}});
  CHECK(transport.requests.size() <= 5);
}

TEST_CASE("20 hosts over real connections: limits, delays and numbers of requests") {
  static constexpr auto delay = std::chrono::milliseconds(20);
  std::mutex mutex;
  std::map<std::string, int> addresses, hosts;
  test::loopback_server server([&](const test::received& question) {
    const std::lock_guard lock(mutex);
    ++hosts[question.find("Host")];
    ++addresses[question.find("Host") + question.target];
    if (question.target == "/robots.txt") return test::reply::text("", 404);
    const unsigned number = static_cast<unsigned>(std::stoul(question.target.substr(1)));
    if (number % 10 == 0) return test::reply::text("", number % 20 == 0 ? 404 : 410);
    if (number % 10 == 1) return test::reply::text("", 500);
    return test::reply::text(test::tiny_jpeg(number));
  });
  const test::temporary_folder folder;
  eucv::dataset::table table{{"category", "ID", "URL"}, {}};
  for (int i = 0; i < 20 * 50; ++i)
    table.rows.push_back({"toy", "/1/" + std::to_string(i),
                          "http://host" + std::to_string(i % 20) + ".example:" + std::to_string(server.port()) + "/" +
                              std::to_string(i)});
  // Looks on as requests are sent: how many are open to a host, and how closely they follow each other.
  struct watching {
    struct host {
      std::chrono::steady_clock::time_point last{};
      int open = 0, most_open = 0, too_early = 0;
    };
    eucv::net::client inner{test::local_options(), test::resolve_all_to({boost::asio::ip::address_v4::loopback()})};
    std::map<std::string, host> hosts{};
    eucv::net::task<eucv::net::response> send(const eucv::net::request& question, eucv::net::body_sink sink) {
      host& peer = hosts[question.target.host];
      const auto now = std::chrono::steady_clock::now();
      // The moment that counts lies a little before this one: the thread may lose its core in between.
      if (now - peer.last < delay - std::chrono::milliseconds(2)) ++peer.too_early;
      peer.last = now;
      peer.most_open = std::max(peer.most_open, ++peer.open);
      eucv::net::response reply = co_await inner.send(question, std::move(sink));
      --peer.open;
      co_return reply;
    }
    eucv::net::task<eucv::net::response> send(const eucv::net::request& question) { return send(question, {}); }
  } transport;
  auto job = job_for(folder / "images", table);
  job.options.politeness.per_host = 2;
  job.options.politeness.least_delay = delay;
  job.options.politeness.retry.attempts = 2;
  const auto summary = eucv::net::run(fetch(transport, job));
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"http_404", 50}, {"http_410", 50}, {"http_500", 100}});
  CHECK(hosts.size() == 20);
  int early = 0;
  for (const auto& [name, host] : transport.hosts) {
    early += host.too_early;
    CHECK(host.most_open <= 2);
  }
  CHECK(early <= 10); // of 1,120
  for (const auto& [address, requests] : addresses) {
    const bool twice = address.ends_with('1') && !address.ends_with(".txt");
    CHECK_MESSAGE(requests == (twice ? 2 : 1), address);
  }
  CHECK(server.most_connections() <= 40);
}

TEST_CASE("long bodies do not lie in memory side by side") {
  // 16 at a time of 8 MB each, with room for 20 MB between the network and the disk.
  const test::temporary_folder folder;
  const std::string padding(8'000'000, '\0');
  test::canned_transport transport([&](const eucv::net::request& question) {
    auto reply = answer(question);
    if (question.target.target != "/robots.txt") reply.body += padding;
    return reply;
  });
  auto job = job_for(folder / "images", table_of(48));
  job.options.jobs = 16;
  job.options.memory = 20'000'000;
  CHECK(fetch_once(job, transport).ok == 48);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "images"))
    CHECK_FALSE(entry.path().filename().string().starts_with(".body"));
}
