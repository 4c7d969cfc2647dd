#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/croissant.hpp>
#include <eucv/dataset/detail/card_entries.hpp>

#include <filesystem>
#include <string>

namespace eucv::dataset {

/// The text of README.md, a data card: counts by class, licence, provider and country, and how the set was made. Text
/// from outside is escaped, so that it can be neither markup nor HTML.
[[nodiscard]] std::string card_readme(const card& about);

/// Writes ATTRIBUTION.csv, croissant.json and README.md into `folder`, each atomically. Throws a file_error().
void write_card(const card& about, const std::filesystem::path& folder);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/file.hpp>
#include <eucv/core/version.hpp>
#include <eucv/dataset/stats.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace eucv::dataset {
namespace detail {

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

} // namespace detail

std::string card_readme(const card& about) {
  const table all = detail::attribution(about);
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

void write_card(const card& about, const std::filesystem::path& folder) {
  make_folder(folder);
  write_file_atomically(folder / "ATTRIBUTION.csv", attribution_csv(about));
  write_file_atomically(folder / "croissant.json", croissant_json(about));
  write_file_atomically(folder / "README.md", card_readme(about));
}

} // namespace eucv::dataset
#endif
