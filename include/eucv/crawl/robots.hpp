#pragma once

#include <eucv/core/implementation.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::crawl {

/// The rules of a robots.txt that apply to one program (RFC 9309). Without rules everything is allowed.
struct robots {
  /// One line `Allow:` or `Disallow:`.
  struct rule {
    std::string pattern; ///< percent-encoding normalised; '*' is any text, a '$' at the end is the end
    bool allow = false;
  };
  std::vector<rule> rules;
  std::optional<std::chrono::milliseconds> crawl_delay; ///< `Crawl-delay:` between two requests; common, but no RFC

  /// Whether an address is allowed, and what the check cost.
  struct verdict {
    bool allowed;
    std::size_t steps; ///< characters compared and rules looked at; at most robots_steps
  };
  /// Whether the program may request `target` (path and query, as in net::url): the longest pattern that matches
  /// decides; of two of equal length, the one that allows. A check of more than robots_steps ends with a refusal: only
  /// rules that were made to waste time take so many.
  [[nodiscard]] verdict judge(std::string_view target) const;
  /// judge(target).allowed.
  [[nodiscard]] bool allows(std::string_view target) const { return judge(target).allowed; }
};

/// The limit of steps of robots::judge(): about a millisecond. A thousand rules, each compared with a hundred
/// characters, take a tenth of it.
inline constexpr std::size_t robots_steps = 1'000'000;

/// Bytes of a robots.txt that are read; the RFC asks for at least 500 KiB. The rest, and a line that is cut, is
/// ignored.
inline constexpr std::size_t robots_limit = std::size_t{512} << 10;

/// Parses a robots.txt for the program with the product token `agent`: the rules of all groups that name it or, where
/// none does, those of the groups for '*'. Invalid lines are skipped, so any text can be read; never throws for one.
[[nodiscard]] robots parse_robots(std::string_view text, std::string_view agent);

/// Rules that allow nothing.
[[nodiscard]] inline robots no_robots() {
  return {.rules = {{"/", false}}, .crawl_delay = {}};
}

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
#include <eucv/net/secret.hpp>

#include <charconv>
#include <system_error>
#include <utility>

namespace eucv::crawl {

namespace detail {

constexpr int hexadecimal_value(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : -1;
}

// One spelling of each octet, so that patterns and addresses compare byte by byte: letters, digits and "-._~" as they
// are, other escapes in upper case; blanks, bytes beyond ASCII, and what means something in a pattern, escaped
// (RFC 9309, 2.2.2 and 2.2.3).
std::string normalised(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto unreserved = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
  };
  std::string same;
  const auto escape = [&](unsigned byte) { ((same += '%') += digits[byte >> 4]) += digits[byte & 15]; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int high = i + 2 < text.size() ? hexadecimal_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hexadecimal_value(text[i + 2]) : -1;
    if (text[i] == '%' && low >= 0) {
      const auto value = static_cast<unsigned>(16 * high + low);
      i += 2;
      if (unreserved(static_cast<char>(value)))
        same += static_cast<char>(value);
      else
        escape(value);
    } else if (byte <= 0x20 || byte >= 0x7f || text[i] == '*' || text[i] == '$') {
      escape(byte);
    } else {
      same += text[i];
    }
  }
  return same;
}

// The same for a pattern, in which each '*' and a '$' at the end keep their meaning.
std::string normalised_pattern(std::string_view text) {
  const bool whole = text.ends_with('$');
  if (whole) text.remove_suffix(1);
  std::string same;
  for (std::size_t star; (star = text.find('*')) != std::string_view::npos; text.remove_prefix(star + 1))
    same.append(normalised(text.substr(0, star))).append("*");
  return same.append(normalised(text)).append(whole ? "$" : "");
}

// Each part between two '*' is looked for behind the part before it: the leftmost place leaves the most to the others,
// so where a part does not fit, only the last '*' takes one character more. Each step takes one of `steps`; false where
// none is left.
bool matches(std::string_view pattern, std::string_view target, std::size_t& steps) {
  const bool whole = pattern.ends_with('$');
  if (whole) pattern.remove_suffix(1);
  std::optional<std::size_t> behind_star;
  std::size_t p = 0, t = 0, covered = 0; // what the last '*' stands for ends at `covered`
  for (; steps > 0; --steps) {
    if (p == pattern.size() && (!whole || t == target.size())) return true;
    if (p < pattern.size() && pattern[p] == '*') {
      behind_star = ++p;
      covered = t;
    } else if (p < pattern.size() && t < target.size() && pattern[p] == target[t]) {
      ++p, ++t;
    } else {
      if (!behind_star || covered >= target.size()) return false;
      p = *behind_star;
      t = ++covered;
    }
  }
  return false;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "eucv" of "eucv/1.0 (x)".
std::string_view product_token(std::string_view value) {
  std::size_t length = 0;
  while (length < value.size()) {
    const char c = value[length];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-')) break;
    ++length;
  }
  return value.substr(0, length);
}

std::optional<std::chrono::milliseconds> seconds_of(std::string_view text) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || !(seconds >= 0) || seconds > 1e6) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
}

} // namespace detail

robots::verdict robots::judge(std::string_view target) const {
  if (target == "/robots.txt") return {true, 0};
  const std::string address = detail::normalised(target);
  std::size_t longest = 0, left = robots_steps;
  bool allowed = true;
  for (const auto& [pattern, allow] : rules) {
    if ((pattern.size() > longest || (pattern.size() == longest && allow)) && detail::matches(pattern, address, left)) {
      longest = pattern.size();
      allowed = allow;
    }
    if (left == 0) return {false, robots_steps};
    --left;
  }
  return {allowed, robots_steps - left};
}

robots parse_robots(std::string_view text, std::string_view agent) {
  const bool cut = text.size() > robots_limit;
  text = text.substr(0, robots_limit);
  if (cut) text = text.substr(0, text.find_last_of("\r\n") + 1); // npos + 1 is 0
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  robots own, everyone;
  bool named = false;                   // by any group
  bool for_us = false, for_all = false; // the group at hand
  bool in_rules = false;                // so the next user-agent begins another group
  const auto add = [&](auto&& change) {
    if (for_us) change(own);
    if (for_all) change(everyone);
  };
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find('#'));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = detail::without_blanks(line.substr(0, colon));
    const std::string_view value = detail::without_blanks(line.substr(colon + 1));
    const auto is = [&](std::string_view name) { return net::detail::equal_ignoring_case(key, name); };
    if (is("user-agent")) {
      if (std::exchange(in_rules, false)) for_us = for_all = false;
      if (value == "*")
        for_all = true;
      else if (net::detail::equal_ignoring_case(detail::product_token(value), agent))
        for_us = named = true;
    } else if (is("allow") || is("disallow")) {
      in_rules = true;
      if (value.empty()) continue;
      add([&](robots& group) { group.rules.push_back({detail::normalised_pattern(value), is("allow")}); });
    } else if (is("crawl-delay")) { // no end of the group's head: other records must not interfere (2.2.4)
      if (const auto delay = detail::seconds_of(value)) add([&](robots& group) { group.crawl_delay = delay; });
    }
  }
  return named ? own : everyone;
}

} // namespace eucv::crawl
#endif
