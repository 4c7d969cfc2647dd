#pragma once

#include <eucv/net/secret.hpp>
#include <eucv/net/url.hpp>

#include <cstdint>
#include <string_view>

namespace eucv::crawl {

/// Whether a reply with status 200 is the placeholder that version 2 of Europeana's Thumbnail API sends where it has no
/// thumbnail: a PNG of 2,319 bytes. Version 3 answers 404 instead. `type` is the Content-Type, `size` the bytes of the
/// body.
[[nodiscard]] inline bool is_placeholder(const net::url& address, std::string_view type, std::uint64_t size) {
  const std::string_view target = address.target;
  const bool thumbnail = target.starts_with("/thumbnail/v2/") || target.starts_with("/api/v2/thumbnail-by-url.json");
  return thumbnail && size == 2'319 && net::detail::begins_ignoring_case(type, "image/png");
}

} // namespace eucv::crawl
