#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/outcome.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::download {

/// Whether items that failed in an earlier run are fetched again.
enum class failures : std::uint8_t {
  keep,  ///< they stay failed
  retry, ///< they are fetched again
};

/// Counts of the items that a run requested from one host.
struct host_count {
  std::string name; ///< empty for invalid addresses
  std::uint64_t items = 0, failed = 0;
};

/// The result of a download.
struct fetch_summary {
  std::uint64_t items = 0; ///< of the table
  std::uint64_t ok = 0, failed = 0, duplicates = 0;
  std::map<std::string, std::uint64_t> reasons; ///< failed items by reason
  std::uint64_t fetched = 0;                    ///< items that ended in this run
  std::uint64_t bytes = 0;                      ///< of the files that this run stored
  std::vector<host_count> hosts;                ///< of this run
};

/// The table downloads.csv of a folder: the outcome of each item, from which a run is resumed.
///
/// During a run, rows are appended in the order in which items end, each after its file is on the disk; a row that was
/// cut by a kill is dropped by the next run, and its item is fetched again. finish() sorts the table by the items. A
/// second process on the folder gets errc::in_use. Every failure to write throws file_error(). For one thread.
class journal {
public:
  /// Opens the journal of `folder`, which is made where it does not exist. `kind` says how images are stored; throws
  /// errc::invalid_argument where the files in the folder are of another kind, since sizes would be mixed.
  journal(std::filesystem::path folder, std::string_view kind);

  /// The numbers of the items without a final outcome: no row, a row whose file is missing or of another length, or,
  /// with failures::retry, a failed one.
  [[nodiscard]] std::vector<std::size_t> open_items(std::span<const item> items, failures failed) const;

  /// Appends the row of an item.
  void append(const outcome& row);

  /// Sorts the table by the items, marks duplicates, removes their files, and counts. Rows of other items, from a run
  /// on another table, are kept at the end. Of equal files that of the first item is kept, so the table does not depend
  /// on the order in which items ended, apart from `seconds` and `attempts`.
  fetch_summary finish(std::span<const item> items);

  /// The path of the file of an item, whether it exists or not: "category/name" and the suffix, relative to the folder.
  [[nodiscard]] static std::string file_of(const outcome& row, std::string_view suffix);
  /// The folder of the table.
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

private:
  struct contents {
    std::vector<outcome> rows; // one an item, its last
    std::size_t lines = 0;     // of the table, its header aside
  };

  [[nodiscard]] contents read() const;
  [[nodiscard]] bool is_stored(const outcome& row) const;
  void repair();

  std::filesystem::path folder_, table_;
  folder_lock lock_;
  file log_;
};

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/store.hpp>
#include <eucv/image/formats.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace eucv::download {

namespace detail {

std::string key_of(std::string_view category, std::string_view id) {
  return (std::string(category) += '\n') += id;
}

std::filesystem::path made(std::filesystem::path folder) {
  make_folder(folder);
  return folder;
}

// The places of the rows of the items, in their order. Items of one key have one row.
std::vector<std::size_t> order_by(std::span<const item> items, const std::vector<outcome>& rows) {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(key_of(rows[i].category, rows[i].id), i);
  std::vector<std::size_t> order;
  for (const auto& wanted : items)
    if (const auto place = places.extract(key_of(wanted.category, wanted.id))) order.push_back(place.mapped());
  return order;
}

std::string header_line() {
  return dataset::csv_row(std::vector<std::string>(download_columns.begin(), download_columns.end()));
}

} // namespace detail

journal::journal(std::filesystem::path folder, std::string_view kind)
    : folder_(detail::made(std::move(folder))), table_(folder_ / "downloads.csv"), lock_(folder_) {
  const std::string wanted = "{\"version\":1,\"kind\":" + json_string(kind) + "}\n";
  const auto settings = folder_ / ".download.json";
  const bool begun = std::filesystem::exists(table_);
  if (begun && std::filesystem::exists(settings) && read_file(settings) != wanted)
    throw error(errc::invalid_argument,
                {"download into", folder_.string(), "its images are stored in another way than " + std::string(kind),
                 "give the same size, source and check as before, or another folder"});
  if (!begun) {
    write_file_atomically(settings, wanted);
    write_file_atomically(table_, detail::header_line());
  }
  repair();
}

void journal::repair() {
  log_ = file(table_, O_RDWR | O_NOFOLLOW);
  const std::string text = read_file(table_);
  const std::string header = detail::header_line();
  // No cell holds a line break, so the last one ends the last whole row.
  const std::size_t whole = text.rfind('\n') + 1; // npos + 1 is 0
  if (!text.starts_with(header))
    throw error(errc::bad_format, {"go on with the downloads in", table_.string(), "its columns are not those of eucv",
                                   "choose another folder, or move the file away"});
  log_.truncate(whole);
}

// A row at a time: a hundred thousand rows are 25 MB as text, and three times that as cells.
journal::contents journal::read() const {
  contents found;
  std::unordered_map<std::string, std::size_t> places;
  dataset::for_each_row(read_file(table_), table_.string(), [&](const std::vector<std::string>& cells) {
    outcome row = outcome_of(cells, table_.string());
    ++found.lines;
    const auto [place, is_new] = places.try_emplace(detail::key_of(row.category, row.id), found.rows.size());
    if (is_new)
      found.rows.push_back(std::move(row));
    else
      found.rows[place->second] = std::move(row); // the later outcome counts
  });
  return found;
}

std::string journal::file_of(const outcome& row, std::string_view suffix) {
  return (row.category + '/' + file_stem(row.id)).append(suffix);
}

bool journal::is_stored(const outcome& row) const {
  std::error_code failure;
  const auto size = std::filesystem::file_size(folder_ / row.file, failure);
  return !failure && size == row.bytes && !row.file.empty();
}

std::vector<std::size_t> journal::open_items(std::span<const item> items, failures failed) const {
  const std::vector<outcome> rows = read().rows;
  std::unordered_set<std::string> stored; // contents that are there
  for (const auto& row : rows)
    if (row.status == download_status::ok && is_stored(row)) stored.insert(row.sha256);
  std::unordered_set<std::string> final;
  for (const auto& row : rows) {
    const bool there = row.status == download_status::ok ? is_stored(row) : stored.contains(row.sha256);
    if (row.status == download_status::failed ? failed == failures::keep : there)
      final.insert(detail::key_of(row.category, row.id));
  }
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!final.contains(detail::key_of(items[i].category, items[i].id))) open.push_back(i);
  return open;
}

void journal::append(const outcome& row) {
  if (row.status == download_status::failed) // a run that was killed before its row may have left one
    for (const auto& each : image::formats()) remove_stored(folder_ / file_of(row, each.endings[0]));
  log_.write(dataset::csv_row(cells_of(row)));
}

fetch_summary journal::finish(std::span<const item> items) {
  auto [rows, lines] = read();
  std::vector<std::size_t> order = detail::order_by(items, rows);
  const std::size_t known = order.size();
  std::vector<bool> listed(rows.size());
  for (const std::size_t i : order) listed[i] = true;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!listed[i]) order.push_back(i);

  std::unordered_map<std::string_view, std::size_t> kept; // the first stored row of each content
  for (const std::size_t i : order)
    if (rows[i].status == download_status::ok) kept.try_emplace(rows[i].sha256, i);
  fetch_summary summary;
  summary.items = items.size();
  bool changed = lines != rows.size() || !std::ranges::is_sorted(order);
  std::vector<bool> dropped(rows.size()); // its equal file is missing: the next run on its table fetches it
  std::vector<std::string> unneeded;
  for (std::size_t k = 0; k < order.size(); ++k) {
    outcome& row = rows[order[k]];
    if (row.status != download_status::failed) {
      const auto first = kept.find(row.sha256);
      if (first == kept.end()) {
        dropped[order[k]] = changed = true;
        continue;
      }
      if (const outcome& twin = rows[first->second]; first->second != order[k]) {
        unneeded.push_back(file_of(row, std::filesystem::path(twin.file).extension().string()));
        changed = changed || row.status != download_status::duplicate || row.file != twin.file;
        row.status = download_status::duplicate;
        row.reason = "same_bytes";
        row.file = twin.file;
      }
    }
    if (k >= known) continue;
    summary.ok += row.status == download_status::ok ? 1 : 0;
    summary.duplicates += row.status == download_status::duplicate ? 1 : 0;
    if (row.status == download_status::failed) ++summary.failed, ++summary.reasons[row.reason];
  }
  if (changed) {
    write_file_atomically(table_, [&](file& output) {
      std::string text = detail::header_line();
      for (const std::size_t i : order) {
        if (!dropped[i]) text += dataset::csv_row(cells_of(rows[i]));
        if (text.size() < std::size_t{1} << 18) continue;
        output.write(text);
        text.clear();
      }
      output.write(text);
    });
    log_ = file(table_, O_RDWR | O_NOFOLLOW);
    log_.truncate(log_.size()); // and so to its end
  }
  for (const auto& name : unneeded) remove_stored(folder_ / name); // after the table, which named them
  return summary;
}

} // namespace eucv::download
#endif
