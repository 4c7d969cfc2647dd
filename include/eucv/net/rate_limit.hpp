#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/http.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eucv::net {

/// The rate limit that a server reports, in the header fields of the IETF draft "RateLimit header fields for HTTP":
/// `RateLimit-Policy: "personal";q=1000;w=3600` and `RateLimit: "personal";r=37;t=1200`.
struct rate_limit {
  std::uint64_t remaining = 0;                ///< requests left in the current window (r)
  std::chrono::seconds reset{0};              ///< until the window ends (t); 0 where it is not reported
  std::optional<std::uint64_t> quota;         ///< requests a window (q)
  std::optional<std::chrono::seconds> window; ///< length of a window (w)
};

/// Parses the rate limit of a reply. Of several the tightest: the one with the fewest requests left, then the longest
/// reset time. Nothing where the fields are absent or invalid.
std::optional<rate_limit> parse_rate_limit(std::span<const header> headers);

/// Parses a Retry-After field: whole seconds, or the time from `now` to a date (RFC 9110, 5.6.7, the preferred form), 0
/// for a date in the past. Nothing for anything else, negative numbers included.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now);

/// The wait that a server asks for before the next request: its Retry-After, else the reset time of a rate limit with
/// no request left. Nothing where it asks for none.
std::optional<std::chrono::seconds> wait_asked(const response& reply, std::chrono::system_clock::time_point now);

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>

namespace eucv::net {

namespace detail {

// The whole of `text` as a number without sign. Numbers beyond ten digits are refused: no wait and no quota is one.
std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.begin(), text.end(), number);
  if (text.empty() || text.size() > 10 || code != std::errc{} || end != text.end()) return std::nullopt;
  return number;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls visit(part) for each part of a structured field between separators; those inside quotes do not count.
template <class Visitor>
void for_each_part(std::string_view text, char separator, Visitor&& visit) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != separator)) continue;
    visit(trim_blanks(text.substr(begin, i - begin)));
    begin = i + 1;
  }
}

// One member of a list, `"name";a=1;b=2`: its name, and the number of a parameter.
struct limit_item {
  std::string_view text;

  [[nodiscard]] std::string_view name() const { return trim_blanks(text.substr(0, text.find(';'))); }
  [[nodiscard]] std::optional<std::uint64_t> number(char key) const {
    std::optional<std::uint64_t> found;
    for_each_part(text, ';', [&](std::string_view part) {
      if (part.size() > 2 && part[0] == key && part[1] == '=') found = parse_count(part.substr(2));
    });
    return found;
  }
};

} // namespace detail

std::optional<rate_limit> parse_rate_limit(std::span<const header> headers) {
  const auto limits = find_header(headers, "RateLimit");
  if (!limits) return std::nullopt;
  std::optional<rate_limit> tightest;
  std::string_view name;
  detail::for_each_part(*limits, ',', [&](std::string_view text) {
    const detail::limit_item item{text};
    const auto remaining = item.number('r');
    if (!remaining) return;
    rate_limit limit{.remaining = *remaining, .reset = {}, .quota = {}, .window = {}};
    if (const auto reset = item.number('t')) limit.reset = std::chrono::seconds(*reset);
    if (tightest && (limit.remaining > tightest->remaining ||
                     (limit.remaining == tightest->remaining && limit.reset <= tightest->reset)))
      return;
    tightest = limit;
    name = item.name();
  });
  if (const auto policies = find_header(headers, "RateLimit-Policy"); tightest && policies)
    detail::for_each_part(*policies, ',', [&](std::string_view text) {
      const detail::limit_item item{text};
      if (item.name() != name) return;
      tightest->quota = item.number('q');
      if (const auto window = item.number('w')) tightest->window = std::chrono::seconds(*window);
    });
  return tightest;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now) {
  value = detail::trim_blanks(value);
  if (const auto seconds = detail::parse_count(value)) return std::chrono::seconds(*seconds);
  // "Sun, 06 Nov 1994 08:49:37 GMT": all fields have fixed places.
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (value.size() != 29 || value.substr(3, 2) != ", " || !value.ends_with(" GMT") || value[19] != ':' ||
      value[22] != ':')
    return std::nullopt;
  const auto month = std::ranges::find(months, value.substr(8, 3));
  const auto day = detail::parse_count(value.substr(5, 2)), year = detail::parse_count(value.substr(12, 4));
  const auto hour = detail::parse_count(value.substr(17, 2)), minute = detail::parse_count(value.substr(20, 2)),
             second = detail::parse_count(value.substr(23, 2));
  if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto then = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                    std::chrono::seconds(*second);
  // In seconds: the nanoseconds of the clock overflow before the year 1678 and after 2262.
  return std::max(then - std::chrono::floor<std::chrono::seconds>(now), std::chrono::seconds(0));
}

std::optional<std::chrono::seconds> wait_asked(const response& reply, std::chrono::system_clock::time_point now) {
  if (const auto value = reply.find("Retry-After"))
    if (const auto seconds = parse_retry_after(*value, now)) return seconds;
  const auto limit = parse_rate_limit(reply.headers);
  if (limit && limit->remaining == 0 && limit->reset.count() > 0) return limit->reset;
  return std::nullopt;
}

} // namespace eucv::net
#endif
