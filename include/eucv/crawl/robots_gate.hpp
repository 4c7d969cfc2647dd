#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/crawl/robots.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace eucv::crawl {

/// The product token that robots.txt and X-Robots-Tag know eucv by.
inline constexpr std::string_view robots_agent = "eucv";

/// What is known of the robots.txt of one origin: it is asked for once a run, before the first picture.
class robots_gate {
public:
  enum class state : unsigned char {
    unknown, ///< nobody asked yet
    asked,   ///< a request is on its way
    known,
  };

  [[nodiscard]] state now() const noexcept { return state_; }
  [[nodiscard]] const std::optional<std::chrono::milliseconds>& crawl_delay() const noexcept {
    return rules_.crawl_delay;
  }
  int requests = 0; ///< for this robots.txt

  void ask() noexcept { state_ = state::asked, ++requests; }
  /// The request came to nothing, and there will be another one.
  void ask_again() noexcept { state_ = state::unknown; }

  /// The host gave a final status: 2xx has rules in `body`, 5xx and 429 allow nothing, any other (there is none, or it
  /// is not for us) allows all. RFC 9309, 2.3.1.
  void settle(int status, std::string_view body);
  /// The host gave none: too many redirects allow all, all else is what becomes of its items.
  void settle(const error& failure, std::string_view body);

  /// Why `target` must not be asked for, or nothing. `address` is for the message.
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
