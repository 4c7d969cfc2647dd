// A library to preload: one call of a program fails, as on a disk that is full or dying.
//
//   EUCV_FAILING_CALL=write:17:28    the 17th write fails with errno 28, or with -1 instead the program is killed
//                                    before it; kinds: open, write, fsync (syncfs as well), rename, close, ftruncate,
//                                    and short, a write of which only half the bytes arrive
//   EUCV_FAILING_UNDER=/some/folder  only paths below it count, and files opened there
//   EUCV_FAILING_MARK=/some/file     made when the call is reached, so that a caller knows when to stop counting
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

constexpr int most_files = 4096;
std::atomic<bool> watched[most_files];
std::atomic<int> calls;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool is_below(const char* path) {
  const char* const folder = std::getenv("EUCV_FAILING_UNDER");
  return folder != nullptr && path != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_watched(int descriptor) {
  return descriptor >= 0 && descriptor < most_files && watched[descriptor];
}

// Whether this call of `kind` is the one; then errno is set.
bool fails(const char* kind) {
  const char* const plan = std::getenv("EUCV_FAILING_CALL");
  const std::size_t length = std::strlen(kind);
  if (plan == nullptr || std::strncmp(plan, kind, length) != 0 || plan[length] != ':') return false;
  char* rest = nullptr;
  if (++calls != std::strtol(plan + length + 1, &rest, 10)) return false;
  if (const char* const mark = std::getenv("EUCV_FAILING_MARK"))
    ::syscall(SYS_close, ::syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0600));
  const int reason = static_cast<int>(std::strtol(rest + 1, nullptr, 10));
  if (reason < 0) ::raise(SIGKILL);
  errno = reason;
  return true;
}

int watch(int descriptor) {
  if (descriptor >= 0 && descriptor < most_files) watched[descriptor] = true;
  return descriptor;
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  if (!is_below(path)) return real(path, flags, mode);
  return fails("open") ? -1 : watch(real(path, flags, mode));
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  static const auto real = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  if (is_watched(descriptor)) {
    if (fails("write")) return -1;
    if (fails("short")) count = (count + 1) / 2;
  }
  return real(descriptor, bytes, count);
}

int fsync(int descriptor) {
  static const auto real = next<int (*)(int)>("fsync");
  return is_watched(descriptor) && fails("fsync") ? -1 : real(descriptor);
}

int syncfs(int descriptor) {
  static const auto real = next<int (*)(int)>("syncfs");
  return is_watched(descriptor) && fails("fsync") ? -1 : real(descriptor);
}

int ftruncate(int descriptor, off_t size) {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return is_watched(descriptor) && fails("ftruncate") ? -1 : real(descriptor, size);
}

int rename(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return is_below(to) && fails("rename") ? -1 : real(from, to);
}

int close(int descriptor) {
  static const auto real = next<int (*)(int)>("close");
  const bool counts = is_watched(descriptor);
  if (counts) watched[descriptor] = false;
  const bool failed = counts && fails("close");
  const int reason = errno;
  const int done = real(descriptor); // Linux frees the descriptor even when close fails
  if (failed) errno = reason;
  return failed ? -1 : done;
}

} // extern "C"
