#include <eucv/net/run.hpp>

#include <eucv/net/wait.hpp>
#include <support/code_of.hpp>
#include <support/fetch.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using eucv::errc;
using eucv::net::run;
using eucv::net::task;
using eucv::net::wait;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds forever{60'000};

task<int> seven() {
  co_return 7;
}
task<std::unique_ptr<std::string>> owned() {
  co_await wait(milliseconds(1));
  co_return std::make_unique<std::string>("text");
}
task<void> fail() {
  co_await wait(milliseconds(1));
  throw std::invalid_argument("bad");
}

struct flag_at_end {
  bool& flag;
  ~flag_at_end() { flag = true; }
};
task<void> raise_and_wait(int signal, bool& destroyed) {
  const flag_at_end guard{destroyed};
  std::raise(signal);
  co_await wait(forever);
}
task<int> raise_and_finish() {
  std::raise(SIGINT);
  try {
    co_await wait(forever);
  } catch (const std::exception&) {
  }
  co_return 1;
}
task<void> raise_and_fail_to_save() {
  std::raise(SIGINT);
  try {
    co_await wait(forever);
  } catch (const std::exception&) {
  }
  throw eucv::error(errc::disk_full, {"save", "state", "no space", ""});
}
task<void> ignore_one_signal() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  std::raise(SIGINT);
  while (true) {
    try {
      co_await wait(milliseconds(1));
    } catch (const std::exception&) { // the signal has been seen
      std::raise(SIGINT);
    }
  }
}

} // namespace

TEST_CASE("a task runs to its value, or to what it throws") {
  CHECK(run(seven()) == 7);
  CHECK(*run(owned()) == "text");
  CHECK_THROWS_AS(run(fail()), std::invalid_argument);
}

TEST_CASE("a signal cancels the task and ends run() as interrupted") {
  for (const int signal : {SIGINT, SIGTERM}) {
    bool destroyed = false;
    const double elapsed = test::milliseconds_of(
        [&] { CHECK(test::code_of([&] { run(raise_and_wait(signal, destroyed)); }) == errc::interrupted); });
    CHECK(destroyed);
    CHECK(elapsed < 10'000);
  }
  CHECK(test::code_of([] { (void)run(raise_and_finish()); }) == errc::interrupted);
  CHECK(test::code_of([] { run(raise_and_fail_to_save()); }) == errc::disk_full);
  CHECK(run(seven()) == 7); // the signals are free again
}

TEST_CASE("a second signal kills") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(20);
    run(ignore_one_signal());
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("what was spawned and not waited for is dropped") {
  bool destroyed = false;
  const auto background = [](bool& flag) -> task<void> {
    const flag_at_end guard{flag};
    co_await wait(forever);
  };
  const auto main = [&](bool& flag) -> task<void> {
    boost::asio::co_spawn(co_await boost::asio::this_coro::executor, background(flag), boost::asio::detached);
    co_await wait(milliseconds(1));
  };
  CHECK(test::milliseconds_of([&] { run(main(destroyed)); }) < 10'000);
  CHECK(destroyed);
}

// With Boost 1.81 these operators use freed memory as soon as a second thread runs the context: 50 such tasks on a
// thread_pool(4) fail under AddressSanitizer at once. run() has one thread, so they are safe in it. If run() ever gets
// more threads, this case fails in the asan job.
TEST_CASE("the operators of awaitables are safe inside run(), and in several runs at a time") {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto rounds = []() -> task<void> {
    for (int i = 0; i < 40; ++i) {
      co_await (wait(milliseconds(1)) || wait(forever));
      co_await (wait(milliseconds(1)) && wait(milliseconds(1)));
    }
  };
  const auto many = [&]() -> task<void> {
    for (int i = 0; i < 50; ++i)
      boost::asio::co_spawn(co_await boost::asio::this_coro::executor, rounds(), boost::asio::detached);
    co_await rounds();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { run(many()); });
  for (auto& thread : threads) thread.join();
}
