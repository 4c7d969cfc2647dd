#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/http.hpp>

#include <span>
#include <string_view>

namespace eucv::crawl {

/// Whether the X-Robots-Tag fields of a reply forbid `agent` to use it for machine learning: the words `noai`,
/// `noimageai` or `noml`, in any field, between commas, in any case, for all programs or for this one ("eucv: noai").
///
/// A name before a colon is that of a program and holds for the words behind it, up to the next name or the end of the
/// field. Other words, such as noindex, are about search engines.
[[nodiscard]] bool forbids_learning(std::span<const net::header> headers, std::string_view agent);

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::crawl {

namespace detail {

bool field_forbids(std::string_view value, std::string_view agent) {
  static constexpr std::array<std::string_view, 3> refusals{"noai", "noimageai", "noml"};
  // Words that have a value behind a colon of their own, and so are no names of programs.
  static constexpr std::array<std::string_view, 4> settings{"unavailable_after", "max-snippet", "max-image-preview",
                                                            "max-video-preview"};
  const auto is_among = [](const auto& words, std::string_view word) {
    return std::ranges::any_of(words,
                               [&](std::string_view own) { return net::detail::equal_ignoring_case(own, word); });
  };
  const auto trimmed = [](std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
  };
  bool for_us = true;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    std::string_view word = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
      const std::string_view name = trimmed(word.substr(0, colon));
      if (is_among(settings, name)) continue;
      for_us = name == "*" || net::detail::equal_ignoring_case(name, agent);
      word = trimmed(word.substr(colon + 1));
    }
    if (for_us && is_among(refusals, word)) return true;
  }
  return false;
}

} // namespace detail

bool forbids_learning(std::span<const net::header> headers, std::string_view agent) {
  return std::ranges::any_of(headers, [&](const net::header& field) {
    return net::detail::equal_ignoring_case(field.name, "X-Robots-Tag") && detail::field_forbids(field.value, agent);
  });
}

} // namespace eucv::crawl
#endif
