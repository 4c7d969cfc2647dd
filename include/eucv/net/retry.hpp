#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/wait.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace eucv::net {

/// When to try again, and after how long.
struct retry_policy {
  int attempts = 4;                            ///< requests in all, the first included
  std::chrono::milliseconds first{1'000};      ///< wait before the second request; doubles from one to the next
  std::chrono::milliseconds longest{60'000};   ///< no wait of our own choice is longer
  std::chrono::milliseconds patience{120'000}; ///< a server that asks for a longer wait is not asked again
};

/// Whether the failure may be gone at the next try: the network's faults, but not the certificate or the address.
[[nodiscard]] constexpr bool is_transient(errc code) noexcept {
  return code == errc::dns || code == errc::connect_failed || code == errc::connection_reset || code == errc::timeout ||
         code == errc::truncated;
}

/// Whether the status may be another at the next try: 408, 429, 500, 502, 503, 504.
[[nodiscard]] constexpr bool is_transient(int status) noexcept {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

/// The wait before the request that follows `failed` ones: twice as long each time, at most policy.longest, and of that
/// a random part from a half to the whole, so that many clients do not come back at the same moment.
[[nodiscard]] inline std::chrono::milliseconds backoff(const retry_policy& policy, int failed, random& engine) {
  auto wait = std::min(policy.first, policy.longest);
  for (int i = 1; i < failed && wait < policy.longest; ++i) wait = std::min(wait * 2, policy.longest);
  const auto ticks = static_cast<double>(wait.count());
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(engine.uniform(ticks / 2, ticks)));
}

/// Calls `send_once()`, which returns task<response>, until it gives a reply that is not transient, fails by an error
/// that is not transient, or policy.attempts are used up; returns the last reply or throws the last error.
///
/// A server that asks for a wait (Retry-After, or a rate limit with nothing left) gets at least that wait; one that
/// asks for more than policy.patience gets no further request: the reply is returned, for the caller to tell.
template <class Function>
task<response> with_retry(retry_policy policy, random& engine, Function send_once) {
  for (int attempt = 1;; ++attempt) {
    std::optional<response> reply;
    try {
      reply.emplace(co_await send_once());
      if (!is_transient(reply->status) || attempt >= policy.attempts) co_return std::move(*reply);
    } catch (const error& thrown) {
      if (!is_transient(thrown.code()) || attempt >= policy.attempts) throw;
    }
    std::chrono::milliseconds delay = backoff(policy, attempt, engine);
    if (reply) {
      if (const auto asked = wait_asked(*reply, std::chrono::system_clock::now())) {
        if (*asked > policy.patience) co_return std::move(*reply);
        delay = std::max(delay, std::chrono::milliseconds(*asked));
      }
    }
    co_await wait(delay);
  }
}

} // namespace eucv::net
