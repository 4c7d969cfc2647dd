#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace eucv::net {

namespace detail {

/// The part of run() that does not depend on the type of the result.
void run_to_end(task<void> main);

template <class T>
task<void> keep_value(task<T> main, std::optional<T>& value) {
  value.emplace(co_await std::move(main));
}

} // namespace detail

/// Runs a task on the calling thread until it ends and returns its value, or throws what it threw.
///
///     const response page = net::run(fetch(client, address));
///
/// The first SIGINT (Ctrl-C) or SIGTERM cancels the task: its awaits throw, destructors run, it may save its state, and
/// errc::interrupted is thrown here, unless saving failed by another error. A second signal kills the process, as it
/// would without eucv. Tasks that it spawned and did not wait for are destroyed when it ends. Several threads may be in
/// run(), each with its own tasks; a signal cancels all of them.
template <class T>
T run(task<T> main) {
  eucv::detail::needs_implementation();
  if constexpr (std::is_void_v<T>) {
    detail::run_to_end(std::move(main));
  } else {
    std::optional<T> value;
    detail::run_to_end(detail::keep_value(std::move(main), value));
    return std::move(*value);
  }
}

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>

namespace eucv::net::detail {

void run_to_end(task<void> main) {
  // One thread in one context, and never more: in Boost 1.81 cancelling an operation while another thread completes
  // it uses freed memory, and with it `a && b` and `a || b` of awaitable_operators do. See tests/net/run.cpp.
  boost::asio::io_context context(1);
  boost::asio::cancellation_signal cancel;
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  bool interrupted = false;
  std::exception_ptr failure;

  signals.async_wait([&](const boost::system::error_code& code, int) {
    if (code) return;
    interrupted = true;
    signals.clear(); // back to the default action: the second signal kills
    cancel.emit(boost::asio::cancellation_type::terminal);
  });
  boost::asio::co_spawn(context, std::move(main),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown) {
                          failure = thrown;
                          context.stop();
                        }));
  context.run();

  if (!interrupted) {
    if (failure) std::rethrow_exception(failure);
    return;
  }
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const error& thrown) {
    if (thrown.code() != errc::interrupted) throw; // saving the state failed: the user must know
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != boost::asio::error::operation_aborted) throw;
  }
  throw error(errc::interrupted, {"run to the end", {}, "stopped by a signal", "do the same again to go on"});
}

} // namespace eucv::net::detail
#endif
