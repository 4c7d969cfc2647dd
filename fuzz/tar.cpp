// A tar archive: entries that lie inside it, one behind another, under names below it; or bad_format or too_large.
#include <require.hpp>

#include <eucv/core/file.hpp>
#include <eucv/dataset/tar.hpp>

#include <string>

#include <stdlib.h> // mkstemp
#include <unistd.h>

namespace {

// In memory, under a name of its own: read_tar() follows no link, so one to a nameless file will not do.
struct archive {
  std::string path = "/dev/shm/eucv-fuzz-XXXXXX";
  int descriptor = ::mkstemp(path.data());
  archive() = default;
  archive(const archive&) = delete;
  archive& operator=(const archive&) = delete;
  ~archive() {
    ::close(descriptor);
    ::unlink(path.c_str());
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const archive file;
  fuzz::require(::ftruncate(file.descriptor, 0) == 0 &&
                ::pwrite(file.descriptor, bytes, size, 0) == static_cast<ssize_t>(size));
  try {
    std::uint64_t end = 0;
    for (const auto& entry : eucv::dataset::read_tar(file.path, 1 << 20)) {
      fuzz::require(entry.offset >= end && entry.size <= size && entry.offset <= size - entry.size);
      fuzz::require(!entry.name.empty() && entry.name.front() != '/' && entry.name.find("../") != 0);
      end = entry.offset + entry.size;
    }
  } catch (const eucv::error& refusal) {
    fuzz::require(refusal.code() == eucv::errc::bad_format || refusal.code() == eucv::errc::too_large);
  }
  return 0;
}
