// A tar archive: entries that lie inside it, one behind another, under names below it; or bad_format or too_large.
#include <require.hpp>

#include <eucv/core/file.hpp>
#include <eucv/dataset/tar.hpp>

#include <string>

#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const int memory = ::memfd_create("archive", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  fuzz::require(::ftruncate(memory, 0) == 0 && ::pwrite(memory, bytes, size, 0) == static_cast<ssize_t>(size));
  try {
    std::uint64_t end = 0;
    for (const auto& entry : eucv::dataset::read_tar(path, 1 << 20)) {
      fuzz::require(entry.offset >= end && entry.size <= size && entry.offset <= size - entry.size);
      fuzz::require(!entry.name.empty() && entry.name.front() != '/' && entry.name.find("../") != 0);
      end = entry.offset + entry.size;
    }
  } catch (const eucv::error& refusal) {
    fuzz::require(refusal.code() == eucv::errc::bad_format || refusal.code() == eucv::errc::too_large);
  }
  return 0;
}
