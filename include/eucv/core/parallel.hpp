#pragma once

#include <eucv/core/error.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace eucv {

/// A half-open range of indices [begin, end).
struct range {
  std::size_t begin = 0, end = 0; ///< the first index, and the one after the last
  /// Number of indices.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return end - begin; }
};

/// Part number `piece` of [0, count), divided into `pieces` parts whose sizes differ by at most one.
///
/// The division depends on the work alone, never on the number of threads: partial sums over such parts, added in
/// order, have the same bits for any number of threads. Precondition: piece < pieces.
[[nodiscard]] constexpr range part(std::size_t count, std::size_t pieces, std::size_t piece) noexcept {
  return {count * piece / pieces, count * (piece + 1) / pieces};
}

/// A fixed set of threads that run one parallel loop at a time.
///
/// Each thread takes the pieces of its own part() of the loop first, then those of the other threads. So a thread
/// mostly reads data that it wrote itself in the loop before, which matters where caches are far apart.
///
/// The calling thread works too, so thread_pool(1) starts none. Waiting threads spin for some 30 microseconds, then
/// sleep: a pool that only spins becomes very slow when another process takes one of its cores. for_each() may be
/// called from one thread at a time; called from inside a piece it runs the inner loop on that thread.
class thread_pool {
public:
  /// Starts `threads` - 1 threads; 0 means one thread a core.
  explicit thread_pool(std::size_t threads = 0)
      : shares_(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency())) {
    for (std::size_t i = 1; i < shares_.size(); ++i) workers_.emplace_back([this, i] { work(i); });
  }
  ~thread_pool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  /// Number of threads, the calling one included.
  [[nodiscard]] std::size_t size() const noexcept { return shares_.size(); }

  /// Calls function(piece) or function(piece, worker) for each piece in [0, pieces), in any order, and returns when
  /// all are done. `worker` < size() is the number of the thread, for scratch memory of its own. The exception of the
  /// lowest piece that threw is rethrown after the loop.
  template <class Function>
  void for_each(std::size_t pieces, Function&& function) {
    if (pieces == 0) return;
    if (pieces == 1 || workers_.empty() || inside_) {
      for (std::size_t piece = 0; piece < pieces; ++piece) call(function, piece, worker_index_);
      return;
    }
    run_all(pieces, const_cast<void*>(static_cast<const void*>(&function)),
            [](void* context, std::size_t piece, std::size_t worker) {
              call(*static_cast<std::remove_reference_t<Function>*>(context), piece, worker);
            });
  }

private:
  using invoke_piece = void(void* context, std::size_t piece, std::size_t worker);

  struct job {
    std::size_t pieces = 0;
    void* context = nullptr;
    invoke_piece* invoke = nullptr;
    std::atomic<std::size_t> running{0};
    std::mutex failure_mutex;
    std::size_t failed_piece = 0;
    std::exception_ptr failure;
  };

  // The next piece of the part of one thread, on a cache line of its own.
  struct alignas(64) share {
    std::atomic<std::size_t> next{0};
  };

  // Some 30 microseconds, by a count that needs no clock. With 1 microsecond, threads were put to sleep and woken so
  // often that a step of training took up to a tenth longer.
  static constexpr int spin_limit = 100'000;

  template <class Function>
  static void call(Function& function, std::size_t piece, std::size_t worker) {
    if constexpr (std::is_invocable_v<Function&, std::size_t, std::size_t>)
      function(piece, worker);
    else
      function(piece);
  }

  // Apart from for_each(), which each loop of a program instantiates.
  void run_all(std::size_t pieces, void* context, invoke_piece* invoke) {
    job task;
    task.pieces = pieces;
    task.context = context;
    task.invoke = invoke;
    {
      std::lock_guard lock(mutex_);
      job_ = &task;
      for (std::size_t i = 0; i < size(); ++i)
        shares_[i].next.store(part(pieces, size(), i).begin, std::memory_order_relaxed);
      task.running.store(workers_.size(), std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    run(task, 0);
    for (int spins = 0; task.running.load(std::memory_order_acquire) != 0; ++spins) {
      if (spins < spin_limit) continue;
      std::unique_lock lock(mutex_);
      done_.wait(lock, [&] { return task.running.load(std::memory_order_acquire) == 0; });
    }
    // The last worker may still hold the mutex after its decrement; taking it once keeps `task` alive until then.
    {
      std::lock_guard lock(mutex_);
      job_ = nullptr;
    }
    if (task.failure) std::rethrow_exception(task.failure);
  }

  void run(job& task, std::size_t worker) {
    inside_ = true;
    worker_index_ = worker;
    for (std::size_t i = 0; i < size(); ++i) {
      const std::size_t owner = (worker + i) % size(), end = part(task.pieces, size(), owner).end;
      for (std::size_t piece; (piece = shares_[owner].next.fetch_add(1, std::memory_order_relaxed)) < end;) {
        try {
          task.invoke(task.context, piece, worker);
        } catch (...) {
          std::lock_guard lock(task.failure_mutex);
          if (!task.failure || piece < task.failed_piece) {
            task.failure = std::current_exception();
            task.failed_piece = piece;
          }
        }
      }
    }
    inside_ = false;
    worker_index_ = 0;
  }

  void work(std::size_t worker) {
    std::size_t seen = 0;
    while (true) {
      for (int spins = 0; spins < spin_limit && generation_.load(std::memory_order_acquire) == seen; ++spins) {
      }
      job* task = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
        seen = generation_.load(std::memory_order_relaxed);
        if (stopping_) return;
        task = job_;
      }
      run(*task, worker);
      std::lock_guard lock(mutex_);
      if (task->running.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.notify_one();
    }
  }

  inline static thread_local bool inside_ = false;
  inline static thread_local std::size_t worker_index_ = 0;

  std::vector<share> shares_; // one a thread, the caller's first
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  job* job_ = nullptr;
  std::atomic<std::size_t> generation_{0};
  bool stopping_ = false;
};

} // namespace eucv
