#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::net {

/// A key or password, which reaches streams, messages and comparisons only through reveal(), a name that is easy to
/// find in a review.
class secret_string {
public:
  secret_string() = default;
  /// The secret `text`.
  explicit secret_string(std::string text) : text_(std::move(text)) {}

  /// Whether the text is empty.
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  /// The text itself, for the one place that sends it. Valid as long as this object is unchanged.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }

  friend std::ostream& operator<<(std::ostream&, const secret_string&) = delete;

private:
  std::string text_;
};

namespace detail {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

constexpr bool begins_ignoring_case(std::string_view text, std::string_view head) noexcept {
  return text.size() >= head.size() && equal_ignoring_case(text.substr(0, head.size()), head);
}

// Length of the secret at the front of `text`, and of the mark that stays before it; {0, 0} where there is none.
inline std::pair<std::size_t, std::size_t> secret_at(std::string_view text) {
  static constexpr std::array<std::string_view, 6> in_queries{
      "wskey=", "api_key=", "apikey=", "wskey%3D", "api_key%3D", "apikey%3D"};
  static constexpr std::array<std::string_view, 2> in_headers{"x-api-key:", "authorization:"};
  for (const auto mark : in_queries)
    if (begins_ignoring_case(text, mark)) {
      const auto rest = text.substr(mark.size());
      return {mark.size(), std::min({rest.size(), rest.find_first_of("&#;\"'<> \t\r\n"), rest.find("%26")})};
    }
  for (const auto mark : in_headers)
    if (begins_ignoring_case(text, mark)) {
      const auto rest = text.substr(mark.size());
      const auto blanks = std::min(rest.size(), rest.find_first_not_of(" \t"));
      return {mark.size() + blanks, std::min(rest.size(), rest.find_first_of("\r\n")) - blanks};
    }
  if (text.starts_with("://")) {
    const auto authority = text.substr(3, text.find_first_of("/?# \t\r\n", 3) - 3);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) return {3, at};
  }
  return {0, 0};
}

} // namespace detail

/// `text` with every API key, authorization header and user info of an address replaced by "***".
///
/// For messages, logs and tables. Recognises the names by which Europeana's services and common others take keys
/// (`wskey=`, `api_key=`, `X-Api-Key:`, `Authorization:`), in any case, and percent-encoded inside another address.
[[nodiscard]] inline std::string redact(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto found = detail::secret_at(text);
    const std::size_t kept = found.first == 0 ? 1 : found.first;
    clean += text.substr(0, kept);
    if (found.second != 0) clean += "***";
    text.remove_prefix(kept + found.second);
  }
  return clean;
}

} // namespace eucv::net
