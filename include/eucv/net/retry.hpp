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

/// How often a request is sent, and the waits between.
struct retry_policy {
  int attempts = 4;                          ///< requests in all, the first included
  std::chrono::milliseconds first{1'000};    ///< wait before the second request; doubles from one to the next
  std::chrono::milliseconds longest{60'000}; ///< the longest backoff
  std::chrono::milliseconds patience{
      120'000}; ///< the longest wait that a server may ask for; beyond it there is no further request
};

/// Whether a failure may be gone at the next request: those of the network, but not of the certificate or the address.
[[nodiscard]] constexpr bool is_transient(errc code) noexcept {
  return code == errc::dns || code == errc::connect_failed || code == errc::connection_reset || code == errc::timeout ||
         code == errc::truncated;
}

/// Whether a status may be another one at the next request: 408, 429, 500, 502, 503, 504.
[[nodiscard]] constexpr bool is_transient(int status) noexcept {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

/// The wait before the request after `failed` failed ones: doubled each time up to policy.longest, times a random
/// factor from 0.5 to 1 (jitter), so that many clients do not return at the same moment.
[[nodiscard]] inline std::chrono::milliseconds backoff(const retry_policy& policy, int failed, random& engine) {
  auto wait = std::min(policy.first, policy.longest);
  for (int i = 1; i < failed && wait < policy.longest; ++i) wait = std::min(wait * 2, policy.longest);
  const auto ticks = static_cast<double>(wait.count());
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(engine.uniform(ticks / 2, ticks)));
}

/// Calls `send_once()`, which returns task<response>, until a reply or an error is not transient or policy.attempts are
/// used up. Returns the last reply or throws the last error.
///
/// The wait that a server asks for (see wait_asked()) is kept; where it is longer than policy.patience, the reply is
/// returned without a further request. `engine` draws the jitter and must live until the task ends.
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
