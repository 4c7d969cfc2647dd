#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <algorithm>
#include <cstddef>
#include <list>
#include <utility>

namespace eucv::net {

/// A counting semaphore for tasks, first come, first served.
///
///     const auto permit = co_await at_most_four.acquire(); // released at the end of the scope
///
/// A task may take several permits at once: as many as it needs bytes of a shared budget of memory, for example.
///
/// For tasks of one thread. Must outlive its permits and the tasks that wait for one.
class semaphore {
public:
  /// One or more permits of a semaphore; movable, released by its destructor.
  class permit {
  public:
    permit() = default;
    permit(permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), count_(other.count_) {}
    permit& operator=(permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(count_, other.count_);
      return *this;
    }
    ~permit() {
      if (owner_ != nullptr) owner_->give_back(count_);
    }

  private:
    friend semaphore;
    permit(semaphore* owner, std::size_t count) noexcept : owner_(owner), count_(count) {}
    semaphore* owner_ = nullptr;
    std::size_t count_ = 0;
  };

  /// A semaphore of that many permits.
  explicit semaphore(std::size_t permits) noexcept : all_(permits), free_(permits) {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;

  /// Waits for `count` permits, or for all where there are fewer. A cancelled task throws, and takes none.
  task<permit> acquire(std::size_t count = 1);

  /// Number of permits that are not held.
  [[nodiscard]] std::size_t free() const noexcept { return free_; }
  /// Number of tasks that wait.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

private:
  struct waiter;
  void give_back(std::size_t count);

  std::size_t all_, free_;
  std::list<waiter*> queue_;
};

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net {

// Lives in the frame of acquire(), so it leaves the queue however that frame ends.
struct semaphore::waiter {
  waiter(semaphore& whose, std::size_t wanted, const boost::asio::any_io_executor& executor)
      : owner(whose), count(wanted), queue(whose.queue_), place(queue.insert(queue.end(), this)),
        admitted(executor, boost::asio::steady_timer::time_point::max()) {}
  ~waiter() {
    if (!queued) return;
    queue.erase(place);
    owner.give_back(0); // those behind it may need less
  }

  semaphore& owner;
  std::size_t count;
  std::list<waiter*>& queue;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer admitted; // never expires: a condition to wait on
  bool queued = true;
  permit won; // given by give_back(), which takes the waiter out of the queue
};

task<semaphore::permit> semaphore::acquire(std::size_t count) {
  count = std::min(count, std::max<std::size_t>(all_, 1));
  if (queue_.empty() && free_ >= count) {
    free_ -= count;
    co_return permit(this, count);
  }
  waiter self(*this, count, co_await boost::asio::this_coro::executor);
  boost::system::error_code woken;
  co_await self.admitted.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  if (self.queued) throw boost::system::system_error(woken, "wait for a permit");
  co_return std::move(self.won);
}

// Permits are handed to waiting tasks directly: a task that comes now must not overtake the queue.
void semaphore::give_back(std::size_t count) {
  free_ += count;
  while (!queue_.empty() && queue_.front()->count <= free_) {
    waiter& next = *queue_.front();
    queue_.pop_front();
    free_ -= next.count;
    next.queued = false;
    next.won = permit(this, next.count);
    next.admitted.cancel();
  }
}

} // namespace eucv::net
#endif
