#pragma once

#include <eucv/core/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/utsname.h>
#endif
#include <unistd.h>

namespace eucv {

/// The error for a failed system call on `path`, by `number` (errno): disk_full, permission_denied, not_found or io.
[[nodiscard]] inline error file_error(std::string tried, const std::filesystem::path& path, int number) {
  const char* why = std::strerror(number);
  switch (number) {
  case ENOSPC:
  case EDQUOT: return {errc::disk_full, {std::move(tried), path.string(), why, "free some space and try again"}};
  case EACCES:
  case EPERM:
  case EROFS:
    return {errc::permission_denied,
            {std::move(tried), path.string(), why, "choose a place that you may write to, or change its permissions"}};
  case ENOENT: return {errc::not_found, {std::move(tried), path.string(), why, "check the path"}};
  default: return {errc::io, {std::move(tried), path.string(), why, "check the path and the disk"}};
  }
}

#ifdef __linux__
namespace detail {

/// Whether syncfs() reports write errors: since Linux 5.8. Before, it always succeeds.
[[nodiscard]] inline bool syncfs_reports_errors() noexcept {
  static const bool reports = [] {
    struct utsname about {};
    int major = 0, minor = 0;
    if (::uname(&about) != 0 || std::sscanf(about.release, "%d.%d", &major, &minor) != 2) return false;
    return major > 5 || (major == 5 && minor >= 8);
  }();
  return reports;
}

} // namespace detail
#endif

/// An open file descriptor that closes itself. Movable, not copyable. Errors are thrown as file_error().
class file {
public:
  /// No file.
  file() = default;
  /// Opens `path` with the flags of open(2); O_CLOEXEC is added, new files get mode 0644.
  file(std::filesystem::path path, int flags) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor_ < 0) throw file_error("open", path_, errno);
  }
  ~file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  file(file&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  file& operator=(file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  /// The path that it was opened by.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Whether a file is open.
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

  /// Writes all bytes; short writes and signals are continued.
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw file_error("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  /// Reads at most `bytes.size()` bytes; returns their number, 0 at the end.
  std::size_t read(std::span<char> bytes) {
    while (true) {
      const ssize_t count = ::read(descriptor_, bytes.data(), bytes.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw file_error("read", path_, errno);
    }
  }
  /// Sets the position of the next read or write, in bytes from the start.
  void seek(std::uint64_t place) {
    if (::lseek(descriptor_, static_cast<off_t>(place), SEEK_SET) < 0) throw file_error("move in", path_, errno);
  }
  /// Truncates the file to `size` bytes and moves to its end.
  void truncate(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0 || ::lseek(descriptor_, 0, SEEK_END) < 0)
      throw file_error("cut", path_, errno);
  }
  /// Number of bytes in the file.
  [[nodiscard]] std::uint64_t size() const {
    struct stat facts {};
    if (::fstat(descriptor_, &facts) != 0) throw file_error("look up the size of", path_, errno);
    return static_cast<std::uint64_t>(facts.st_size);
  }
  /// Waits until the bytes are on the disk (fsync).
  void sync() {
    if (::fsync(descriptor_) != 0) throw file_error("sync", path_, errno);
  }
  /// Waits until all data written to the file system of this file, by any process, is on the disk (syncfs of Linux).
  /// Throws for any write error on that file system since this file was opened. False where the system has no syncfs().
  [[nodiscard]] bool sync_file_system() {
#ifdef __linux__
    if (!detail::syncfs_reports_errors()) return false;
    if (::syncfs(descriptor_) != 0) throw file_error("sync the file system of", path_, errno);
    return true;
#else
    return false;
#endif
  }
  /// The device number of the file system of the file.
  [[nodiscard]] std::uint64_t file_system() const {
    struct stat facts {};
    if (::fstat(descriptor_, &facts) != 0) throw file_error("look up", path_, errno);
    return static_cast<std::uint64_t>(facts.st_dev);
  }

private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Reads a whole file. Throws not_found, permission_denied, io, or too_large where it holds more than `limit` bytes.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path,
                                           std::uint64_t limit = std::uint64_t{1} << 32) {
  file input(path, O_RDONLY);
  const std::uint64_t size = input.size();
  if (size > limit)
    throw error(errc::too_large, {"read", path.string(),
                                  std::to_string(size) + " bytes, more than the limit of " + std::to_string(limit),
                                  "check that it is the right file"});
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::size_t count = input.read(std::span(bytes).subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  return bytes;
}

/// A range of bytes in a file.
struct file_part {
  std::uint64_t offset = 0, size = 0; ///< from the start of the file; number of bytes
};

/// Reads a range of a file, as read_file(). Also throws errc::bad_format where the file ends before the range does.
[[nodiscard]] inline std::string read_file_part(const std::filesystem::path& path, const file_part& part,
                                                std::uint64_t limit = std::uint64_t{1} << 32) {
  if (part.size > limit)
    throw error(errc::too_large, {"read", path.string(),
                                  std::to_string(part.size) + " bytes, more than the limit of " + std::to_string(limit),
                                  "check that it is the right file"});
  file input(path, O_RDONLY);
  input.seek(part.offset);
  std::string bytes(static_cast<std::size_t>(part.size), '\0');
  for (std::size_t filled = 0; filled < bytes.size();) {
    const std::size_t count = input.read(std::span(bytes).subspan(filled));
    if (count == 0)
      throw error(errc::bad_format, {"read", path.string(), "it is shorter than expected", "get the file again"});
    filled += count;
  }
  return bytes;
}

/// Waits until the entries of `folder` (names created, renamed, removed) are on the disk (fsync). Throws file_error().
inline void sync_folder(const std::filesystem::path& folder) {
  file(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY).sync();
}

/// Replaces a file atomically by what `write` writes: a reader, also after a crash, sees the old content or the new
/// one, each complete. A temporary file beside it, fsync, rename, fsync of the folder. Throws what `write` throws and
/// file_error(), and removes the temporary file.
inline void write_file_atomically(const std::filesystem::path& path, const std::function<void(file& output)>& write) {
  std::filesystem::path temporary = path;
  temporary += ".part";
  try {
    file output(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    write(output);
    output.sync();
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw file_error("rename to", path, errno);
  } catch (const error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(path.parent_path());
}

/// Replaces a file atomically by `bytes`.
inline void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  write_file_atomically(path, [bytes](file& output) { output.write(bytes); });
}

/// Makes a folder and its parents. Throws file_error().
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw file_error("make the folder", folder, failure.value());
}

} // namespace eucv
