#pragma once

#include <eucv/dataset/table.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// What a card tells of one picture. Whatever is not known is empty.
struct card_entry {
  std::string file = {};   ///< relative to the folder of pictures, with '/'; empty where it was not downloaded
  std::string sha256 = {}; ///< of that file
  std::string id = {}, category = {}, url = {}, rights = {}, title = {}, creator = {}, data_provider = {},
              provider = {}, country = {}, landing_page = {};
};

/// A card says what a data set is, so that others can find, judge, cite and use it (FAIR).
struct card {
  std::string name;                ///< of the data set
  std::string made;                ///< how it was made, a sentence or two
  std::vector<card_entry> entries; ///< in the order of the data set
  std::string published = {};      ///< the day, as 2026-01-31
  std::string url = {};            ///< of the page where the data set can be had
  std::string creator = {};        ///< who made it: a person or an institution
};

/// The pictures of a table with `category` and `ID`; other columns are taken where they are there. Throws
/// errc::missing_column.
[[nodiscard]] std::vector<card_entry> entries_of(const table& table);

/// The pictures of a folder: of its downloads.csv those with status `ok`, else the files of each class, whose digests
/// are computed. `facts` adds what a table such as that of the harvest knows of an ID; pass an empty one for none.
/// Throws as read_image_folder().
[[nodiscard]] std::vector<card_entry> entries_of(const std::filesystem::path& images, const table& facts);

/// ATTRIBUTION.csv: one row a picture, guarded against spreadsheets as csv_row() does it.
[[nodiscard]] std::string attribution_csv(const card& about);

/// README.md: counts by class, licence, provider and country, and how the set was made. Text from outside is escaped,
/// so that it can be neither markup nor HTML.
[[nodiscard]] std::string card_readme(const card& about);

/// croissant.json: JSON-LD of the Croissant format 1.0 (mlcommons.org/croissant). A FileObject with SHA-256, licence
/// and credit for each picture that was downloaded, and a record set over ATTRIBUTION.csv, whose digest it holds. The
/// format demands `published`, `url` and `creator`; those that are empty are left out.
[[nodiscard]] std::string croissant_json(const card& about);

/// Writes the three into `folder`, each atomically. Throws a file_error().
void write_card(const card& about, const std::filesystem::path& folder);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/sha256.hpp>
#include <eucv/core/version.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/stats.hpp>

#include <array>
#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>

namespace eucv::dataset {
namespace detail {

// Columns of ATTRIBUTION.csv and where they come from, in order.
static constexpr std::array<std::pair<const char*, std::string card_entry::*>, 12> card_columns{{
    {"file", &card_entry::file},
    {"category", &card_entry::category},
    {"title", &card_entry::title},
    {"creator", &card_entry::creator},
    {"data_provider", &card_entry::data_provider},
    {"provider", &card_entry::provider},
    {"country", &card_entry::country},
    {"rights", &card_entry::rights},
    {"landing_page", &card_entry::landing_page},
    {"URL", &card_entry::url},
    {"ID", &card_entry::id},
    {"sha256", &card_entry::sha256},
}};

// Text of others inside of a table of Markdown: one line, and no character that means something there or in HTML.
static std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += ' ';
    } else if (c == '<' || c == '>' || c == '&') {
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+-.!|~:").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

static table table_of(const card& about) {
  table made;
  for (const auto& [name, member] : card_columns) made.columns.emplace_back(name);
  for (const auto& each : about.entries) {
    auto& row = made.rows.emplace_back();
    for (const auto& [name, member] : card_columns) row.push_back(each.*member);
  }
  return made;
}

// "Title, by Creator, from Data provider": what a licence wants to be said.
static std::string credit_of(const card_entry& each) {
  std::string credit = each.title.empty() ? each.id : each.title;
  if (!each.creator.empty()) credit += ", by " + each.creator;
  if (!each.data_provider.empty()) credit += ", from " + each.data_provider;
  return credit;
}

static bool is_web_address(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

// An address relative to the data set (RFC 3986): what is no plain letter of a path is encoded.
static std::string relative_url(std::string_view file) {
  std::string out;
  for (const char c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      ((out += '%') += "0123456789ABCDEF"[byte >> 4]) += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

} // namespace detail

std::vector<card_entry> entries_of(const table& table) {
  (void)table.column("category"), (void)table.column("ID");
  std::vector<card_entry> entries(table.rows.size());
  for (const auto& [name, member] : detail::card_columns) {
    // `file` and `sha256` are said of files on disk, never taken from a table that may be about others.
    if (!table.has(name) || member == &card_entry::file || member == &card_entry::sha256) continue;
    const std::size_t column = table.column(name);
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i].*member = table.rows[i][column];
  }
  return entries;
}

std::vector<card_entry> entries_of(const std::filesystem::path& images, const table& facts) {
  std::unordered_map<std::string, card_entry> known;
  if (!facts.columns.empty())
    for (auto& each : entries_of(facts)) {
      std::string id = each.id;
      known.try_emplace(std::move(id), std::move(each));
    }
  std::unordered_map<std::string, std::string> rights;
  std::error_code absent;
  if (const auto list = images / "downloads.csv"; std::filesystem::exists(list, absent)) {
    const table rows = read_table(list);
    if (rows.has("rights"))
      for (const auto& row : rows.rows) rights.try_emplace(row[rows.column("ID")], row[rows.column("rights")]);
  }
  const image_folder pictures = read_image_folder(images);
  std::vector<card_entry> entries;
  for (const auto& each : pictures.files) {
    card_entry entry;
    if (const auto found = known.find(each.group); found != known.end()) entry = found->second;
    if (const auto found = rights.find(each.group); found != rights.end()) entry.rights = found->second;
    entry.id = each.group;
    entry.category = pictures.labels[each.label];
    entry.file = each.file.lexically_relative(images).generic_string();
    entry.sha256 = sha256_text(read_bytes(each, std::uint64_t{1} << 32));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string attribution_csv(const card& about) {
  return to_csv(detail::table_of(about));
}

std::string card_readme(const card& about) {
  const table all = detail::table_of(about);
  std::size_t stored = 0;
  for (const auto& each : about.entries) stored += each.file.empty() ? 0 : 1;
  std::string text = "# " + detail::markdown_text(about.name) + "\n\n" + std::to_string(about.entries.size()) +
                     " pictures of cultural heritage, " + std::to_string(stored) + " of them with their files.\n\n" +
                     detail::markdown_text(about.made) +
                     "\n\n`ATTRIBUTION.csv` names the source, creator and licence of each picture, `croissant.json` "
                     "says it to machines (Croissant 1.0).\nEach picture keeps its own licence: credit it as that asks "
                     "for.\n";
  for (const auto& [title, column] : {std::pair{"Classes", "category"},
                                      {"Licences", "rights"},
                                      {"Institutions", "data_provider"},
                                      {"Aggregators", "provider"},
                                      {"Countries", "country"}}) {
    text += std::string("\n## ") + title + "\n\n| " + column + " | pictures | share |\n|---|---:|---:|\n";
    for (const auto& [value, rows] : count_values(all, column).values) {
      const std::size_t tenths = (2000 * rows + about.entries.size()) / (2 * about.entries.size());
      text += "| " + (value.empty() ? "not known" : detail::markdown_text(value)) + " | " + std::to_string(rows) +
              " | " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "% |\n";
    }
  }
  return text + "\nWritten by eucv " EUCV_VERSION ".\n";
}

std::string croissant_json(const card& about) {
  const auto pair = [](const char* name, std::string_view value) {
    return "\"" + std::string(name) + "\": " + json_string(value);
  };
  std::set<std::string> licences;
  for (const auto& each : about.entries)
    if (detail::is_web_address(each.rights)) licences.insert(each.rights);
  std::string licence_list;
  for (const auto& each : licences) licence_list += (licence_list.empty() ? "" : ", ") + json_string(each);
  std::string text = R"({
  "@context": {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform"
  },
  "@type": "sc:Dataset",
  )" + pair("name", about.name) +
                     ",\n  " + pair("description", about.made) +
                     ",\n  \"conformsTo\": \"http://mlcommons.org/croissant/1.0\",\n  " +
                     (about.published.empty() ? "" : pair("datePublished", about.published) + ",\n  ") +
                     (about.url.empty() ? "" : pair("url", about.url) + ",\n  ") +
                     (about.creator.empty()
                          ? ""
                          : "\"creator\": {\"@type\": \"sc:Organization\", " + pair("name", about.creator) + "},\n  ") +
                     "\"license\": [" + licence_list +
                     "],\n  \"distribution\": [\n    {\"@type\": \"cr:FileObject\", \"@id\": \"attribution\", "
                     "\"name\": \"attribution\", \"contentUrl\": \"ATTRIBUTION.csv\", \"encodingFormat\": "
                     "\"text/csv\", " +
                     pair("sha256", sha256_text(attribution_csv(about))) + "}";
  for (const auto& each : about.entries) {
    if (each.file.empty()) continue;
    const std::string address = detail::relative_url(each.file);
    text += ",\n    {\"@type\": \"cr:FileObject\", " + pair("@id", address) + ", " + pair("name", each.file) + ", " +
            pair("contentUrl", address) + ", \"encodingFormat\": \"" +
            (each.file.ends_with(".png") ? "image/png" : "image/jpeg") + "\", " + pair("sha256", each.sha256) + ", " +
            pair("creditText", detail::credit_of(each));
    if (!each.rights.empty()) text += ", " + pair("license", each.rights);
    if (detail::is_web_address(each.landing_page)) text += ", " + pair("isBasedOn", each.landing_page);
    text += "}";
  }
  text += "\n  ],\n  \"recordSet\": [\n    {\"@type\": \"cr:RecordSet\", \"@id\": \"pictures\", \"name\": "
          "\"pictures\", \"field\": [";
  const char* gap = "\n      ";
  for (const auto& [name, member] : detail::card_columns) {
    text += std::string(gap) + "{\"@type\": \"cr:Field\", " + pair("@id", std::string("pictures/") + name) + ", " +
            pair("name", name) +
            ", \"dataType\": \"sc:Text\", \"source\": {\"fileObject\": {\"@id\": "
            "\"attribution\"}, \"extract\": {" +
            pair("column", name) + "}}}";
    gap = ",\n      ";
  }
  return text + "\n    ]}\n  ]\n}\n";
}

void write_card(const card& about, const std::filesystem::path& folder) {
  make_folder(folder);
  write_file_atomically(folder / "ATTRIBUTION.csv", attribution_csv(about));
  write_file_atomically(folder / "croissant.json", croissant_json(about));
  write_file_atomically(folder / "README.md", card_readme(about));
}

} // namespace eucv::dataset
#endif
