#include <eucv/net/retry.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/when_all.hpp>
#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::backoff;
using eucv::net::is_transient;
using eucv::net::retry_policy;
using eucv::net::run;
using eucv::net::task;
using std::chrono::milliseconds;

namespace {

constexpr retry_policy quick{.attempts = 4, .first = milliseconds(2), .longest = milliseconds(4)};

eucv::net::response with_status(int status) {
  eucv::net::response reply;
  reply.status = status;
  return reply;
}

// Plays replies (a status) and failures (a negative errc) one after another, and counts the calls.
struct script {
  std::vector<int> steps;
  std::size_t calls = 0;
  std::vector<eucv::net::header> headers;

  task<eucv::net::response> next() {
    const int step = steps.at(calls++);
    if (step < 0) throw eucv::error(static_cast<errc>(-step), {"play", "a script", "it says so", ""});
    eucv::net::response reply = with_status(step);
    reply.headers = headers;
    co_return reply;
  }
};

int play(script& steps, retry_policy policy = quick) {
  eucv::random engine(1);
  return run(eucv::net::with_retry(policy, engine, [&] { return steps.next(); })).status;
}

constexpr int failure(errc code) {
  return -static_cast<int>(code);
}

} // namespace

TEST_CASE("the wait doubles up to the longest, and jitter stays within its half") {
  const retry_policy policy{.first = milliseconds(1000), .longest = milliseconds(60'000)};
  eucv::random engine(7);
  const int waits[] = {1000, 2000, 4000, 8000, 16'000, 32'000, 60'000, 60'000, 60'000};
  for (int failed = 1; failed <= 9; ++failed) {
    double sum = 0;
    for (int draw = 0; draw < 10'000; ++draw) {
      const auto wait = backoff(policy, failed, engine);
      REQUIRE(wait.count() >= waits[failed - 1] / 2);
      REQUIRE(wait.count() <= waits[failed - 1]);
      sum += static_cast<double>(wait.count());
    }
    CHECK(sum / 10'000 == doctest::Approx(0.75 * waits[failed - 1]).epsilon(0.02));
  }
  CHECK(backoff(policy, 1'000'000, engine) <= milliseconds(60'000));
  eucv::random first(3), second(3);
  CHECK(backoff(policy, 2, first) == backoff(policy, 2, second));
}

TEST_CASE("what is worth another try") {
  for (const int status : {408, 429, 500, 502, 503, 504}) CHECK(is_transient(status));
  for (const int status : {200, 301, 400, 401, 403, 404, 410, 413, 501, 505}) CHECK_FALSE(is_transient(status));
  for (const errc code : {errc::dns, errc::connect_failed, errc::connection_reset, errc::timeout, errc::truncated})
    CHECK(is_transient(code));
  for (const errc code : {errc::tls, errc::private_address, errc::too_large, errc::bad_url, errc::bad_response,
                          errc::too_many_redirects, errc::bad_redirect, errc::interrupted})
    CHECK_FALSE(is_transient(code));
}

TEST_CASE("transient failures are tried again, as often as the policy says") {
  script recovering{{503, failure(errc::timeout), failure(errc::connection_reset), 200}, 0, {}};
  CHECK(play(recovering) == 200);
  CHECK(recovering.calls == 4);
  script down{{503, 503, 503, 429, 200}, 0, {}};
  CHECK(play(down) == 429);
  CHECK(down.calls == 4);
  script cut(std::vector<int>(5, failure(errc::connection_reset)), 0, {});
  CHECK(test::code_of([&] { (void)play(cut); }) == errc::connection_reset);
  CHECK(cut.calls == 4);
}

TEST_CASE("all else is asked once") {
  for (const int step : {200, 204, 404, 410, 501, failure(errc::tls), failure(errc::private_address)}) {
    script once{{step, 200}, 0, {}};
    if (step > 0)
      CHECK(play(once) == step);
    else
      CHECK(test::code_of([&] { (void)play(once); }) == static_cast<errc>(-step));
    CHECK(once.calls == 1);
  }
}

TEST_CASE("the wait that a server asks for is kept, unless it is beyond our patience") {
  script asked{{429, 200}, 0, {{"Retry-After", "1"}}};
  CHECK(test::milliseconds_of([&] { CHECK(play(asked) == 200); }) >= 1000);
  script rubbish{{429, 200}, 0, {{"Retry-After", "-5"}}};
  CHECK(test::milliseconds_of([&] { CHECK(play(rubbish) == 200); }) < 4000);
  script long_wait{{429, 200}, 0, {{"Retry-After", "36000"}}};
  CHECK(play(long_wait) == 429);
  CHECK(long_wait.calls == 1);
  script empty{{429, 200}, 0, {{"RateLimit", "\"personal\";r=0;t=1800"}}};
  CHECK(play(empty) == 429);
  CHECK(empty.calls == 1);
}

TEST_CASE("the server sees each try") {
  std::atomic<int> seen{0};
  test::loopback_server server([&](const test::received&) {
    return ++seen < 3 ? test::reply::nothing(test::then::reset) : test::reply::text("at last");
  });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.target = server.url();
  eucv::random engine(1);
  const auto reply = run(eucv::net::with_retry(quick, engine, [&] { return web.send(question); }));
  CHECK(reply.body == "at last");
  CHECK(seen == 3);
  CHECK(server.requests() == 3);
}
