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

/// Values on their way from many tasks to one, who takes them in the order of their numbers 0, 1, 2, ...; at most
/// `capacity` of them are held, so who works ahead waits.
///
///     co_await results.room(number); // before the work, which then needs no place to keep its value
///     results.put(number, make());
///
/// A number whose value is long in coming holds up those behind it: that is the price of the order. For tasks of one
/// thread. Must outlive the tasks that wait.
template <class T>
class ordered_channel {
public:
  explicit ordered_channel(std::size_t capacity) : places_(capacity) {}

  /// Ends when the value of that number has a place. A cancelled task throws.
  task<void> room(std::uint64_t number) {
    while (number >= first_ + places_.size()) co_await changed_.wait();
  }

  /// Gives the value of a number for which there is room; each number once.
  void put(std::uint64_t number, T value) {
    places_[static_cast<std::size_t>(number % places_.size())].emplace(std::move(value));
    if (number == first_) changed_.wake_all();
  }

  /// There will be `count` values and no more.
  void close(std::uint64_t count) {
    end_ = count;
    changed_.wake_all();
  }

  /// The next value; nothing after the last one. For one task at a time.
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
