#include <eucv/net/resolver.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/when_all.hpp>
#include <support/code_of.hpp>
#include <support/fetch.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::address_list;
using eucv::net::resolver;
using eucv::net::run;
using eucv::net::task;
using std::chrono::milliseconds;

namespace {

const auto loopback = boost::asio::ip::make_address("127.0.0.1");

resolver::clock::time_point in(milliseconds time) {
  return resolver::clock::now() + time;
}

// A lookup that counts its calls and lasts until the test lets it go: the memory outlives the abandoned threads.
struct stubborn {
  std::atomic<int> calls{0}, most{0}, now{0};
  std::promise<void> go;
  std::shared_future<void> gone{go.get_future()};

  static eucv::net::lookup_function function(const std::shared_ptr<stubborn>& self) {
    return [self](const std::string&) {
      ++self->calls;
      if (const int inside = ++self->now; inside > self->most) self->most = inside;
      self->gone.wait();
      --self->now;
      return address_list{loopback};
    };
  }
};

} // namespace

TEST_CASE("names and literals resolve") {
  resolver names;
  CHECK(run(names.resolve("127.0.0.1", in(milliseconds(0)))) == address_list{loopback});
  CHECK(run(names.resolve("::1", in(milliseconds(0)))).front().is_v6());
  const auto local = run(names.resolve("localhost", in(milliseconds(20'000))));
  REQUIRE_FALSE(local.empty());
  CHECK(local.front().is_loopback());
}

TEST_CASE("the odd spellings of loopback resolve to loopback, so only the resolved address can be judged") {
  resolver names;
  for (const std::string text : {"2130706433", "0x7f000001", "127.1", "0177.0.0.1", "0x7f.1"}) {
    CAPTURE(text);
    boost::system::error_code code;
    boost::asio::ip::make_address(text, code);
    CHECK(code);
    CHECK(run(names.resolve(text, in(milliseconds(20'000)))) == address_list{loopback});
  }
}

TEST_CASE("a name that does not resolve is a dns error, and is asked again next time") {
  std::atomic<int> calls{0};
  resolver names({}, [&](const std::string& host) -> address_list {
    ++calls;
    throw eucv::error(errc::dns, {"look up the host", host, "no such host", ""});
  });
  for (int i = 0; i < 2; ++i)
    CHECK(test::code_of([&] { (void)run(names.resolve("nowhere.invalid", in(milliseconds(20'000)))); }) == errc::dns);
  CHECK(calls == 2);
}

TEST_CASE("an answer is kept for a while, and not longer") {
  std::atomic<int> calls{0};
  const auto lookup = [&](const std::string&) { return ++calls, address_list{loopback}; };
  resolver names({.keep = milliseconds(60'000), .kept = 2}, lookup);
  for (int i = 0; i < 5; ++i) CHECK(run(names.resolve("a.example", in(milliseconds(20'000)))).size() == 1);
  CHECK(calls == 1);
  for (int i = 0; i < 10; ++i) (void)run(names.resolve("host" + std::to_string(i), in(milliseconds(20'000))));
  CHECK(calls == 11);

  resolver forgetful({.keep = milliseconds(0)}, lookup);
  for (int i = 0; i < 3; ++i) (void)run(forgetful.resolve("a.example", in(milliseconds(20'000))));
  CHECK(calls == 14);
}

TEST_CASE("a lookup that hangs is left behind at the deadline") {
  const auto lookup = std::make_shared<stubborn>();
  {
    resolver names({.threads = 2}, stubborn::function(lookup));
    const double elapsed = test::milliseconds_of([&] {
      CHECK(test::code_of([&] { (void)run(names.resolve("slow.example", in(milliseconds(50)))); }) == errc::timeout);
    });
    CHECK(elapsed >= 49);
    CHECK(elapsed < 10'000);
  }
  lookup->go.set_value();
}

TEST_CASE("callers of one host share a lookup, and lookups share few threads") {
  const auto lookup = std::make_shared<stubborn>();
  resolver names({.threads = 3}, stubborn::function(lookup));
  int answered = 0;
  const auto ask = [&](std::string host) -> task<void> {
    const auto addresses = co_await names.resolve(host, in(milliseconds(20'000)));
    CHECK(addresses == address_list{loopback});
    ++answered;
  };
  const auto let_go = [&]() -> task<void> {
    co_await test::until([&] { return lookup->now == 3; });
    lookup->go.set_value();
  };
  std::vector<task<void>> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(ask("host" + std::to_string(i % 10)));
  tasks.push_back(let_go());
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(answered == 200);
  CHECK(lookup->calls == 10);
  CHECK(lookup->most == 3);
}

TEST_CASE("a cancelled caller leaves at once; the lookup may end later, even after its context") {
  const auto lookup = std::make_shared<stubborn>();
  resolver names({}, stubborn::function(lookup));
  const auto ask = [&]() -> task<void> { (void)co_await names.resolve("slow.example", in(milliseconds(20'000))); };
  const auto stop = [&]() -> task<void> {
    co_await test::until([&] { return lookup->calls == 1; });
    throw std::runtime_error("stop");
  };
  std::vector<task<void>> tasks;
  tasks.push_back(ask());
  tasks.push_back(stop());
  const double elapsed =
      test::milliseconds_of([&] { CHECK_THROWS_WITH(run(eucv::net::when_all(std::move(tasks))), "stop"); });
  CHECK(elapsed < 10'000);
  lookup->go.set_value();
  CHECK(run(names.resolve("slow.example", in(milliseconds(20'000)))) == address_list{loopback});
}
