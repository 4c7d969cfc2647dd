#pragma once

#include <eucv/net/rate_limit.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace eucv::europeana {

/// How many requests may be sent before the window of the limit opens again, learned from `RateLimit` header fields.
///
/// Says yes or no and waits for nothing itself; service.hpp does the waiting. Requests that are under way may or may
/// not be counted in what a reply says is left, so all of them are taken off: with r requests left, never more than r
/// are sent, however many tasks ask side by side. While nothing is known of a window, one request is let through alone;
/// a service that names no limit lets all of them through after that.
class quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Whether a request may be sent now.
  [[nodiscard]] bool open(time_point now) {
    const bool endless = window_end_ == time_point::max() && under_way_ == 0 && left_ <= unheard_;
    if (now >= window_end_ || endless) forget_window();
    if (!known_) return under_way_ == 0;
    return left_ == no_limit || left_ > under_way_ + unheard_;
  }

  /// When a closed window opens, if time alone opens it: while requests are under way, their replies may do so before.
  [[nodiscard]] std::optional<time_point> opens_at() const {
    if (under_way_ > 0 || window_end_ == time_point::max()) return std::nullopt;
    return window_end_;
  }

  /// Requests that are sent, and not heard of since.
  [[nodiscard]] std::uint64_t under_way() const noexcept { return under_way_; }

  /// A request is sent; what comes back is handed to heard() or lost().
  [[nodiscard]] std::uint64_t send() { return ++under_way_, ++sent_; }

  /// The reply to request `number`, with what it says about the limit.
  void heard(std::uint64_t number, const std::optional<net::rate_limit>& told, time_point now) {
    --under_way_;
    if (!told) {
      known_ = true; // and no limit, unless an earlier reply named one
      if (left_ != no_limit) count_unheard();
      return;
    }
    const time_point end = told->reset.count() > 0                  ? now + told->reset
                           : told->remaining > 0                    ? time_point::max()
                           : window_end_ > now && left_ != no_limit ? window_end_
                                                                    : now;
    // A later window is told by its end: it lies far behind that of the old one.
    const auto far =
        told->window ? std::chrono::duration_cast<std::chrono::seconds>(*told->window) / 2 : std::chrono::seconds(60);
    const bool same = left_ != no_limit && (window_end_ == time_point::max() || end <= window_end_ + far);
    if (!same || told->remaining <= left_) {
      if (number > last_unheard_) unheard_ = 0; // this count includes them
      left_ = told->remaining;
    }
    window_end_ = same ? std::min(window_end_, end) : end; // a slow reply makes the end look later than it is
    known_ = true;
  }

  /// Request `number` came to no reply: nobody knows whether it was counted.
  void lost() {
    --under_way_;
    if (left_ != no_limit) count_unheard();
  }

  /// No request before `until`, whatever the header fields say: the service has refused one.
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
    unheard_ = 0;
    window_end_ = time_point::max();
  }
  void count_unheard() {
    ++unheard_;
    last_unheard_ = sent_;
  }

  bool known_ = false;            ///< whether a reply of this window has come
  std::uint64_t left_ = no_limit; ///< as the latest count says
  time_point window_end_ = time_point::max();
  std::uint64_t under_way_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t unheard_ = 0;      ///< ended without a count, after the count in left_
  std::uint64_t last_unheard_ = 0; ///< a reply to a later request counts them
};

} // namespace eucv::europeana
