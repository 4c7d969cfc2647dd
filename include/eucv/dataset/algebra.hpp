#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <cstdint>

namespace eucv::dataset {

/// The rows of `from` whose ID is in no row of `remove`, in their order: a test set without the pictures of training,
/// say. Empty IDs match nothing. Throws errc::missing_column where a table has no ID.
[[nodiscard]] table subtract(const table& from, const table& remove);

/// The rows of the first table, then those of the second, without any whose ID and category came before. Empty IDs
/// match nothing.
///
/// The columns of the first come first, then those that only the second has; cells that a table lacks are empty. Throws
/// errc::missing_column where a table has no ID or category.
[[nodiscard]] table merge(const table& first, const table& second);

/// Options of sample(): exactly one of `per_category` and `fraction` is given.
struct sample_options {
  std::size_t per_category = 0; ///< rows, or all where there are fewer
  double fraction = 0;          ///< of the rows, rounded, but at least one
  std::uint64_t seed = 1;
};

/// A random sample of each category, in the order of the table.
///
/// What is taken of a category depends on its rows and the seed alone: it stays when another category is added. Throws
/// errc::missing_column without a category, errc::invalid_argument unless exactly one number is given, the fraction
/// being at most 1.
[[nodiscard]] table sample(const table& from, const sample_options& options);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace eucv::dataset {

table subtract(const table& from, const table& remove) {
  const std::size_t id = from.column("ID"), removed_id = remove.column("ID");
  std::unordered_set<std::string> removed;
  for (const auto& row : remove.rows) removed.insert(row[removed_id]);
  table result{from.columns, {}};
  std::copy_if(from.rows.begin(), from.rows.end(), std::back_inserter(result.rows),
               [&](const auto& row) { return row[id].empty() || !removed.contains(row[id]); });
  return result;
}

table merge(const table& first, const table& second) {
  table result{first.columns, {}};
  for (const auto& column : second.columns)
    if (!first.has(column)) result.columns.push_back(column);
  std::unordered_set<std::string> seen;
  for (const table* part : {&first, &second}) {
    const std::size_t id = part->column("ID"), category = part->column("category");
    std::vector<std::size_t> places;
    for (const auto& column : part->columns) places.push_back(result.column(column));
    for (const auto& row : part->rows) {
      // No cell that was read holds a NUL, so the two cannot run into each other.
      if (!row[id].empty() && !seen.insert(row[id] + '\0' + row[category]).second) continue;
      auto& cells = result.rows.emplace_back(result.columns.size());
      for (std::size_t i = 0; i < row.size(); ++i) cells[places[i]] = row[i];
    }
  }
  return result;
}

table sample(const table& from, const sample_options& options) {
  const bool by_number = options.per_category != 0, by_fraction = options.fraction > 0 && options.fraction <= 1;
  if (by_number == (options.fraction != 0) || (!by_number && !by_fraction))
    throw error(errc::invalid_argument,
                {"sample the table",
                 std::to_string(options.per_category) + " rows and a fraction of " + std::to_string(options.fraction),
                 "exactly one says how much to take", "give a number of rows, or a fraction above 0 and up to 1"});
  const std::size_t category = from.column("category");
  std::map<std::string, std::vector<std::size_t>> rows_of;
  for (std::size_t i = 0; i < from.rows.size(); ++i) rows_of[from.rows[i][category]].push_back(i);
  std::vector<std::size_t> taken;
  for (auto& [name, rows] : rows_of) {
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a: std::hash differs from library to library
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    random engine = random(options.seed).fork(hash);
    engine.shuffle(std::span(rows));
    const auto wanted =
        by_number
            ? options.per_category
            : static_cast<std::size_t>(std::max(1.0, std::round(options.fraction * static_cast<double>(rows.size()))));
    rows.resize(std::min(wanted, rows.size()));
    taken.insert(taken.end(), rows.begin(), rows.end());
  }
  std::sort(taken.begin(), taken.end());
  table result{from.columns, {}};
  for (const std::size_t row : taken) result.rows.push_back(from.rows[row]);
  return result;
}

} // namespace eucv::dataset
#endif
