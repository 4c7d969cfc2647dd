#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace eucv::download {

/// Which version of a picture is fetched.
enum class picture_source : std::uint8_t {
  original,  ///< the address in the table, in full size
  iiif,      ///< where that is the full size of an IIIF image service: a smaller one, scaled by the service
  thumbnail, ///< a thumbnail of an aggregator, 400 pixels wide (200 for sizes up to 128): no request to the museum
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

/// The address of a thumbnail, `width` pixels wide, from that of the picture and the cell `preview` of its row, which
/// may be empty: europeana::thumbnail_of(), say.
using thumbnail_address =
    std::function<std::string(const std::string& address, const std::string& preview, std::size_t width)>;

/// Which version of the pictures of a table is wanted.
struct source_choice {
  picture_source source = picture_source::original;
  std::size_t size = 0;             ///< of the shorter side that is needed, in pixels
  thumbnail_address thumbnail = {}; ///< needed for picture_source::thumbnail
};

/// Replaces the addresses in the column `URL` of a table by those of another source, large enough for a shorter side of
/// `choice.size` pixels in all but long, narrow pictures. The column `preview` is used where it exists. Throws
/// errc::missing_column; errc::invalid_argument for a size of 0, the original bytes, which no other source has, and for
/// thumbnails without choice.thumbnail.
void choose_source(dataset::table& table, const source_choice& choice);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/error.hpp>

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

void choose_source(dataset::table& table, const source_choice& choice) {
  if (choice.source == picture_source::original) return;
  if (choice.size == 0)
    throw error(errc::invalid_argument, {"choose a source", "original bytes", "only the original source has them",
                                         "give a size in pixels, or the source original"});
  if (choice.source == picture_source::thumbnail && !choice.thumbnail)
    throw error(errc::invalid_argument, {"choose a source", "thumbnails", "nothing says where they are",
                                         "give a function from addresses to those of thumbnails"});
  const std::size_t url = table.column("URL");
  const bool has_preview = table.has("preview");
  const std::size_t preview = has_preview ? table.column("preview") : 0;
  for (auto& row : table.rows) {
    if (row[url].empty()) continue;
    row[url] =
        choice.source == picture_source::iiif
            ? iiif_sized(row[url], 2 * choice.size)
            : choice.thumbnail(row[url], has_preview ? row[preview] : std::string(), choice.size <= 128 ? 200 : 400);
  }
}

} // namespace eucv::download
#endif
