#pragma once

#include <eucv/report/detail/html.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::report {

/// One cell: what is read, and for numbers what is sorted by.
struct cell {
  std::string text;       ///< not yet escaped
  std::string value = {}; ///< as JavaScript's Number() reads it; empty: sorted as text
  std::string link = {};  ///< where it leads, if that is an http or https address; else no link is made

  cell(std::string words) : text(std::move(words)) {} // NOLINT: rows are lists of words and numbers
  cell(const char* words) : text(words) {}            // NOLINT
  cell(double number, int digits = 3)                 // NOLINT
      : text(report::number(number, digits)), value(json_number(number)) {
    if (value == "null") value = "-1e999"; // what is not there sorts last
  }
  cell(std::size_t count) : text(std::to_string(count)), value(text) {} // NOLINT
  /// A text with a link.
  static cell linked(std::string words, std::string address) {
    cell made(std::move(words));
    if (address.starts_with("https://") || address.starts_with("http://")) made.link = std::move(address);
    return made;
  }
  /// A text that sorts by a number.
  static cell ranked(std::string words, double by) {
    cell made(by);
    made.text = std::move(words);
    return made;
  }
};

/// A table that screen readers and phones cope with: a caption, headers with scope, a frame that scrolls by itself and
/// takes the keyboard's focus, columns that sort by a press of a button.
struct html_table {
  std::string id; ///< unique in its page, letters and '-'
  std::string caption;
  std::vector<std::string> columns;         ///< the first names the rows
  std::vector<std::vector<cell>> rows = {}; ///< as many cells as there are columns
};

/// The table as HTML. Needs style and script of the page.
[[nodiscard]] inline std::string html(const html_table& table) {
  std::string out = "<div class=\"scroll\" role=\"region\" aria-labelledby=\"" + table.id +
                    "\" tabindex=\"0\"><table class=\"sortable\"><caption id=\"" + table.id + "\"><span>" +
                    escape(table.caption) + "</span></caption><thead><tr>";
  const auto is_number = [&](std::size_t column) {
    return !table.rows.empty() && !table.rows[0][column].value.empty();
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    out += std::string("<th scope=\"col\"") + (is_number(i) ? " class=\"n\"" : "") + "><button type=\"button\">" +
           escape(table.columns[i]) + "</button></th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const char* const name = i == 0 ? "th" : "td";
      out += std::string("<") + name + (i == 0 ? " scope=\"row\"" : "");
      if (!row[i].value.empty()) out += " class=\"n\" data-v=\"" + escape(row[i].value) + "\"";
      out += ">";
      out += row[i].link.empty()
                 ? escape(row[i].text)
                 : "<a href=\"" + escape(row[i].link) + "\" rel=\"noreferrer\">" + escape(row[i].text) + "</a>";
      out += std::string("</") + name + ">";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

} // namespace eucv::report
