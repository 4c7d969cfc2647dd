#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A value of a column and the number of rows that hold it.
struct tally {
  std::string value;
  std::size_t rows = 0;
  friend bool operator==(const tally&, const tally&) = default;
};

/// The distribution of rows over the values of one column, the most frequent first; equal ones by value.
struct distribution {
  std::string column;
  std::vector<tally> values;
};

/// A summary of a table.
struct table_facts {
  std::size_t rows = 0;
  std::size_t items = 0;             ///< different IDs; an item of two categories stands in two rows
  std::vector<distribution> columns; ///< of the counted columns that the table has
};

/// The columns that stats() counts where they exist.
inline constexpr std::array<std::string_view, 5> counted_columns{"category", "rights", "data_provider", "provider",
                                                                 "country"};

/// Counts the values of one column; an empty cell is a value too. Throws errc::missing_column.
[[nodiscard]] distribution count_values(const table& table, std::string_view column);

/// Counts rows, items and the values of each of counted_columns that the table has. `items` equals `rows` in a table
/// without IDs.
[[nodiscard]] table_facts stats(const table& table);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>
#include <map>
#include <unordered_set>

namespace eucv::dataset {

distribution count_values(const table& table, std::string_view column) {
  const std::size_t place = table.column(column);
  std::map<std::string, std::size_t> counts;
  for (const auto& row : table.rows) ++counts[row[place]];
  distribution result{std::string(column), {}};
  for (const auto& [value, rows] : counts) result.values.push_back({value, rows});
  std::stable_sort(result.values.begin(), result.values.end(),
                   [](const tally& a, const tally& b) { return a.rows > b.rows; });
  return result;
}

table_facts stats(const table& table) {
  table_facts facts{.rows = table.rows.size(), .items = table.rows.size(), .columns = {}};
  if (table.has("ID")) {
    const std::size_t id = table.column("ID");
    std::unordered_set<std::string_view> ids;
    for (const auto& row : table.rows) ids.insert(row[id]);
    facts.items = ids.size();
  }
  for (const auto column : counted_columns)
    if (table.has(column)) facts.columns.push_back(count_values(table, column));
  return facts;
}

} // namespace eucv::dataset
#endif
