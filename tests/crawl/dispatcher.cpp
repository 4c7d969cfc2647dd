#include <eucv/crawl/dispatcher.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

using namespace eucv::crawl;
using std::chrono::milliseconds;

namespace {

struct seen {
  std::vector<std::size_t> items;
  std::size_t ended = 0;
};

eucv::net::task<void> work(dispatcher& dispatch, host_queue& queue, seen& all, milliseconds length) {
  while (true) {
    const auto taken = co_await dispatch.next();
    if (!taken) break;
    co_await eucv::net::wait(length);
    all.items.push_back(taken->item);
    queue.answered(*taken, std::chrono::steady_clock::now());
    dispatch.wake();
  }
  ++all.ended;
}

eucv::net::task<void> crowd(dispatcher& dispatch, host_queue& queue, seen& all, milliseconds length) {
  std::vector<eucv::net::task<void>> workers;
  for (int i = 0; i < 16; ++i) workers.push_back(work(dispatch, queue, all, length));
  co_await eucv::net::when_all(std::move(workers));
}

eucv::net::task<void> leave(dispatcher& dispatch) {
  co_await eucv::net::wait(milliseconds(5));
  dispatch.wake(); // nothing to take: back to sleep
  co_await eucv::net::wait(milliseconds(5));
  throw eucv::error(eucv::errc::io, {"a", "b", "c", "d"});
}

eucv::net::task<void> left(dispatcher& dispatch, host_queue& queue, seen& all) {
  std::vector<eucv::net::task<void>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(work(dispatch, queue, all, milliseconds(0)));
  tasks.push_back(leave(dispatch));
  co_await eucv::net::when_all(std::move(tasks));
}

} // namespace

TEST_CASE("every item is given out once, delays are waited for, and all workers end") {
  for (const auto delay : {milliseconds(0), milliseconds(3)}) {
    politeness rules;
    rules.least_delay = delay;
    host_queue queue(rules);
    for (std::size_t i = 0; i < 60; ++i) queue.add("host" + std::to_string(i % 3), i);
    dispatcher dispatch(queue);
    seen all;
    const auto begin = std::chrono::steady_clock::now();
    eucv::net::run(crowd(dispatch, queue, all, milliseconds(1)));
    CHECK(std::chrono::steady_clock::now() - begin >= 19 * delay);
    CHECK(all.ended == 16);
    std::ranges::sort(all.items);
    CHECK(all.items.size() == 60);
    CHECK(std::ranges::adjacent_find(all.items) == all.items.end());
  }
}

TEST_CASE("workers that wait are ended by a cancellation") {
  host_queue queue{politeness()};
  queue.add("a", 0);
  const auto held = queue.take(std::chrono::steady_clock::now()); // so nobody else gets anything
  REQUIRE(held);
  dispatcher dispatch(queue);
  seen all;
  CHECK_THROWS_AS(eucv::net::run(left(dispatch, queue, all)), eucv::error);
  CHECK(all.ended == 0);
}
