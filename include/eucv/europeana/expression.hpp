#pragma once

#include <span>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// `text` as words of a Lucene query, with special characters escaped.
[[nodiscard]] inline std::string escape(std::string_view text) {
  static constexpr std::string_view special = "+-&|!(){}[]^\"~*?:/\\";
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// `text` as a quoted phrase of a Lucene query, for whole values such as concept URIs.
[[nodiscard]] inline std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

/// A condition `name:"value"` on a field, such as `skos_concept:"http://data.europeana.eu/concept/48"`.
[[nodiscard]] inline std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ':' + quote(value);
}

/// The expressions joined by AND, in parentheses; a single one unchanged, none: everything.
[[nodiscard]] inline std::string all_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " AND ") + expression;
  return joined.empty() ? "*:*" : joined + ')';
}

/// The expressions joined by OR, in parentheses; a single one unchanged, none: nothing.
[[nodiscard]] inline std::string any_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " OR ") + expression;
  return joined.empty() ? "(*:* NOT *:*)" : joined + ')';
}

} // namespace eucv::europeana
