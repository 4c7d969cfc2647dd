// What a download does behind a redirect. All else that an item may meet: fetch.cpp.
#include <eucv/download/detail/fetch_item.hpp>

#include <eucv/dataset/table.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::download;
using eucv::net::request;
using eucv::net::response;

namespace {

response moved_to(std::string location) {
  auto reply = test::canned(302, "");
  reply.headers.push_back({"Location", std::move(location)});
  return reply;
}

// Items of ten hosts; see the handler of each test for where they lead.
fetch_job redirected_job(const std::filesystem::path& folder, std::size_t count) {
  fetch_job job;
  job.table.columns = {"category", "ID", "URL"};
  for (std::size_t i = 0; i < count; ++i)
    job.table.rows.push_back(
        {"toy", std::to_string(i), "http://host" + std::to_string(i % 10) + ".example/" + std::to_string(i)});
  job.folder = folder;
  job.options.politeness.retry.first = std::chrono::milliseconds(1);
  job.options.threads = 1;
  return job;
}

unsigned number_of(const request& question) {
  return static_cast<unsigned>(std::stoul("0" + question.target.target.substr(1)));
}

// Counts how many requests a host has at a time.
struct counting_transport {
  test::canned_transport inner;
  std::map<std::string, std::size_t> open{}, most{};

  eucv::net::task<response> send(const request& question, eucv::net::body_sink sink) {
    const std::string host = question.target.host;
    most[host] = std::max(most[host], ++open[host]);
    response reply = co_await inner.send(question, std::move(sink));
    --open[host];
    co_return reply;
  }
  eucv::net::task<response> send(const request& question) { return send(question, {}); }
};

std::vector<std::vector<std::string>> rows_in(const std::filesystem::path& folder) {
  return eucv::dataset::read_table(folder / "downloads.csv").rows;
}

} // namespace

TEST_CASE("the host behind redirects has no more requests at a time than any, and is asked for its robots.txt") {
  const test::temporary_folder folder;
  counting_transport transport{test::canned_transport([](const request& question) {
    if (question.target.target == "/robots.txt")
      return question.target.host == "store.example" ? test::canned(200, "User-agent: *\nDisallow: /7", "text/plain")
                                                     : test::canned(404, "");
    if (question.target.host != "store.example") return moved_to("http://store.example" + question.target.target);
    return test::canned(200, test::tiny_jpeg(number_of(question)), "image/jpeg");
  })};
  auto job = redirected_job(folder / "images", 60);
  job.options.politeness.per_host = 2;
  const auto summary = eucv::net::run(fetch(transport, job));
  CHECK(summary.ok == 59);
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"robots_disallowed", 1}});
  CHECK(transport.most.at("store.example") == 2);
  CHECK(std::ranges::count_if(transport.inner.requests, [](const request& sent) {
          return sent.target.host == "store.example" && sent.target.target == "/robots.txt";
        }) == 1);
  CHECK(transport.inner.requests.size() == 10 + 60 + 1 + 59);
  // The host that had the last word is the one that counts.
  REQUIRE(summary.hosts.size() == 1);
  CHECK(summary.hosts[0].name == "store.example");
  CHECK(summary.hosts[0].items == 60);
  for (const auto& row : rows_in(folder / "images")) CHECK(row[11] == (row[0] == "7" ? "0" : "1"));
}

TEST_CASE("a host behind redirects that asks to wait backs off, and no other does") {
  const test::temporary_folder folder;
  using clock = std::chrono::steady_clock;
  clock::time_point refusal, next;
  test::canned_transport transport([&](const request& question) {
    if (question.target.target == "/robots.txt") return test::canned(404, "");
    const unsigned number = number_of(question);
    if (question.target.host == "host1.example") return moved_to("http://store.example" + question.target.target);
    if (question.target.host == "store.example") {
      const auto now = clock::now();
      if (refusal == clock::time_point()) {
        refusal = now;
        auto reply = test::canned(429, "");
        reply.headers.push_back({"Retry-After", "1"});
        return reply;
      }
      if (next == clock::time_point()) next = now;
    }
    return test::canned(200, test::tiny_jpeg(number), "image/jpeg");
  });
  auto job = redirected_job(folder / "images", 20);
  job.options.politeness.per_host = 1; // with more, those under way may end during the rest
  const auto summary = eucv::net::run(fetch(transport, job));
  CHECK(summary.ok == 20);
  CHECK(next - refusal >= std::chrono::seconds(1));
  for (const auto& row : rows_in(folder / "images"))
    if (row[0] != "1" && row[0] != "11") CHECK(std::stod(row[10]) < 1);
}

TEST_CASE("redirects end: in a loop, after five steps, where one leads to what is no address") {
  const test::temporary_folder folder;
  std::map<std::string, int> asked;
  test::canned_transport transport([&](const request& question) {
    if (question.target.target == "/robots.txt") return test::canned(404, "");
    ++asked[question.target.host];
    const unsigned number = number_of(question);
    if (question.target.host == "host0.example") return moved_to("/0");
    if (question.target.host == "host1.example") return moved_to("http://host2.example/1");
    if (question.target.host == "host2.example") return moved_to("http://host1.example/2");
    if (question.target.host == "host3.example") return moved_to("file:///etc/passwd");
    if (question.target.host == "host4.example") return test::canned(302, "");
    if (question.target.host == "host5.example") return moved_to("http://user:pw@host6.example/");
    return test::canned(200, test::tiny_jpeg(number), "image/jpeg");
  });
  const auto summary = eucv::net::run(fetch(transport, redirected_job(folder / "images", 10)));
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"too_many_redirects", 3}, {"bad_redirect", 3}});
  CHECK(summary.ok == 4);
  CHECK(asked.at("host0.example") == 6);
  CHECK(asked.at("host1.example") + asked.at("host2.example") == 12);
  CHECK(asked.at("host3.example") == 1);
}

TEST_CASE("no header field but what any server may see goes along, and https does not turn into http") {
  const test::temporary_folder folder;
  test::canned_transport transport([&](const request& question) {
    if (question.target.target == "/robots.txt") return test::canned(404, "");
    if (question.target.scheme == "https") return moved_to("http://store.example/" + question.target.target);
    return moved_to("https://store.example" + question.target.target);
  });
  const auto summary = eucv::net::run(fetch(transport, redirected_job(folder / "images", 3)));
  CHECK(summary.reasons == std::map<std::string, std::uint64_t>{{"bad_redirect", 3}});
  for (const auto& sent : transport.requests) {
    REQUIRE(sent.headers.size() == 1);
    CHECK(sent.headers[0].name == "Accept");
    if (sent.target.target != "/robots.txt") CHECK(sent.headers[0].value == eucv::image::accept_header());
  }
}
