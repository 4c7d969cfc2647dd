#pragma once

#include <eucv/core/error.hpp>
#include <eucv/net/retry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace eucv::crawl {

/// Limits on the load that a crawl puts on each host.
struct politeness {
  std::size_t per_host = 4;  ///< requests at a time to one host, at least 1
  double delay_factor = 0.1; ///< delay between two requests to a host: this times the latency of a request,
  std::chrono::milliseconds least_delay{0};           ///< but at least this,
  std::chrono::milliseconds most_delay{5'000};        ///< and at most this
  std::chrono::milliseconds most_crawl_delay{30'000}; ///< the longest delay that a robots.txt may ask for
  int give_up_after = 5;     ///< backoffs in a row after which all items of a host fail with its error
  net::retry_policy retry{}; ///< backoff of an unavailable host, and requests an item in all

  /// The delay after a request that took so long. A delay of less than 10 ms by the latency counts as none: a host that
  /// answers within 100 ms is asked without delay, a slower one the less often the longer it takes.
  [[nodiscard]] std::chrono::milliseconds delay_after(std::chrono::duration<double, std::milli> took) const {
    const double own = std::min(took.count() * delay_factor, static_cast<double>(most_delay.count()));
    return std::max(least_delay, std::chrono::milliseconds(own < 10 ? 0 : static_cast<long>(own)));
  }
};

/// Whether a host's robots.txt and X-Robots-Tag are followed.
enum class robots_rule : unsigned char {
  honour, ///< an item that they forbid fails
  ignore, ///< they are not read: for your own host, or with the permission of its owner
};

/// What the outcome of a request says about the host.
enum class host_signal : unsigned char {
  ok,          ///< the host works; an error concerns this item and is permanent
  transient,   ///< an error of this item that may be gone at the next request: 408, 500, a truncated reply
  unavailable, ///< the host does not answer or asks to wait: 429, 502, 503, 504, no connection, a timeout
};

/// The signal of a reply with that HTTP status.
[[nodiscard]] constexpr host_signal signal_of(int status) noexcept {
  if (status == 429 || (status >= 502 && status <= 504)) return host_signal::unavailable;
  return net::is_transient(status) ? host_signal::transient : host_signal::ok;
}
/// The signal of a request that failed with that code.
[[nodiscard]] constexpr host_signal signal_of(errc code) noexcept {
  if (code == errc::truncated) return host_signal::transient;
  return net::is_transient(code) ? host_signal::unavailable : host_signal::ok;
}

} // namespace eucv::crawl
