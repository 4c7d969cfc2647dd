#include <eucv/net/rate_limit.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using eucv::net::header;
using eucv::net::parse_rate_limit;
using eucv::net::parse_retry_after;
using std::chrono::seconds;

namespace {

const auto now = std::chrono::sys_days(std::chrono::year(2026) / 9 / 1) + std::chrono::hours(12);

} // namespace

TEST_CASE("the limit of a key is read") {
  const std::vector<header> headers{{"RateLimit-Policy", "\"personal\";q=1000;w=3600"},
                                    {"ratelimit", "\"personal\";r=37;t=1200"}};
  const auto limit = parse_rate_limit(headers);
  REQUIRE(limit);
  CHECK(limit->remaining == 37);
  CHECK(limit->reset == seconds(1200));
  CHECK(limit->quota == 1000U);
  CHECK(limit->window == seconds(3600));
}

TEST_CASE("of several limits the tightest counts") {
  const std::vector<header> headers{{"RateLimit-Policy", "\"minute\";q=10;w=60, \"a;b,c\";q=500;w=86400"},
                                    {"RateLimit", "\"minute\" ; r=5 ; t=7 , \"a;b,c\";t=9000;r=0,\"other\";r=0;t=3"}};
  const auto limit = parse_rate_limit(headers);
  REQUIRE(limit);
  CHECK(limit->remaining == 0);
  CHECK(limit->reset == seconds(9000));
  CHECK(limit->quota == 500U);
}

TEST_CASE("fields without sense are no limit") {
  CHECK_FALSE(parse_rate_limit({}));
  for (const std::string value : {"", ",", ";", "\"p\"", "\"p\";t=7", "r", "\"p\";r=", "\"p\";r=-1", "\"p\";r=x",
                                  "\"p\";r=1x", "\"p\";r=99999999999999999999", "\"p;r=1", "100"}) {
    const std::vector<header> headers{{"RateLimit", value}};
    CAPTURE(value);
    CHECK_FALSE(parse_rate_limit(headers));
  }
}

TEST_CASE("Retry-After in seconds and as a date") {
  CHECK(parse_retry_after("0", now) == seconds(0));
  CHECK(parse_retry_after(" 120 ", now) == seconds(120));
  CHECK(parse_retry_after("36000", now) == seconds(36000));
  CHECK(parse_retry_after("Tue, 01 Sep 2026 12:00:30 GMT", now) == seconds(30));
  CHECK(parse_retry_after("Wed, 02 Sep 2026 12:00:00 GMT", now) == seconds(86400));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == seconds(0));
  CHECK(parse_retry_after("Sun, 06 Nov 1016 08:49:37 GMT", now) == seconds(0)); // found by fuzzing: an overflow
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now).value() > seconds(250'000'000'000));
  CHECK(parse_retry_after("Tue, 01 Sep 2026 12:00:30 GMT", now + std::chrono::milliseconds(29'500)) == seconds(1));
  for (const std::string value :
       {"", "-1", "1.5", "1 2", "soon", "99999999999", "Tue, 32 Sep 2026 12:00:30 GMT", "Tue, 01 Foo 2026 12:00:30 GMT",
        "Tue, 01 Sep 2026 25:00:30 GMT", "Tue, 01 Sep 2026 12:00:30 UTC", "Tue, 01 Sep 2026 12-00-30 GMT",
        "2026-09-01T12:00:00Z"}) {
    CAPTURE(value);
    CHECK_FALSE(parse_retry_after(value, now));
  }
}

TEST_CASE("a wait is asked by Retry-After, else by an empty limit") {
  eucv::net::response reply;
  CHECK_FALSE(eucv::net::wait_asked(reply, now));
  reply.headers = {{"RateLimit", "\"p\";r=1;t=50"}};
  CHECK_FALSE(eucv::net::wait_asked(reply, now));
  reply.headers = {{"RateLimit", "\"p\";r=0;t=50"}};
  CHECK(eucv::net::wait_asked(reply, now) == seconds(50));
  reply.headers.push_back({"Retry-After", "rubbish"});
  CHECK(eucv::net::wait_asked(reply, now) == seconds(50));
  reply.headers.back().value = "7";
  CHECK(eucv::net::wait_asked(reply, now) == seconds(7));
}
