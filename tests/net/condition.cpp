#include <eucv/net/condition.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

eucv::net::task<void> wait_for(eucv::net::condition& changed, const bool& ready, int& looked, int& passed) {
  while (!ready) {
    ++looked;
    co_await changed.wait();
  }
  ++passed;
}

} // namespace

TEST_CASE("all that wait are woken together, and look again") {
  eucv::net::condition changed;
  bool ready = false;
  int looked = 0, passed = 0;
  const auto main = [&]() -> eucv::net::task<void> {
    std::vector<eucv::net::task<void>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(wait_for(changed, ready, looked, passed));
    const auto wake = [&]() -> eucv::net::task<void> {
      changed.wake_all(); // for nothing
      co_await eucv::net::wait(std::chrono::milliseconds(1));
      CHECK(passed == 0);
      ready = true;
      changed.wake_all();
      CHECK(passed == 0); // they run later
      CHECK(changed.empty());
    };
    tasks.push_back(wake());
    co_await eucv::net::when_all(std::move(tasks));
  };
  eucv::net::run(main());
  CHECK(passed == 3);
  CHECK(looked == 6);
}

TEST_CASE("a cancelled task leaves the list") {
  eucv::net::condition changed;
  bool never = false;
  int looked = 0, passed = 0;
  const auto main = [&]() -> eucv::net::task<void> {
    std::vector<eucv::net::task<void>> tasks;
    tasks.push_back(wait_for(changed, never, looked, passed));
    const auto fail = []() -> eucv::net::task<void> {
      co_await eucv::net::wait(std::chrono::milliseconds(1));
      throw std::runtime_error("the other one is cancelled");
    };
    tasks.push_back(fail());
    co_await eucv::net::when_all(std::move(tasks));
  };
  CHECK_THROWS_AS(eucv::net::run(main()), std::runtime_error);
  CHECK(passed == 0);
  CHECK(changed.empty());
  changed.wake_all();
}
