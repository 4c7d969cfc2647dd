#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::download {

/// One file that a table asks for.
struct item {
  std::string category, id, url, rights;
};

/// The items of a table with the columns `category`, `ID`, `URL` and, where it has one, `rights`; any other column is
/// ignored, so tables of other sources than Europeana serve as well.
///
/// Rows in which the three are empty are left out, as spreadsheets leave them behind; of two rows with equal category
/// and ID the first counts. Throws errc::missing_column; errc::bad_format with the number of the row where a category
/// is no safe name of a folder, or an ID is empty or holds control characters. Whether a URL is one shows at its turn.
[[nodiscard]] std::vector<item> items_of(const dataset::table& table);

/// Writes the labels and concept URIs of a table with the columns `category` and `skos_concept` as JSON object
/// {label: URI} to `path`, for the training. A row of several labels with as many concepts, blanks between, tells of
/// those that stand in no row alone. Labels and concepts that do not stand for one another, one to one, are left out; a
/// table without the column writes nothing. Throws a file_error().
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
  labels.merge(among_others); // where no row tells of a label alone
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
