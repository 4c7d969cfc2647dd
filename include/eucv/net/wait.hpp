#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <chrono>

namespace eucv::net {

/// Waits for `duration`, or not at all where it is not positive, without blocking the thread. A cancelled task throws.
task<void> wait(std::chrono::milliseconds duration);

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net {

task<void> wait(std::chrono::milliseconds duration) {
  if (duration <= std::chrono::milliseconds::zero()) co_return;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace eucv::net
#endif
