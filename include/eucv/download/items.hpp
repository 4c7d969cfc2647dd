#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::download {

/// One file to download: a row of a table.
struct item {
  std::string category; ///< the name of its folder
  std::string id, url;
  std::string rights; ///< URI of the rights statement; may be empty
};

/// The items of a table with the columns `category`, `ID`, `URL` and, where it has one, `rights`; any other column is
/// ignored, so tables of other sources than Europeana work as well.
///
/// Rows in which the three are empty, as spreadsheets leave them, are skipped; of rows with equal category and ID the
/// first is taken. Throws errc::missing_column; errc::bad_format with the number of the row where a category is no safe
/// name of a folder, or an ID is empty or holds control characters. URLs are not checked here.
[[nodiscard]] std::vector<item> items_of(const dataset::table& table);

/// Writes the labels and concept URIs of a table with the columns `category` and `skos_concept` to `path`, as a JSON
/// object {label: URI} for training. A label that is alone in no row is taken from a row of several labels and as many
/// concepts, separated by blanks. Labels and concepts without a one-to-one mapping are left out; for a table without
/// the column nothing is written. Throws file_error().
void write_labels(const dataset::table& table, const std::filesystem::path& path);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/download/store.hpp>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace eucv::download {

namespace detail {

bool has_control_characters(const std::string& text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream rest(text);
  for (std::string word; rest >> word;) words.push_back(std::move(word));
  return words;
}

} // namespace detail

std::vector<item> items_of(const dataset::table& table) {
  const std::size_t category = table.column("category"), id = table.column("ID"), url = table.column("URL");
  const bool has_rights = table.has("rights");
  const std::size_t rights = has_rights ? table.column("rights") : 0;
  std::vector<item> items;
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    item found{row[category], row[id], row[url], has_rights ? row[rights] : std::string()};
    if (found.category.empty() && found.id.empty() && found.url.empty()) continue;
    const auto fault = [&](const std::string& why, const char* advice) {
      return error(errc::bad_format, {"read the table", "row " + std::to_string(i + 1), why, advice});
    };
    if (!is_safe_component(found.category))
      throw fault("its category is no safe name of a folder",
                  "take '/', '\\', leading '.' and '-', and blanks at the ends out of it");
    if (found.id.empty() || detail::has_control_characters(found.id))
      throw fault("its ID is empty or holds control characters", "give it an ID, such as its line number");
    std::ranges::replace_if(
        found.rights, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    if (keys.insert(found.category + '\n' + found.id).second) items.push_back(std::move(found));
  }
  return items;
}

void write_labels(const dataset::table& table, const std::filesystem::path& path) {
  if (!table.has("skos_concept") || !table.has("category")) return;
  const std::size_t concepts = table.column("skos_concept"), categories = table.column("category");
  std::map<std::string, std::string> labels, among_others; // empty: several concepts
  const auto note = [](auto& known, const std::string& label, const std::string& written) {
    const std::string uri = dataset::normalise_concept_uri(written);
    const auto [place, is_new] = known.try_emplace(label, uri);
    if (!is_new && place->second != uri) place->second.clear();
  };
  for (const auto& row : table.rows) {
    if (row[categories].empty() || row[concepts].empty()) continue;
    const auto names = detail::words_of(row[categories]), uris = detail::words_of(row[concepts]);
    if (uris.size() > 1 && names.size() == uris.size()) // of a harvest in the mode multi-label
      for (std::size_t i = 0; i < names.size(); ++i) note(among_others, names[i], uris[i]);
    else
      note(labels, row[categories], row[concepts]);
  }
  labels.merge(among_others); // only labels that are alone in no row
  std::map<std::string, int> uses;
  for (const auto& [label, uri] : labels) ++uses[uri];
  dataset::vocabulary subjects;
  for (const auto& [label, uri] : labels)
    if (uri.starts_with("http") && uri.find(' ') == std::string::npos && uses[uri] == 1)
      subjects.push_back({label, uri, {}});
  if (subjects.empty()) return;
  if (std::filesystem::exists(path) && read_file(path) == dataset::to_json(subjects)) return;
  dataset::write_vocabulary(path, subjects);
}

} // namespace eucv::download
#endif
