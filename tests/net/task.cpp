#include <eucv/net/task.hpp>

#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <type_traits>
#include <utility>

namespace net = eucv::net;

static_assert(std::is_same_v<net::task<int>::value_type, int>);
static_assert(std::is_move_constructible_v<net::task<int>> && !std::is_copy_constructible_v<net::task<int>>);

namespace {

net::task<int> doubled(int& calls, int number) {
  ++calls;
  co_return 2 * number;
}

} // namespace

TEST_CASE("a task does nothing before it is awaited, and runs once") {
  int calls = 0;
  net::task<int> waiting = doubled(calls, 21);
  CHECK(calls == 0);
  CHECK(net::run(std::move(waiting)) == 42);
  CHECK(calls == 1);
}

TEST_CASE("a task that is never awaited frees its arguments and does nothing") {
  int calls = 0;
  { const net::task<int> dropped = doubled(calls, 1); }
  CHECK(calls == 0);
}

TEST_CASE("what a task throws comes out where it is awaited") {
  const auto failing = []() -> net::task<void> {
    throw std::runtime_error("broken");
    co_return;
  };
  const auto caller = [&]() -> net::task<bool> {
    bool caught = false;
    try {
      co_await failing();
    } catch (const std::runtime_error&) {
      caught = true;
    }
    co_return caught;
  };
  CHECK(net::run(caller()));
}
