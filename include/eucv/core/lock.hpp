#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace eucv {

/// An exclusive advisory lock of a folder (flock), against other processes and other locks of this process. Released by
/// the destructor, or by the kernel when the process ends. Only programs that take this lock are excluded.
class folder_lock {
public:
  /// Locks `folder`, which must exist. Throws errc::in_use at once where it is locked already.
  explicit folder_lock(const std::filesystem::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw file_error("lock", folder, errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    const int number = errno;
    ::close(descriptor_);
    if (number != EWOULDBLOCK) throw file_error("lock", folder, number);
    throw error(errc::in_use, {"lock", folder.string(), "another process works on it",
                               "wait for it to end, or choose another place"});
  }
  ~folder_lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  folder_lock(folder_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  folder_lock& operator=(folder_lock&& other) noexcept { return std::swap(descriptor_, other.descriptor_), *this; }

private:
  int descriptor_;
};

} // namespace eucv
