#include <eucv/crawl/politeness.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace eucv::crawl;
using std::chrono::milliseconds;

TEST_CASE("the delay follows the latency within its bounds, and fast hosts have none") {
  const auto after = [](politeness rules, double took) {
    return rules.delay_after(std::chrono::duration<double, std::milli>(took)).count();
  };
  const politeness usual;
  CHECK(after(usual, 0) == 0);
  CHECK(after(usual, 99) == 0);
  CHECK(after(usual, 200) == 20);
  CHECK(after(usual, 3000) == 300);
  CHECK(after(usual, 1e9) == 5000);
  politeness slow;
  slow.least_delay = milliseconds(250);
  CHECK(after(slow, 1) == 250);
  CHECK(after(slow, 10'000) == 1000);
}

TEST_CASE("what is about the host, and what about the item") {
  for (const int status : {429, 502, 503, 504}) CHECK(signal_of(status) == host_signal::unavailable);
  for (const int status : {408, 500}) CHECK(signal_of(status) == host_signal::transient);
  for (const int status : {400, 403, 404, 410, 501, 505}) CHECK(signal_of(status) == host_signal::ok);
  for (const auto code :
       {eucv::errc::dns, eucv::errc::connect_failed, eucv::errc::connection_reset, eucv::errc::timeout})
    CHECK(signal_of(code) == host_signal::unavailable);
  CHECK(signal_of(eucv::errc::truncated) == host_signal::transient);
  for (const auto code : {eucv::errc::tls, eucv::errc::private_address, eucv::errc::too_large})
    CHECK(signal_of(code) == host_signal::ok);
}

TEST_CASE("10,000 draws of the jitter stay in their bounds and use all of them") {
  const eucv::net::retry_policy policy;
  eucv::random engine(5);
  for (int failed = 1; failed <= 10; ++failed) {
    const auto most = std::min(policy.longest, policy.first * (1 << (failed - 1)));
    milliseconds lowest = most, highest{0};
    for (int i = 0; i < 10'000; ++i) {
      const auto drawn = eucv::net::backoff(policy, failed, engine);
      lowest = std::min(lowest, drawn);
      highest = std::max(highest, drawn);
    }
    CHECK(lowest >= most / 2);
    CHECK(highest <= most);
    CHECK(lowest < most * 51 / 100);
    CHECK(highest > most * 99 / 100);
  }
}
