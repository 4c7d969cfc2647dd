#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace eucv::download {

/// A difference between a download folder and its downloads.csv.
struct fault {
  std::string file;   ///< relative to the folder
  std::string reason; ///< "missing", "changed" (another length or SHA-256), "unreadable" or "unlisted"
};

/// The result of verify().
struct verification {
  std::uint64_t files = 0, bytes = 0; ///< that downloads.csv lists
  std::vector<fault> faults;          ///< listed files in the order of the table, then unlisted ones by name

  /// The number of faults by reason.
  [[nodiscard]] std::map<std::string, std::uint64_t> reasons() const {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& found : faults) ++counts[found.reason];
    return counts;
  }
};

/// Compares every stored file of a download folder with its recorded length and SHA-256, on `threads` threads (0: one a
/// core), and finds files in the folders of the categories that no row lists. Changes nothing.
///
/// Throws errc::not_found where the folder has no downloads.csv, bad_format where that is damaged, in_use while a
/// download works on the folder.
[[nodiscard]] verification verify(const std::filesystem::path& folder, std::size_t threads = 0,
                                  const progress_sink& sink = {});

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/digest.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/outcome.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_set>

namespace eucv::download {

namespace detail {

std::vector<outcome> stored_rows(const std::filesystem::path& table) {
  std::vector<outcome> rows;
  std::unordered_set<std::string> files;
  for (const auto& cells : dataset::read_table(table).rows) {
    outcome row = outcome_of(cells, table.string());
    if (row.status != download_status::failed && files.insert(row.file).second) rows.push_back(std::move(row));
  }
  return rows;
}

// The reason of a fault, or an empty one.
std::string_view fault_of(const std::filesystem::path& path, const outcome& row) {
  try {
    const std::string bytes = read_file(path, std::max<std::uint64_t>(row.bytes, 1));
    return bytes.size() == row.bytes && sha256_text(bytes) == row.sha256 ? "" : "changed";
  } catch (const error& failure) {
    return failure.code() == errc::not_found ? "missing" : failure.code() == errc::too_large ? "changed" : "unreadable";
  }
}

std::set<std::string> unlisted_files(const std::filesystem::path& folder, const std::vector<outcome>& rows) {
  std::unordered_set<std::string> listed;
  std::set<std::string> categories, unlisted;
  for (const auto& row : rows) {
    listed.insert(row.file);
    categories.insert(std::filesystem::path(row.file).parent_path().string());
  }
  for (const auto& category : categories) {
    std::error_code failure;
    for (std::filesystem::directory_iterator entries(folder / category, failure), end; !failure && entries != end;
         entries.increment(failure)) {
      const std::string name = (std::filesystem::path(category) / entries->path().filename()).generic_string();
      if (!listed.contains(name)) unlisted.insert(name);
    }
  }
  return unlisted;
}

} // namespace detail

verification verify(const std::filesystem::path& folder, std::size_t threads, const progress_sink& sink) {
  const auto table = folder / "downloads.csv";
  if (!std::filesystem::exists(table))
    throw error(errc::not_found,
                {"verify", folder.string(), "it holds no downloads.csv", "give a folder that a download made"});
  const folder_lock lock(folder);
  const std::vector<outcome> rows = detail::stored_rows(table);
  std::vector<std::string_view> reasons(rows.size());
  verification found;
  found.files = rows.size();
  thread_pool pool(threads);
  constexpr std::size_t at_once = 256; // between two reports
  for (std::size_t begin = 0; begin < rows.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, rows.size() - begin);
    pool.for_each(count, [&](std::size_t i) {
      reasons[begin + i] = detail::fault_of(folder / rows[begin + i].file, rows[begin + i]);
    });
    if (sink) sink({"verify", begin + count, rows.size(), {}});
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.bytes += rows[i].bytes;
    if (!reasons[i].empty()) found.faults.push_back({rows[i].file, std::string(reasons[i])});
  }
  for (const auto& name : detail::unlisted_files(folder, rows)) found.faults.push_back({name, "unlisted"});
  return found;
}

} // namespace eucv::download
#endif
