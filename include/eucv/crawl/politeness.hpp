#pragma once

#include <eucv/core/error.hpp>
#include <eucv/net/retry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace eucv::crawl {

/// How the hosts are treated from which is fetched.
struct politeness {
  std::size_t per_host = 4;                    ///< requests at a time to one host, at least 1
  double delay_factor = 0.1;                   ///< from one request to a host to the next: this times what one takes,
  std::chrono::milliseconds least_delay{0};    ///< but at least this,
  std::chrono::milliseconds most_delay{5'000}; ///< and at most this
  std::chrono::milliseconds most_crawl_delay{30'000}; ///< a robots.txt that asks for more gets this
  int give_up_after = 5;     ///< times in a row that a host is in trouble, until all its items fail with that reason
  net::retry_policy retry{}; ///< how long a host in trouble rests, and how often an item is asked for in all

  /// The delay after a request that took so long. What follows from the latency is left out below 10 ms: a host that
  /// answers within 100 ms is not hindered, one that takes seconds is asked less often the slower it is.
  [[nodiscard]] std::chrono::milliseconds delay_after(std::chrono::duration<double, std::milli> took) const {
    const double own = std::min(took.count() * delay_factor, static_cast<double>(most_delay.count()));
    return std::max(least_delay, std::chrono::milliseconds(own < 10 ? 0 : static_cast<long>(own)));
  }
};

/// Whether a host's robots.txt and X-Robots-Tag are followed.
enum class robots_rule : unsigned char {
  honour, ///< what they forbid becomes a failed row
  ignore, ///< they are not read: for a host of your own, or with its owner's leave
};

/// What a reply, or the lack of one, says about the host.
enum class sign : unsigned char {
  fine,    ///< the host works; whatever is wrong is about the one item, and stays so
  passing, ///< about the one item, which is worth another request: 408, 500, a reply cut off
  trouble, ///< the host does not answer, or asks for patience: 429, 502, 503, 504, no connection, no time
};

[[nodiscard]] constexpr sign sign_of(int status) noexcept {
  if (status == 429 || (status >= 502 && status <= 504)) return sign::trouble;
  return net::is_transient(status) ? sign::passing : sign::fine;
}
[[nodiscard]] constexpr sign sign_of(errc code) noexcept {
  if (code == errc::truncated) return sign::passing;
  return net::is_transient(code) ? sign::trouble : sign::fine;
}

} // namespace eucv::crawl
