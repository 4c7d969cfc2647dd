#include <eucv/net/offload.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

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
