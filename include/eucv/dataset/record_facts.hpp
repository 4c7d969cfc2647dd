#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// Values of a column for given record IDs, from a table such as that of the harvest or downloads.csv: of each ID that
/// of its first row, and an empty one for an ID that the table does not have. Throws errc::missing_column.
[[nodiscard]] std::vector<std::string> values_of(const table& facts, std::string_view column,
                                                 std::span<const std::string> ids);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <unordered_map>

namespace eucv::dataset {

std::vector<std::string> values_of(const table& facts, std::string_view column, std::span<const std::string> ids) {
  const std::size_t id = facts.column("ID"), value = facts.column(column);
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t i = 0; i < facts.rows.size(); ++i) rows.try_emplace(facts.rows[i][id], i);
  std::vector<std::string> values;
  for (const auto& each : ids) {
    const auto found = rows.find(each);
    values.push_back(found == rows.end() ? "" : facts.rows[found->second][value]);
  }
  return values;
}

} // namespace eucv::dataset
#endif
