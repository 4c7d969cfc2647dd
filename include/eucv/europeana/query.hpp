#pragma once

#include <eucv/core/error.hpp>
#include <eucv/europeana/rights.hpp>
#include <eucv/net/url.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// `text` as one word or words of a Lucene query, every character that has a meaning there escaped.
[[nodiscard]] inline std::string escape(std::string_view text) {
  static constexpr std::string_view special = "+-&|!(){}[]^\"~*?:/\\";
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// `text` as one quoted phrase, for whole values such as concept URIs.
[[nodiscard]] inline std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

/// `name:"value"`, such as `skos_concept:"http://data.europeana.eu/concept/48"`.
[[nodiscard]] inline std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ':' + quote(value);
}

/// The expressions joined by AND, in parentheses. One expression stays as it is.
[[nodiscard]] inline std::string all_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " AND ") + expression;
  return joined.empty() ? "*:*" : joined + ')';
}

/// The expressions joined by OR, in parentheses. One expression stays as it is.
[[nodiscard]] inline std::string any_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " OR ") + expression;
  return joined.empty() ? "(*:* NOT *:*)" : joined + ')';
}

/// One search: what to look for, and how the pages are cut. A value; the key and the cursor are no part of it.
///
///     auto portraits = query().match("portrait").filter(field("skos_concept", uri)).reuse({reusability::open});
///
/// Parameters as in Europeana's Search API, version 2.
class query {
public:
  /// The `query` parameter, a Lucene expression taken as it is: escape() what comes from outside. An empty or blank
  /// text, which the service refuses, means everything. Another call replaces it.
  query& match(std::string expression) {
    text_ = std::move(expression);
    if (text_.find_first_not_of(" \t\r\n") == std::string::npos) text_ = "*:*";
    return *this;
  }

  /// Adds a `qf` filter, ANDed with the query and the other filters.
  ///
  /// The service joins two filters on the same field by OR, and mangles two that begin with a parenthesis and the same
  /// field. So a second filter on a field throws errc::invalid_argument: write one expression, with all_of() or
  /// any_of().
  query& filter(std::string expression) {
    const std::string_view name = field_of(expression);
    for (const auto& other : filters_)
      if (field_of(other) == name)
        throw error(errc::invalid_argument,
                    {"add a filter", expression,
                     "there is one on " + std::string(name) + " already, and Europeana ORs them",
                     "join them in one expression with all_of() or any_of()"});
    filters_.push_back(std::move(expression));
    return *this;
  }

  /// Items under these rights only; the empty set means all.
  query& reuse(reusability_set words) noexcept { return reusability_ = words, *this; }

  /// Items whose media file Europeana could fetch when it last looked.
  query& with_media() noexcept { return media_ = true, *this; }

  /// An order that is random, yet the same on every page and at every repetition with this seed.
  ///
  /// Plain `sort=random` is shuffled anew for each page: 37 % of the rows come twice and as many never. `europeana_id`
  /// makes the order total, which a cursor needs.
  query& shuffle(std::uint64_t seed) { return sort("random_" + std::to_string(seed) + " asc"); }

  /// The `sort` parameter, to which `europeana_id asc` is added where it lacks, since a cursor needs it.
  query& sort(std::string order) {
    sort_ = std::move(order);
    if (sort_.find("europeana_id") == std::string::npos) sort_ += ",europeana_id asc";
    return *this;
  }

  /// Which fields come back: "minimal", "standard" (the default), "rich".
  query& profile(std::string name) { return profile_ = std::move(name), *this; }

  /// Items a page, 0 to 100; more is clamped by the service, so it is clamped here.
  query& rows(std::size_t count) noexcept { return rows_ = std::min<std::size_t>(count, 100), *this; }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

  /// The request line for a page, each value percent-encoded once. `mark` is "*" for the first page, then what the
  /// page before gave; with an empty mark no cursor is sent, and only the first page can be had.
  [[nodiscard]] std::string target(std::string_view path, std::string_view mark) const {
    std::string line(path);
    char separator = line.find('?') == std::string::npos ? '?' : '&';
    const auto add = [&](std::string_view name, std::string_view value) {
      line += std::exchange(separator, '&');
      line.append(name).append("=").append(net::percent_encode(value));
    };
    add("query", text_);
    for (const auto& expression : filters_) add("qf", expression);
    if (!reusability_.empty()) add("reusability", to_string(reusability_));
    if (media_) add("media", "true");
    if (!sort_.empty()) add("sort", sort_);
    add("profile", profile_);
    add("rows", std::to_string(rows_));
    if (!mark.empty()) add("cursor", mark);
    return line;
  }

private:
  // What the service takes for the name of the field: the text before the first colon, parentheses aside.
  static std::string_view field_of(std::string_view expression) {
    expression.remove_prefix(std::min(expression.find_first_not_of("( "), expression.size()));
    return expression.substr(0, expression.find(':'));
  }

  std::string text_ = "*:*";
  std::vector<std::string> filters_;
  reusability_set reusability_;
  bool media_ = false;
  std::string sort_;
  std::string profile_ = "standard";
  std::size_t rows_ = 100;
};

} // namespace eucv::europeana
