#pragma once

#include <eucv/core/implementation.hpp>
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
/// For work that would block the I/O thread: decoding, hashing, fsync. The function must be copyable, and cannot
/// be cancelled once it has begun: a cancelled caller waits for it, so what it refers to stays alive. Where
/// the pool is stopped before the function begins, the caller gets boost::asio::error::operation_aborted.
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

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mutex>

namespace eucv::net::detail {

// The state that the caller and the pool share. It holds nothing of the context of the caller: its last owner may be a
// thread of the pool, and by then the context may be destroyed.
struct offloaded {
  // In the frame of the caller; removed before that frame or its context is destroyed.
  struct waiter {
    boost::asio::any_io_executor executor;
    std::shared_ptr<boost::asio::steady_timer> ended;
  };

  // Posted under the lock, which the caller takes before it continues: so the pool has released the executor before the
  // caller can end, and its context with it.
  void end() {
    std::lock_guard lock(mutex);
    done = true;
    if (caller != nullptr) boost::asio::post(caller->executor, [timer = caller->ended] { timer->cancel(); });
  }
  [[nodiscard]] bool is_done() {
    std::lock_guard lock(mutex);
    return done;
  }

  std::mutex mutex;
  waiter* caller = nullptr; // this and the rest is guarded by the mutex
  bool called = false, done = false;
};

// The job on the pool. Its destructor reports the end, since a pool that is stopped destroys it without a call.
class offloaded_job {
public:
  offloaded_job(std::shared_ptr<offloaded> shared, std::function<void()> work)
      : shared_(std::move(shared)), work_(std::move(work)) {}
  offloaded_job(offloaded_job&&) noexcept = default;
  offloaded_job& operator=(offloaded_job&&) = delete;
  ~offloaded_job() {
    if (!shared_) return;
    work_ = nullptr; // frees what the function holds before the caller goes on
    shared_->end();
  }
  void operator()() {
    {
      std::lock_guard lock(shared_->mutex);
      shared_->called = true;
    }
    work_();
  }

private:
  std::shared_ptr<offloaded> shared_;
  std::function<void()> work_;
};

struct offloaded_guard {
  offloaded& shared;
  explicit offloaded_guard(offloaded& s) : shared(s) {}
  ~offloaded_guard() {
    std::lock_guard lock(shared.mutex);
    shared.caller = nullptr;
  }
};

task<void> run_elsewhere(boost::asio::thread_pool& pool, std::function<void()> work) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false); // the end of the function is waited for in any case

  const auto shared = std::make_shared<offloaded>();
  offloaded::waiter self{
      executor, std::make_shared<boost::asio::steady_timer>(executor, boost::asio::steady_timer::time_point::max())};
  shared->caller = &self;
  const offloaded_guard leave(*shared);
  boost::asio::post(pool, offloaded_job(shared, std::move(work)));
  while (!shared->is_done()) {
    boost::system::error_code woken;
    co_await self.ended->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
  co_await boost::asio::this_coro::throw_if_cancelled(throws);
  if (!shared->called) throw boost::system::system_error(boost::asio::error::operation_aborted, "the pool was stopped");
}

} // namespace eucv::net::detail
#endif
