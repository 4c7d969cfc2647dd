#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/net/task.hpp>

#include <chrono>
#include <list>
#include <optional>

namespace eucv::crawl {

/// Hands out the items of a host_queue to workers, and lets those wait for whom there is none yet.
///
/// One waiting worker watches the clock for the host whose delay or rest ends next; the others sleep until they are
/// needed. For tasks of one thread, which it must outlive.
class dispatcher {
public:
  explicit dispatcher(host_queue& queue) : queue_(queue) {}
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// The next item; nothing when all are done, so that the worker may end.
  net::task<std::optional<host_queue::ticket>> next();

  /// To be called when a request has ended, by a worker that goes on with something else before it comes back.
  void wake();

private:
  struct waiter;
  host_queue& queue_;
  std::list<waiter*> idle_;
  host_queue::time_point watched_ = host_queue::time_point::max(); // until when a waiting worker watches the clock
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
        watches(until != host_queue::time_point::max()) {
    if (watches) owner.watched_ = until;
  }
  ~waiter() {
    if (watches) owner.watched_ = host_queue::time_point::max();
    if (idle) owner.idle_.erase(place);
  }

  dispatcher& owner;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer timer;
  bool watches, idle = true;
};

void dispatcher::wake() {
  if (idle_.empty()) return;
  waiter& last = *idle_.back(); // the one whose memory is still warm
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
      if (next_start && *next_start < watched_) wake(); // to take it, or to watch the clock for it
      co_return taken;
    }
    if (queue_.waiting() == 0 && queue_.open() == 0) {
      while (!idle_.empty()) wake();
      co_return std::nullopt;
    }
    const bool watch = next_start && *next_start < watched_;
    waiter self(*this, executor, watch ? *next_start : host_queue::time_point::max());
    boost::system::error_code woken;
    co_await self.timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    if (woken && self.idle) throw boost::system::system_error(woken, "wait for a turn"); // cancelled
  }
}

} // namespace eucv::crawl
#endif
