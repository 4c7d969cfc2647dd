#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <vector>

namespace eucv::net {

/// Runs tasks concurrently on the executor of the caller and ends when all of them have ended.
///
/// The first exception cancels the other tasks and is rethrown when they have ended too, so that nothing they refer to
/// is used later. A cancellation of the caller cancels all of them. The executor must be single-threaded or a strand,
/// as that of run() is.
task<void> when_all(std::vector<task<void>> tasks);

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace eucv::net {

namespace detail {

// Shared with the completion handlers of the tasks: these may outlive the frame of when_all() when a context is
// destroyed with tasks in it.
struct task_group {
  task_group(const boost::asio::any_io_executor& executor, std::size_t count)
      : left(count), signals(count), all_ended(executor, boost::asio::steady_timer::time_point::max()) {}

  void cancel() {
    for (auto& signal : signals) signal.emit(boost::asio::cancellation_type::terminal);
  }
  void end(std::exception_ptr thrown) {
    if (--left == 0) all_ended.cancel();
    if (!thrown || failure) return;
    failure = thrown;
    cancel();
  }

  std::size_t left;
  std::vector<boost::asio::cancellation_signal> signals;
  boost::asio::steady_timer all_ended; // never expires: a condition to wait on
  std::exception_ptr failure;
};

} // namespace detail

task<void> when_all(std::vector<task<void>> tasks) {
  if (tasks.empty()) co_return;
  const auto executor = co_await boost::asio::this_coro::executor;
  const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
  // Whatever happens, the tasks are waited for: a cancelled await must not throw in between.
  co_await boost::asio::this_coro::throw_if_cancelled(false);

  const auto group = std::make_shared<detail::task_group>(executor, tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    boost::asio::co_spawn(executor, std::move(tasks[i]),
                          boost::asio::bind_cancellation_slot(
                              group->signals[i].slot(), [group](std::exception_ptr thrown) { group->end(thrown); }));

  const auto state = co_await boost::asio::this_coro::cancellation_state;
  bool passed_on = false;
  while (group->left > 0) {
    if (state.cancelled() != boost::asio::cancellation_type::none && !std::exchange(passed_on, true)) group->cancel();
    boost::system::error_code woken;
    co_await group->all_ended.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }

  co_await boost::asio::this_coro::throw_if_cancelled(throws);
  if (group->failure) std::rethrow_exception(group->failure);
  if (state.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted, "when_all");
}

} // namespace eucv::net
#endif
