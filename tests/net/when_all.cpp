#include <eucv/net/when_all.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <support/fetch.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

using eucv::net::run;
using eucv::net::task;
using eucv::net::wait;
using eucv::net::when_all;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds endless{60'000};

task<void> add(int& sum, milliseconds delay) {
  co_await wait(delay);
  ++sum;
}
task<void> fail_after(milliseconds delay, const char* what) {
  co_await wait(delay);
  throw std::runtime_error(what);
}
// Counts the tasks that ended by cancellation, after some more work that is not cancelled.
task<void> wait_and_tidy(int& cancelled) {
  try {
    co_await wait(endless);
  } catch (const boost::system::system_error&) {
    ++cancelled;
    throw;
  }
}
task<void> gather(std::vector<task<void>> tasks) {
  co_await when_all(std::move(tasks));
}
task<void> gather_for_a_while(int count, int& cancelled) {
  std::vector<task<void>> inner, outer;
  for (int i = 0; i < count; ++i) inner.push_back(wait_and_tidy(cancelled));
  outer.push_back(gather(std::move(inner)));
  outer.push_back(fail_after(milliseconds(5), "enough"));
  co_await when_all(std::move(outer));
}

} // namespace

TEST_CASE("all tasks run side by side, and their end is waited for") {
  int sum = 0;
  std::vector<task<void>> tasks;
  for (int i = 0; i < 1000; ++i) tasks.push_back(add(sum, milliseconds(i % 2 == 0 ? 0 : 20)));
  CHECK(test::milliseconds_of([&] { run(when_all(std::move(tasks))); }) < 9000);
  CHECK(sum == 1000);
  run(when_all({}));
}

TEST_CASE("the first failure cancels the others and is the one that is thrown") {
  int cancelled = 0;
  for (const auto delay : {milliseconds(0), milliseconds(5)}) {
    cancelled = 0;
    std::vector<task<void>> tasks;
    for (int i = 0; i < 50; ++i) tasks.push_back(wait_and_tidy(cancelled));
    tasks.push_back(fail_after(delay, "first"));
    tasks.push_back(fail_after(delay + milliseconds(50), "second"));
    for (int i = 0; i < 50; ++i) tasks.push_back(wait_and_tidy(cancelled));
    const double elapsed = test::milliseconds_of([&] { CHECK_THROWS_WITH(run(when_all(std::move(tasks))), "first"); });
    CHECK(cancelled == 100);
    CHECK(elapsed < 10'000);
  }
}

TEST_CASE("a cancellation of the caller reaches the tasks") {
  int cancelled = 0;
  const double elapsed =
      test::milliseconds_of([&] { CHECK_THROWS_WITH(run(gather_for_a_while(10'000, cancelled)), "enough"); });
  CHECK(cancelled == 10'000);
  CHECK(elapsed < 20'000);
}

TEST_CASE("after when_all the caller can go on") {
  const auto main = []() -> task<int> {
    int sum = 0;
    for (int round = 0; round < 3; ++round) {
      std::vector<task<void>> tasks;
      tasks.push_back(add(sum, milliseconds(1)));
      tasks.push_back(fail_after(milliseconds(2), "caught"));
      try {
        co_await when_all(std::move(tasks));
      } catch (const std::runtime_error&) {
        sum += 10;
      }
      co_await wait(milliseconds(1));
    }
    co_return sum;
  };
  CHECK(run(main()) == 33);
}
