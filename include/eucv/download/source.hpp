#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// Which version of a picture is fetched.
enum class picture_source : std::uint8_t {
  original,  ///< the address in the table, in full size
  iiif,      ///< where that is the full size of an IIIF image service: a smaller one, scaled by the service
  thumbnail, ///< Europeana's thumbnail, 400 pixels wide (200 for sizes up to 128): no request to the museum
};

/// The word of a source.
[[nodiscard]] constexpr std::string_view to_string(picture_source source) noexcept {
  switch (source) {
  case picture_source::original: return "original";
  case picture_source::iiif: return "iiif";
  case picture_source::thumbnail: return "thumbnail";
  }
  return "original";
}

/// The address of an IIIF Image API (2 or 3) for a picture whose longer side is at most `longest` pixels, where
/// `address` is that of the full image; else `address` unchanged.
[[nodiscard]] std::string iiif_sized(const std::string& address, std::size_t longest);

/// The address of the thumbnail of a picture (Thumbnail API v3, which answers 404 where it has none), `width` pixels
/// wide. `preview` is the address that the Search API gives for it; where it is empty, the thumbnail is that of
/// `address`.
[[nodiscard]] std::string thumbnail_of(const std::string& address, const std::string& preview, std::size_t width);

/// Replaces the addresses in the column `URL` of a table by those of another source, large enough for a shorter side of
/// `size` pixels in all but long, narrow pictures. The column `preview` is used where it exists. Throws
/// errc::missing_column; errc::invalid_argument for a size of 0, the original bytes, which no other source has.
void choose_source(dataset::table& table, picture_source source, std::size_t size);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/error.hpp>
#include <eucv/download/detail/md5.hpp>
#include <eucv/net/url.hpp>

#include <array>
#include <vector>

namespace eucv::download {

namespace detail {

// The last `count` segments of a path, from its end.
std::vector<std::string_view> last_parts(std::string_view path, std::size_t count) {
  std::vector<std::string_view> parts;
  while (parts.size() < count) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) break;
    parts.push_back(path.substr(slash + 1));
    path = path.substr(0, slash);
  }
  return parts;
}

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

std::string iiif_sized(const std::string& address, std::size_t longest) {
  if (address.find_first_of("?#") != std::string::npos) return address;
  const auto parts = detail::last_parts(address, 4); // {region}/{size}/{rotation}/{quality}.{format}, backwards
  if (parts.size() != 4 || parts[3] != "full" || (parts[2] != "full" && parts[2] != "max") || parts[1] != "0")
    return address;
  const std::string_view quality = parts[0].substr(0, parts[0].find('.'));
  if (quality != "default" && quality != "native" && quality != "color") return address;
  const std::string limit = std::to_string(longest);
  const std::string base = address.substr(0, static_cast<std::size_t>(parts[2].data() - address.data()));
  return base + "!" + limit + "," + limit + "/0/" + std::string(quality) + ".jpg";
}

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

void choose_source(dataset::table& table, picture_source source, std::size_t size) {
  if (source == picture_source::original) return;
  if (size == 0)
    throw error(errc::invalid_argument, {"choose a source", "original bytes", "only the original source has them",
                                         "give a size in pixels, or the source original"});
  const std::size_t url = table.column("URL");
  const bool has_preview = table.has("preview");
  const std::size_t preview = has_preview ? table.column("preview") : 0;
  for (auto& row : table.rows) {
    if (row[url].empty()) continue;
    row[url] = source == picture_source::iiif
                   ? iiif_sized(row[url], 2 * size)
                   : thumbnail_of(row[url], has_preview ? row[preview] : std::string(), size <= 128 ? 200 : 400);
  }
}

} // namespace eucv::download
#endif
