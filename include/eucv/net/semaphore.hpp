#pragma once

#include <eucv/net/task.hpp>

#include <cstddef>
#include <list>
#include <utility>

namespace eucv::net {

/// Lets at most a number of tasks into a part of their work; the others wait in the order in which they came.
///
///     const auto permit = co_await at_most_four.acquire(); // given back at the end of the scope
///
/// For tasks of one thread. Must outlive its permits and the tasks that wait for one.
class semaphore {
public:
  /// The right to be inside; movable, gives itself back when destroyed.
  class permit {
  public:
    permit() = default;
    permit(permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    permit& operator=(permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~permit() {
      if (owner_ != nullptr) owner_->give_back();
    }

  private:
    friend semaphore;
    explicit permit(semaphore* owner) noexcept : owner_(owner) {}
    semaphore* owner_ = nullptr;
  };

  explicit semaphore(std::size_t permits) noexcept : free_(permits) {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;

  /// Waits for a permit. A cancelled task leaves the queue and takes none.
  task<permit> acquire();

  /// Permits that nobody holds.
  [[nodiscard]] std::size_t free() const noexcept { return free_; }
  /// Tasks that wait.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

private:
  struct waiter;
  void give_back();

  std::size_t free_;
  std::list<waiter*> queue_;
};

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net {

// Lives in the frame of acquire(), so it leaves the queue however that frame ends.
struct semaphore::waiter {
  waiter(semaphore& owner, const boost::asio::any_io_executor& executor)
      : queue(owner.queue_), place(queue.insert(queue.end(), this)),
        admitted(executor, boost::asio::steady_timer::time_point::max()) {}
  ~waiter() {
    if (queued) queue.erase(place);
  }

  std::list<waiter*>& queue;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer admitted; // never expires: a condition to wait on
  bool queued = true;
  permit won; // given by give_back(), which takes the waiter out of the queue
};

task<semaphore::permit> semaphore::acquire() {
  if (free_ > 0) {
    --free_;
    co_return permit(this);
  }
  waiter self(*this, co_await boost::asio::this_coro::executor);
  boost::system::error_code woken;
  co_await self.admitted.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  if (self.queued) throw boost::system::system_error(woken, "wait for a permit");
  co_return std::move(self.won);
}

void semaphore::give_back() {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  // Handed over, not set free: a task that comes now must not overtake the queue.
  waiter& next = *queue_.front();
  queue_.pop_front();
  next.queued = false;
  next.won = permit(this);
  next.admitted.cancel();
}

} // namespace eucv::net
#endif
