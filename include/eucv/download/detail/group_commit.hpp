#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/download/store.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace eucv::download {

/// Stores files in groups, in two steps, since a disk takes as long to confirm one file as a hundred.
///
/// Each file of a group is stored as by store_file(): after a crash at any moment its path holds all of its bytes or
/// what it held before. A group on one file system is synced by one syncfs(), which also writes the data of other
/// programs; where that is much, and where there is no syncfs(), file by file. The two steps of different groups may
/// run in parallel, each step for one group at a time.
class group_commit {
public:
  /// `folder` contains the files; subfolders may be on other file systems. Throws file_error().
  explicit group_commit(const std::filesystem::path& folder)
      : root_(folder, O_RDONLY | O_DIRECTORY), file_system_(root_.file_system()) {}

  /// Step 1: waits until the bytes of the files are on the disk. Throws file_error().
  void sync(std::span<written_file> files);
  /// Step 2: publishes the files, and waits until their names are on the disk. Throws file_error(); files after the one
  /// that failed are not published.
  void publish(std::span<written_file> files);

private:
  void sync_all(std::span<file* const> files);

  file root_; // opened before the files are written: syncfs() reports the errors since then
  std::uint64_t file_system_;
};

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <cstdio>
#include <memory>
#include <set>

namespace eucv::download {

namespace detail {

// Bytes that the kernel has yet to write to disks; 0 where it does not tell.
std::uint64_t unwritten_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> facts(std::fopen("/proc/meminfo", "re"), std::fclose);
  if (!facts) return 0;
  char line[128];
  unsigned long long dirty = 0, writing = 0;
  while (std::fgets(line, sizeof line, facts.get()) != nullptr && std::sscanf(line, "Writeback: %llu", &writing) != 1)
    (void)std::sscanf(line, "Dirty: %llu", &dirty);
  return (dirty + writing) * 1024;
}

} // namespace detail

void group_commit::sync_all(std::span<file* const> files) {
  constexpr std::size_t few = 3; // fsync() costs these less
  constexpr std::uint64_t much = std::uint64_t{256} << 20;
  std::vector<file*> others;
  for (file* const each : files)
    if (each->file_system() != file_system_) others.push_back(each);
  if (files.size() - others.size() <= few || detail::unwritten_bytes() > much || !root_.sync_file_system())
    others.assign(files.begin(), files.end());
  for (file* const each : others) each->sync();
}

void group_commit::sync(std::span<written_file> files) {
  std::vector<file*> outputs;
  for (auto& each : files) outputs.push_back(&each.output());
  sync_all(outputs);
}

void group_commit::publish(std::span<written_file> files) {
  std::set<std::filesystem::path> folders;
  for (auto& each : files) {
    each.publish();
    folders.insert(each.path().parent_path());
  }
  std::vector<file> open;
  for (const auto& folder : folders) open.emplace_back(folder, O_RDONLY | O_DIRECTORY);
  std::vector<file*> handles;
  for (auto& each : open) handles.push_back(&each);
  sync_all(handles);
}

} // namespace eucv::download
#endif
