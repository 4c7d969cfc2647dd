#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// The entry of one picture in a card. Whatever is not known is empty.
struct card_entry {
  std::string file = {};   ///< relative to the folder of pictures, with '/'; empty where it was not downloaded
  std::string sha256 = {}; ///< of that file
  std::string id = {}, category = {}, url = {}, rights = {}, title = {}, creator = {}, data_provider = {},
              provider = {}, country = {}, landing_page = {};
};

/// A data card: the description of a data set, so that others can find, judge, cite and use it (FAIR).
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

/// The text of ATTRIBUTION.csv: one row a picture, guarded against spreadsheets as csv_row() does it.
[[nodiscard]] std::string attribution_csv(const card& about);

namespace detail {

/// Columns of ATTRIBUTION.csv and where they come from, in order.
inline constexpr std::array<std::pair<const char*, std::string card_entry::*>, 12> card_columns{{
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

/// The table of attribution_csv().
[[nodiscard]] table attribution(const card& about);

} // namespace detail

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/digest.hpp>
#include <eucv/dataset/folder.hpp>

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace eucv::dataset {

table detail::attribution(const card& about) {
  table made;
  for (const auto& [name, member] : detail::card_columns) made.columns.emplace_back(name);
  for (const auto& each : about.entries) {
    auto& row = made.rows.emplace_back();
    for (const auto& [name, member] : detail::card_columns) row.push_back(each.*member);
  }
  return made;
}

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
  return to_csv(detail::attribution(about));
}

} // namespace eucv::dataset
#endif
