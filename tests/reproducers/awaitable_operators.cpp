// Why net::run() has one thread: the logical operators of Boost 1.81's awaitables use freed memory as soon as their
// executor has several. Built under AddressSanitizer alone; `threads` must fail there, `one_thread` and `strands` not.
// When `threads` no longer fails, the rule in include/eucv/net/run.hpp may be looked at again.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdio>
#include <string_view>

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

asio::awaitable<void> wait(std::chrono::microseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> rounds(int count) {
  using std::chrono::microseconds;
  for (int i = 0; i < count; ++i) {
    co_await (wait(microseconds(50)) || wait(microseconds(60)));
    co_await (wait(microseconds(50)) && wait(microseconds(60)));
  }
}

} // namespace

int main(int count, char** arguments) {
  const std::string_view how = count > 1 ? arguments[1] : "";
  if (how != "threads" && how != "one_thread" && how != "strands")
    return std::puts("threads, one_thread or strands"), 2;
  asio::thread_pool pool(how == "one_thread" ? 1 : 4);
  const int times = how == "threads" ? 4000 : 200; // of 200 rounds a third went well with several threads
  for (int i = 0; i < 50; ++i) {
    if (how == "strands")
      asio::co_spawn(asio::make_strand(pool), rounds(times), asio::detached);
    else
      asio::co_spawn(pool, rounds(times), asio::detached);
  }
  pool.join();
}
