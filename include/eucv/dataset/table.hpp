#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// A table of text, as CSV files hold it: named columns, and rows. Each row has as many cells as there are columns.
struct table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string source = {}; ///< where it was read from, for messages; not compared

  /// Whether there is a column `name`.
  [[nodiscard]] bool has(std::string_view name) const noexcept {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  }
  /// The place of the column `name`. Throws errc::missing_column, naming the columns that there are.
  [[nodiscard]] std::size_t column(std::string_view name) const {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
    std::string there;
    for (const auto& each : columns) there += (there.empty() ? "" : ", ") + each;
    throw error(errc::missing_column,
                {"read the table", source,
                 "it has no column \"" + std::string(name) + "\", only " + (there.empty() ? "an empty line" : there),
                 "name the right table, or add the column"});
  }

  friend bool operator==(const table& a, const table& b) { return a.columns == b.columns && a.rows == b.rows; }
};

namespace detail {

// A spreadsheet runs a cell that begins with one of these as a formula (OWASP ASVS 1.2.10).
constexpr std::string_view formula_starts = "=+-@\t\r";

// Whether `cell` is some quotes ' (at least `quotes`) before the start of a formula.
[[nodiscard]] inline bool is_formula(std::string_view cell, std::size_t quotes) noexcept {
  const std::size_t start = cell.find_first_not_of('\'');
  return start != std::string_view::npos && start >= quotes &&
         formula_starts.find(cell[start]) != std::string_view::npos;
}

[[nodiscard]] inline error table_error(const std::string& on, std::size_t line, std::string why) {
  return {errc::bad_format,
          {"read the table", on + " line " + std::to_string(line), std::move(why),
           "mend that line, or write the file anew"}};
}

// One pass over the text; the line number is counted as we go, so that an error names the line in an editor.
class table_reader {
public:
  table_reader(std::string_view text, const std::string& on) : text_(text), on_(on) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  // The next row into `cells`; false at the end. Lines without any character are no rows.
  bool next(std::vector<std::string>& cells) {
    while (at_line_end()) skip_line_end();
    if (done()) return false;
    row_line_ = line_;
    cells.clear();
    while (true) {
      cells.push_back(text_[place_] == '"' ? quoted() : plain());
      if (is_formula(cells.back(), 1)) cells.back().erase(0, 1);
      if (done()) return true;
      if (at_line_end()) return skip_line_end(), true;
      ++place_; // the comma
      if (done() || at_line_end()) {
        cells.emplace_back();
        if (!done()) skip_line_end();
        return true;
      }
    }
  }
  // The line on which the last row began.
  [[nodiscard]] std::size_t row_line() const noexcept { return row_line_; }

private:
  [[nodiscard]] bool done() const noexcept { return place_ == text_.size(); }
  [[nodiscard]] bool at_line_end() const noexcept {
    return text_.substr(place_, 1) == "\n" || text_.substr(place_, 2) == "\r\n";
  }
  void skip_line_end() noexcept {
    place_ += text_[place_] == '\r' ? 2 : 1;
    ++line_;
  }

  std::string plain() {
    const std::size_t begin = place_;
    const auto ends = [](char c) { return c == ',' || c == '\n' || c == '\r' || c == '"' || c == '\0'; };
    while (!done() && !ends(text_[place_])) ++place_;
    if (!done() && text_[place_] != ',' && !at_line_end()) {
      const char what = text_[place_];
      throw table_error(on_, line_,
                        what == '"'    ? "a quote stands inside a cell that does not begin with one"
                        : what == '\0' ? "it holds a NUL byte"
                                       : "a carriage return stands alone outside quotes");
    }
    return std::string(text_.substr(begin, place_ - begin));
  }

  std::string quoted() {
    const std::size_t first_line = line_;
    std::string cell;
    for (++place_; !done(); ++place_) {
      const char c = text_[place_];
      if (c == '\0') throw table_error(on_, line_, "it holds a NUL byte");
      if (c == '\n') ++line_;
      if (c == '"') {
        ++place_;
        if (done() || text_[place_] == ',' || at_line_end()) return cell;
        if (text_[place_] != '"') throw table_error(on_, line_, "text follows the closing quote of a cell");
      }
      cell += c;
    }
    throw table_error(on_, first_line, "a quote is opened and never closed");
  }

  std::string_view text_;
  const std::string& on_;
  std::size_t place_ = 0, line_ = 1, row_line_ = 1;
};

} // namespace detail

/// Reads CSV as parse_table() does, but gives each row to `take(std::vector<std::string>& cells)` instead of keeping
/// it. Returns the names of the columns. What `take` throws passes through.
template <class RowSink>
std::vector<std::string> for_each_row(std::string_view text, const std::string& on, RowSink&& take) {
  detail::table_reader reader(text, on);
  std::vector<std::string> columns;
  if (!reader.next(columns)) throw detail::table_error(on, 1, "it is empty, without even the names of columns");
  auto sorted = columns;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw detail::table_error(on, reader.row_line(), "two columns are named \"" + *twice + "\"");
  for (std::vector<std::string> cells; reader.next(cells);) {
    if (cells.size() != columns.size())
      throw detail::table_error(on, reader.row_line(),
                                "it has " + std::to_string(cells.size()) + " cells, and there are " +
                                    std::to_string(columns.size()) + " columns");
    take(cells);
  }
  return columns;
}

/// Reads CSV (RFC 4180, UTF-8): the first row names the columns; a byte order mark, LF or CRLF, and line breaks inside
/// quotes are taken; lines without a character are skipped. The guard that csv_row() sets is removed. `on` names the
/// source in messages. Throws errc::bad_format with the line: stray or open quotes, NUL bytes, a row with more or fewer
/// cells than the first, two columns of one name, no row at all.
[[nodiscard]] inline table parse_table(std::string_view text, const std::string& on) {
  table result{.columns = {}, .rows = {}, .source = on};
  result.columns = for_each_row(text, on, [&](auto& cells) { result.rows.push_back(std::move(cells)); });
  return result;
}

/// parse_table() of a file; also throws what read_file() throws.
[[nodiscard]] inline table read_table(const std::filesystem::path& path) {
  return parse_table(read_file(path), path.string());
}

/// One line of CSV with its "\n". Cells with commas, quotes or line breaks are quoted; NUL bytes are left out.
///
/// A cell that a spreadsheet would run as a formula (it begins with = + - @ TAB or CR) gets a leading '. So that
/// reading is the exact inverse, a cell which begins with quotes ' before such a character gets one more: the reader
/// removes one ' wherever ' stands before such a start, and nowhere else.
[[nodiscard]] std::string csv_row(std::span<const std::string> cells);

/// The whole table as CSV text.
[[nodiscard]] inline std::string to_csv(const table& table) {
  std::string text = csv_row(table.columns);
  for (const auto& row : table.rows) text += csv_row(row);
  return text;
}

/// Replaces the file `path` by the table, atomically; throws as write_file_atomically().
inline void write_table(const std::filesystem::path& path, const table& table) {
  write_file_atomically(path, to_csv(table));
}

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>

namespace eucv::dataset {

std::string csv_row(std::span<const std::string> cells) {
  const auto wants_quotes = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  std::string line, without_nul;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) line += ',';
    std::string_view cell = cells[i];
    if (cell.find('\0') != std::string_view::npos) {
      without_nul = cell;
      std::erase(without_nul, '\0');
      cell = without_nul;
    }
    const std::string_view guard = detail::is_formula(cell, 0) ? "'" : "";
    // A line must hold a character to be a row, so a lone empty cell is quoted too; and what begins like a byte order
    // mark, since the reader drops one at the begin of a file.
    if (std::ranges::none_of(cell, wants_quotes) && !(cell.empty() && cells.size() == 1) &&
        !cell.starts_with("\xEF\xBB\xBF")) {
      line.append(guard).append(cell);
      continue;
    }
    line.append("\"").append(guard);
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line += '\n';
}

} // namespace eucv::dataset
#endif
