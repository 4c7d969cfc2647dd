#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <list>

namespace eucv::net {

/// A condition variable for tasks: all waiting tasks are woken together, and check again what they wait for.
///
///     while (!ready()) co_await changed.wait();
///
/// For tasks of one thread. Must outlive the tasks that wait.
class condition {
public:
  condition() = default;
  condition(const condition&) = delete;
  condition& operator=(const condition&) = delete;

  /// Ends at the next wake_all(). A cancelled task throws.
  task<void> wait();
  /// Wakes all tasks that wait now; they run later, not inside this call.
  void wake_all();
  /// Whether no task waits.
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

private:
  struct waiter;
  std::list<waiter*> waiting_;
};

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace eucv::net {

// Lives in the frame of wait(), so it leaves the list however that frame ends.
struct condition::waiter {
  waiter(condition& owner, const boost::asio::any_io_executor& executor)
      : list(owner.waiting_), place(list.insert(list.end(), this)),
        woken(executor, boost::asio::steady_timer::time_point::max()) {}
  ~waiter() {
    if (!called) list.erase(place);
  }

  std::list<waiter*>& list;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer woken; // never expires
  bool called = false;
};

task<void> condition::wait() {
  waiter self(*this, co_await boost::asio::this_coro::executor);
  boost::system::error_code code;
  co_await self.woken.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (!self.called) throw boost::system::system_error(code, "wait for a condition");
}

void condition::wake_all() {
  for (waiter* each : std::exchange(waiting_, {})) {
    each->called = true;
    each->woken.cancel();
  }
}

} // namespace eucv::net
#endif
