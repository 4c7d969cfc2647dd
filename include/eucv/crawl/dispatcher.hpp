#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/net/task.hpp>

#include <chrono>
#include <list>
#include <optional>

namespace eucv::crawl {

/// Gives the items of a host_queue to workers, and suspends workers while no host may take a request.
///
/// One waiting worker holds the timer of the host whose delay or backoff ends next; the others sleep until they are
/// woken. For tasks of one thread, which it must outlive, as the queue must outlive it.
class dispatcher {
public:
  /// A dispatcher of the items of `queue`.
  explicit dispatcher(host_queue& queue) : queue_(queue) {}
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// The next item; nothing when all items are done, which ends the worker. A cancelled task throws.
  net::task<std::optional<host_queue::ticket>> next();

  /// Wakes a waiting worker. Call it when a request has ended, if the caller does other work before it calls next().
  void wake();

private:
  struct waiter;
  host_queue& queue_;
  std::list<waiter*> idle_;
  host_queue::time_point timer_end_ = host_queue::time_point::max(); // when the timer of a waiting worker expires
};

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::crawl {

// Lives in the frame of next(), so it leaves the list however that frame ends.
struct dispatcher::waiter {
  waiter(dispatcher& whose, const boost::asio::any_io_executor& executor, host_queue::time_point until)
      : owner(whose), place(whose.idle_.insert(whose.idle_.end(), this)), timer(executor, until),
        has_timer(until != host_queue::time_point::max()) {
    if (has_timer) owner.timer_end_ = until;
  }
  ~waiter() {
    if (has_timer) owner.timer_end_ = host_queue::time_point::max();
    if (idle) owner.idle_.erase(place);
  }

  dispatcher& owner;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer timer;
  bool has_timer, idle = true;
};

void dispatcher::wake() {
  if (idle_.empty()) return;
  waiter& last = *idle_.back(); // the one whose frame is most likely still in the cache
  idle_.pop_back();
  last.idle = false;
  last.timer.cancel();
}

net::task<std::optional<host_queue::ticket>> dispatcher::next() {
  const auto executor = co_await boost::asio::this_coro::executor;
  while (true) {
    const auto taken = queue_.take(std::chrono::steady_clock::now());
    const auto next_start = queue_.next_start();
    if (taken) {
      if (next_start && *next_start < timer_end_) wake(); // to take it, or to set a timer for it
      co_return taken;
    }
    if (queue_.waiting() == 0 && queue_.open() == 0) {
      while (!idle_.empty()) wake();
      co_return std::nullopt;
    }
    const bool set_timer = next_start && *next_start < timer_end_;
    waiter self(*this, executor, set_timer ? *next_start : host_queue::time_point::max());
    boost::system::error_code woken;
    co_await self.timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    if (woken && self.idle) throw boost::system::system_error(woken, "wait for an item"); // cancelled
  }
}

} // namespace eucv::crawl
#endif
