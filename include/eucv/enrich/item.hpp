#pragma once

#include <eucv/core/error.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/net/ordered_channel.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Statements about records of Europeana: a stream that searches, fetches and classifies pictures, the rule by which
/// labels are stated, and the ledger of statements.
namespace eucv::enrich {

/// A picture to classify: a file, or an address with what is known of its record.
struct item {
  std::string name;                ///< the path or address of the picture; where there is none, the name that was given
  std::filesystem::path file = {}; ///< empty where the picture is at `address`
  std::string address = {};        ///< http or https
  std::string id = {};             ///< "/DATASET/LOCAL"; empty where no record is known
  std::vector<std::string> concepts = {}; ///< URIs of the concepts that the record holds
  std::optional<error> fault = {};        ///< why there is no picture, where the source of the items knows
};

/// The channel from a source of items to classify_stream().
using item_channel = net::ordered_channel<item>;

/// The kind of thing that a name given by a user stands for.
enum class name_kind : std::uint8_t {
  file,    ///< anything else
  address, ///< "http://..." or "https://..."
  record,  ///< "/DATASET/LOCAL", or the record's address at data.europeana.eu or www.europeana.eu
};

/// The record id in a name: "/DATASET/LOCAL" itself, "http://data.europeana.eu/item/DATASET/LOCAL", or a page of
/// www.europeana.eu, with a language or without. Empty for any other name.
[[nodiscard]] inline std::string record_id_of(std::string_view name) {
  if (europeana::is_record_id(name)) return std::string(name);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!name.starts_with(scheme)) continue;
    std::string_view rest = name.substr(scheme.size());
    for (const std::string_view host : {"data.europeana.eu", "www.europeana.eu", "europeana.eu"}) {
      if (!rest.starts_with(host)) continue;
      std::string_view path = rest.substr(host.size());
      path = path.substr(0, path.find_first_of("?#"));
      if (path.size() > 4 && path[0] == '/' && path[3] == '/') path.remove_prefix(3); // "/en/item/..."
      if (!path.starts_with("/item/")) continue;
      path.remove_prefix(5);
      if (europeana::is_record_id(path)) return std::string(path);
    }
  }
  return {};
}

/// The kind of a name. The path of an existing file is a file, even where it reads like the id of a record.
[[nodiscard]] inline name_kind kind_of(const std::string& name) {
  std::error_code ignored;
  const bool web = name.starts_with("http://") || name.starts_with("https://");
  if (!web && std::filesystem::exists(name, ignored)) return name_kind::file;
  if (!record_id_of(name).empty()) return name_kind::record;
  return web ? name_kind::address : name_kind::file;
}

/// The item of a record; it has a fault where the record has no picture.
[[nodiscard]] inline item item_of(europeana::record&& found) {
  item made{.name = found.image, .address = found.image, .id = found.id, .concepts = std::move(found.concepts)};
  if (found.image.empty()) {
    made.name = found.id;
    made.fault.emplace(errc::not_found,
                       error_text{"fetch the picture of the record", found.id,
                                  "it names none that is on the web (edmIsShownBy)", "leave the record out"});
  }
  return made;
}

} // namespace eucv::enrich
