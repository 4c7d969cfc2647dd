#pragma once

#include <eucv/net/task.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace boost::asio {
class thread_pool;
}

namespace eucv::net {

namespace detail {

/// The part of offload() that does not depend on the type of the function. `work` must not throw.
task<void> run_elsewhere(boost::asio::thread_pool& pool, std::function<void()> work);

} // namespace detail

/// Calls `function()` on a thread of `pool` and returns its value, or throws what it threw, on the caller's executor.
///
/// For work that would hold up the network thread: decoding, hashing, fsync. The function must be copyable, and cannot
/// be cancelled once it has begun: a cancelled caller waits for it to return, so what it refers to stays alive.
template <class Function>
auto offload(boost::asio::thread_pool& pool, Function function) -> task<std::invoke_result_t<Function&>> {
  using value_type = std::invoke_result_t<Function&>;
  // Shared, so that a frame that is destroyed together with its context leaves the running function its memory.
  struct call {
    explicit call(Function f) : function(std::move(f)) {}
    Function function;
    std::exception_ptr failure;
    std::optional<std::conditional_t<std::is_void_v<value_type>, bool, value_type>> value;
  };
  const auto shared = std::make_shared<call>(std::move(function));
  std::function<void()> work = [shared] {
    try {
      if constexpr (std::is_void_v<value_type>)
        shared->function();
      else
        shared->value.emplace(shared->function());
    } catch (...) {
      shared->failure = std::current_exception();
    }
  };
  co_await detail::run_elsewhere(pool, std::move(work));
  if (shared->failure) std::rethrow_exception(shared->failure);
  if constexpr (!std::is_void_v<value_type>) co_return std::move(*shared->value);
}

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net::detail {

struct post_elsewhere {
  template <class Handler>
  void operator()(Handler handler, boost::asio::thread_pool* pool, std::function<void()> work) const {
    // Tracked: the caller's context must not end while its only task waits here.
    auto home = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                    boost::asio::execution::outstanding_work.tracked);
    boost::asio::post(*pool, [handler = std::move(handler), work = std::move(work), home = std::move(home)]() mutable {
      work();
      work = nullptr; // frees what the function holds before the caller goes on
      boost::asio::post(home, std::move(handler));
    });
  }
};

task<void> run_elsewhere(boost::asio::thread_pool& pool, std::function<void()> work) {
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      post_elsewhere{}, boost::asio::use_awaitable, &pool, std::move(work));
}

} // namespace eucv::net::detail
#endif
