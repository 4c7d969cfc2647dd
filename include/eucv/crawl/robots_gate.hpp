#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/crawl/robots.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace eucv::crawl {

/// The product token of eucv in robots.txt and X-Robots-Tag.
inline constexpr std::string_view robots_agent = "eucv";

/// The robots.txt of one origin (scheme, host and port): whether it was fetched, and what it allows. It is fetched once
/// a run, before the first item of the origin. For one thread.
class robots_gate {
public:
  /// How far the robots.txt is.
  enum class state : unsigned char {
    unknown, ///< not requested
    asked,   ///< requested, without a reply so far
    known,   ///< the rules, or the failure, are known
  };

  /// The state now.
  [[nodiscard]] state now() const noexcept { return state_; }
  /// The delay that the rules ask for; empty while unknown.
  [[nodiscard]] const std::optional<std::chrono::milliseconds>& crawl_delay() const noexcept {
    return rules_.crawl_delay;
  }
  int requests = 0; ///< sent for this robots.txt

  /// Reports that it is requested.
  void ask() noexcept { state_ = state::asked, ++requests; }
  /// Reports that the request failed and will be repeated.
  void ask_again() noexcept { state_ = state::unknown; }

  /// Reports a final status: the rules of a 2xx are in `body`, 5xx and 429 allow nothing, any other status (there is no
  /// robots.txt) allows everything. RFC 9309, 2.3.1.
  void settle(int status, std::string_view body);
  /// Reports a final failure: too many redirects allow everything, any other failure becomes that of all items.
  void settle(const error& failure, std::string_view body);

  /// Why `target` must not be requested, or nothing. `address` is for the message.
  [[nodiscard]] std::optional<error> refusal(std::string_view target, const std::string& address) const;

private:
  state state_ = state::unknown;
  robots rules_;
  std::optional<error> failure_;
};

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
namespace eucv::crawl {

void robots_gate::settle(int status, std::string_view body) {
  state_ = state::known;
  if (status >= 200 && status < 300) rules_ = parse_robots(body, robots_agent);
  if (status >= 500 || status == 429)
    failure_.emplace(errc::robots_unreachable, error_text{"read the robots.txt",
                                                          {},
                                                          "HTTP " + std::to_string(status),
                                                          "try again later; until then the host is left alone"});
}

void robots_gate::settle(const error& failure, std::string_view body) {
  state_ = state::known;
  switch (failure.code()) {
  case errc::too_many_redirects:
  case errc::bad_redirect: return;
  case errc::too_large: rules_ = parse_robots(body, robots_agent); return;
  default: failure_.emplace(failure);
  }
}

std::optional<error> robots_gate::refusal(std::string_view target, const std::string& address) const {
  if (failure_) return failure_;
  if (rules_.allows(target)) return std::nullopt;
  return error(errc::robots_disallowed,
               {"download", address, "the robots.txt of its host forbids it", "ask the owner of the host"});
}

} // namespace eucv::crawl
#endif
