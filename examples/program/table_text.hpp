#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace program {

/// Columns a text of UTF-8 takes on a terminal, one a character: wide scripts are not told apart.
[[nodiscard]] inline std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The header of a column that stands on the right.
[[nodiscard]] inline std::string right_header(std::string_view name) {
  return std::string(">").append(name); // g++ 12 has a false alarm for operator+ here
}

/// Rows of cells, printed in columns of equal width. A column whose header begins with '>' stands on the right.
class aligned_table {
public:
  explicit aligned_table(std::vector<std::string> header) {
    for (auto& name : header) {
      right_.push_back(name.starts_with('>'));
      if (right_.back()) name.erase(0, 1);
    }
    rows_.push_back(std::move(header));
  }

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  friend std::ostream& operator<<(std::ostream& out, const aligned_table& table) {
    std::vector<std::size_t> widths(table.right_.size());
    for (const auto& row : table.rows_)
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
    for (const auto& row : table.rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string pad(widths[i] - columns_of(row[i]), ' ');
        line += (i == 0 ? "" : "  ") + (table.right_[i] ? pad + row[i] : row[i] + pad);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out << line << '\n';
    }
    return out;
  }

private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

/// A number with a fixed count of digits after the point.
[[nodiscard]] inline std::string fixed(double number, int digits = 3) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

/// "1 picture", "2 pictures".
[[nodiscard]] inline std::string counted(std::uint64_t count, const std::string& singular,
                                         const std::string& plural = {}) {
  return std::to_string(count) + ' ' + (count == 1 ? singular : plural.empty() ? singular + 's' : plural);
}

} // namespace program
