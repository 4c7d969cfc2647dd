#pragma once

#include <eucv/net/condition.hpp>
#include <eucv/net/task.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace eucv::net {

/// A bounded channel from many tasks to one, which receives the values in the order of their numbers 0, 1, 2, ...; it
/// holds at most `capacity` values, and tasks that are further ahead wait.
///
///     co_await results.room(number); // before the work, so that its value has a place
///     results.put(number, make());
///
/// A value that takes long delays all after it. For tasks of one thread. Must outlive the tasks that wait.
template <class T>
class ordered_channel {
public:
  /// A channel for at most `capacity` values, at least 1.
  explicit ordered_channel(std::size_t capacity) : places_(capacity) {}

  /// Waits until there is a place for the value of that number. A cancelled task throws.
  task<void> room(std::uint64_t number) {
    while (number >= first_ + places_.size()) co_await changed_.wait();
  }

  /// Puts the value of a number for which there is room; each number once.
  void put(std::uint64_t number, T value) {
    places_[static_cast<std::size_t>(number % places_.size())].emplace(std::move(value));
    if (number == first_) changed_.wake_all();
  }

  /// Ends the channel after `count` values.
  void close(std::uint64_t count) {
    end_ = count;
    changed_.wake_all();
  }

  /// Waits for the next value; nothing after the last one. For one task at a time. A cancelled task throws.
  task<std::optional<T>> next() {
    auto& place = places_[static_cast<std::size_t>(first_ % places_.size())];
    while (!place && first_ < end_) co_await changed_.wait();
    if (!place) co_return std::nullopt;
    std::optional<T> value = std::exchange(place, std::nullopt);
    ++first_;
    changed_.wake_all();
    co_return value;
  }

private:
  std::vector<std::optional<T>> places_;
  std::uint64_t first_ = 0, end_ = std::numeric_limits<std::uint64_t>::max();
  condition changed_;
};

} // namespace eucv::net
