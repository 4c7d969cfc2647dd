#include <eucv/net/semaphore.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using eucv::net::run;
using eucv::net::semaphore;
using eucv::net::task;
using eucv::net::wait;
using std::chrono::milliseconds;

namespace {

struct observed {
  int inside = 0, most = 0;
  std::vector<int> order;
};

task<void> enter(semaphore& gate, observed& seen, int name) {
  const auto permit = co_await gate.acquire();
  seen.order.push_back(name);
  seen.most = std::max(seen.most, ++seen.inside);
  co_await wait(milliseconds(1));
  --seen.inside;
}
task<void> stop_when(const semaphore& gate, std::size_t waiting) {
  while (gate.waiting() != waiting) co_await wait(milliseconds(1));
  throw std::runtime_error("stop");
}
task<void> hold(semaphore& gate) {
  const auto permit = co_await gate.acquire();
  co_await wait(milliseconds(60'000));
}
task<void> swallow(std::vector<task<void>> tasks) {
  try {
    co_await eucv::net::when_all(std::move(tasks));
  } catch (const std::runtime_error&) {
  }
}

} // namespace

TEST_CASE("at most so many are inside, in the order in which they came") {
  semaphore gate(3);
  observed seen;
  std::vector<task<void>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(enter(gate, seen, i));
  run(eucv::net::when_all(std::move(tasks)));
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(seen.most == 3);
  CHECK(seen.order == expected);
  CHECK(gate.free() == 3);
}

TEST_CASE("who is cancelled leaves the queue and gives back what he holds") {
  semaphore gate(2);
  const auto main = [&]() -> task<void> {
    std::vector<task<void>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(hold(gate));
    tasks.push_back(stop_when(gate, 8));
    co_await swallow(std::move(tasks));
    CHECK(gate.free() == 2);
    CHECK(gate.waiting() == 0);
  };
  run(main());
}

TEST_CASE("a permit moves") {
  semaphore gate(1);
  const auto main = [&]() -> task<void> {
    auto permit = co_await gate.acquire();
    CHECK(gate.free() == 0);
    semaphore::permit other = std::move(permit);
    permit = semaphore::permit();
    CHECK(gate.free() == 0);
    other = semaphore::permit();
    CHECK(gate.free() == 1);
  };
  run(main());
}

TEST_CASE("who wants several waits for all of them, and nobody overtakes") {
  semaphore gate(10);
  std::string order;
  const auto enter_with = [&](char name, std::size_t count) -> task<void> {
    const auto permit = co_await gate.acquire(count);
    order += name;
    co_await eucv::net::wait(std::chrono::milliseconds(1));
  };
  std::vector<task<void>> tasks;
  tasks.push_back(enter_with('a', 6));
  tasks.push_back(enter_with('b', 5));  // waits, though 4 are free
  tasks.push_back(enter_with('c', 1));  // waits behind it
  tasks.push_back(enter_with('d', 99)); // more than there are: all
  tasks.push_back(enter_with('e', 10));
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(order == "abcde");
  CHECK(gate.free() == 10);
  CHECK(gate.waiting() == 0);
}

TEST_CASE("who wants none does not wait") {
  semaphore gate(2);
  const auto main = [&]() -> task<void> {
    const auto all = co_await gate.acquire(2);
    const auto none = co_await gate.acquire(0);
    CHECK(gate.free() == 0);
  };
  run(main());
  CHECK(gate.free() == 2);
}
