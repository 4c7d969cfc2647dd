#include <eucv/europeana/detail/quota.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

using eucv::europeana::quota;
using std::chrono::seconds;

namespace {

const quota::time_point start{std::chrono::hours(1)};

std::optional<eucv::net::rate_limit> told(std::uint64_t left, int reset,
                                          std::optional<seconds> window = seconds(3600)) {
  return eucv::net::rate_limit{.remaining = left, .reset = seconds(reset), .quota = {}, .window = window};
}

} // namespace

TEST_CASE("while nothing is known one request goes alone") {
  quota key;
  CHECK(key.open(start));
  const auto first = key.send();
  CHECK_FALSE(key.open(start));
  CHECK_FALSE(key.opens_at());
  key.replied(first, std::nullopt, start);
  for (int i = 0; i < 100; ++i) {
    CHECK(key.open(start)); // a service without limit
    (void)key.send();
  }
}

TEST_CASE("with r requests left no more than r are sent") {
  quota key;
  key.replied(key.send(), told(3, 100), start);
  std::vector<std::uint64_t> sent;
  while (key.open(start)) sent.push_back(key.send());
  CHECK(sent.size() == 3);
  // The replies come in another order than they were counted in.
  key.replied(sent[2], told(0, 100), start);
  key.replied(sent[0], told(2, 100), start);
  CHECK_FALSE(key.open(start));
  key.replied(sent[1], told(1, 100), start);
  CHECK_FALSE(key.open(start));
  CHECK(key.opens_at() == start + seconds(100));
  CHECK_FALSE(key.open(start + seconds(99)));
  CHECK(key.open(start + seconds(100)));
  (void)key.send();
  CHECK_FALSE(key.open(start + seconds(100))); // nothing is known of the new window
}

TEST_CASE("a request that nobody heard of counts, until a later one is heard of") {
  quota key;
  key.replied(key.send(), told(2, 100), start);
  (void)key.send();
  key.lost();
  CHECK(key.open(start));
  const auto next = key.send();
  CHECK_FALSE(key.open(start));
  key.replied(next, told(1, 100), start); // it was not counted
  CHECK(key.open(start));
  (void)key.send();
  key.lost();
  CHECK_FALSE(key.open(start));
  CHECK(key.opens_at() == start + seconds(100));
}

TEST_CASE("a limit without a time, used up by lost requests, is tried again") {
  quota key;
  key.replied(key.send(), told(1, 0), start);
  (void)key.send();
  key.lost();
  CHECK(key.open(start));
}

TEST_CASE("a refusal closes it for all, and a late good reply does not open it") {
  quota key;
  key.replied(key.send(), told(50, 1000), start);
  const auto late = key.send(), refused = key.send();
  key.replied(refused, std::nullopt, start);
  key.close(start + seconds(10));
  key.replied(late, told(49, 1000), start);
  CHECK_FALSE(key.open(start));
  CHECK(key.opens_at() == start + seconds(10));
  CHECK(key.open(start + seconds(10)));
}

TEST_CASE("a slow reply does not make the window longer, and a new window is seen by its end") {
  quota key;
  key.replied(key.send(), told(10, 20), start);
  const auto slow = key.send();
  key.replied(slow, told(9, 20), start + seconds(8)); // 8 s under way
  for (int i = 0; i < 9; ++i) (void)key.send();
  CHECK_FALSE(key.open(start + seconds(19)));
  CHECK_FALSE(key.opens_at()); // nine are under way
  for (int i = 0; i < 8; ++i) key.lost();
  key.replied(13, told(999, 3598), start + seconds(19)); // the service's clock is ahead of ours
  CHECK(key.open(start + seconds(19)));
}

TEST_CASE("whatever the order of replies, a window never gets more than it has") {
  // A service that counts requests as they arrive and replies in any order; some replies are lost.
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    eucv::random engine(seed);
    quota key;
    std::uint64_t left = 60;
    int refused = 0, spent = 0;
    struct request {
      std::uint64_t number;
      std::optional<std::uint64_t> counted;
    };
    std::vector<request> open;
    for (int step = 0; step < 1000; ++step) {
      if (open.size() < 8 && key.open(start)) open.push_back({key.send(), std::nullopt});
      if (open.empty()) continue;
      auto& one = open[engine.below(open.size())];
      if (!one.counted) { // it arrives
        if (left == 0) ++refused;
        left -= left == 0 ? 0 : 1;
        one.counted = left;
        ++spent;
      } else { // its reply arrives, or is lost on the way
        if (engine.below(10) == 0)
          key.lost();
        else
          key.replied(one.number, told(*one.counted, 1000), start);
        one = open.back();
        open.pop_back();
      }
    }
    CAPTURE(seed);
    CHECK(refused == 0);
    CHECK(spent >= 52); // and hardly leaves anything: lost replies cost at most themselves
  }
}
