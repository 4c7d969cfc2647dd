#pragma once

#include <eucv/net/rate_limit.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace eucv::europeana {

/// A rate limiter: the number of requests that may be sent in the current window, learned from `RateLimit` header
/// fields.
///
/// It answers whether a request may be sent; service.hpp waits. A reply may or may not count the requests under way, so
/// all of them are subtracted: with r requests left, never more than r are sent, by any number of tasks. While nothing
/// is known of a window, a single request is allowed; after a reply without a limit, any number. For one thread.
class quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Whether a request may be sent now.
  [[nodiscard]] bool open(time_point now) {
    const bool unknown_end = window_end_ == time_point::max() && under_way_ == 0 && left_ <= uncounted_;
    if (now >= window_end_ || unknown_end) forget_window();
    if (!known_) return under_way_ == 0;
    return left_ == no_limit || left_ > under_way_ + uncounted_;
  }

  /// When a closed window opens; nothing while requests are under way, since their replies may open it before.
  [[nodiscard]] std::optional<time_point> opens_at() const {
    if (under_way_ > 0 || window_end_ == time_point::max()) return std::nullopt;
    return window_end_;
  }

  /// Requests that were sent and have not ended.
  [[nodiscard]] std::uint64_t under_way() const noexcept { return under_way_; }

  /// Counts a request that is sent, and returns its number; its end is to be reported by replied() or lost().
  [[nodiscard]] std::uint64_t send() { return ++under_way_, ++sent_; }

  /// Reports the reply to request `number`, with the rate limit in it.
  void replied(std::uint64_t number, const std::optional<net::rate_limit>& limit, time_point now) {
    --under_way_;
    if (!limit) {
      known_ = true; // no limit, unless an earlier reply had one
      if (left_ != no_limit) add_uncounted();
      return;
    }
    const time_point end = limit->reset.count() > 0                 ? now + limit->reset
                           : limit->remaining > 0                   ? time_point::max()
                           : window_end_ > now && left_ != no_limit ? window_end_
                                                                    : now;
    // A new window is recognised by its end, which is much later than that of the old one.
    const auto far =
        limit->window ? std::chrono::duration_cast<std::chrono::seconds>(*limit->window) / 2 : std::chrono::seconds(60);
    const bool same = left_ != no_limit && (window_end_ == time_point::max() || end <= window_end_ + far);
    if (!same || limit->remaining <= left_) {
      if (number > last_uncounted_) uncounted_ = 0; // this count includes them
      left_ = limit->remaining;
    }
    window_end_ = same ? std::min(window_end_, end) : end; // a slow reply makes the end appear later
    known_ = true;
  }

  /// Reports a request without a reply: it may or may not have been counted.
  void lost() {
    --under_way_;
    if (left_ != no_limit) add_uncounted();
  }

  /// Closes the window until `until`, since the service has refused a request, whatever the header fields say.
  void close(time_point until) {
    const bool closed = left_ == 0 && window_end_ != time_point::max();
    known_ = true;
    left_ = 0;
    window_end_ = closed ? std::max(window_end_, until) : until;
  }

private:
  static constexpr std::uint64_t no_limit = static_cast<std::uint64_t>(-1);

  void forget_window() {
    known_ = false;
    left_ = no_limit;
    uncounted_ = 0;
    window_end_ = time_point::max();
  }
  void add_uncounted() {
    ++uncounted_;
    last_uncounted_ = sent_;
  }

  bool known_ = false;            ///< whether a reply of this window has come
  std::uint64_t left_ = no_limit; ///< requests, by the latest count
  time_point window_end_ = time_point::max();
  std::uint64_t under_way_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t uncounted_ = 0;      ///< requests that ended without a count, after the count in left_
  std::uint64_t last_uncounted_ = 0; ///< a reply to a later request includes them
};

} // namespace eucv::europeana
