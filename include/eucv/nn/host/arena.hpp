#pragma once

#include <eucv/core/error.hpp>
#include <eucv/nn/tensor.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

namespace eucv::nn {

/// The memory of a network: one region of addresses that each step reuses.
///
/// Blocks of lifetime::step are placed by first fit in one growing region, and free neighbours are joined. A step that
/// begins as the step before began therefore places every block where it lay before: from the second step on the
/// system is asked for nothing, no page is touched for the first time, and a gradient takes the place of what was
/// consumed just before. Blocks of lifetime::model come from the heap, so that they never stand in the way.
///
/// A handle on shared state: copies are the same arena, and it lives until its last block is freed. All members are
/// safe to call from several threads.
class arena {
public:
  class block;

  /// Counted since the arena was made.
  struct statistics {
    std::size_t system_requests = 0; ///< times that memory was taken from the system, of either lifetime
    std::size_t step_bytes = 0;      ///< bytes in use for steps, now
    std::size_t step_peak = 0;       ///< size of the region: the most bytes that steps have needed
    std::size_t model_bytes = 0;     ///< bytes in use with lifetime::model, now
  };

  arena() : state_(std::make_shared<state>()) {}

  /// A block of at least `bytes` bytes, aligned to 64, not initialised. Throws std::bad_alloc when memory is used up.
  [[nodiscard]] block allocate(std::size_t bytes, lifetime life = lifetime::step);

  [[nodiscard]] statistics count() const {
    std::lock_guard lock(state_->mutex);
    return state_->counts;
  }

private:
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t growth = std::size_t{4} << 20; // committed at a time: large, since each time is a call

  struct state;
  // Stands in the 64 bytes before each block. `before` and `after` are neighbours in memory.
  struct alignas(alignment) header {
    std::shared_ptr<state> owner; // empty while free, so that free blocks do not keep the arena alive
    std::atomic<std::size_t> uses{1};
    std::size_t bytes = 0; // header included
    header* before = nullptr;
    header* after = nullptr;
    lifetime life = lifetime::step;
    bool free = false;
  };
  static_assert(sizeof(header) == alignment);

  struct state {
    std::mutex mutex;
    statistics counts;
    std::byte* base = nullptr; // start of the reserved addresses
    std::size_t reserved = 0, committed = 0, used = 0;
    header* last = nullptr; // the block at the end of what is used
    header* first = nullptr;

    ~state() {
      if (base != nullptr) ::munmap(base, reserved);
    }

    // Addresses cost nothing until they are committed: as many as the machine has memory, less where a limit says so.
    void reserve() {
      const auto pages = static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_PHYS_PAGES)));
      const auto page = static_cast<std::size_t>(std::max(4096L, ::sysconf(_SC_PAGESIZE)));
      for (std::size_t size = pages * page / growth * growth; size >= growth; size = size / 2 / growth * growth) {
        void* address = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (address == MAP_FAILED) continue;
        base = static_cast<std::byte*>(address);
        reserved = size;
        return;
      }
      throw std::bad_alloc();
    }

    void commit(std::size_t end) {
      if (base == nullptr) reserve();
      if (end <= committed) return;
      const std::size_t wanted = (end + growth - 1) / growth * growth;
      if (wanted > reserved) throw std::bad_alloc();
      if (::mprotect(base + committed, wanted - committed, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
      ::madvise(base + committed, wanted - committed, MADV_HUGEPAGE); // advice only: a refusal changes nothing
#endif
      committed = wanted;
      ++counts.system_requests;
    }

    header* take(std::size_t bytes) {
      for (header* at = first; at != nullptr; at = at->after)
        if (at->free && at->bytes >= bytes) {
          split(at, bytes);
          at->free = false;
          return at;
        }
      commit(used + bytes);
      header* made = ::new (base + used) header;
      made->bytes = bytes;
      made->before = last;
      (last != nullptr ? last->after : first) = made;
      last = made;
      used += bytes;
      counts.step_peak = std::max(counts.step_peak, used);
      return made;
    }

    void split(header* at, std::size_t bytes) {
      if (at->bytes < bytes + 2 * alignment) return; // what is left would hold no block
      header* rest = ::new (reinterpret_cast<std::byte*>(at) + bytes) header;
      rest->bytes = at->bytes - bytes;
      rest->free = true;
      rest->before = at;
      rest->after = at->after;
      (at->after != nullptr ? at->after->before : last) = rest;
      at->after = rest;
      at->bytes = bytes;
    }

    void give_back(header* at) {
      at->free = true;
      if (at->before != nullptr && at->before->free) at = join(at->before);
      if (at->after != nullptr && at->after->free) join(at);
      if (at->after == nullptr) { // the region shrinks, so that the next block may have any size
        used -= at->bytes;
        last = at->before;
        (last != nullptr ? last->after : first) = nullptr;
        at->~header();
      }
    }

    // Makes one free block of `at` and the one after it.
    header* join(header* at) {
      header* next = at->after;
      at->bytes += next->bytes;
      at->after = next->after;
      (next->after != nullptr ? next->after->before : last) = at;
      next->~header();
      return at;
    }
  };

  std::shared_ptr<state> state_;
};

/// Shared ownership of memory from an arena; the last one to go gives it back. An empty block owns nothing.
class arena::block {
public:
  block() = default;
  block(const block& other) noexcept : header_(other.header_) {
    if (header_ != nullptr) header_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  block(block&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  block& operator=(block other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~block() { release(); }

  [[nodiscard]] explicit operator bool() const noexcept { return header_ != nullptr; }
  /// Whether no other handle shares this memory, so that its holder may overwrite it.
  [[nodiscard]] bool unique() const noexcept {
    return header_ != nullptr && header_->uses.load(std::memory_order_acquire) == 1;
  }
  /// The memory, as values of a trivial type. Precondition: not empty.
  template <class T>
  [[nodiscard]] T* data() const noexcept {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(header_) + alignment);
  }

private:
  friend class arena;
  explicit block(header* owned) noexcept : header_(owned) {}

  void release() noexcept {
    if (header_ == nullptr || header_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::shared_ptr<state> owner = std::move(header_->owner); // outlives the lock below
    std::lock_guard lock(owner->mutex);
    if (header_->life == lifetime::model) {
      owner->counts.model_bytes -= header_->bytes;
      header_->~header();
      ::operator delete (header_, std::align_val_t{alignment});
    } else {
      owner->counts.step_bytes -= header_->bytes;
      owner->give_back(header_);
    }
  }

  header* header_ = nullptr;
};

inline arena::block arena::allocate(std::size_t bytes, lifetime life) {
  const std::size_t whole = alignment + (std::max(bytes, std::size_t{1}) + alignment - 1) / alignment * alignment;
  std::lock_guard lock(state_->mutex);
  header* made = nullptr;
  if (life == lifetime::model) {
    made = ::new (::operator new (whole, std::align_val_t{alignment})) header;
    made->bytes = whole;
    ++state_->counts.system_requests;
    state_->counts.model_bytes += whole;
  } else {
    made = state_->take(whole);
    state_->counts.step_bytes += made->bytes;
  }
  made->life = life;
  made->uses.store(1, std::memory_order_relaxed);
  made->owner = state_;
  return block(made);
}

} // namespace eucv::nn
