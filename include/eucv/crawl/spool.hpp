#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::crawl {

/// A buffer for a body that arrives in pieces: in memory up to a limit, beyond that in an unnamed temporary file, which
/// the kernel removes when the process ends. So hundreds of bodies may arrive at the same time. For one thread.
class spool {
public:
  /// `folder` is for the temporary file; bodies of up to `in_memory` bytes need none.
  explicit spool(std::filesystem::path folder, std::size_t in_memory = std::size_t{256} << 10)
      : folder_(std::move(folder)), in_memory_(in_memory) {}

  /// Adds a piece. Throws a file_error().
  void append(std::string_view piece);
  /// Bytes so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Returns all bytes and empties the spool. Throws a file_error().
  [[nodiscard]] std::string take();

private:
  std::filesystem::path folder_;
  std::size_t in_memory_;
  std::string bytes_; // all, or those that are not in the file yet
  file overflow_;
  std::uint64_t size_ = 0;
};

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
#include <eucv/core/error.hpp>

#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace eucv::crawl {

namespace detail {

file nameless_file(const std::filesystem::path& folder) {
#ifdef O_TMPFILE
  try {
    return file(folder, O_TMPFILE | O_RDWR);
  } catch (const error& failure) {
    if (failure.code() != errc::io) throw; // not every file system has them
  }
#endif
  static int number = 0;
  const auto path = folder / (".body-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
  file made(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
  ::unlink(path.c_str());
  return made;
}

} // namespace detail

void spool::append(std::string_view piece) {
  size_ += piece.size();
  if (!overflow_.is_open() && size_ <= in_memory_) {
    bytes_.append(piece);
    return;
  }
  if (!overflow_.is_open()) {
    overflow_ = detail::nameless_file(folder_);
    overflow_.write(bytes_);
    std::string().swap(bytes_);
  }
  overflow_.write(piece);
}

std::string spool::take() {
  std::string whole = std::exchange(bytes_, {});
  if (overflow_.is_open()) {
    whole.resize(static_cast<std::size_t>(size_));
    overflow_.seek(0);
    std::size_t filled = 0;
    while (filled < whole.size()) {
      const std::size_t count = overflow_.read(std::span(whole).subspan(filled));
      if (count == 0) throw file_error("read all of the body kept in", folder_, EIO);
      filled += count;
    }
    overflow_ = file();
  }
  size_ = 0;
  return whole;
}

} // namespace eucv::crawl
#endif
