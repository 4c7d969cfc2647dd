#include <eucv/europeana/client.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/search_replay.hpp"

using namespace eucv::europeana;

namespace {

const std::string canary = "SECRET-4711-CANARY";

// A time that passes when somebody waits, and remembers how long.
struct recorded_time {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  std::vector<std::chrono::milliseconds> waits;

  [[nodiscard]] time_source source() {
    return {[this] { return now; },
            [this](std::chrono::milliseconds duration, const eucv::error& why) {
              CHECK(std::string(why.what()).find(canary) == std::string::npos);
              waits.push_back(duration);
              now += duration;
              return eucv::net::wait(std::chrono::milliseconds(0));
            }};
  }
};

using reply_list = std::vector<eucv::net::response>;

struct outcome {
  std::optional<page> found;
  std::optional<eucv::error> failure;
  std::size_t requests = 0;
  std::vector<std::chrono::milliseconds> waits;
};

// One search against replies that come in turn; the last one is repeated.
outcome search(const reply_list& replies) {
  std::size_t next = 0;
  test::canned_transport transport([&](const eucv::net::request& question) {
    CHECK(eucv::net::find_header(question.headers, "X-Api-Key") == canary);
    CHECK(question.target.str().find(canary) == std::string::npos);
    const auto& reply = replies[std::min(next++, replies.size() - 1)];
    if (reply.status < 0) throw eucv::error(static_cast<eucv::errc>(-reply.status), {"search", "x", "it broke", ""});
    return reply;
  });
  recorded_time time;
  client<test::canned_transport> api(transport, eucv::net::secret_string(canary));
  api.with_time(time.source());
  outcome result;
  result.failure = test::failure_of([&] { result.found = eucv::net::run(api.search(query(), "*")); });
  if (result.failure) CHECK(std::string(result.failure->what()).find(canary) == std::string::npos);
  result.requests = transport.requests.size();
  CHECK(api.requests() == result.requests);
  result.waits = time.waits;
  return result;
}

eucv::net::response good() {
  return test::canned(200, R"({"success":true,"totalResults":0,"items":[]})");
}
eucv::net::response broken(eucv::errc code) {
  return test::canned(-static_cast<int>(code), "");
}

} // namespace

TEST_CASE("a page comes back at the first try") {
  const auto result = search({good()});
  CHECK(result.found);
  CHECK(result.requests == 1);
  CHECK(result.waits.empty());
}

TEST_CASE("a wrong key stops at once, whatever the status") {
  for (const auto& [status, code] : {std::pair{401, "invalid_apikey"}, {400, "401_key_invalid"}, {410, "410-AD"}}) {
    const auto result = search({test::search_replay::refusal(status, code, "no, " + canary)});
    REQUIRE(result.failure);
    CHECK(result.failure->code() == eucv::errc::invalid_api_key);
    CHECK(result.requests == 1);
  }
  CHECK(search({test::search_replay::refusal(400, "400-SC", "bad cursor")}).requests == 1);
  CHECK(search({test::search_replay::refusal(400, "400-SA", "bad query")}).failure->code() == eucv::errc::bad_query);
}

TEST_CASE("a used-up limit is waited for as long as the header says") {
  auto refused = test::search_replay::refusal(429, "429_limit_personal", "limit of 1000 requests per 60 minutes");
  refused.headers.push_back({"RateLimit", "\"personal\";r=0;t=1800"});
  const auto result = search({refused, good()});
  CHECK(result.found);
  CHECK(result.requests == 2);
  REQUIRE(result.waits.size() == 1);
  CHECK(result.waits[0] == std::chrono::seconds(1800));
}

TEST_CASE("a used-up limit without a header backs off, and gives up in the end") {
  const auto result = search({test::search_replay::refusal(429, "", "slow down")});
  CHECK(result.failure->code() == eucv::errc::rate_limited);
  CHECK(result.requests == 6);
  REQUIRE(result.waits.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(result.waits[i] >= std::chrono::milliseconds(500 << i));
    CHECK(result.waits[i] <= std::chrono::milliseconds(1000 << i));
  }
}

TEST_CASE("a wait beyond all patience is an error with its reason") {
  auto refused = test::search_replay::refusal(429, "429_limit_personal", "limit");
  refused.headers.push_back({"Retry-After", "36000"});
  const auto result = search({refused});
  CHECK(result.failure->code() == eucv::errc::rate_limited);
  CHECK(result.requests == 1);
  CHECK(result.waits.empty());
}

TEST_CASE("the last request of a window makes the next one wait") {
  auto last = good();
  last.headers.push_back({"RateLimit", "\"personal\";r=0;t=60"});
  std::size_t sent = 0;
  test::canned_transport transport([&](const eucv::net::request&) { return ++sent == 1 ? last : good(); });
  recorded_time time;
  client<test::canned_transport> api(transport, eucv::net::secret_string(canary));
  api.with_time(time.source());
  for (int i = 0; i < 3; ++i) (void)eucv::net::run(api.search(query(), "*"));
  REQUIRE(time.waits.size() == 1);
  CHECK(time.waits[0] == std::chrono::seconds(60));
  CHECK(api.limit()->remaining == 0);
}

TEST_CASE("an overloaded service and a failing network are tried again") {
  CHECK(search({test::search_replay::refusal(400, "504-SA", "Timeout connecting to search engine"), good()}).found);
  CHECK(search({test::search_replay::refusal(503, "503-SA", "down"), test::canned(502, "<html>", "text/html"),
                test::canned(200, "<html>", "text/html"), broken(eucv::errc::connection_reset),
                broken(eucv::errc::timeout), good()})
            .found);
  const auto down = search({test::canned(500, R"({"success":false,"error":"Internal server error"})")});
  CHECK(down.failure->code() == eucv::errc::api_unavailable);
  CHECK(down.requests == 6);
  CHECK(search({test::canned(200, R"({"success":false,"error":"late","code":"504-SA"})"), good()}).found);
}

TEST_CASE("what no repetition mends is not repeated") {
  for (const auto code : {eucv::errc::tls, eucv::errc::private_address, eucv::errc::too_large}) {
    const auto result = search({broken(code)});
    CHECK(result.failure->code() == code);
    CHECK(result.requests == 1);
  }
  const auto strange = search({test::canned(200, R"({"success":true,"items":[]})")});
  CHECK(strange.failure->code() == eucv::errc::bad_record);
  CHECK(strange.requests == 1);
}

TEST_CASE("the key in a record is hidden") {
  const auto result =
      search({test::canned(200, R"({"success":true,"totalResults":1,"items":[{"id":"/1/a","type":"IMAGE",
    "title":["by SECRET-4711-CANARY and SECRET-4711-CANARY"],"edmIsShownBy":["http://a.example/?k=SECRET-4711-CANARY"]}]})")});
  REQUIRE(result.found);
  CHECK(result.found->items.at(0)->title == "by *** and ***");
  CHECK(result.found->items.at(0)->image == "http://a.example/?k=***");
}

TEST_CASE("the endpoint is a full address or an origin") {
  CHECK(search_endpoint("http://127.0.0.1:8080").str() == "http://127.0.0.1:8080/record/v2/search.json");
  CHECK(search_endpoint("http://127.0.0.1:8080/").str() == "http://127.0.0.1:8080/record/v2/search.json");
  CHECK(search_endpoint("https://x.example/api/v2/search.json").str() == "https://x.example/api/v2/search.json");
  const auto query = test::failure_of([] { (void)search_endpoint("https://x.example/search.json?wskey=" + canary); });
  REQUIRE(query);
  CHECK(query->code() == eucv::errc::bad_url);
  CHECK(std::string(query->what()).find(canary) == std::string::npos);
  CHECK(test::code_of([] { (void)search_endpoint("api.europeana.eu"); }) == eucv::errc::bad_url);
}

TEST_CASE("the key comes from the environment") {
  const char* const before = std::getenv("EUROPEANA_API_KEY");
  const std::string saved = before != nullptr ? before : "";
  ::setenv("EUROPEANA_API_KEY", "abc", 1);
  CHECK(api_key_from_environment().reveal() == "abc");
  ::setenv("EUROPEANA_API_KEY", "two words\r\nX: y", 1);
  const auto bad = test::failure_of([] { (void)api_key_from_environment(); });
  CHECK(bad->code() == eucv::errc::invalid_api_key);
  CHECK(std::string(bad->what()).find("words") == std::string::npos);
  ::setenv("EUROPEANA_API_KEY", "", 1);
  CHECK(test::code_of([] { (void)api_key_from_environment(); }) == eucv::errc::no_api_key);
  ::unsetenv("EUROPEANA_API_KEY");
  const auto none = test::failure_of([] { (void)api_key_from_environment(); });
  CHECK(none->code() == eucv::errc::no_api_key);
  CHECK(std::string(none->what()).find("https://") != std::string::npos);
  if (before != nullptr) ::setenv("EUROPEANA_API_KEY", saved.c_str(), 1);
}
