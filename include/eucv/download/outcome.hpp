#pragma once

#include <eucv/core/implementation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::download {

/// The columns of downloads.csv.
inline constexpr std::array<std::string_view, 13> download_columns{"ID",      "category", "file",   "status", "reason",
                                                                   "bytes",   "width",    "height", "sha256", "dhash",
                                                                   "seconds", "attempts", "rights"};

/// How an item ended.
enum class download_status : std::uint8_t {
  ok,        ///< its file is stored
  failed,    ///< `reason` says why
  duplicate, ///< an item before it in the table has the same file, byte by byte
};

/// The word of a status in downloads.csv.
[[nodiscard]] constexpr std::string_view to_string(download_status status) noexcept {
  switch (status) {
  case download_status::ok: return "ok";
  case download_status::failed: return "failed";
  case download_status::duplicate: return "duplicate";
  }
  return "failed";
}

/// One row of downloads.csv. Of a failed item only the ID, category, reason, seconds, attempts and rights are set.
struct outcome {
  std::string id, category;
  std::string file; ///< relative to the folder, with '/'; of a duplicate: the file that is kept
  download_status status = download_status::failed;
  std::string reason; ///< one stable word: error::reason(), or "same_bytes" for a duplicate
  std::uint64_t bytes = 0;
  std::size_t width = 0, height = 0; ///< of the stored image
  std::string sha256, dhash;         ///< of the stored file, and of its picture
  double seconds = 0;                ///< from the first request to the row
  int attempts = 0;                  ///< requests, without those after redirects
  std::string rights;
};

/// The cells of a row, in the order of download_columns.
[[nodiscard]] std::vector<std::string> cells_of(const outcome& row);

/// Parses the cells of a row. Throws errc::bad_format, which names `on`, for cells that cells_of() does not write.
[[nodiscard]] outcome outcome_of(const std::vector<std::string>& cells, const std::string& on);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/error.hpp>

#include <charconv>
#include <cstdio>
#include <system_error>

namespace eucv::download {

std::vector<std::string> cells_of(const outcome& row) {
  const bool stored = row.status != download_status::failed;
  const auto number = [&](std::uint64_t value) { return stored ? std::to_string(value) : std::string(); };
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", row.seconds);
  std::vector<std::string> cells;
  cells.reserve(download_columns.size());
  const auto add = [&](const auto&... texts) { (cells.emplace_back(texts), ...); };
  add(row.id, row.category, row.file, to_string(row.status), row.reason);
  add(number(row.bytes), number(row.width), number(row.height), row.sha256, row.dhash);
  add(seconds, std::to_string(row.attempts), row.rights);
  return cells;
}

outcome outcome_of(const std::vector<std::string>& cells, const std::string& on) {
  const auto damage = [&](std::size_t column) {
    return error(errc::bad_format,
                 {"read the downloads so far", on,
                  column < cells.size()
                      ? "\"" + cells[column].substr(0, 40) + "\" is no " + std::string(download_columns[column])
                      : "a row has " + std::to_string(cells.size()) + " cells, not 13",
                  "mend the row, or remove the file to fetch all anew"});
  };
  if (cells.size() != download_columns.size()) throw damage(cells.size());
  const auto number = [&](std::size_t column, auto& value) {
    const std::string& text = cells[column];
    if (text.empty()) return;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) throw damage(column);
  };
  outcome row;
  row.id = cells[0];
  row.category = cells[1];
  row.file = cells[2];
  if (cells[3] == "ok")
    row.status = download_status::ok;
  else if (cells[3] == "duplicate")
    row.status = download_status::duplicate;
  else if (cells[3] != "failed")
    throw damage(3);
  row.reason = cells[4];
  number(5, row.bytes);
  number(6, row.width);
  number(7, row.height);
  row.sha256 = cells[8];
  row.dhash = cells[9];
  number(10, row.seconds);
  number(11, row.attempts);
  row.rights = cells[12];
  return row;
}

} // namespace eucv::download
#endif
