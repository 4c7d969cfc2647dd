#pragma once

#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <string>

namespace eucv::europeana {

/// The address of the thumbnail of a picture (Thumbnail API v3, which answers 404 where it has none), `width` pixels
/// wide. `preview` is the address that the Search API gives for it; where it is empty, the thumbnail is that of
/// `address`.
[[nodiscard]] std::string thumbnail_of(const std::string& address, const std::string& preview, std::size_t width);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/europeana/detail/md5.hpp>
#include <eucv/net/url.hpp>

#include <string_view>

namespace eucv::europeana {

namespace detail {

std::string percent_decoded(std::string_view text) {
  const auto value = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && value(text[i + 1]) >= 0 && value(text[i + 2]) >= 0;
    plain += escape ? static_cast<char>(16 * value(text[i + 1]) + value(text[i + 2])) : text[i];
    i += escape ? 2 : 0;
  }
  return plain;
}

} // namespace detail

std::string thumbnail_of(const std::string& address, const std::string& preview, std::size_t width) {
  std::string origin = "https://api.europeana.eu", resource = address;
  if (const auto shown = net::parse_url(preview); shown && shown->target.find("/thumbnail") != std::string::npos) {
    const std::size_t begin = shown->target.find("uri=");
    if (begin != std::string::npos) {
      const std::string_view value = std::string_view(shown->target).substr(begin + 4);
      resource = detail::percent_decoded(value.substr(0, value.find('&')));
    }
    if (shown->target.starts_with("/thumbnail/")) origin = shown->origin();
  }
  return origin + "/thumbnail/v3/" + std::to_string(width) + "/" + detail::md5_text(resource);
}

} // namespace eucv::europeana
#endif
