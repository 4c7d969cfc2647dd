#include <eucv/crawl/polite_fetcher.hpp>

#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::crawl;
namespace net = eucv::net;

namespace {

struct call {
  std::optional<fetch_outcome> end;
  std::string body;
};

// Takes one item again and again until it is done.
net::task<std::vector<call>> fetch_to_the_end(polite_fetcher<test::canned_transport>& fetcher, host_queue& queue,
                                              dispatcher& dispatch, const std::string& address) {
  std::vector<call> calls;
  queue.add(host_of(address), 0);
  while (auto taken = co_await dispatch.next()) {
    spool body(std::filesystem::temp_directory_path());
    call one;
    one.end = co_await fetcher.fetch(*taken, address, body);
    one.body = body.take();
    calls.push_back(std::move(one));
  }
  co_return calls;
}

std::vector<call> fetch(const std::string& address, test::canned_transport::function reply,
                        robots_rule robots = robots_rule::honour) {
  test::canned_transport transport(std::move(reply));
  fetcher_options options;
  options.robots = robots;
  options.politeness.retry.first = std::chrono::milliseconds(1);
  host_queue queue(options.politeness);
  dispatcher dispatch(queue);
  polite_fetcher<test::canned_transport> fetcher(transport, queue, dispatch, options, eucv::random(1));
  return net::run(fetch_to_the_end(fetcher, queue, dispatch, address));
}

bool is_robots(const net::request& question) {
  return question.target.target == "/robots.txt";
}

} // namespace

TEST_CASE("robots.txt comes first, then the picture") {
  const auto calls = fetch("http://m.example/a.jpg", [](const net::request& question) {
    return is_robots(question) ? test::canned(404, "") : test::canned(200, "picture", "image/jpeg");
  });
  REQUIRE(calls.size() == 2);
  CHECK_FALSE(calls[0].end); // was put back behind robots.txt
  REQUIRE(calls[1].end);
  CHECK_FALSE(calls[1].end->failure);
  CHECK(calls[1].end->requests == 1);
  CHECK(calls[1].body == "picture");
}

TEST_CASE("a picture is asked for in the formats that the options say") {
  std::vector<std::string> accepted;
  test::canned_transport transport([&](const net::request& question) {
    for (const auto& field : question.headers)
      if (field.name == "Accept" && !is_robots(question)) accepted.push_back(field.value);
    return is_robots(question) ? test::canned(404, "") : test::canned(200, "picture", "image/png");
  });
  fetcher_options options;
  options.accept = "image/png, image/*;q=0.1";
  host_queue queue(options.politeness);
  dispatcher dispatch(queue);
  polite_fetcher<test::canned_transport> fetcher(transport, queue, dispatch, options, eucv::random(1));
  (void)net::run(fetch_to_the_end(fetcher, queue, dispatch, "http://m.example/a.png"));
  CHECK(accepted == std::vector<std::string>{"image/png, image/*;q=0.1"});
}

TEST_CASE("what robots.txt or a tag forbids is not taken, unless they are not read") {
  const auto forbid = [](const net::request& question) {
    return is_robots(question) ? test::canned(200, "User-agent: eucv\nDisallow: /", "text/plain")
                               : test::canned(200, "picture", "image/jpeg");
  };
  CHECK(fetch("http://m.example/a.jpg", forbid).back().end->failure->reason() == "robots_disallowed");
  const auto tagged = [](const net::request& question) {
    auto reply = is_robots(question) ? test::canned(404, "") : test::canned(200, "picture", "image/jpeg");
    reply.headers.push_back({"X-Robots-Tag", "noai"});
    return reply;
  };
  CHECK(fetch("http://m.example/a.jpg", tagged).back().end->failure->reason() == "robots_tag");
  for (const auto& rule : {test::canned_transport::function(forbid), test::canned_transport::function(tagged)}) {
    const auto calls = fetch("http://m.example/a.jpg", rule, robots_rule::ignore);
    REQUIRE(calls.size() == 1);
    CHECK_FALSE(calls[0].end->failure);
  }
}

TEST_CASE("a failure in passing is tried again, one that stays is told, and an address that is none asks for nothing") {
  int asked = 0;
  const auto calls = fetch(
      "http://m.example/a.jpg",
      [&](const net::request&) {
        return ++asked < 3 ? test::canned(500, "") : test::canned(200, "picture", "image/jpeg");
      },
      robots_rule::ignore);
  CHECK(calls.size() == 3);
  CHECK(calls.back().end->requests == 3);
  CHECK_FALSE(calls.back().end->failure);

  CHECK(fetch("http://m.example/a.jpg", [](const net::request&) { return test::canned(404, ""); })
            .back()
            .end->failure->reason() == "http_404");
  int none = 0;
  const auto nothing = [&](const net::request&) { return ++none, test::canned(200, ""); };
  CHECK(fetch("http://", nothing).back().end->failure->reason() == "bad_url");
  CHECK(none == 0);
}

TEST_CASE("a redirect within the host is the next turn, one to another host waits for its turn there") {
  const auto moved_to = [](std::string location) {
    auto reply = test::canned(302, "");
    reply.headers.push_back({"Location", std::move(location)});
    return reply;
  };
  test::canned_transport transport([&](const net::request& question) {
    if (question.target.str() == "http://a.example/1") return moved_to("/other");
    if (question.target.target == "/other") return moved_to("http://b.example/third");
    return test::canned(200, "picture of " + question.target.str(), "image/jpeg");
  });
  fetcher_options options;
  options.robots = robots_rule::ignore;
  host_queue queue(options.politeness);
  dispatcher dispatch(queue);
  polite_fetcher<test::canned_transport> fetcher(transport, queue, dispatch, options, eucv::random(1));
  queue.add("a.example", 1);
  queue.add("a.example", 2);
  std::vector<std::string> steps;
  const auto visit_all = [&]() -> net::task<void> {
    while (const auto taken = co_await dispatch.next()) {
      const std::string address = "http://a.example/" + std::to_string(taken->item);
      spool body(std::filesystem::temp_directory_path());
      const auto end = co_await fetcher.fetch(*taken, address, body);
      steps.push_back(queue.name(taken->host) + ' ' + std::to_string(taken->item) +
                      (end ? ", " + std::to_string(end->requests) + " request, " + body.take() : std::string()));
    }
  };
  net::run(visit_all());
  REQUIRE(steps.size() == 4);
  std::sort(steps.begin() + 2, steps.end()); // both hosts may go on then
  CHECK(steps == std::vector<std::string>{"a.example 1", "a.example 1",
                                          "a.example 2, 1 request, picture of http://a.example/2",
                                          "b.example 1, 1 request, picture of http://b.example/third"});
}

TEST_CASE("the host of an address") {
  CHECK(host_of("http://m.example:81/a") == "m.example");
  CHECK(host_of("no address").empty());
}
