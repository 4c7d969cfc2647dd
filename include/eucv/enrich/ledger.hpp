#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/enrich/enricher.hpp>
#include <eucv/enrich/evidence.hpp>

#include <cstdint>
#include <filesystem>

namespace eucv::enrich {

/// The folder in which the statements of all runs are kept: `evidence.jsonl`, one line a record with the provenance of
/// its statements, and `annotations.jsonl`, one line a statement for the Annotation API.
///
/// The second file follows from the first. The evidence of a record is written before its annotations, so a run that is
/// killed leaves at most one truncated line or some missing annotations, which the next run repairs. A second process
/// on the folder gets errc::in_use. Failures to write are thrown as file_error(). For one thread.
class ledger {
public:
  /// Opens or makes the folder, repairs it, and passes the earlier statements to rule.remember(). Throws
  /// errc::bad_format for a complete line that is no evidence.
  ledger(const std::filesystem::path& folder, enricher& rule);
  /// Appends the evidence of a record and its annotations.
  void append(const evidence& all);
  /// Waits until both files are on the disk (fsync).
  void sync();

  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }       ///< lines of evidence
  [[nodiscard]] std::uint64_t statements() const noexcept { return statements_; } ///< annotations

private:
  folder_lock lock_;
  file evidence_, annotations_;
  std::uint64_t records_ = 0, statements_ = 0, unsynced_ = 0;
};

} // namespace eucv::enrich

#ifdef EUCV_IMPLEMENTATION_ENRICH
#include <eucv/core/error.hpp>

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <fcntl.h>

namespace eucv::enrich {

namespace detail {

static std::filesystem::path made(const std::filesystem::path& folder) {
  make_folder(folder);
  return folder;
}

// Passes each complete line of a file to `use`, and truncates the file after the last one. Holds one line.
static void for_each_line(file& input, const std::function<void(std::string_view)>& use) {
  std::array<char, 1 << 16> piece{};
  std::string line;
  std::uint64_t whole = 0;
  input.seek(0);
  while (const std::size_t count = input.read(std::span(piece))) {
    std::string_view rest(piece.data(), count);
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      whole += line.size() + 1;
      use(line);
      line.clear();
    }
    line += rest;
  }
  input.truncate(whole);
}

// The number of complete lines, at most `most`; the file is truncated after those.
static std::uint64_t keep_lines(file& input, std::uint64_t most) {
  std::uint64_t lines = 0, bytes = 0;
  for_each_line(input, [&](std::string_view line) {
    if (lines == most) return;
    ++lines;
    bytes += line.size() + 1;
  });
  input.truncate(bytes);
  return lines;
}

} // namespace detail

ledger::ledger(const std::filesystem::path& folder, enricher& rule)
    : lock_(detail::made(folder)), evidence_(folder / "evidence.jsonl", O_RDWR | O_CREAT | O_NOFOLLOW),
      annotations_(folder / "annotations.jsonl", O_RDWR | O_CREAT | O_NOFOLLOW) {
  sync_folder(folder);
  const auto for_each_evidence = [&](const std::function<void(const evidence&)>& use) {
    records_ = 0;
    detail::for_each_line(evidence_, [&](std::string_view line) {
      use(parse_evidence(line, evidence_.path().string() + " line " + std::to_string(++records_)));
    });
  };
  for_each_evidence([&](const evidence& all) {
    statements_ += all.statements.size();
    rule.remember(all);
  });
  const std::uint64_t written = detail::keep_lines(annotations_, statements_);
  if (written == statements_) return;
  std::uint64_t number = 0;
  for_each_evidence([&](const evidence& all) {
    for (const auto& one : annotations_of(all))
      if (number++ >= written) annotations_.write(to_json(one) + '\n');
  });
}

void ledger::append(const evidence& all) {
  constexpr std::uint64_t seldom = 64; // after a power failure the lost records are judged again
  evidence_.write(to_json(all) + '\n');
  for (const auto& one : annotations_of(all)) annotations_.write(to_json(one) + '\n');
  ++records_;
  statements_ += all.statements.size();
  if (++unsynced_ >= seldom) sync();
}

void ledger::sync() {
  evidence_.sync();
  annotations_.sync();
  unsynced_ = 0;
}

} // namespace eucv::enrich
#endif
