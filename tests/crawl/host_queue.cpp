#include <eucv/crawl/host_queue.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

using eucv::crawl::host_queue;
using eucv::crawl::politeness;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr host_queue::time_point start = host_queue::time_point(seconds(1000));
const eucv::error too_many(429, {"download", "http://a.example/", "HTTP 429", ""});

politeness rules_for(std::size_t per_host, milliseconds delay = milliseconds(0)) {
  politeness rules;
  rules.per_host = per_host;
  rules.least_delay = delay;
  return rules;
}

// Lets a host pass its first request, after which it may have several.
void open_up(host_queue& queue, const char* name, std::size_t item) {
  queue.add(name, item);
  const auto first = queue.take(start);
  REQUIRE(first);
  queue.answered(*first, start);
}

} // namespace

TEST_CASE("hosts take turns, none has more open than it may, and each is tried by one request first") {
  host_queue queue(rules_for(2));
  for (std::size_t i = 0; i < 6; ++i) queue.add("a", i);
  for (std::size_t i = 10; i < 13; ++i) queue.add("b", i);
  CHECK(queue.hosts() == 2);
  CHECK(queue.waiting() == 9);
  const auto a0 = queue.take(start), b10 = queue.take(start);
  REQUIRE((a0 && b10));
  CHECK(a0->item == 0);
  CHECK(b10->item == 10);
  CHECK_FALSE(queue.take(start));
  CHECK_FALSE(queue.next_start());
  queue.answered(*a0, start);
  queue.answered(*b10, start);
  const auto a1 = queue.take(start), b11 = queue.take(start), a2 = queue.take(start), b12 = queue.take(start);
  REQUIRE((a1 && b11 && a2 && b12));
  CHECK(a1->item == 1);
  CHECK(b11->item == 11);
  CHECK(a2->item == 2);
  CHECK(b12->item == 12);
  CHECK_FALSE(queue.take(start)); // a has two open, b has no more
  queue.answered(*b11, start);
  CHECK_FALSE(queue.take(start));
  queue.answered(*a2, start);
  CHECK(queue.take(start)->item == 3);
  CHECK_FALSE(queue.take(start));
  CHECK(queue.waiting() == 2);
  CHECK(queue.open() == 3);
}

TEST_CASE("an unavailable host backs off as a whole, gets one request, and works again") {
  host_queue queue(rules_for(3));
  open_up(queue, "a", 0);
  for (std::size_t i = 1; i < 10; ++i) queue.add("a", i);
  for (std::size_t i = 20; i < 30; ++i) queue.add("b", i);
  std::vector<host_queue::ticket> open;
  while (const auto taken = queue.take(start)) open.push_back(*taken);
  REQUIRE(open.size() == 4); // three of a, one of b
  std::vector<host_queue::ticket> of_a;
  for (const auto& ticket : open) ticket.item < 20 ? of_a.push_back(ticket) : queue.answered(ticket, start);
  queue.put_back(of_a[0], start);
  queue.unavailable(of_a[0], start, seconds(7), too_many);
  queue.unavailable(of_a[1], start, seconds(5), too_many); // open at the same time
  queue.answered(of_a[2], start);                          // sent before it: tells nothing
  CHECK(queue.unavailable_hosts() == 1);
  for (int i = 0; i < 3; ++i) CHECK(queue.take(start)->host == 1); // b goes on
  CHECK_FALSE(queue.take(start));
  CHECK(queue.next_start() == start + seconds(7));
  CHECK_FALSE(queue.take(start + milliseconds(6999)));
  const auto probe = queue.take(start + seconds(7));
  REQUIRE(probe);
  CHECK(probe->host == 0);
  CHECK(probe->item == 4); // what failed stands behind the others
  CHECK_FALSE(queue.take(start + seconds(100)));
  queue.answered(*probe, start + seconds(7));
  CHECK(queue.unavailable_hosts() == 0);
  for (int i = 0; i < 3; ++i) CHECK(queue.take(start + seconds(7)));
  CHECK_FALSE(queue.take(start + seconds(7)));
}

TEST_CASE("a host that stays unavailable is given up, and its items come at once") {
  host_queue queue(rules_for(4));
  for (std::size_t i = 0; i < 10'000; ++i) queue.add("dead", i);
  const eucv::error dead(eucv::errc::connect_failed, {"connect", "dead", "refused", ""});
  auto now = start;
  int requests = 0;
  while (queue.given_up(0) == nullptr) {
    if (const auto next = queue.next_start()) now = std::max(now, *next);
    const auto taken = queue.take(now);
    REQUIRE(taken);
    CHECK_FALSE(queue.take(now)); // one at a time
    ++requests;
    now += seconds(10); // a deadline passes
    queue.put_back(*taken, now);
    queue.unavailable(*taken, now, {}, dead);
  }
  CHECK(requests == 5);
  CHECK(now - start < seconds(70));
  CHECK(queue.given_up(0)->reason() == "connect_failed");
  CHECK(queue.unavailable_hosts() == 0);
  std::size_t rest = 0;
  while (queue.take(now)) ++rest;
  CHECK(rest == 10'000);
}

TEST_CASE("a host that asks for more patience than there is is given up at once") {
  host_queue queue(rules_for(1));
  queue.add("a", 0);
  queue.add("a", 1);
  const auto taken = queue.take(start);
  queue.unavailable(*taken, start, std::chrono::hours(10), too_many);
  REQUIRE(queue.given_up(0) != nullptr);
  CHECK(queue.given_up(0)->reason() == "http_429");
  CHECK(queue.take(start));
}

TEST_CASE("a delay is kept between the beginnings of requests, and robots.txt may ask for one") {
  host_queue queue(rules_for(4, milliseconds(100)));
  for (std::size_t i = 0; i < 5; ++i) queue.add("a", i);
  const auto first = queue.take(start);
  queue.answered(*first, start + milliseconds(10));
  CHECK_FALSE(queue.take(start + milliseconds(99)));
  CHECK(queue.next_start() == start + milliseconds(100));
  const auto second = queue.take(start + milliseconds(100));
  REQUIRE(second);
  CHECK_FALSE(queue.take(start + milliseconds(150)));
  queue.slow_down(0, seconds(2));
  queue.answered(*second, start + milliseconds(150));
  CHECK_FALSE(queue.take(start + milliseconds(2099)));
  const auto third = queue.take(start + milliseconds(2100));
  REQUIRE(third);
  queue.slow_down(0, std::chrono::hours(1)); // a limit holds
  queue.answered(*third, start + milliseconds(2200));
  CHECK(queue.next_start() == start + milliseconds(2100) + seconds(30));
}

TEST_CASE("items come back next, or not before their time") {
  host_queue queue(rules_for(1));
  queue.add("a", 0);
  queue.add("a", 1);
  auto taken = queue.take(start);
  queue.put_back(*taken);
  queue.answered(*taken, start);
  taken = queue.take(start);
  CHECK(taken->item == 0);
  queue.put_back(*taken, start + seconds(5));
  queue.answered(*taken, start);
  taken = queue.take(start);
  CHECK(taken->item == 1);
  queue.answered(*taken, start);
  CHECK_FALSE(queue.take(start + milliseconds(4999)));
  CHECK(queue.next_start() == start + seconds(5));
  CHECK(queue.take(start + seconds(5))->item == 0);
}

namespace {

struct simulated {
  std::map<std::size_t, seconds> ends; // of the items of each host, in whole seconds
  std::size_t most_open = 0;
  bool too_early = false;
};

// Time passes as fast as the events: 20 hosts with 50 items each, of which host 0 takes `slow` for a request, all
// others 100 ms, by 64 workers.
simulated simulate(milliseconds slow, milliseconds delay) {
  struct request {
    host_queue::time_point end;
    host_queue::ticket ticket;
  };
  host_queue queue(rules_for(4, delay));
  for (std::size_t i = 0; i < 20 * 50; ++i) queue.add("host" + std::to_string(i % 20), i);
  simulated seen;
  std::vector<request> open;
  std::map<std::size_t, std::size_t> open_at;
  std::map<std::size_t, host_queue::time_point> last_begin;
  auto now = start;
  while (queue.waiting() > 0 || !open.empty()) {
    while (open.size() < 64) {
      const auto taken = queue.take(now);
      if (!taken) break;
      if (const auto last = last_begin.find(taken->host); last != last_begin.end() && now - last->second < delay)
        seen.too_early = true;
      last_begin[taken->host] = now;
      seen.most_open = std::max(seen.most_open, ++open_at[taken->host]);
      open.push_back({now + (taken->host == 0 ? slow : milliseconds(100)), *taken});
    }
    const auto first = std::ranges::min_element(open, {}, &request::end);
    const auto timed = open.size() < 64 ? queue.next_start() : std::nullopt;
    if (timed && (first == open.end() || *timed < first->end)) {
      now = std::max(now, *timed);
      continue;
    }
    REQUIRE(first != open.end());
    now = first->end;
    queue.answered(first->ticket, now);
    --open_at[first->ticket.host];
    seen.ends[first->ticket.host] = std::chrono::duration_cast<seconds>(now - start + milliseconds(999));
    open.erase(first);
  }
  return seen;
}

} // namespace

TEST_CASE("20 hosts of 50 items: a slow one does not hold the others back, limits and delays hold") {
  for (const auto delay : {milliseconds(0), milliseconds(70)}) {
    const auto even = simulate(milliseconds(100), delay), uneven = simulate(seconds(5), delay);
    for (const auto* seen : {&even, &uneven}) {
      CHECK(seen->most_open <= 4);
      CHECK_FALSE(seen->too_early);
      CHECK(seen->ends.size() == 20);
    }
    for (std::size_t host = 1; host < 20; ++host) CHECK(uneven.ends.at(host) <= even.ends.at(host) * 11 / 10);
    CHECK(uneven.ends.at(0) >= seconds(60));
  }
}
