#include <eucv/net/offload.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using eucv::net::offload;
using eucv::net::run;
using eucv::net::task;

TEST_CASE("a function runs on the pool and its value comes back to the caller's thread") {
  boost::asio::thread_pool pool(2);
  const auto home = std::this_thread::get_id();
  const auto main = [&]() -> task<std::string> {
    const auto id = co_await offload(pool, [] { return std::this_thread::get_id(); });
    CHECK(id != home);
    CHECK(std::this_thread::get_id() == home);
    const auto owned = co_await offload(pool, [] { return std::make_unique<std::string>("made elsewhere"); });
    co_return *owned;
  };
  CHECK(run(main()) == "made elsewhere");
}

TEST_CASE("what the function throws is thrown at the caller") {
  boost::asio::thread_pool pool(1);
  const auto main = [&]() -> task<void> { co_await offload(pool, [] { throw std::out_of_range("far"); }); };
  CHECK_THROWS_AS(run(main()), std::out_of_range);
}

TEST_CASE("a cancelled caller waits for the function to return") {
  boost::asio::thread_pool pool(1);
  std::atomic<bool> entered{false}, go_on{false}, ended{false};
  const auto work = [&]() -> task<void> {
    int alive = 0;
    const auto use = [&] {
      entered = true;
      while (!go_on) std::this_thread::yield();
      ++alive; // a variable of the cancelled task
      ended = true;
    };
    co_await offload(pool, use);
    co_await eucv::net::wait(std::chrono::milliseconds(1)); // here the cancellation is seen
    FAIL("the task went on");
  };
  const auto end = [&]() -> task<void> {
    while (!entered) co_await eucv::net::wait(std::chrono::milliseconds(1));
    go_on = true;
    throw std::runtime_error("stop");
  };
  std::vector<task<void>> tasks;
  tasks.push_back(work());
  tasks.push_back(end());
  CHECK_THROWS_WITH(run(eucv::net::when_all(std::move(tasks))), "stop");
  CHECK(ended);
}

TEST_CASE("many calls at a time") {
  boost::asio::thread_pool pool(4);
  std::atomic<int> sum{0};
  const auto one = [&](int i) -> task<void> {
    const auto value = co_await offload(pool, [i] { return i; });
    sum += value;
  };
  std::vector<task<void>> tasks;
  for (int i = 1; i <= 1000; ++i) tasks.push_back(one(i));
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(sum == 500'500);
}

// The pool's thread must have let go of the caller's context before run() destroys it: ThreadSanitizer's case.
TEST_CASE("a run may end at the very moment at which its function does") {
  boost::asio::thread_pool pool(2);
  const auto main = [&]() -> task<int> { co_return co_await offload(pool, [] { return 1; }); };
  int sum = 0;
  for (int i = 0; i < 2000; ++i) sum += run(main());
  CHECK(sum == 2000);
}

TEST_CASE("a caller may be dropped with its context while the function goes on") {
  boost::asio::thread_pool pool(1);
  std::atomic<bool> entered{false}, go_on{false}, ended{false};
  const auto work = [&]() -> task<void> {
    co_await offload(pool, [&] {
      entered = true;
      while (!go_on) std::this_thread::yield();
      ended = true;
    });
  };
  const auto main = [&]() -> task<void> {
    boost::asio::co_spawn(co_await boost::asio::this_coro::executor, work(), boost::asio::detached);
    while (!entered) co_await eucv::net::wait(std::chrono::milliseconds(1));
  };
  run(main());
  CHECK_FALSE(ended);
  go_on = true;
  pool.join();
  CHECK(ended);
}

TEST_CASE("a pool that is stopped tells the callers whose functions it drops") {
  auto pool = std::make_unique<boost::asio::thread_pool>(1);
  std::atomic<bool> entered{false}, go_on{false};
  std::atomic<int> called{0};
  int aborted = 0;
  const auto first = [&]() -> task<void> {
    co_await offload(*pool, [&] {
      entered = true;
      while (!go_on) std::this_thread::yield();
    });
  };
  const auto second = [&]() -> task<void> {
    try {
      co_await offload(*pool, [&] { ++called; });
    } catch (const boost::system::system_error& failure) {
      aborted += failure.code() == boost::asio::error::operation_aborted ? 1 : 0;
    }
  };
  const auto stop = [&]() -> task<void> {
    while (!entered) co_await eucv::net::wait(std::chrono::milliseconds(1));
    pool->stop();
    go_on = true;
    pool.reset(); // a stopped pool drops its jobs when it is destroyed
  };
  std::vector<task<void>> tasks;
  tasks.push_back(first());
  tasks.push_back(second());
  tasks.push_back(stop());
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(called == 0);
  CHECK(aborted == 1);
}
