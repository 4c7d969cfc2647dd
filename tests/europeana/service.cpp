#include <eucv/europeana/service.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/search_replay.hpp"

using namespace eucv::europeana;

namespace {

using service_type = service<test::canned_transport>;

// A time that passes only when somebody waits.
struct manual_time {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  std::vector<std::chrono::milliseconds> waits;

  [[nodiscard]] time_source source() {
    return {[this] { return now; },
            [this](std::chrono::milliseconds duration, const eucv::error&) {
              waits.push_back(duration);
              now += duration;
              return eucv::net::wait(std::chrono::milliseconds(0));
            }};
  }
};

eucv::net::task<void> ask_once(service_type& api, std::size_t& answered) {
  eucv::net::request question;
  question.target = eucv::net::parse_url("https://api.example/x.json?query=1").value();
  const std::string body =
      co_await api.ask(question, "ask", [](const eucv::net::response& reply) { return reply.body; });
  answered += body.empty() ? 0 : 1;
}

// How many of `count` questions that are asked side by side were answered.
std::size_t ask_together(service_type& api, std::size_t count) {
  std::size_t answered = 0;
  const auto main = [&]() -> eucv::net::task<void> {
    std::vector<eucv::net::task<void>> tasks;
    for (std::size_t i = 0; i < count; ++i) tasks.push_back(ask_once(api, answered));
    co_await eucv::net::when_all(std::move(tasks));
  };
  eucv::net::run(main());
  return answered;
}

} // namespace

TEST_CASE("a wrong key costs one request, however many ask at once") {
  test::canned_transport transport([](const eucv::net::request&) {
    return test::search_replay::refusal(401, "401_key_invalid", "API key is invalid");
  });
  service_type api(transport, eucv::net::secret_string("key-of-tests"));
  CHECK(test::code_of([&] { (void)ask_together(api, 20); }) == eucv::errc::invalid_api_key);
  CHECK(transport.requests.size() == 1);
  CHECK(test::code_of([&] { (void)ask_together(api, 20); }) == eucv::errc::invalid_api_key); // it is remembered
  CHECK(transport.requests.size() == 1);
}

TEST_CASE("a service that is down before it looks at a wrong key gets one request at a time") {
  std::size_t number = 0;
  test::canned_transport transport([&](const eucv::net::request&) {
    return ++number <= 3 ? test::canned(503, "<html>down</html>", "text/html")
                         : test::search_replay::refusal(401, "invalid_apikey", "Unauthorized");
  });
  manual_time time;
  service_type api(transport, eucv::net::secret_string("key-of-tests"));
  api.with_time(time.source());
  CHECK(test::code_of([&] { (void)ask_together(api, 20); }) == eucv::errc::invalid_api_key);
  CHECK(transport.requests.size() == 4);
  CHECK(transport.most_open == 1);
}

TEST_CASE("twenty tasks share what is left of a window") {
  // A key of 30 requests a window, counted at the service; the window is as long as somebody waits.
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    manual_time time;
    std::size_t left = 7, refused = 0, window = 0; // seven are left of the first window
    auto opens = time.now + std::chrono::seconds(100);
    test::canned_transport transport(
        [&](const eucv::net::request&) {
          if (time.now >= opens) {
            ++window;
            left = 30;
            opens += std::chrono::seconds(3600);
          }
          const auto reset = std::chrono::ceil<std::chrono::seconds>(opens - time.now).count();
          eucv::net::response reply = left == 0 ? test::search_replay::refusal(429, "429_limit_personal", "limit")
                                                : test::canned(200, "answer");
          refused += left == 0 ? 1 : 0;
          left -= left == 0 ? 0 : 1;
          reply.headers.push_back({"RateLimit-Policy", "\"personal\";q=30;w=3600"});
          reply.headers.push_back(
              {"RateLimit", "\"personal\";r=" + std::to_string(left) + ";t=" + std::to_string(reset)});
          return reply;
        },
        seed);
    service_type api(transport, eucv::net::secret_string("key-of-tests"));
    api.with_time(time.source());
    CHECK(ask_together(api, 20) == 20);
    CHECK(ask_together(api, 20) == 20);
    CHECK(ask_together(api, 20) == 20);
    CHECK(refused == 0);
    CHECK(transport.requests.size() == 60);
    CHECK(window == 2);
    CHECK(time.waits == std::vector<std::chrono::milliseconds>{std::chrono::seconds(100), std::chrono::seconds(3600)});
    CHECK(transport.most_open > 5); // and yet they go side by side
  }
}

TEST_CASE("a refusal for the limit makes all tasks wait once, together") {
  manual_time time;
  auto opens = time.now;
  std::size_t refused = 0;
  test::canned_transport transport([&](const eucv::net::request&) {
    if (refused > 0 && time.now >= opens) return test::canned(200, "answer");
    if (refused == 0) opens = time.now + std::chrono::seconds(1800);
    ++refused;
    auto reply = test::search_replay::refusal(429, "429_limit_project", "limit of 10000 requests per 60 minutes");
    reply.headers.push_back({"RateLimit", "\"project\";r=0;t=1800"});
    return reply;
  });
  service_type api(transport, eucv::net::secret_string("key-of-tests"));
  api.with_time(time.source());
  CHECK(ask_together(api, 20) == 20);
  CHECK(refused == 1);
  CHECK(time.waits == std::vector<std::chrono::milliseconds>{std::chrono::seconds(1800)});
}

TEST_CASE("the requests allowed are not passed, repeated ones included") {
  std::size_t number = 0;
  test::canned_transport transport([&](const eucv::net::request&) {
    return ++number % 3 == 0 ? test::canned(500, "{}") : test::canned(200, "answer");
  });
  manual_time time;
  client_options options;
  options.max_requests = 10;
  service_type api(transport, eucv::net::secret_string("key-of-tests"), options);
  api.with_time(time.source());
  const auto failure = test::failure_of([&] { (void)ask_together(api, 20); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::budget_spent);
  CHECK(transport.requests.size() == 10);
  CHECK(api.requests() == 10);
  CHECK(api.spent());
}

TEST_CASE("a window beyond all patience is an error, not a wait of days") {
  test::canned_transport transport([](const eucv::net::request&) {
    auto reply = test::canned(200, "answer");
    reply.headers.push_back({"RateLimit", "\"custom\";r=0;t=86400"});
    return reply;
  });
  manual_time time;
  service_type api(transport, eucv::net::secret_string("key-of-tests"));
  api.with_time(time.source());
  CHECK(ask_together(api, 1) == 1);
  CHECK(test::code_of([&] { (void)ask_together(api, 1); }) == eucv::errc::rate_limited);
  CHECK(time.waits.empty());
}
