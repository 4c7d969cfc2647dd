#include <eucv/net/semaphore.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stdexcept>
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
