#pragma once

// eucv 0.1.0, the whole library in one header: harvest, train and classify images of cultural heritage.
// Distributed under the Boost Software License, Version 1.0 (https://www.boost.org/LICENSE_1_0.txt).
// Made by tools/amalgamate.py from include/eucv: change those files, not this one.
//
// One unit of the program defines EUCV_IMPLEMENTATION before it includes this header; see
// eucv/core/implementation.hpp below. SPDX-License-Identifier: BSL-1.0

// ---- eucv/core/error.hpp -------------------------------------------------------------------------------------------
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace eucv {

/// What went wrong, as one value to branch on. The words of to_string() are stable: tables and scripts store them.
enum class errc {
  // the caller and the machine
  invalid_argument = 1, ///< A parameter or option has a value that the function does not take.
  interrupted,          ///< Ctrl-C, SIGTERM or a stop token asked for the end; the state was saved first.
  not_found,            ///< A file, folder, label or key that was named does not exist.
  permission_denied,    ///< The file system refused access to a file or folder.
  disk_full,            ///< No space, or no quota, is left for what had to be written.
  io,                   ///< Any other failure to open, read, write or rename a file.
  bad_format,           ///< A file is not what its format says: JSON, CSV, safetensors, model folder.
  in_use,               ///< Another process works on the same table or folder at this moment.
  wrong_version,        ///< A file was written by a version of eucv that this one does not read.

  // addresses and connections
  bad_url, ///< An address that is no http or https URL, holds user info or control characters, or names a blocked port.
  private_address,    ///< A host that resolves to an address which is not public, while only public ones are allowed.
  dns,                ///< A host name that does not resolve.
  connect_failed,     ///< No address of the host accepted a connection.
  connection_reset,   ///< The peer ended the connection before the reply was complete.
  timeout,            ///< A phase, or the whole request, took longer than its deadline.
  tls,                ///< The TLS handshake failed, or the certificate is not valid for the host.
  http_status,        ///< A status other than 2xx; `error::status()` holds it.
  too_many_redirects, ///< More redirects than allowed.
  bad_redirect,       ///< A redirect without a usable address, or from https to http.
  bad_response,       ///< Bytes that are no HTTP reply, or a reply that contradicts itself.
  truncated,          ///< Fewer bytes than the reply announced.
  too_large,          ///< More bytes than the limit of the request.

  // the Europeana APIs
  no_api_key,      ///< EUROPEANA_API_KEY is not set.
  invalid_api_key, ///< The service does not know, or no longer accepts, the key.
  budget_spent,    ///< The number of requests that the caller allowed is used up.
  rate_limited,    ///< The limit of requests of the key is used up for now.
  bad_query,       ///< The service refused the search itself.
  bad_cursor,      ///< The service refused the cursor mark, or marks came back in a loop.
  api_unavailable, ///< The service, or the search engine behind it, is down or overloaded.
  bad_record,      ///< A reply lacks what its documentation promises.

  // images
  not_an_image,      ///< The bytes begin like no image format that is read here (HTML with status 200, for example).
  unsupported_image, ///< An image of a format or variant that is not read here: GIF, WebP, arithmetic JPEG.
  corrupt_image,     ///< An image that breaks off or contradicts itself.
  too_many_pixels,   ///< An image whose header announces more pixels than the limit.
  too_many_scans,    ///< A progressive JPEG with more scans than the limit.
  out_of_budget,     ///< Decoding would take more memory than the limit.

  // downloads
  robots_disallowed,  ///< The robots.txt of the host forbids the address.
  robots_unreachable, ///< The host has a robots.txt, it seems, and does not give it: nothing is allowed then.
  robots_tag,         ///< The reply forbids use for machine learning (X-Robots-Tag: noai, noimageai, noml).
  placeholder,        ///< A picture that says "no picture", which the Thumbnail API sends with status 200.

  // data sets
  missing_column,  ///< A table lacks a column that the command needs.
  empty_class,     ///< A class without a picture.
  class_too_small, ///< A class with fewer pictures than the split needs.
  batch_too_large, ///< A batch with more pictures than the data set holds.
  leakage,         ///< One picture, or pictures of one record, in two parts of a split.
  unknown_label,   ///< A label that the model or vocabulary does not hold.

  // networks
  shape_mismatch, ///< A layer got a shape that it cannot take, or a tensor has another shape than the model's.
  missing_tensor, ///< A file of weights lacks a tensor of the model, or holds one that the model has not.
  non_finite,     ///< A loss, gradient or weight became infinite or not a number.
};

/// The stable word of a code, such as "private_address".
[[nodiscard]] constexpr std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::invalid_argument: return "invalid_argument";
  case errc::interrupted: return "interrupted";
  case errc::not_found: return "not_found";
  case errc::permission_denied: return "permission_denied";
  case errc::disk_full: return "disk_full";
  case errc::io: return "io";
  case errc::bad_format: return "bad_format";
  case errc::in_use: return "in_use";
  case errc::wrong_version: return "wrong_version";
  case errc::bad_url: return "bad_url";
  case errc::private_address: return "private_address";
  case errc::dns: return "dns";
  case errc::connect_failed: return "connect_failed";
  case errc::connection_reset: return "connection_reset";
  case errc::timeout: return "timeout";
  case errc::tls: return "tls";
  case errc::http_status: return "http_status";
  case errc::too_many_redirects: return "too_many_redirects";
  case errc::bad_redirect: return "bad_redirect";
  case errc::bad_response: return "bad_response";
  case errc::truncated: return "truncated";
  case errc::too_large: return "too_large";
  case errc::no_api_key: return "no_api_key";
  case errc::invalid_api_key: return "invalid_api_key";
  case errc::budget_spent: return "budget_spent";
  case errc::rate_limited: return "rate_limited";
  case errc::bad_query: return "bad_query";
  case errc::bad_cursor: return "bad_cursor";
  case errc::api_unavailable: return "api_unavailable";
  case errc::bad_record: return "bad_record";
  case errc::not_an_image: return "not_an_image";
  case errc::unsupported_image: return "unsupported_image";
  case errc::corrupt_image: return "corrupt_image";
  case errc::too_many_pixels: return "too_many_pixels";
  case errc::too_many_scans: return "too_many_scans";
  case errc::out_of_budget: return "out_of_budget";
  case errc::robots_disallowed: return "robots_disallowed";
  case errc::robots_unreachable: return "robots_unreachable";
  case errc::robots_tag: return "robots_tag";
  case errc::placeholder: return "placeholder";
  case errc::missing_column: return "missing_column";
  case errc::empty_class: return "empty_class";
  case errc::class_too_small: return "class_too_small";
  case errc::batch_too_large: return "batch_too_large";
  case errc::leakage: return "leakage";
  case errc::unknown_label: return "unknown_label";
  case errc::shape_mismatch: return "shape_mismatch";
  case errc::missing_tensor: return "missing_tensor";
  case errc::non_finite: return "non_finite";
  }
  return "unknown";
}

/// The four things that a message owes its reader. Each is a phrase without capital and full stop.
struct error_text {
  std::string tried;  ///< what was tried: "download", "read the table"
  std::string on;     ///< on what: a path, an address, a layer
  std::string why;    ///< why it failed
  std::string advice; ///< what to do about it; may be empty where nothing can be done
};

/// The one exception type of eucv. `what()` reads "tried, on: why; advice".
///
/// Functions throw it for what ends a run, and return it inside result<T> for what one item in a thousand does.
/// Never holds a secret: keys and headers are left out where the message is made.
class error : public std::runtime_error {
public:
  error(errc code, error_text text) : std::runtime_error(join(text)), code_(code), text_(std::move(text)) {}

  /// A refusal by HTTP status; code() is errc::http_status and reason() is "http_404" and the like.
  error(int http_status, error_text text)
      : std::runtime_error(join(text)), code_(errc::http_status), status_(http_status), text_(std::move(text)) {}

  [[nodiscard]] errc code() const noexcept { return code_; }
  /// The HTTP status that caused the error, or 0.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const error_text& text() const noexcept { return text_; }

  /// One short stable word: that of the code, or "http_<status>".
  [[nodiscard]] std::string reason() const {
    return code_ == errc::http_status && status_ != 0 ? "http_" + std::to_string(status_)
                                                      : std::string(to_string(code_));
  }

private:
  static std::string join(const error_text& text) {
    std::string line = text.tried;
    if (!text.on.empty()) line += ", " + text.on;
    line += ": " + text.why;
    if (!text.advice.empty()) line += "; " + text.advice;
    return line;
  }

  errc code_;
  int status_ = 0;
  error_text text_;
};

} // namespace eucv

// ---- eucv/core/file.hpp --------------------------------------------------------------------------------------------
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace eucv {

/// The error for a failed system call on `path`, by `number` (errno): disk_full, permission_denied, not_found or io.
[[nodiscard]] inline error file_error(std::string tried, const std::filesystem::path& path, int number) {
  const char* why = std::strerror(number);
  switch (number) {
  case ENOSPC:
  case EDQUOT:
    return {errc::disk_full, {std::move(tried), path.string(), why, "free some space and run the same command again"}};
  case EACCES:
  case EPERM:
  case EROFS:
    return {errc::permission_denied,
            {std::move(tried), path.string(), why, "choose a place that you may write to, or change its permissions"}};
  case ENOENT: return {errc::not_found, {std::move(tried), path.string(), why, "check the path"}};
  default: return {errc::io, {std::move(tried), path.string(), why, "check the path and the disk"}};
  }
}

/// An open file descriptor that closes itself. Movable, not copyable. Errors are thrown as file_error().
class file {
public:
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

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

  /// Writes all bytes, going on after short writes and signals.
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
  /// Moves to byte `place`, from which the next read or write begins.
  void seek(std::uint64_t place) {
    if (::lseek(descriptor_, static_cast<off_t>(place), SEEK_SET) < 0) throw file_error("move in", path_, errno);
  }
  /// Cuts the file to `size` bytes and moves to its end.
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

private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The whole of a file. Throws not_found, permission_denied, io, or too_large where it holds more than `limit` bytes.
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

/// A stretch of a file, in bytes.
struct file_part {
  std::uint64_t offset = 0, size = 0;
};

/// That stretch of a file, as read_file(); also throws bad_format where the file ends before it.
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
      throw error(errc::bad_format, {"read", path.string(), "it ends before what stands in it", "get the file again"});
    filled += count;
  }
  return bytes;
}

/// Waits until the entries of `folder` (names made, renamed, removed) are on the disk.
inline void sync_folder(const std::filesystem::path& folder) {
  file(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY).sync();
}

/// Replaces `path` by `bytes` so that a reader, and a crash at any moment, sees the old content or the new, whole:
/// a temporary file beside it, fsync, rename, fsync of the folder. The temporary file is removed where that fails.
inline void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::path temporary = path;
  temporary += ".part";
  try {
    file output(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    output.write(bytes);
    output.sync();
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw file_error("rename to", path, errno);
  } catch (const error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(path.parent_path());
}

/// Makes a folder and its parents; throws a file_error() where that is not possible.
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw file_error("make the folder", folder, failure.value());
}

} // namespace eucv

// ---- eucv/core/implementation.hpp ----------------------------------------------------------------------------------
// eucv is header-only, but some of what it stands on is not made of inline functions: Boost.JSON, Boost.URL and
// stb_image have sources. As with stb and doctest, exactly one translation unit of a program says
//
//     #define EUCV_IMPLEMENTATION
//     #include <eucv/eucv.hpp>
//
// or the program links the CMake target eucv::implementation, which is that unit. This header compiles the Boost
// sources there. Functions of eucv that need them, or that would cost every unit seconds of compile time, are
// declared everywhere and defined only where the macro stands, at the end of their own header.

// ---- eucv/core/json.hpp --------------------------------------------------------------------------------------------
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace eucv {

/// Reads one JSON text (RFC 8259) strictly: an object with two equal keys, a number that overflows a double, bad
/// UTF-8 and nesting beyond 32 levels are refused, the first two of which Boost.JSON lets pass. `on` names the source
/// in the message. Throws errc::bad_format with the line of the fault.
[[nodiscard]] boost::json::value parse_json(std::string_view text, const std::string& on);

} // namespace eucv

// ---- eucv/core/json_text.hpp ---------------------------------------------------------------------------------------
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace eucv {

namespace detail {

// Bytes of the UTF-8 letter (RFC 3629) that `text` begins with, or 0 where it begins with none: overlong forms,
// surrogates and what lies beyond U+10FFFF are none.
[[nodiscard]] constexpr std::size_t utf8_letter(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (text.empty() || first < 0x80) return text.empty() ? 0 : 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  return size;
}

} // namespace detail

/// `text` as a JSON string, quotes included. Bytes that are no UTF-8, as old file names hold, become U+FFFD each.
[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = detail::utf8_letter(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (size == 0)
      out += "\xef\xbf\xbd";
    else if (byte == '"' || byte == '\\')
      (out += '\\') += text.front();
    else if (byte < 0x20)
      ((out += "\\u00") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + '"';
}

/// The shortest JSON number that reads back as `value`; null where it is infinite or no number, which JSON cannot say.
[[nodiscard]] inline std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

} // namespace eucv

// ---- eucv/core/lock.hpp --------------------------------------------------------------------------------------------
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace eucv {

/// Keeps other processes, and other locks of this one, away from a folder as long as it lives; the kernel lifts it when
/// the process ends, however it ends. For eucv's own use of the folder only: others are not hindered.
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

// ---- eucv/core/parallel.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace eucv {

/// Part number `piece` of [0, count), cut into `pieces` parts whose sizes differ by at most one.
///
/// The cut depends on the work alone, never on the number of threads: partial sums over such parts, added in order,
/// have the same bits whoever computed them.
struct range {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] constexpr std::size_t size() const noexcept { return end - begin; }
};
[[nodiscard]] constexpr range part(std::size_t count, std::size_t pieces, std::size_t piece) noexcept {
  return {count * piece / pieces, count * (piece + 1) / pieces};
}

/// A fixed set of threads that run the pieces of one loop at a time.
///
/// The calling thread works too, so thread_pool(1) starts none. Waiting threads spin for some microseconds and then
/// sleep: a pool that only spins collapses when another process takes one of its cores. for_each() may be called from
/// one thread at a time; called from inside a piece it runs the inner loop on the spot.
class thread_pool {
public:
  /// Starts `threads` - 1 threads; 0 means one thread a core.
  explicit thread_pool(std::size_t threads = 0) {
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  }
  ~thread_pool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  /// Number of threads that work, the caller included.
  [[nodiscard]] std::size_t size() const noexcept { return workers_.size() + 1; }

  /// Calls function(piece) or function(piece, worker) for each piece in [0, pieces), in any order, and returns when
  /// all are done. `worker` < size() names the thread, for scratch memory of its own. What the lowest failing piece
  /// throws is rethrown after the loop.
  template <class Function>
  void for_each(std::size_t pieces, Function&& function) {
    if (pieces == 0) return;
    if (pieces == 1 || workers_.empty() || inside_) {
      for (std::size_t piece = 0; piece < pieces; ++piece) call(function, piece, worker_index_);
      return;
    }
    job task;
    task.pieces = pieces;
    task.context = const_cast<void*>(static_cast<const void*>(&function));
    task.invoke = [](void* context, std::size_t piece, std::size_t worker) {
      call(*static_cast<std::remove_reference_t<Function>*>(context), piece, worker);
    };
    {
      std::lock_guard lock(mutex_);
      job_ = &task;
      task.running.store(workers_.size(), std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    run(task, 0);
    for (int spins = 0; task.running.load(std::memory_order_acquire) != 0; ++spins) {
      if (spins < spin_limit) continue;
      std::unique_lock lock(mutex_);
      done_.wait(lock, [&] { return task.running.load(std::memory_order_acquire) == 0; });
    }
    // The last worker may still hold the mutex after its decrement; taking it once keeps `task` alive until then.
    {
      std::lock_guard lock(mutex_);
      job_ = nullptr;
    }
    if (task.failure) std::rethrow_exception(task.failure);
  }

private:
  struct job {
    std::size_t pieces = 0;
    void* context = nullptr;
    void (*invoke)(void*, std::size_t, std::size_t) = nullptr;
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> running{0};
    std::mutex failure_mutex;
    std::size_t failed_piece = 0;
    std::exception_ptr failure;
  };

  static constexpr int spin_limit = 4000; // some ten microseconds

  template <class Function>
  static void call(Function& function, std::size_t piece, std::size_t worker) {
    if constexpr (std::is_invocable_v<Function&, std::size_t, std::size_t>)
      function(piece, worker);
    else
      function(piece);
  }

  static void run(job& task, std::size_t worker) {
    inside_ = true;
    worker_index_ = worker;
    for (std::size_t piece; (piece = task.next.fetch_add(1, std::memory_order_relaxed)) < task.pieces;) {
      try {
        task.invoke(task.context, piece, worker);
      } catch (...) {
        std::lock_guard lock(task.failure_mutex);
        if (!task.failure || piece < task.failed_piece) {
          task.failure = std::current_exception();
          task.failed_piece = piece;
        }
      }
    }
    inside_ = false;
    worker_index_ = 0;
  }

  void work(std::size_t worker) {
    std::size_t seen = 0;
    while (true) {
      for (int spins = 0; spins < spin_limit && generation_.load(std::memory_order_acquire) == seen; ++spins) {
      }
      job* task = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
        seen = generation_.load(std::memory_order_relaxed);
        if (stopping_) return;
        task = job_;
      }
      run(*task, worker);
      std::lock_guard lock(mutex_);
      if (task->running.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.notify_one();
    }
  }

  inline static thread_local bool inside_ = false;
  inline static thread_local std::size_t worker_index_ = 0;

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  job* job_ = nullptr;
  std::atomic<std::size_t> generation_{0};
  bool stopping_ = false;
};

} // namespace eucv

// ---- eucv/core/progress.hpp ----------------------------------------------------------------------------------------
#include <cstdint>
#include <functional>
#include <string_view>

namespace eucv {

/// One step of a long job, told to whoever wants to show it. No header of eucv prints.
struct progress {
  std::string_view task;   ///< which job: "harvest", "download", "train"
  std::uint64_t done = 0;  ///< units finished
  std::uint64_t total = 0; ///< units in all, or 0 where that is not known
  std::string_view note;   ///< a few words on the state, such as "loss 0.31"; valid during the call only
};

/// Receives progress. Called from the thread that runs the job, never from two at once; must not throw.
using progress_sink = std::function<void(const progress&)>;

} // namespace eucv

// ---- eucv/core/random.hpp ------------------------------------------------------------------------------------------
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace eucv {

/// The seeded engine behind everything that is random here: xoshiro256** (Blackman and Vigna, 2018).
///
/// Distributions are members, since those of <random> give other numbers on other standard libraries. The same seed
/// gives the same numbers on every machine. A value of 32 bytes of state; not for two threads at once: fork() one each.
class random {
public:
  using result_type = std::uint64_t;
  using state_type = std::array<std::uint64_t, 4>;

  explicit random(std::uint64_t seed = 1) noexcept {
    for (auto& word : state_) word = split_mix(seed);
  }
  /// Goes on from a saved state().
  explicit random(const state_type& state) noexcept : state_(state) {}

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return ~result_type{0}; }

  result_type operator()() noexcept {
    const std::uint64_t value = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return value;
  }

  /// An engine of its own for one item of a job (an epoch, an image), whatever the order in which items are done.
  [[nodiscard]] random fork(std::uint64_t item) const noexcept {
    std::uint64_t seed = state_[0] ^ std::rotl(state_[2], 29) ^ (item * 0x9e3779b97f4a7c15ULL);
    return random(split_mix(seed));
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  /// Uniform in {0, ..., count - 1}, without bias. Precondition: count > 0.
  std::uint64_t below(std::uint64_t count) noexcept {
    const std::uint64_t surplus = (max() - count + 1) % count; // 2^64 mod count
    std::uint64_t value = (*this)();
    while (value > max() - surplus) value = (*this)();
    return value % count;
  }
  /// Standard normal, by Box and Muller's transform; takes two numbers a call and keeps none back.
  double normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// Fisher and Yates' shuffle.
  template <class T>
  void shuffle(std::span<T> items) noexcept {
    for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
  }

  [[nodiscard]] const state_type& state() const noexcept { return state_; }
  friend bool operator==(const random&, const random&) = default;

private:
  // SplitMix64 (Vigna, 2015): spreads a seed over the state.
  static std::uint64_t split_mix(std::uint64_t& seed) noexcept {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  state_type state_{};
};

} // namespace eucv

// ---- eucv/core/result.hpp ------------------------------------------------------------------------------------------
#include <utility>
#include <variant>

namespace eucv {

/// A value, or the error that stood in its way: for failures that belong to one item and do not end the run.
///
///     result<bitmap> picture = image::decode(bytes);
///     if (!picture) count(picture.error().reason());
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  result(eucv::error failure) : content_(std::in_place_index<1>, std::move(failure)) {}

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Throws the held error where there is none.
  [[nodiscard]] T& value() & { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] const T& value() const& { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] T&& value() && { return check(), std::move(*std::get_if<0>(&content_)); }

  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  /// The error. Precondition: !has_value(); throws std::bad_variant_access otherwise.
  [[nodiscard]] const eucv::error& error() const { return std::get<1>(content_); }

private:
  void check() const {
    if (!has_value()) throw std::get<1>(content_);
  }

  std::variant<T, eucv::error> content_;
};

} // namespace eucv

// ---- eucv/core/sha256.hpp ------------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv {

/// SHA-256 (FIPS 180-4), piece by piece. Plain C++, for whoever has no OpenSSL; about 300 MB/s.
class sha256_digest {
public:
  /// Takes the next bytes.
  void update(std::string_view bytes) noexcept {
    size_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t taken = std::min(bytes.size(), block_.size() - filled_);
      for (std::size_t i = 0; i < taken; ++i) block_[filled_ + i] = static_cast<unsigned char>(bytes[i]);
      filled_ += taken;
      bytes.remove_prefix(taken);
      if (filled_ == block_.size()) mix();
    }
  }

  /// The digest of all bytes so far, as 64 lower-case hexadecimal digits. What was taken stays: more may follow.
  [[nodiscard]] std::string text() const {
    sha256_digest last = *this;
    const std::uint64_t bits = size_ * 8;
    last.update(std::string_view("\x80", 1));
    while (last.filled_ != 56) last.update(std::string_view("\0", 1));
    for (int shift = 56; shift >= 0; shift -= 8) {
      const char byte = static_cast<char>(bits >> shift & 0xFF);
      last.update(std::string_view(&byte, 1));
    }
    std::string digits;
    for (const std::uint32_t word : last.state_)
      for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[word >> shift & 15];
    return digits;
  }

private:
  void mix() noexcept {
    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    static constexpr std::array<std::uint32_t, 64> k{
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
      for (std::size_t byte = 0; byte < 4; ++byte) w[i] = w[i] << 8 | block_[4 * i + byte];
    for (std::size_t i = 16; i < 64; ++i) {
      const std::uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
             (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    auto s = state_;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t one = s[7] + (std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25)) +
                                ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
      const std::uint32_t two = (std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22)) +
                                ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      s = {one + two, s[0], s[1], s[2], s[3] + one, s[4], s[5], s[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) state_[i] += s[i];
    filled_ = 0;
  }

  // The first 32 bits of the fractional parts of the square roots of the first 8 primes.
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t size_ = 0;
};

/// The digest of some bytes: sha256_digest::text().
[[nodiscard]] inline std::string sha256_text(std::string_view bytes) {
  sha256_digest digest;
  digest.update(bytes);
  return digest.text();
}

} // namespace eucv

// ---- eucv/core/version.hpp -----------------------------------------------------------------------------------------
/// Semantic version of eucv as three numbers, for `#if`.
#define EUCV_VERSION_MAJOR 0
#define EUCV_VERSION_MINOR 1
#define EUCV_VERSION_PATCH 0

/// The same version as text, "major.minor.patch".
#define EUCV_VERSION "0.1.0"

// ---- eucv/net/address.hpp ------------------------------------------------------------------------------------------
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace eucv::net {

namespace detail {

/// The first `bits` bits of an address; v4 addresses use the first four bytes.
struct address_block {
  std::array<std::uint8_t, 16> first;
  unsigned bits;

  [[nodiscard]] constexpr bool holds(const std::uint8_t* bytes) const noexcept {
    for (unsigned i = 0; i < bits; ++i)
      if (((bytes[i / 8] ^ first[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    return true;
  }
};

/// What is not a public host among the v4 addresses: the IANA special-purpose registry (RFC 6890), multicast, reserved.
inline constexpr std::array<address_block, 16> not_public_v4{{
    {{0}, 8},             // this network
    {{10}, 8},            // private
    {{100, 64}, 10},      // carrier-grade NAT
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link-local, and the metadata service of clouds
    {{172, 16}, 12},      // private
    {{192, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2}, 24},    // documentation
    {{192, 31, 196}, 24}, // AS112
    {{192, 52, 193}, 24}, // AMT
    {{192, 88, 99}, 24},  // 6to4 relays, withdrawn
    {{192, 168}, 16},     // private
    {{198, 18}, 15},      // benchmarks
    {{198, 51, 100}, 24}, // documentation
    {{203, 0, 113}, 24},  // documentation
    {{224}, 3},           // multicast and reserved, broadcast included
}};

/// What is not a public host inside 2000::/3, the only block of global v6 addresses; outside it nothing is public.
inline constexpr std::array<address_block, 5> not_public_v6{{
    {{0x20, 0x01}, 23},                // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},    // documentation
    {{0x26, 0x20, 0, 0x4f, 0x80}, 48}, // AS112
    {{0x3f, 0xfe}, 16},                // 6bone, withdrawn
    {{0x3f, 0xff}, 20},                // documentation
}};

/// Blocks whose addresses carry a v4 address, and the byte at which it begins: such an address leads where that one
/// does.
struct v4_carrier {
  address_block block;
  std::size_t begin;
};
inline constexpr std::array<v4_carrier, 3> v4_carriers{{
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, // v4-mapped
    {{{0, 0x64, 0xff, 0x9b}, 96}, 12},                      // NAT64
    {{{0x20, 0x02}, 16}, 2},                                // 6to4
}};

constexpr bool is_public_v4(const std::uint8_t* bytes) noexcept {
  return std::ranges::none_of(not_public_v4, [&](const auto& block) { return block.holds(bytes); });
}

} // namespace detail

/// Whether an address can be that of a host on the public internet, which an address from a stranger may lead to.
///
/// False for private, loopback, link-local, carrier-grade NAT, multicast, documentation and reserved addresses (RFC
/// 6890), and for v6 addresses that carry such a v4 address (v4-mapped, NAT64, 6to4). Ask it of what a name resolved
/// to, never of the text of a host: the resolver reads "0x7f000001" and "2130706433" as 127.0.0.1.
[[nodiscard]] inline bool is_public(const boost::asio::ip::address& address) noexcept {
  if (address.is_v4()) return detail::is_public_v4(address.to_v4().to_bytes().data());
  const auto bytes = address.to_v6().to_bytes();
  for (const auto& carrier : detail::v4_carriers)
    if (carrier.block.holds(bytes.data())) return detail::is_public_v4(bytes.data() + carrier.begin);
  return bytes[0] >> 5 == 1 &&
         std::ranges::none_of(detail::not_public_v6, [&](const auto& block) { return block.holds(bytes.data()); });
}

} // namespace eucv::net

// ---- eucv/net/client_options.hpp -----------------------------------------------------------------------------------
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace eucv::net {

/// Which resolved addresses a client connects to.
enum class address_rule {
  only_public, ///< those of is_public() alone: for addresses that strangers wrote, so that none leads into our network
  any,         ///< all: for a service that you run yourself
};

/// How a client behaves. Every phase of a request has a deadline of its own, and all of them together have one.
struct client_options {
  std::string user_agent = "eucv/" EUCV_VERSION; ///< add a way to reach you: "name/1.0 (mailto:me@museum.example)"
  std::chrono::milliseconds connect{10'000};     ///< lookup of the name and connection
  std::chrono::milliseconds tls{10'000};         ///< TLS handshake
  std::chrono::milliseconds first_byte{30'000};  ///< from the request to the end of the header of the reply
  std::chrono::milliseconds idle{20'000};        ///< between two pieces of the body
  std::chrono::milliseconds total{300'000}; ///< the whole request with its redirects; waiting for a free place is free
  int max_redirects = 5;
  address_rule addresses = address_rule::only_public;
  /// Says which addresses are allowed although they are not public, such as that of your own image server; empty: none.
  std::function<bool(const boost::asio::ip::address&)> own_addresses;
  std::string ca_file;                     ///< PEM file of trusted authorities; empty: those of the system
  std::size_t connections_per_origin = 16; ///< open at a time; further requests to that origin wait in turn
  std::size_t idle_connections = 64;       ///< kept open for the next request, over all origins
  std::chrono::milliseconds keep{15'000};  ///< how long a connection is kept open unused
};

} // namespace eucv::net

// ---- eucv/net/secret.hpp -------------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::net {

/// A key or password. It has no way into a stream, a message or a comparison but through reveal(), which is easy to
/// find in a review.
class secret_string {
public:
  secret_string() = default;
  explicit secret_string(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  /// The text itself, for the one place that sends it. Valid as long as this object is unchanged.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }

  friend std::ostream& operator<<(std::ostream&, const secret_string&) = delete;

private:
  std::string text_;
};

namespace detail {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

constexpr bool begins_ignoring_case(std::string_view text, std::string_view head) noexcept {
  return text.size() >= head.size() && equal_ignoring_case(text.substr(0, head.size()), head);
}

// Length of the secret at the front of `text`, and of the mark that stays before it; {0, 0} where there is none.
inline std::pair<std::size_t, std::size_t> secret_at(std::string_view text) {
  static constexpr std::array<std::string_view, 6> in_queries{
      "wskey=", "api_key=", "apikey=", "wskey%3D", "api_key%3D", "apikey%3D"};
  static constexpr std::array<std::string_view, 2> in_headers{"x-api-key:", "authorization:"};
  for (const auto mark : in_queries)
    if (begins_ignoring_case(text, mark)) {
      const auto rest = text.substr(mark.size());
      return {mark.size(), std::min({rest.size(), rest.find_first_of("&#;\"'<> \t\r\n"), rest.find("%26")})};
    }
  for (const auto mark : in_headers)
    if (begins_ignoring_case(text, mark)) {
      const auto rest = text.substr(mark.size());
      const auto blanks = std::min(rest.size(), rest.find_first_not_of(" \t"));
      return {mark.size() + blanks, std::min(rest.size(), rest.find_first_of("\r\n")) - blanks};
    }
  if (text.starts_with("://")) {
    const auto authority = text.substr(3, text.find_first_of("/?# \t\r\n", 3) - 3);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) return {3, at};
  }
  return {0, 0};
}

} // namespace detail

/// `text` with every API key, authorization header and user info of an address replaced by "***".
///
/// For messages, logs and tables. It knows the names by which Europeana's services and common others take keys
/// (`wskey=`, `api_key=`, `X-Api-Key:`, `Authorization:`), in any case, and percent-encoded inside another address.
[[nodiscard]] inline std::string redact(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto found = detail::secret_at(text);
    const std::size_t kept = found.first == 0 ? 1 : found.first;
    clean += text.substr(0, kept);
    if (found.second != 0) clean += "***";
    text.remove_prefix(kept + found.second);
  }
  return clean;
}

} // namespace eucv::net

// ---- eucv/net/task.hpp ---------------------------------------------------------------------------------------------
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

/// Asynchronous work over HTTP: tasks, addresses, and a client that fetches from hosts it does not trust.
namespace eucv::net {

/// A coroutine that has not begun yet: it runs when another task says `co_await` on it, or when run() gets it.
///
/// All tasks of one run() share one thread, so what they share needs no lock. A cancelled task ends by an exception
/// from its next `co_await`. Three traps of g++ 12, each of which frees memory twice or loses a value: do not write a
/// braced temporary that owns memory inside `co_await f(...)` (name it first), nor `auto [a, b] = co_await ...`, nor a
/// capturing lambda that is itself a coroutine and dies before its task ends (pass what it needs as parameters).
template <class T>
using task = boost::asio::awaitable<T>;

} // namespace eucv::net

// ---- eucv/net/url.hpp ----------------------------------------------------------------------------------------------
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::net {

/// The address of something on the web, in parts that are ready to be sent.
struct url {
  std::string scheme;       ///< "http" or "https"
  std::string host;         ///< lower-case name, IPv4 address, or IPv6 address in brackets
  std::uint16_t port = 0;   ///< never 0 after parse_url()
  std::string target = "/"; ///< path and query, percent-encoded; begins with '/', holds no fragment

  /// "scheme://host", and ":port" unless it is the usual one of the scheme.
  [[nodiscard]] std::string origin() const {
    std::string text = scheme + "://" + host;
    if (port != (scheme == "https" ? 443 : 80)) text.append(":").append(std::to_string(port));
    return text;
  }
  /// The whole address.
  [[nodiscard]] std::string str() const { return origin() + target; }

  friend bool operator==(const url&, const url&) = default;
};

/// Reads an absolute http or https address as people and databases write it.
///
/// Blanks around it are cut off; blanks, quotes, brackets and bytes of UTF-8 inside become percent-encoded, and so does
/// a stray '%'; "." and ".." are resolved; a fragment is dropped; all else of path and query stays byte by byte, since
/// some servers sign it. Gives errc::bad_url for other schemes, user info, control characters, a port 0, over 65535 or
/// one that browsers refuse since another service listens there (mail, for example), and a host that is no plain ASCII
/// name. Whether the host is a public one is asked when it is resolved: see client.
result<url> parse_url(std::string_view text);

/// `reference` (absolute or relative, such as a Location header) seen from `base`, as RFC 3986 section 5 has it.
result<url> resolve_url(const url& base, std::string_view reference);

/// `text` as the name or value of a query: all but letters, digits and "-._~" becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace eucv::net

// ---- eucv/net/http.hpp ---------------------------------------------------------------------------------------------
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::net {

/// What a request wants: the three methods that eucv uses.
enum class method {
  get,  ///< fetch; may be repeated and redirected
  head, ///< fetch the header alone; may be repeated and redirected
  post, ///< send a body; sent once, and a redirect is the caller's to follow
};

/// The method as it stands in a request.
[[nodiscard]] constexpr std::string_view to_string(method verb) noexcept {
  switch (verb) {
  case method::get: return "GET";
  case method::head: return "HEAD";
  case method::post: return "POST";
  }
  return "GET";
}

/// One header field. The name is matched without regard to case.
struct header {
  std::string name, value;
};

/// The value of the first field of that name, in any case, or nothing. Valid as long as `headers` is unchanged.
[[nodiscard]] inline std::optional<std::string_view> find_header(std::span<const header> headers,
                                                                 std::string_view name) noexcept {
  for (const auto& field : headers)
    if (detail::equal_ignoring_case(field.name, name)) return field.value;
  return std::nullopt;
}

/// What is asked of a server. Give it a name before `co_await client.send(request)`: see task.hpp on g++ 12.
struct request {
  method verb = method::get;
  url target;
  std::vector<header> headers;                        ///< beside Host, User-Agent, Content-Length and Connection
  std::string body;                                   ///< sent with POST only
  std::uint64_t body_limit = std::uint64_t{16} << 20; ///< bytes of a 2xx body; one more is errc::too_large
  bool follow_redirects = true;                       ///< of GET and HEAD; false: a redirect comes back as it is
};

/// What a server answered, with any status.
struct response {
  int status = 0;
  std::vector<header> headers; ///< fields of one name in the order of the reply
  std::string body; ///< of a 2xx status: all of it, or empty if a body_sink took it; of any other: the first 64 KiB
  url final_url;    ///< where the reply came from, after redirects

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  /// The value of the first header field of that name, in any case, or nothing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
    return find_header(headers, name);
  }
};

/// Receives the body of a 2xx reply piece by piece, in order, each piece not empty and valid during the call only.
///
/// What it throws ends the request and reaches the caller of send(). A request that fails midway has already given it
/// pieces: whoever tries again begins anew.
using body_sink = std::function<void(std::string_view piece)>;

/// Something that answers requests: client, or a canned one in tests.
///
/// `send(request)` and `send(request, sink)` return any HTTP status as a response; they follow redirects of GET and
/// HEAD, and throw error when no complete reply came. The request must live until the task ends.
template <class T>
concept transport = requires(T& peer, const request& question, body_sink sink) {
  { peer.send(question) } -> std::same_as<task<response>>;
  { peer.send(question, sink) } -> std::same_as<task<response>>;
};

} // namespace eucv::net

// ---- eucv/net/resolver.hpp -----------------------------------------------------------------------------------------
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace eucv::net {

/// Addresses of a host, best first.
using address_list = std::vector<boost::asio::ip::address>;

/// A lookup that blocks its thread: the addresses of `host`, not empty, or throws error.
using lookup_function = std::function<address_list(const std::string& host)>;

/// The lookup of the operating system, getaddrinfo(3). Throws errc::dns.
address_list system_lookup(const std::string& host);

struct resolver_options {
  std::size_t threads = 8;                ///< lookups at a time; further hosts wait
  std::chrono::milliseconds keep{60'000}; ///< how long an answer serves; failures are not kept
  std::size_t kept = 1024;                ///< hosts whose answers are kept
};

/// Turns host names into addresses, with a deadline.
///
/// Lookups of the system block and can be neither cancelled nor bounded in time, those of Asio included: so each runs
/// on a thread of this class, and a caller whose deadline passes, or who is cancelled, leaves it to its fate. Callers
/// who ask for the same host share a lookup. Thread-safe; tasks of several contexts may share one resolver.
class resolver {
public:
  using clock = std::chrono::steady_clock;

  explicit resolver(resolver_options options = {}, lookup_function lookup = system_lookup);
  ~resolver();
  resolver(resolver&&) noexcept;
  resolver& operator=(resolver&&) noexcept;

  /// The addresses of `host`, a name or a literal without brackets. Throws what the lookup threw, or errc::timeout.
  task<address_list> resolve(std::string host, clock::time_point deadline);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace eucv::net

// ---- eucv/net/client.hpp -------------------------------------------------------------------------------------------
#include <memory>

namespace eucv::net {

/// Fetches over http and https from hosts that it does not trust; models transport.
///
///     net::client web;
///     net::request page{.target = *net::parse_url("https://example.org/")};
///     const net::response reply = co_await web.send(page);
///
/// - Connections are kept and used again. A kept one that turns out to be dead is replaced once, without a word, if no
///   byte of the reply came; POST always gets a new one, since it may not be sent twice.
/// - Each phase has its deadline (client_options); exceeding one is errc::timeout.
/// - https: TLS 1.2 or newer, and a certificate valid for the host. There is no way to switch that off.
///   Whether the certificate was revoked is not asked: that takes a request to a third party for each host.
/// - A host is looked up once a connection; addresses that the rule forbids are dropped (errc::private_address where
///   none is left), and the connection goes to the very address that was checked. Each redirect is checked anew.
/// - Redirects of GET and HEAD are followed, at most max_redirects; never from https to http; header fields such as
///   X-Api-Key and Authorization do not follow to another origin.
/// - A body shorter than announced is errc::truncated, a longer one than request::body_limit errc::too_large; one
///   with a Content-Encoding is refused (bad_response), as none was asked for.
///
/// For hundreds of requests at a time, all from tasks of one thread; run() may be called several times. A cancelled
/// request throws errc::interrupted. Proxies and HTTP/2 are not spoken.
class client {
public:
  /// Throws errc::tls where options.ca_file cannot be read.
  explicit client(client_options options = {});
  /// Shares a resolver, and its cache, with other clients; not null.
  client(client_options options, std::shared_ptr<resolver> names);
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  /// Sends a request, which must live until the task ends. Throws error: the codes "addresses and connections" of
  /// errc but http_status, errc::invalid_argument for a header field that cannot be sent, or errc::interrupted.
  task<response> send(const request& question);
  /// The same; the body of a 2xx reply goes to `sink`.
  task<response> send(const request& question, body_sink sink);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace eucv::net

// ---- eucv/net/condition.hpp ----------------------------------------------------------------------------------------
#include <list>

namespace eucv::net {

/// Something that tasks wait for: all that wait are woken together, and look for themselves whether they may go on.
///
///     while (!ready()) co_await changed.wait();
///
/// For tasks of one thread. Must outlive the tasks that wait.
class condition {
public:
  condition() = default;
  condition(const condition&) = delete;
  condition& operator=(const condition&) = delete;

  /// Ends at the next wake_all(). A cancelled task throws.
  task<void> wait();
  /// Wakes all that wait now; they run later, not inside this call.
  void wake_all();
  /// Whether anybody waits.
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

private:
  struct waiter;
  std::list<waiter*> waiting_;
};

} // namespace eucv::net

// ---- eucv/net/connection.hpp ---------------------------------------------------------------------------------------
#include <chrono>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace eucv::net::detail {

/// One connection to one origin, and the requests that go over it one after another.
///
/// The options must outlive it. A connection that failed, or whose task was cancelled, is only good for destruction.
class connection {
public:
  using clock = std::chrono::steady_clock;

  /// `tls` may be null for http.
  connection(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> tls,
             const client_options& options);
  ~connection();

  /// Connects to the first of `addresses` that accepts, and to no other host. Throws errc::timeout, connect_failed.
  task<void> connect(const url& peer, address_list addresses, clock::time_point end);
  /// Makes TLS over it. Throws errc::tls, connection_reset, timeout.
  task<void> secure(const url& peer, clock::time_point end);

  /// Sends a request and receives the reply, as transport::send() does but for redirects. final_url is left empty.
  task<response> exchange(const request& question, const body_sink& sink, clock::time_point end);

  /// Whether another request may follow: the last reply is complete and the peer keeps the connection open.
  [[nodiscard]] bool is_reusable() const noexcept;
  /// Whether the peer has neither closed the connection nor sent what nobody asked for.
  [[nodiscard]] bool is_alive() const noexcept;
  /// Whether any byte of the reply to the last request has come.
  [[nodiscard]] bool has_answered() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace eucv::net::detail

// ---- eucv/net/http_message.hpp -------------------------------------------------------------------------------------
// The only place that translates between our messages and Beast's. Seen where the implementation is compiled.

// ---- eucv/net/offload.hpp ------------------------------------------------------------------------------------------
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace boost::asio {
class thread_pool;
}

namespace eucv::net {

namespace detail {

/// The part of offload() that does not depend on the type of the function. `work` must not throw.
task<void> run_elsewhere(boost::asio::thread_pool& pool, std::function<void()> work);

} // namespace detail

/// Calls `function()` on a thread of `pool` and returns its value, or throws what it threw, on the caller's executor.
///
/// For work that would hold up the network thread: decoding, hashing, fsync. The function must be copyable, and cannot
/// be cancelled once it has begun: a cancelled caller waits for it to return, so what it refers to stays alive. Where
/// the pool is stopped before the function begins, the caller gets boost::asio::error::operation_aborted.
template <class Function>
auto offload(boost::asio::thread_pool& pool, Function function) -> task<std::invoke_result_t<Function&>> {
  using value_type = std::invoke_result_t<Function&>;
  // Shared, so that a frame that is destroyed together with its context leaves the running function its memory.
  struct call {
    explicit call(Function f) : function(std::move(f)) {}
    Function function;
    std::exception_ptr failure;
    std::optional<std::conditional_t<std::is_void_v<value_type>, bool, value_type>> value;
  };
  const auto shared = std::make_shared<call>(std::move(function));
  std::function<void()> work = [shared] {
    try {
      if constexpr (std::is_void_v<value_type>)
        shared->function();
      else
        shared->value.emplace(shared->function());
    } catch (...) {
      shared->failure = std::current_exception();
    }
  };
  co_await detail::run_elsewhere(pool, std::move(work));
  if (shared->failure) std::rethrow_exception(shared->failure);
  if constexpr (!std::is_void_v<value_type>) co_return std::move(*shared->value);
}

} // namespace eucv::net

// ---- eucv/net/semaphore.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <list>
#include <utility>

namespace eucv::net {

/// Lets at most a number of tasks into a part of their work; the others wait in the order in which they came.
///
///     const auto permit = co_await at_most_four.acquire(); // given back at the end of the scope
///
/// A task may take several permits at once: as many as it needs bytes, say, of memory that all share.
///
/// For tasks of one thread. Must outlive its permits and the tasks that wait for one.
class semaphore {
public:
  /// The right to be inside, once or several times; movable, gives itself back when destroyed.
  class permit {
  public:
    permit() = default;
    permit(permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), count_(other.count_) {}
    permit& operator=(permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(count_, other.count_);
      return *this;
    }
    ~permit() {
      if (owner_ != nullptr) owner_->give_back(count_);
    }

  private:
    friend semaphore;
    permit(semaphore* owner, std::size_t count) noexcept : owner_(owner), count_(count) {}
    semaphore* owner_ = nullptr;
    std::size_t count_ = 0;
  };

  explicit semaphore(std::size_t permits) noexcept : all_(permits), free_(permits) {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;

  /// Waits for `count` permits, or for all where there are fewer. A cancelled task leaves the queue and takes none.
  task<permit> acquire(std::size_t count = 1);

  /// Permits that nobody holds.
  [[nodiscard]] std::size_t free() const noexcept { return free_; }
  /// Tasks that wait.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

private:
  struct waiter;
  void give_back(std::size_t count);

  std::size_t all_, free_;
  std::list<waiter*> queue_;
};

} // namespace eucv::net

// ---- eucv/net/pool.hpp ---------------------------------------------------------------------------------------------
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace boost::asio {
class execution_context;
}

namespace eucv::net::detail {

/// The open connections of a client: at most so many an origin, and those kept for the next request.
///
/// For tasks of one thread, which it must outlive. The context of the tasks may change between requests (one run()
/// after another): kept connections belong to their context and are closed when it ends.
class connection_pool {
public:
  class lease;

  /// The options must outlive the pool.
  explicit connection_pool(const client_options& options);
  ~connection_pool();
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;

  /// Waits for a place among the connections to `origin`, and takes a kept one if one lives.
  task<lease> acquire(std::string origin);

private:
  struct kept_connection {
    std::string origin;
    std::unique_ptr<connection> link;
    std::chrono::steady_clock::time_point since;
  };
  struct kept_connections {
    boost::asio::execution_context* context = nullptr;
    std::list<kept_connection> links; // the oldest first
  };
  struct origin_places {
    explicit origin_places(std::size_t count) : places(count) {}
    semaphore places;
    std::size_t users = 0; // leases held or waited for; without any the pool forgets the origin
  };
  using origin_map = std::map<std::string, origin_places>;
  class closer;
  class use;

  std::unique_ptr<connection> take(const std::string& origin, boost::asio::execution_context& context);
  void keep(kept_connection kept, const boost::asio::execution_context& context);

  const client_options& options_;
  std::shared_ptr<kept_connections> kept_;
  origin_map origins_;
};

/// Counts a task among the users of an origin.
class connection_pool::use {
public:
  use(connection_pool& pool, origin_map::iterator origin) noexcept : pool_(&pool), origin_(origin) {
    ++origin_->second.users;
  }
  use(use&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), origin_(other.origin_) {}
  use& operator=(use&&) = delete;
  ~use() {
    if (pool_ != nullptr && --origin_->second.users == 0) pool_->origins_.erase(origin_);
  }
  [[nodiscard]] connection_pool& pool() const noexcept { return *pool_; }
  [[nodiscard]] const std::string& origin() const noexcept { return origin_->first; }
  [[nodiscard]] semaphore& places() const noexcept { return origin_->second.places; }

private:
  connection_pool* pool_;
  origin_map::iterator origin_;
};

/// The right to one connection to an origin; ends with the object, and closes the connection unless it was kept.
class connection_pool::lease {
public:
  /// A kept connection that still lives, or null: then the holder puts a new one here.
  std::unique_ptr<connection> link;

  /// Keeps the connection, if it is reusable, for the next request to the same origin.
  void keep() {
    if (link && link->is_reusable())
      use_.pool().keep({use_.origin(), std::move(link), std::chrono::steady_clock::now()}, *context_);
  }

private:
  friend connection_pool;
  lease(use claimed, semaphore::permit permit, boost::asio::execution_context& context)
      : use_(std::move(claimed)), permit_(std::move(permit)), context_(&context) {}

  use use_; // goes after the permit, which refers to its semaphore
  semaphore::permit permit_;
  boost::asio::execution_context* context_;
};

} // namespace eucv::net::detail

// ---- eucv/net/rate_limit.hpp ---------------------------------------------------------------------------------------
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eucv::net {

/// What a server says about its limit of requests, in the header fields of the IETF draft "RateLimit header fields for
/// HTTP": `RateLimit-Policy: "personal";q=1000;w=3600` and `RateLimit: "personal";r=37;t=1200`.
struct rate_limit {
  std::uint64_t remaining = 0;                ///< requests left in the running window (r)
  std::chrono::seconds reset{0};              ///< until the window ends (t); 0 where it is not told
  std::optional<std::uint64_t> quota;         ///< requests a window (q)
  std::optional<std::chrono::seconds> window; ///< length of a window (w)
};

/// The limit that binds first, where several are told: the one with the fewest requests left, then the longest wait.
/// Nothing where the fields are absent or make no sense.
std::optional<rate_limit> parse_rate_limit(std::span<const header> headers);

/// The wait of a Retry-After field: whole seconds, or a date (RFC 9110, 5.6.7, the preferred form) seen from `now`; 0
/// for a date in the past. Nothing for anything else, negative numbers included.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now);

/// How long a server asks to wait before the next request: its Retry-After, else the reset time of a rate limit with
/// nothing left.
std::optional<std::chrono::seconds> wait_asked(const response& reply, std::chrono::system_clock::time_point now);

} // namespace eucv::net

// ---- eucv/net/redirect.hpp -----------------------------------------------------------------------------------------
namespace eucv::net::detail {

/// Whether the reply sends a GET or HEAD to another address: 301, 302, 303, 307, 308.
[[nodiscard]] bool is_redirect(const request& question, const response& reply) noexcept;

/// The request that follows a redirect.
///
/// Toward another origin only Accept, Accept-Language, Range and User-Agent go along: a key is for the one server that
/// the caller named. Throws errc::bad_redirect for an address that is missing, no http or https URL, or a step from
/// https to http.
[[nodiscard]] request redirected(request question, const response& reply);

} // namespace eucv::net::detail

// ---- eucv/net/wait.hpp ---------------------------------------------------------------------------------------------
#include <chrono>

namespace eucv::net {

/// Ends after `duration`, or at once where it is not positive. Holds up no thread; a cancellation ends it early.
task<void> wait(std::chrono::milliseconds duration);

} // namespace eucv::net

// ---- eucv/net/retry.hpp --------------------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <optional>

namespace eucv::net {

/// When to try again, and after how long.
struct retry_policy {
  int attempts = 4;                            ///< requests in all, the first included
  std::chrono::milliseconds first{1'000};      ///< wait before the second request; doubles from one to the next
  std::chrono::milliseconds longest{60'000};   ///< no wait of our own choice is longer
  std::chrono::milliseconds patience{120'000}; ///< a server that asks for a longer wait is not asked again
};

/// Whether the failure may be gone at the next try: the network's faults, but not the certificate or the address.
[[nodiscard]] constexpr bool is_transient(errc code) noexcept {
  return code == errc::dns || code == errc::connect_failed || code == errc::connection_reset || code == errc::timeout ||
         code == errc::truncated;
}

/// Whether the status may be another at the next try: 408, 429, 500, 502, 503, 504.
[[nodiscard]] constexpr bool is_transient(int status) noexcept {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

/// The wait before the request that follows `failed` ones: twice as long each time, at most policy.longest, and of that
/// a random part from a half to the whole, so that many clients do not come back at the same moment.
[[nodiscard]] inline std::chrono::milliseconds backoff(const retry_policy& policy, int failed, random& engine) {
  auto wait = std::min(policy.first, policy.longest);
  for (int i = 1; i < failed && wait < policy.longest; ++i) wait = std::min(wait * 2, policy.longest);
  const auto ticks = static_cast<double>(wait.count());
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(engine.uniform(ticks / 2, ticks)));
}

/// Calls `send_once()`, which returns task<response>, until it gives a reply that is not transient, fails by an error
/// that is not transient, or policy.attempts are used up; returns the last reply or throws the last error.
///
/// A server that asks for a wait (Retry-After, or a rate limit with nothing left) gets at least that wait; one that
/// asks for more than policy.patience gets no further request: the reply is returned, for the caller to tell.
template <class Function>
task<response> with_retry(retry_policy policy, random& engine, Function send_once) {
  for (int attempt = 1;; ++attempt) {
    std::optional<response> reply;
    try {
      reply.emplace(co_await send_once());
      if (!is_transient(reply->status) || attempt >= policy.attempts) co_return std::move(*reply);
    } catch (const error& thrown) {
      if (!is_transient(thrown.code()) || attempt >= policy.attempts) throw;
    }
    std::chrono::milliseconds delay = backoff(policy, attempt, engine);
    if (reply) {
      if (const auto asked = wait_asked(*reply, std::chrono::system_clock::now())) {
        if (*asked > policy.patience) co_return std::move(*reply);
        delay = std::max(delay, std::chrono::milliseconds(*asked));
      }
    }
    co_await wait(delay);
  }
}

} // namespace eucv::net

// ---- eucv/net/run.hpp ----------------------------------------------------------------------------------------------
#include <optional>
#include <type_traits>
#include <utility>

namespace eucv::net {

namespace detail {

/// The part of run() that does not depend on the type of the result.
void run_to_end(task<void> main);

template <class T>
task<void> keep_value(task<T> main, std::optional<T>& value) {
  value.emplace(co_await std::move(main));
}

} // namespace detail

/// Runs `main` to its end on the calling thread and returns its value, or throws what it threw.
///
///     const response page = net::run(fetch(client, address));
///
/// The first SIGINT (Ctrl-C) or SIGTERM cancels `main`: its awaits end by exceptions, its destructors run, it may save
/// its state, and errc::interrupted is thrown here, unless saving failed by an error of its own. A second signal kills
/// the process, as it would without eucv. What `main` spawned and did not wait for is dropped when `main` ends.
/// Several threads may be inside run(), each with tasks of its own; a signal cancels them all.
template <class T>
T run(task<T> main) {
  if constexpr (std::is_void_v<T>) {
    detail::run_to_end(std::move(main));
  } else {
    std::optional<T> value;
    detail::run_to_end(detail::keep_value(std::move(main), value));
    return std::move(*value);
  }
}

} // namespace eucv::net

// ---- eucv/net/tls.hpp ----------------------------------------------------------------------------------------------
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}
struct ssl_st;

namespace eucv::net::detail {

/// A client's side of TLS: 1.2 or newer, the peer's certificate verified against `ca_file` (PEM), or against the
/// authorities of the system where it is empty. Throws errc::tls where they cannot be read.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& ca_file);

/// Makes a connection ask for `host` (SNI) and accept only a certificate issued for it, as name or as IP address.
/// `host` is that of a url: brackets around an IPv6 address, a dot at the end of a name allowed.
void expect_host(ssl_st* connection, std::string host);

/// Why the certificate of the peer was refused, in OpenSSL's words; empty where it was not.
std::string certificate_fault(const ssl_st* connection);

} // namespace eucv::net::detail

// ---- eucv/net/transport_error.hpp ----------------------------------------------------------------------------------
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <string>

namespace eucv::net::detail {

/// The steps of a request on its connection.
enum class phase { connect, handshake, send, header, body };

/// What a failure of Asio, OpenSSL or Beast in that step means. `on` is the address, redacted.
error transport_error(phase step, const boost::system::error_code& code, const std::string& on);

/// A reply that contradicts HTTP, itself or the request.
error bad_response(std::string why, const std::string& on);

/// A body beyond the limit of the request.
error too_large(std::uint64_t limit, const std::string& on);

} // namespace eucv::net::detail

// ---- eucv/net/when_all.hpp -----------------------------------------------------------------------------------------
#include <vector>

namespace eucv::net {

/// Runs the tasks side by side on the executor of the caller and ends when all of them have ended.
///
/// The first exception cancels the other tasks and is rethrown after they have ended too, so that nothing they refer to
/// is used later. A cancellation of the caller is passed on to all of them. The executor must be one thread or one
/// strand, as that of run() is.
task<void> when_all(std::vector<task<void>> tasks);

} // namespace eucv::net

// ---- eucv/image/bitmap.hpp -----------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <vector>

namespace eucv::image {

/// A part of a picture: its left upper corner and its extent, in pixels.
struct rectangle {
  std::size_t x = 0, y = 0, width = 0, height = 0;
  friend bool operator==(const rectangle&, const rectangle&) = default;
};

/// A picture in memory: `height` rows from top to bottom of `width` pixels of 3 bytes, red, green, blue, sRGB as in the
/// file. Every function here keeps and expects `rgb.size() == width * height * 3`.
struct bitmap {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;

  /// The first byte of row y. Precondition: y < height.
  [[nodiscard]] std::uint8_t* row(std::size_t y) noexcept { return rgb.data() + y * width * 3; }
  [[nodiscard]] const std::uint8_t* row(std::size_t y) const noexcept { return rgb.data() + y * width * 3; }
  /// The three bytes of pixel (x, y), counted from the left upper corner.
  [[nodiscard]] std::uint8_t* pixel(std::size_t x, std::size_t y) noexcept { return row(y) + x * 3; }
  [[nodiscard]] const std::uint8_t* pixel(std::size_t x, std::size_t y) const noexcept { return row(y) + x * 3; }

  friend bool operator==(const bitmap&, const bitmap&) = default;
};

/// A black picture of the given extent.
[[nodiscard]] inline bitmap black(std::size_t width, std::size_t height) {
  return {.width = width, .height = height, .rgb = std::vector<std::uint8_t>(width * height * 3)};
}

} // namespace eucv::image

// ---- eucv/image/resize.hpp -----------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::image {
namespace detail {

// What each pixel of one axis of the result takes from the source: `count` pixels from `first` on, with weights.
struct axis {
  struct span {
    std::size_t first, count, weights;
  };
  std::vector<span> spans;
  std::vector<float> weights;
  float total = 1; // of the weights of one span
};

// Each result pixel covers in / out source pixels: whole ones weigh 1, those at its ends the covered part. The weights
// are divided by their sum only at the end, so that whole factors stay exact.
inline axis area_axis(std::size_t in, std::size_t out) {
  axis made;
  made.total = static_cast<float>(static_cast<double>(in) / static_cast<double>(out));
  const auto part = [&](std::size_t numerator) {
    return static_cast<float>(static_cast<double>(numerator) / static_cast<double>(out));
  };
  for (std::size_t i = 0; i < out; ++i) {
    std::size_t from = i * in; // the covered stretch, in units of 1 / out source pixels
    const std::size_t to = from + in;
    made.spans.push_back({from / out, (to - 1) / out - from / out + 1, made.weights.size()});
    while (from < to) {
      const std::size_t edge = std::min(to, (from / out + 1) * out);
      made.weights.push_back(part(edge - from));
      from = edge;
    }
  }
  return made;
}

// Each result pixel lies between the centres of two source pixels; beyond the outermost centres the edge goes on.
inline axis linear_axis(std::size_t in, std::size_t out) {
  axis made;
  for (std::size_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
    const double place = std::clamp(centre, 0.0, static_cast<double>(in - 1));
    const std::size_t first = std::min(static_cast<std::size_t>(place), in - 1);
    const float second = static_cast<float>(place - static_cast<double>(first));
    made.spans.push_back({first, first + 1 < in ? std::size_t{2} : std::size_t{1}, made.weights.size()});
    made.weights.push_back(first + 1 < in ? 1 - second : 1);
    if (first + 1 < in) made.weights.push_back(second);
  }
  return made;
}

// Rows first: they lie contiguous, and what is left for the columns is fewer.
inline bitmap resize_along(const bitmap& picture, const axis& across, const axis& down) {
  bitmap made = black(across.spans.size(), down.spans.size());
  const std::size_t length = picture.width * 3;
  std::vector<float> sums(length);
  const float scale = across.total * down.total;
  for (std::size_t y = 0; y < made.height; ++y) {
    const axis::span rows = down.spans[y];
    float* const sum = sums.data();
    for (std::size_t k = 0; k < rows.count; ++k) {
      const std::uint8_t* const row = picture.row(rows.first + k);
      const float weight = down.weights[rows.weights + k];
      if (k == 0)
        for (std::size_t i = 0; i < length; ++i) sum[i] = weight * static_cast<float>(row[i]);
      else
        for (std::size_t i = 0; i < length; ++i) sum[i] += weight * static_cast<float>(row[i]);
    }
    std::uint8_t* to = made.row(y);
    for (const axis::span& columns : across.spans) {
      const float* from = sum + columns.first * 3;
      const float* const weights = across.weights.data() + columns.weights;
      float red = 0, green = 0, blue = 0;
      for (std::size_t k = 0; k < columns.count; ++k, from += 3) {
        red += weights[k] * from[0];
        green += weights[k] * from[1];
        blue += weights[k] * from[2];
      }
      for (const float value : {red, green, blue}) *to++ = static_cast<std::uint8_t>(value / scale + 0.5F);
    }
  }
  return made;
}

inline void check_sizes(const bitmap& picture, std::size_t width, std::size_t height) {
  if (width != 0 && height != 0 && picture.width != 0 && picture.height != 0) return;
  throw error(errc::invalid_argument, {"resize a picture",
                                       std::to_string(picture.width) + " x " + std::to_string(picture.height) + " to " +
                                           std::to_string(width) + " x " + std::to_string(height),
                                       "a side is 0", "ask for at least one pixel"});
}

} // namespace detail

/// Resizes by the area filter: each pixel of the result is the mean of what it covers, whole source pixels exactly and
/// those at its ends by their covered part. The right filter for shrinking (no aliasing, no ringing); where it enlarges
/// it repeats pixels. About 1 ms for each 1.5 million pixels of the source. Throws errc::invalid_argument for a side of
/// 0. Thread safe.
[[nodiscard]] inline bitmap resize_area(const bitmap& picture, std::size_t width, std::size_t height) {
  detail::check_sizes(picture, width, height);
  return detail::resize_along(picture, detail::area_axis(picture.width, width),
                              detail::area_axis(picture.height, height));
}

/// Resizes to any size: by area along an axis that shrinks, bilinearly along one that grows. Throws
/// errc::invalid_argument for a side of 0. Thread safe.
[[nodiscard]] inline bitmap resize(const bitmap& picture, std::size_t width, std::size_t height) {
  detail::check_sizes(picture, width, height);
  const auto along = [](std::size_t in, std::size_t out) {
    return out > in ? detail::linear_axis(in, out) : detail::area_axis(in, out);
  };
  return detail::resize_along(picture, along(picture.width, width), along(picture.height, height));
}

/// Shrinks to a shorter side of `side` pixels, the longer one in proportion, rounded. A picture that is small enough
/// already, or empty, comes back as it is: nothing is enlarged. Throws errc::invalid_argument for a side of 0.
[[nodiscard]] inline bitmap shrink_shorter_side(bitmap picture, std::size_t side) {
  const std::size_t shorter = std::min(picture.width, picture.height);
  if (shorter <= side) return picture;
  const auto shrunk = [&](std::size_t length) { return (2 * length * side + shorter) / (2 * shorter); };
  return resize_area(picture, shrunk(picture.width), shrunk(picture.height));
}

/// The part of a picture that `part` names. Throws errc::invalid_argument where it is empty or leaves the picture.
[[nodiscard]] inline bitmap crop(const bitmap& picture, const rectangle& part) {
  const auto inside = [](std::size_t start, std::size_t length, std::size_t whole) {
    return length != 0 && length <= whole && start <= whole - length;
  };
  if (!inside(part.x, part.width, picture.width) || !inside(part.y, part.height, picture.height))
    throw error(errc::invalid_argument,
                {"crop a picture", std::to_string(picture.width) + " x " + std::to_string(picture.height),
                 "the part is empty or leaves the picture", "name a part inside"});
  bitmap made = black(part.width, part.height);
  for (std::size_t y = 0; y < part.height; ++y)
    std::copy_n(picture.pixel(part.x, part.y + y), part.width * 3, made.row(y));
  return made;
}

/// The largest square in the middle of a picture. Throws errc::invalid_argument where the picture is empty.
[[nodiscard]] inline bitmap centre_square(const bitmap& picture) {
  const std::size_t side = std::min(picture.width, picture.height);
  return crop(picture, {(picture.width - side) / 2, (picture.height - side) / 2, side, side});
}

} // namespace eucv::image

// ---- eucv/image/augment.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace eucv::image {

/// How a training picture is varied, so that a network learns what matters and not where it stands or how it was lit.
/// The defaults suit a few thousand photographs; `{.size = 128, .flip = 0, .crop_scale_min = 1, .crop_aspect = 1,
/// .brightness = 0, .contrast = 0, .saturation = 0}` only takes a square and resizes.
struct augmentation {
  std::size_t size = 128;       ///< sides of the result
  double flip = 0.5;            ///< probability of a mirror image
  double crop_scale_min = 0.4;  ///< smallest part of the picture's area that a crop takes; the largest is all of it
  double crop_aspect = 4.0 / 3; ///< greatest ratio of the sides of a crop; the smallest is its inverse
  double brightness = 0.2;      ///< each of these: factors are drawn from [1 - x, 1 + x], x at most 1
  double contrast = 0.2;
  double saturation = 0.2;
};

namespace detail {

inline void check(const augmentation& how) {
  const auto unit = [](double value) { return value >= 0 && value <= 1; };
  std::string fault;
  if (how.size == 0) fault = "the size is 0";
  if (!unit(how.flip)) fault = "the probability of a flip is not in [0, 1]";
  if (!unit(how.crop_scale_min) || how.crop_scale_min == 0) fault = "the scale of a crop is not in (0, 1]";
  if (!(how.crop_aspect >= 1 && how.crop_aspect <= 100)) fault = "the aspect of a crop is not in [1, 100]";
  if (!unit(how.brightness) || !unit(how.contrast) || !unit(how.saturation))
    fault = "a strength of brightness, contrast or saturation is not in [0, 1]";
  if (!fault.empty()) throw error(errc::invalid_argument, {"augment a picture", "", fault, "choose another"});
}

// A crop of random area and aspect, both uniform (the aspect in its logarithm); after ten that do not fit, as for very
// long pictures, the middle square. Szegedy et al., "Going Deeper with Convolutions" (2014), section 6.
inline rectangle random_crop(const bitmap& picture, const augmentation& how, random& engine) {
  const double width = static_cast<double>(picture.width), height = static_cast<double>(picture.height);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = width * height * engine.uniform(how.crop_scale_min, 1.0);
    const double bound = std::log(how.crop_aspect);
    const double aspect = std::exp(engine.uniform(-bound, bound));
    const auto w = static_cast<std::size_t>(std::lround(std::sqrt(area * aspect)));
    const auto h = static_cast<std::size_t>(std::lround(std::sqrt(area / aspect)));
    if (w == 0 || h == 0 || w > picture.width || h > picture.height) continue;
    const std::size_t x = engine.below(picture.width - w + 1);
    return {x, engine.below(picture.height - h + 1), w, h};
  }
  const std::size_t side = std::min(picture.width, picture.height);
  return {(picture.width - side) / 2, (picture.height - side) / 2, side, side};
}

inline float luma(const float* pixel) noexcept {
  return 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2]; // ITU-R BT.601
}

// Brightness scales from black, contrast from the mean grey of the picture, saturation from each pixel's grey: in that
// order, rounded once at the end.
inline void change_colours(bitmap& picture, double brightness, double contrast, double saturation) {
  double grey = 0;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const std::array<float, 3> pixel{float(picture.rgb[i]), float(picture.rgb[i + 1]), float(picture.rgb[i + 2])};
    grey += static_cast<double>(luma(pixel.data()));
  }
  const double mean = brightness * grey / static_cast<double>(picture.width * picture.height);
  const auto slope = static_cast<float>(brightness * contrast), offset = static_cast<float>(mean * (1 - contrast));
  const auto vivid = static_cast<float>(saturation);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    std::array<float, 3> pixel{};
    for (std::size_t c = 0; c < 3; ++c)
      pixel[c] = std::clamp(slope * static_cast<float>(picture.rgb[i + c]) + offset, 0.0F, 255.0F);
    const float own = luma(pixel.data());
    for (std::size_t c = 0; c < 3; ++c)
      picture.rgb[i + c] = static_cast<std::uint8_t>(std::clamp(own + vivid * (pixel[c] - own), 0.0F, 255.0F) + 0.5F);
  }
}

} // namespace detail

/// The mirror image of a picture, left for right.
[[nodiscard]] inline bitmap mirror(bitmap picture) {
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t left = 0, right = picture.width; left + 1 < right; ++left, --right)
      std::swap_ranges(picture.pixel(left, y), picture.pixel(left, y) + 3, picture.pixel(right - 1, y));
  return picture;
}

/// A random variation of a picture, `size` x `size`: crop, resize, mirror, colours. All that is random comes from
/// `engine`: the same engine state gives the same picture. Throws errc::invalid_argument for an empty picture or values
/// out of range. Thread safe with an engine for each thread.
[[nodiscard]] inline bitmap augment(const bitmap& picture, const augmentation& how, random& engine) {
  detail::check(how);
  detail::check_sizes(picture, how.size, how.size);
  bitmap made = resize(crop(picture, detail::random_crop(picture, how, engine)), how.size, how.size);
  if (engine.uniform() < how.flip) made = mirror(std::move(made));
  const auto factor = [&](double strength) { return engine.uniform(1 - strength, 1 + strength); };
  const double brightness = factor(how.brightness), contrast = factor(how.contrast),
               saturation = factor(how.saturation);
  if (brightness != 1 || contrast != 1 || saturation != 1)
    detail::change_colours(made, brightness, contrast, saturation);
  return made;
}

} // namespace eucv::image

// ---- eucv/image/blend.hpp ------------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>

namespace eucv::image::detail {

// Lays `count` pixels of red, green, blue, alpha on white, into 3 bytes a pixel. `rgb` may be where `rgba` is.
inline void blend_on_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) noexcept {
  for (std::size_t i = 0; i < count; ++i, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3];
    for (std::size_t c = 0; c < 3; ++c)
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

} // namespace eucv::image::detail

// ---- eucv/image/decode_options.hpp ---------------------------------------------------------------------------------
#include <cstddef>

namespace eucv::image {

/// What one image may ask of the machine. Each limit has its own refusal, made before anything is decoded where the
/// file itself tells. Scans of museums with 90 megapixels and more exist: raise `pixels` and `memory` for those.
struct decode_limits {
  std::size_t bytes = std::size_t{64} << 20; ///< of the file; errc::too_large
  std::size_t pixels = 64'000'000;           ///< width times height as the header says; errc::too_many_pixels
  std::size_t scans = 100;                   ///< of a JPEG; errc::too_many_scans
  std::size_t scan_pixels = 1'000'000'000;   ///< scans times pixels, so 15 scans of 64 megapixels; errc::too_many_scans
  std::size_t memory = std::size_t{512} << 20; ///< bytes that decoding may allocate; errc::out_of_budget
};

/// How to decode.
struct decode_options {
  decode_limits limits{};
  /// A hint: a decoder may scale the picture down while it decodes, to a shorter side of no less than this. 0 asks for
  /// every pixel. Libjpeg's DCT scaling saves a third of the time for thumbnails.
  std::size_t shorter_side = 0;
};

} // namespace eucv::image

// ---- eucv/image/exif.hpp -------------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace eucv::image {
namespace detail {

// Numbers of a TIFF block in its own byte order; nothing where the block ends too early.
struct tiff_reader {
  std::string_view bytes;
  bool little = true;

  std::optional<std::uint32_t> number(std::size_t at, std::size_t width) const {
    if (at > bytes.size() || bytes.size() - at < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t from = at + (little ? width - 1 - i : i);
      value = value << 8 | static_cast<unsigned char>(bytes[from]);
    }
    return value;
  }
};

} // namespace detail

/// The orientation that a camera wrote down: tag 0x0112 of the first directory of a TIFF block, as EXIF keeps it (JPEG
/// APP1 after "Exif\0\0", PNG eXIf). 1 where it is absent, damaged or none of 1 to 8: a bad tag does not spoil an
/// image. No other tag is read. Source: TIFF 6.0, section 2; Exif 2.32, section 4.6.
[[nodiscard]] inline int exif_orientation(std::string_view tiff) {
  const bool little = tiff.starts_with("II");
  if (!little && !tiff.starts_with("MM")) return 1;
  const detail::tiff_reader reader{tiff, little};
  const auto directory = reader.number(4, 4);
  if (reader.number(2, 2) != 42U || !directory) return 1;
  const std::uint32_t entries = reader.number(*directory, 2).value_or(0);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + std::size_t{12} * i;
    const auto tag = reader.number(entry, 2);
    if (!tag) return 1;
    if (*tag != 0x0112) continue;
    const bool is_one_short = reader.number(entry + 2, 2) == 3U && reader.number(entry + 4, 4) == 1U;
    const std::uint32_t value = reader.number(entry + 8, 2).value_or(1);
    return is_one_short && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// Turns and mirrors a picture, so that the first row of the result is the top of the scene. Orientations 5 to 8
/// exchange width and height. A value that is none of 2 to 8 changes nothing.
[[nodiscard]] inline bitmap apply_orientation(bitmap picture, int orientation) {
  if (orientation < 2 || orientation > 8) return picture;
  const bool transposed = orientation >= 5;
  bitmap turned = transposed ? black(picture.height, picture.width) : black(picture.width, picture.height);
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (std::size_t y = 0; y < turned.height; ++y)
    for (std::size_t x = 0; x < turned.width; ++x) {
      const std::size_t along = transposed ? y : x, down = transposed ? x : y;
      const std::uint8_t* const from =
          picture.pixel(from_right ? picture.width - 1 - along : along, from_below ? picture.height - 1 - down : down);
      std::uint8_t* const to = turned.pixel(x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) to[channel] = from[channel];
    }
  return turned;
}

} // namespace eucv::image

// ---- eucv/image/header.hpp -----------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::image {

/// The formats that are read here. A file is what its first bytes say, whatever its name or Content-Type.
enum class format { jpeg, png };

/// What a file says of itself before anything is decoded.
struct header {
  format kind = format::jpeg;
  std::size_t width = 0, height = 0; ///< as stored, before the orientation is applied
  std::size_t components = 3;        ///< of a JPEG: 1 grey, 3 colour, 4 CMYK or YCCK; of a PNG: 1 to 4 as stored
  std::size_t depth = 8;             ///< bits a component
  std::size_t scans = 1;             ///< of a JPEG
  bool progressive = false;          ///< a JPEG whose scans refine one another
  bool interlaced = false;           ///< a PNG in seven passes
  int orientation = 1;               ///< EXIF tag 0x0112, 1 to 8; 1 where the file has none
  bool is_hollow = false;            ///< its data is shorter than the shortest code of so many pixels
  std::size_t memory = 0;            ///< bytes that decoding takes, about, if nothing is scaled down on the way
};

namespace detail {

/// The most segments of a JPEG, chunks of a PNG. A file of 64 MB could hold millions of empty ones; pictures have
/// hundreds.
inline constexpr std::size_t most_segments = 100'000;

/// The error of an image that is not decoded.
[[nodiscard]] inline error refusal(errc code, std::string why, std::string advice = "leave the image out") {
  return error(code, {"decode the image", "", std::move(why), std::move(advice)});
}

// Big-endian numbers, as JPEG and PNG hold them. Precondition: they lie within the bytes.
[[nodiscard]] inline std::uint32_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}
[[nodiscard]] inline std::uint32_t big16(std::string_view bytes, std::size_t at) noexcept {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}
[[nodiscard]] inline std::uint32_t big32(std::string_view bytes, std::size_t at) noexcept {
  return big16(bytes, at) << 16 | big16(bytes, at + 2);
}

} // namespace detail
} // namespace eucv::image

// ---- eucv/image/gate.hpp -------------------------------------------------------------------------------------------
#include <string_view>

namespace eucv::image {

/// The format of a file by its first bytes. Returns errc::unsupported_image for formats that are known and not read
/// (GIF, WebP, TIFF, BMP, AVIF, HEIF, JPEG 2000, PSD, SVG), errc::not_an_image for all else: a web page, nothing.
[[nodiscard]] result<format> format_of(std::string_view bytes);

/// Reads what a JPEG or PNG says of itself, and refuses what the limits forbid or what breaks off, without decoding a
/// pixel: one pass over the markers or chunks, less than 0.1 ms for 1 MB. Whatever comes out can be given to any
/// decoder.
///
/// Returns errc::too_large, errc::too_many_pixels, errc::too_many_scans by the limits, errc::not_an_image and
/// errc::unsupported_image by format or variant (arithmetic, lossless or 12-bit JPEG), errc::corrupt_image where the
/// file ends before its end marker or holds less data than so many pixels take, errc::out_of_budget where decoding
/// every pixel would take more memory than the limit.
[[nodiscard]] result<header> inspect(std::string_view bytes, const decode_limits& limits = {});

} // namespace eucv::image

// ---- eucv/image/stb.hpp --------------------------------------------------------------------------------------------
#include <string_view>

namespace eucv::image {

/// The decoder on stb_image, JPEG and PNG only: what the bare single header uses. A model of the concept `decoder`,
/// without state; thread safe.
///
/// stb_image trusts its input more than we do: it inflates a PNG without bound and asserts on broken ones. So it gets
/// its memory from a heap with a limit that follows from the header, and an assertion becomes corrupt_image. What it
/// does not notice, and turbo does: JPEG data that is damaged but not cut off, and the check sums of a PNG.
struct stb {
  static constexpr std::string_view name = "stb";

  /// Decodes what inspect() let through, always at full size. Refused: corrupt_image, out_of_budget.
  result<bitmap> operator()(std::string_view bytes, const header& found, const decode_options& options) const;
};

} // namespace eucv::image

// ---- eucv/image/turbo_jpeg.hpp -------------------------------------------------------------------------------------
#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// Decodes a JPEG that inspect() let through, by libjpeg-turbo, to RGB. With options.shorter_side the picture is scaled
/// by 1/2, 1/4 or 1/8 during the cosine transform, as far as the hint allows. Cost: 4 to 6 ns a pixel of the file.
///
/// Refused: corrupt_image (data that ends early, where libjpeg alone would go on with grey, and whatever else it
/// notices), too_many_scans, out_of_budget. A wrong byte that still reads as codes cannot be noticed.
[[nodiscard]] result<bitmap> turbo_jpeg(std::string_view bytes, const header& found, const decode_options& options);

} // namespace eucv::image
#endif

// ---- eucv/image/turbo_png.hpp --------------------------------------------------------------------------------------
#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// Decodes a PNG that inspect() let through, by libpng, to RGB: palette and grey are expanded, 16 bits rounded to 8,
/// alpha laid on white. Inflating ends with the last row, whatever the file still holds; text and colour profiles are
/// skipped without being inflated. Refused: corrupt_image.
[[nodiscard]] result<bitmap> turbo_png(std::string_view bytes, const header& found);

} // namespace eucv::image
#endif

// ---- eucv/image/turbo.hpp ------------------------------------------------------------------------------------------
#include <string_view>

#ifdef EUCV_WITH_TURBO
namespace eucv::image {

/// The decoder on libjpeg-turbo and libpng: about 2.5 times as fast as stb on photographs, and more with a hint. A
/// model of the concept `decoder`, without state; thread safe.
struct turbo {
  static constexpr std::string_view name = "turbo";

  /// Decodes what inspect() let through. Refuses a JPEG whose data is broken in a way that leaves a part of the picture
  /// grey, by corrupt_image.
  result<bitmap> operator()(std::string_view bytes, const header& found, const decode_options& options) const {
    return found.kind == format::jpeg ? turbo_jpeg(bytes, found, options) : turbo_png(bytes, found);
  }
};

} // namespace eucv::image
#endif

// ---- eucv/image/decode.hpp -----------------------------------------------------------------------------------------
#include <concepts>
#include <string_view>
#include <utility>

namespace eucv::image {

/// What turns the bytes of a picture into pixels. It is called only with what inspect() let through, and need not turn
/// the picture upright. The two models are `turbo` and `stb`.
template <class T>
concept decoder = requires(const T& decode, std::string_view bytes, const header& found,
                           const decode_options& options) {
  { decode(bytes, found, options) } -> std::same_as<result<bitmap>>;
};

#ifdef EUCV_WITH_TURBO
using default_decoder = turbo; ///< where CMake finds libjpeg-turbo and libpng
#else
using default_decoder = stb; ///< what the bare single header uses
#endif

/// Decodes a JPEG or PNG into RGB: past the gate, by `Decoder`, then turned upright by its EXIF orientation.
///
/// `bytes` is the whole file. Grey, palette, CMYK, 16 bits and alpha (laid on white) become RGB of 8 bits; colour
/// profiles are not applied. Returns what inspect() and the decoder refuse; throws nothing but std::bad_alloc. Thread
/// safe.
template <decoder Decoder = default_decoder>
[[nodiscard]] result<bitmap> decode(std::string_view bytes, const decode_options& options = {},
                                    const Decoder& decoder = {}) {
  const result<header> found = inspect(bytes, options.limits);
  if (!found) return found.error();
  result<bitmap> picture = decoder(bytes, *found, options);
  if (!picture) return picture;
  return apply_orientation(*std::move(picture), found->orientation);
}

} // namespace eucv::image

// ---- eucv/image/dhash.hpp ------------------------------------------------------------------------------------------
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace eucv::image {

/// The difference hash of a picture: 64 bits, of which pictures that look alike share most.
///
/// The picture becomes 9 x 8 grey squares; bit 8 y + x, counted from the highest, says whether the square (x, y) is
/// darker than its right neighbour. N. Krawetz, "Kind of Like That" (2013). A picture without pixels has hash 0.
[[nodiscard]] inline std::uint64_t dhash(const bitmap& picture) {
  if (picture.width == 0 || picture.height == 0) return 0;
  const bitmap small = resize_area(picture, 9, 8);
  const auto grey = [&](std::size_t x, std::size_t y) {
    const std::uint8_t* const pixel = &small.rgb[3 * (9 * y + x)];
    return 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]; // ITU-R BT.601, in thousandths
  };
  std::uint64_t bits = 0;
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t x = 0; x < 8; ++x) bits = bits << 1 | (grey(x, y) < grey(x + 1, y) ? 1U : 0U);
  return bits;
}

/// Number of bits in which two hashes differ; up to about 10 means "the same picture, stored differently".
[[nodiscard]] constexpr int hash_distance(std::uint64_t a, std::uint64_t b) noexcept {
  return std::popcount(a ^ b);
}

/// A hash as 16 lower-case hexadecimal digits.
[[nodiscard]] inline std::string hash_text(std::uint64_t hash) {
  std::string digits(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

} // namespace eucv::image

// ---- eucv/image/encode.hpp -----------------------------------------------------------------------------------------
#include <string>

namespace eucv::image {

/// A picture as a baseline JPEG with colour at half resolution, quality 1 to 100. By libjpeg-turbo under
/// EUCV_WITH_TURBO, else by stb_image_write: the bytes differ between the two, the picture hardly does.
/// Throws errc::invalid_argument for an empty picture, one wider or higher than 65,500 pixels, or another quality.
[[nodiscard]] std::string encode_jpeg(const bitmap& picture, int quality = 90);

/// A picture as a PNG, lossless. By libpng or stb_image_write, as encode_jpeg(). Throws errc::invalid_argument for an
/// empty picture.
[[nodiscard]] std::string encode_png(const bitmap& picture);

} // namespace eucv::image

// ---- eucv/image/jpeg_header.hpp ------------------------------------------------------------------------------------
#include <string_view>

namespace eucv::image {

/// Walks the markers of a JPEG from SOI to EOI without decoding a pixel: size, components, number of scans, EXIF
/// orientation. Cost: one search for 0xFF bytes through the file.
///
/// Refused: unsupported_image (lossless, hierarchical and arithmetic JPEG, 12 bits, CMYK without Adobe's marker, which
/// alone tells ink from its absence); too_many_scans; corrupt_image (no frame or scan, an end before EOI, a segment
/// that leaves the file, a Huffman table with more than 256 codes or a scan without one, at which stb_image 2.27 leaves
/// its memory; more segments or tables than a picture has use for). Limits on bytes, pixels and memory are left to
/// inspect().
[[nodiscard]] result<header> read_jpeg_header(std::string_view bytes, const decode_limits& limits);

} // namespace eucv::image

// ---- eucv/image/png_header.hpp -------------------------------------------------------------------------------------
#include <string_view>

namespace eucv::image {

/// Walks the chunks of a PNG from IHDR to IEND without inflating a byte: size, colour type, EXIF orientation.
///
/// Refused: unsupported_image (Apple's variant); corrupt_image (no or a bad IHDR, a palette picture without palette, no
/// IDAT, an end before IEND, a chunk that leaves the file, more chunks than a picture has use
/// for). Limits on bytes, pixels and memory are left to inspect().
[[nodiscard]] result<header> read_png_header(std::string_view bytes);

} // namespace eucv::image

// ---- eucv/nn/arena.hpp ---------------------------------------------------------------------------------------------
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

namespace eucv::nn {

/// How long a block is meant to live, which decides where it lies.
enum class lifetime {
  step, ///< made and freed within a training step or a prediction: activations, gradients, scratch
  model ///< lives as long as the model: parameters, statistics, the state of an optimizer
};

/// The memory of a network: one region of addresses that each step uses anew.
///
/// Blocks of lifetime::step are placed by first fit in one growing region, and free neighbours are joined. A step that
/// begins as the step before began therefore places every block where it lay before: from the second step on the
/// system is asked for nothing, no page is touched for the first time, and a gradient takes the place of what was
/// consumed just before. Blocks of lifetime::model come from the heap, so that they never stand in the way.
///
/// A handle on shared state: copies are the same arena, and it lives until its last block is freed. All members are
/// safe to call from several threads.
class arena {
public:
  class block;

  /// Counted since the arena was made.
  struct statistics {
    std::size_t system_requests = 0; ///< times that memory was taken from the system, of either lifetime
    std::size_t step_bytes = 0;      ///< bytes in use for steps, now
    std::size_t step_peak = 0;       ///< size of the region: the most bytes that steps have needed
    std::size_t model_bytes = 0;     ///< bytes in use with lifetime::model, now
  };

  arena() : state_(std::make_shared<state>()) {}

  /// A block of at least `bytes` bytes, aligned to 64, not initialised. Throws std::bad_alloc when memory is used up.
  [[nodiscard]] block allocate(std::size_t bytes, lifetime life = lifetime::step);

  [[nodiscard]] statistics count() const {
    std::lock_guard lock(state_->mutex);
    return state_->counts;
  }

private:
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t growth = std::size_t{4} << 20; // committed at a time: large, since each time is a call

  struct state;
  // Stands in the 64 bytes before each block. `before` and `after` are neighbours in memory.
  struct alignas(alignment) header {
    std::shared_ptr<state> owner; // empty while free, so that free blocks do not keep the arena alive
    std::atomic<std::size_t> uses{1};
    std::size_t bytes = 0; // header included
    header* before = nullptr;
    header* after = nullptr;
    lifetime life = lifetime::step;
    bool free = false;
  };
  static_assert(sizeof(header) == alignment);

  struct state {
    std::mutex mutex;
    statistics counts;
    std::byte* base = nullptr; // start of the reserved addresses
    std::size_t reserved = 0, committed = 0, used = 0;
    header* last = nullptr; // the block at the end of what is used
    header* first = nullptr;

    ~state() {
      if (base != nullptr) ::munmap(base, reserved);
    }

    // Addresses cost nothing until they are committed: as many as the machine has memory, less where a limit says so.
    void reserve() {
      const auto pages = static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_PHYS_PAGES)));
      const auto page = static_cast<std::size_t>(std::max(4096L, ::sysconf(_SC_PAGESIZE)));
      for (std::size_t size = pages * page / growth * growth; size >= growth; size = size / 2 / growth * growth) {
        void* address = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (address == MAP_FAILED) continue;
        base = static_cast<std::byte*>(address);
        reserved = size;
        return;
      }
      throw std::bad_alloc();
    }

    void commit(std::size_t end) {
      if (base == nullptr) reserve();
      if (end <= committed) return;
      const std::size_t wanted = (end + growth - 1) / growth * growth;
      if (wanted > reserved) throw std::bad_alloc();
      if (::mprotect(base + committed, wanted - committed, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
      ::madvise(base + committed, wanted - committed, MADV_HUGEPAGE); // advice only: a refusal changes nothing
#endif
      committed = wanted;
      ++counts.system_requests;
    }

    header* take(std::size_t bytes) {
      for (header* at = first; at != nullptr; at = at->after)
        if (at->free && at->bytes >= bytes) {
          split(at, bytes);
          at->free = false;
          return at;
        }
      commit(used + bytes);
      header* made = ::new (base + used) header;
      made->bytes = bytes;
      made->before = last;
      (last != nullptr ? last->after : first) = made;
      last = made;
      used += bytes;
      counts.step_peak = std::max(counts.step_peak, used);
      return made;
    }

    void split(header* at, std::size_t bytes) {
      if (at->bytes < bytes + 2 * alignment) return; // what is left would hold no block
      header* rest = ::new (reinterpret_cast<std::byte*>(at) + bytes) header;
      rest->bytes = at->bytes - bytes;
      rest->free = true;
      rest->before = at;
      rest->after = at->after;
      (at->after != nullptr ? at->after->before : last) = rest;
      at->after = rest;
      at->bytes = bytes;
    }

    void give_back(header* at) {
      at->free = true;
      if (at->before != nullptr && at->before->free) at = join(at->before);
      if (at->after != nullptr && at->after->free) join(at);
      if (at->after == nullptr) { // the region shrinks, so that the next block may have any size
        used -= at->bytes;
        last = at->before;
        (last != nullptr ? last->after : first) = nullptr;
        at->~header();
      }
    }

    // Makes one free block of `at` and the one after it.
    header* join(header* at) {
      header* next = at->after;
      at->bytes += next->bytes;
      at->after = next->after;
      (next->after != nullptr ? next->after->before : last) = at;
      next->~header();
      return at;
    }
  };

  std::shared_ptr<state> state_;
};

/// Shared ownership of memory from an arena; the last one to go gives it back. An empty block owns nothing.
class arena::block {
public:
  block() = default;
  block(const block& other) noexcept : header_(other.header_) {
    if (header_ != nullptr) header_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  block(block&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  block& operator=(block other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~block() { release(); }

  [[nodiscard]] explicit operator bool() const noexcept { return header_ != nullptr; }
  /// Whether no other handle shares this memory, so that its holder may overwrite it.
  [[nodiscard]] bool unique() const noexcept {
    return header_ != nullptr && header_->uses.load(std::memory_order_acquire) == 1;
  }
  /// The memory, as values of a trivial type. Precondition: not empty.
  template <class T>
  [[nodiscard]] T* data() const noexcept {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(header_) + alignment);
  }

private:
  friend class arena;
  explicit block(header* owned) noexcept : header_(owned) {}

  void release() noexcept {
    if (header_ == nullptr || header_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::shared_ptr<state> owner = std::move(header_->owner); // outlives the lock below
    std::lock_guard lock(owner->mutex);
    if (header_->life == lifetime::model) {
      owner->counts.model_bytes -= header_->bytes;
      header_->~header();
      ::operator delete (header_, std::align_val_t{alignment});
    } else {
      owner->counts.step_bytes -= header_->bytes;
      owner->give_back(header_);
    }
  }

  header* header_ = nullptr;
};

inline arena::block arena::allocate(std::size_t bytes, lifetime life) {
  const std::size_t whole = alignment + (std::max(bytes, std::size_t{1}) + alignment - 1) / alignment * alignment;
  std::lock_guard lock(state_->mutex);
  header* made = nullptr;
  if (life == lifetime::model) {
    made = ::new (::operator new (whole, std::align_val_t{alignment})) header;
    made->bytes = whole;
    ++state_->counts.system_requests;
    state_->counts.model_bytes += whole;
  } else {
    made = state_->take(whole);
    state_->counts.step_bytes += made->bytes;
  }
  made->life = life;
  made->uses.store(1, std::memory_order_relaxed);
  made->owner = state_;
  return block(made);
}

} // namespace eucv::nn

// ---- eucv/nn/shape.hpp ---------------------------------------------------------------------------------------------
#include <cstddef>
#include <string>
#include <vector>

namespace eucv::nn {

/// Logical extents of a tensor: n images, c channels, h rows, w columns. What is not named is 1.
///
/// Says nothing of the order in memory; that is the backend's own. A vector over channels is {.c = C}, a matrix of N
/// rows {.n = N, .c = C}, a convolution's weight of PyTorch's [O][I][kh][kw] is {.n = O, .c = I, .h = kh, .w = kw}.
struct shape {
  std::size_t n = 1, c = 1, h = 1, w = 1;

  /// Number of elements.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return n * c * h * w; }
  /// Number of places over all images: elements of one channel.
  [[nodiscard]] constexpr std::size_t pixels() const noexcept { return n * h * w; }
  /// The same extents for another number of images.
  [[nodiscard]] constexpr shape with_images(std::size_t images) const noexcept { return {images, c, h, w}; }
  friend constexpr bool operator==(const shape&, const shape&) = default;
};

/// As it stands in messages: "{n 32, c 64, h 8, w 8}".
[[nodiscard]] inline std::string to_string(const shape& extents) {
  return "{n " + std::to_string(extents.n) + ", c " + std::to_string(extents.c) + ", h " + std::to_string(extents.h) +
         ", w " + std::to_string(extents.w) + "}";
}

/// The shape that holds a PyTorch tensor of these dimensions: [c], [n][c] or [n][c][h][w].
/// Throws errc::invalid_argument for any other number of dimensions.
[[nodiscard]] inline shape shape_of(const std::vector<std::size_t>& dims) {
  switch (dims.size()) {
  case 1: return {.c = dims[0]};
  case 2: return {.n = dims[0], .c = dims[1]};
  case 4: return {dims[0], dims[1], dims[2], dims[3]};
  default:
    throw error(errc::invalid_argument,
                {"make a shape", std::to_string(dims.size()) + " dimensions",
                 "a parameter is a vector, a matrix or a convolution's weight", "give 1, 2 or 4 dimensions"});
  }
}

} // namespace eucv::nn

// ---- eucv/nn/tensor.hpp --------------------------------------------------------------------------------------------
#include <cstddef>

namespace eucv::nn {

/// The order in which flat values stand, the last letter running fastest.
enum class order {
  channels_first, ///< [n][c][h][w], PyTorch's, which files of weights use
  channels_last   ///< [n][h][w][c], as pictures are decoded
};

/// A handle on values that a backend keeps: copies share the values, as with std::shared_ptr.
///
/// The order in memory is the backend's own; values go in and out by Backend::assign() and Backend::values(). A default
/// tensor is empty and converts to false. Functions that take a tensor by value may overwrite it when nobody else
/// shares it: move a tensor that is no longer needed.
template <class Backend>
struct tensor {
  nn::shape shape{0, 0, 0, 0};
  typename Backend::storage storage;

  [[nodiscard]] std::size_t size() const noexcept { return shape.size(); }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(storage); }
};

/// The tensor itself where nobody shares its values, else a copy: what may be overwritten.
template <class Backend>
[[nodiscard]] tensor<Backend> own(Backend& backend, tensor<Backend> values) {
  if (values.storage.unique()) return values;
  return backend.copy(values);
}

} // namespace eucv::nn

// ---- eucv/nn/window.hpp --------------------------------------------------------------------------------------------
#include <cstddef>

namespace eucv::nn {

/// Rows and columns of a kernel, a stride or a padding.
struct extent {
  std::size_t h = 1, w = 1;
  friend constexpr bool operator==(const extent&, const extent&) = default;
};

/// A window that slides over each map of its input: the geometry of a convolution or a pooling.
///
/// Output row y covers input rows y * stride.h - padding.h + k for k in [0, kernel.h); columns likewise. Rows and
/// columns outside the map count as zero for convolution and average, and not at all for the maximum.
struct window {
  nn::shape in{};       ///< shape of the input, images included
  extent kernel{};      ///< extents of the window, at least 1
  extent stride{};      ///< step from one output to the next, at least 1
  extent padding{0, 0}; ///< rows above and below, columns left and right that lie outside the map

  /// Whether the window fits into the padded map at all. The extents of the output are only defined where it does.
  [[nodiscard]] constexpr bool fits() const noexcept {
    return in.h + 2 * padding.h >= kernel.h && in.w + 2 * padding.w >= kernel.w;
  }
  /// Rows of the output: floor((h + 2 padding - kernel) / stride) + 1, as PyTorch counts them.
  [[nodiscard]] constexpr std::size_t out_h() const noexcept {
    return (in.h + 2 * padding.h - kernel.h) / stride.h + 1;
  }
  [[nodiscard]] constexpr std::size_t out_w() const noexcept {
    return (in.w + 2 * padding.w - kernel.w) / stride.w + 1;
  }
  /// Shape of the output with that many channels.
  [[nodiscard]] constexpr nn::shape out(std::size_t channels) const noexcept {
    return {in.n, channels, out_h(), out_w()};
  }
  /// The same window over another number of images.
  [[nodiscard]] constexpr window with_images(std::size_t images) const noexcept {
    return {in.with_images(images), kernel, stride, padding};
  }
  /// Places in the window.
  [[nodiscard]] constexpr std::size_t taps() const noexcept { return kernel.h * kernel.w; }
};

} // namespace eucv::nn

// ---- eucv/nn/backend.hpp -------------------------------------------------------------------------------------------
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace eucv::nn {

/// What a backend must offer, part by part. A backend implements primitives, never layers; layers are written once
/// against these. All primitives return new tensors of lifetime::step unless they say otherwise, are called from one
/// thread at a time, and check nothing: layers have inferred all shapes before. Letters: N images, C channels of the
/// input, O of the output, H x W places, K and M for matrices {.n = rows, .c = columns}.

/// Values of the result of a maximum over windows, and where each came from.
template <class Backend>
struct pooled {
  tensor<Backend> values;
  typename Backend::indices origins;
};

/// Mean and biased variance of each channel, both {.c = C}.
template <class Backend>
struct channel_moments {
  tensor<Backend> mean, variance;
};

/// What the gradient of a normalisation needs besides input and gradient; all {.c = C}.
template <class Backend>
struct normalisation {
  tensor<Backend> mean, inverse_deviation, scale;
};

/// Gradients with regard to the input {N, C, H, W}, and to scale and shift {.c = C}.
template <class Backend>
struct normalisation_gradients {
  tensor<Backend> input, scale, shift;
};

/// - scalar: a floating-point type; storage: an empty-able shared handle with bool and unique().
/// - make(shape, lifetime): a tensor, values not set; make(shape) is of lifetime::step.
/// - assign(tensor, values, order): overwrites all values from flat ones; values(tensor, order): the way back.
/// - copy(tensor); fill(tensor, value).
/// - flatten(x): {N, C, H, W} to {N, CHW, 1, 1}, features in PyTorch's order [c][h][w]; unflatten(x, shape): back.
template <class B>
concept has_memory = std::floating_point<typename B::scalar> && std::copyable<typename B::storage> &&
    requires(B& b, typename B::storage storage, const tensor<B>& x, tensor<B>& to,
             std::span<const typename B::scalar> flat) {
  { storage.unique() } -> std::same_as<bool>;
  static_cast<bool>(storage);
  { b.make(shape{}) } -> std::same_as<tensor<B>>;
  { b.make(shape{}, lifetime::model) } -> std::same_as<tensor<B>>;
  b.assign(to, flat, order::channels_first);
  { b.values(x, order::channels_last) } -> std::same_as<std::vector<typename B::scalar>>;
  { b.copy(x) } -> std::same_as<tensor<B>>;
  b.fill(to, typename B::scalar{});
  { b.flatten(x) } -> std::same_as<tensor<B>>;
  { b.unflatten(x, shape{}) } -> std::same_as<tensor<B>>;
};

/// Products of matrices, by which operand is transposed:
/// gemm_nt: a{N, K} times b{M, K} transposed gives {N, M}; gemm_nn: a{N, M} times b{M, K} gives {N, K};
/// gemm_tn: a{N, M} transposed times b{N, K} gives {M, K}.
template <class B>
concept has_gemm = requires(B& b, const tensor<B>& x) {
  { b.gemm_nt(x, x) } -> std::same_as<tensor<B>>;
  { b.gemm_nn(x, x) } -> std::same_as<tensor<B>>;
  { b.gemm_tn(x, x) } -> std::same_as<tensor<B>>;
};

/// Cross-correlation as PyTorch's conv2d, one group, weight {O, C, kh, kw}; window.in is the shape of x:
/// convolve(x, weight, window): x{N, C, H, W} to y{N, O, window.out_h(), window.out_w()};
/// convolve_input_gradient(dy, weight, window): dy of y's shape to dx of x's;
/// convolve_weight_gradient(x, dy, window): to {O, C, kh, kw}, summed over images and places.
template <class B>
concept has_convolution = requires(B& b, const tensor<B>& x, const window& over) {
  { b.convolve(x, x, over) } -> std::same_as<tensor<B>>;
  { b.convolve_input_gradient(x, x, over) } -> std::same_as<tensor<B>>;
  { b.convolve_weight_gradient(x, x, over) } -> std::same_as<tensor<B>>;
};

/// max_pool(x, window): the first largest value of each window, row by row, and its place; one that is not a number
/// wins. max_pool_gradient(dy, origins, window): dy added up at the places that it came from.
/// average_pool(x, window): mean over the whole window, outside counted as zero; average_pool_gradient(dy, window).
template <class B>
concept has_pooling = requires(B& b, const tensor<B>& x, const typename B::indices& origins, const window& over) {
  { b.max_pool(x, over) } -> std::same_as<pooled<B>>;
  { b.max_pool_gradient(x, origins, over) } -> std::same_as<tensor<B>>;
  { b.average_pool(x, over) } -> std::same_as<tensor<B>>;
  { b.average_pool_gradient(x, over) } -> std::same_as<tensor<B>>;
};

/// moments(x): mean and biased variance of each channel over N, H and W.
/// affine(x, scale, shift): x * scale + shift for each channel; takes x by value and may overwrite it.
/// normalise_gradient(x, dy, how): gradients of y = (x - mean) * inverse_deviation * scale + shift where mean and
/// deviation are those of x itself; takes dy by value and may overwrite it.
template <class B>
concept has_normalisation = requires(B& b, tensor<B> x, const normalisation<B>& how) {
  { b.moments(x) } -> std::same_as<channel_moments<B>>;
  { b.affine(x, x, x) } -> std::same_as<tensor<B>>;
  { b.normalise_gradient(x, x, how) } -> std::same_as<normalisation_gradients<B>>;
};

/// map(f, x...): calls f on the elements of tensors of one size, place by place. f takes as many references as there
/// are tensors, to scalars or to packets of them (simd.hpp), and may write to those whose tensor is not const.
template <class B>
concept has_map = requires(B& b, tensor<B>& to, const tensor<B>& from) {
  b.map([](auto& x, const auto& y) { x = x + y; }, to, from);
};

/// channel_sums(x): {N, C, H, W} to {.c = C}; add_to_channels(x, bias): the adjoint, adds bias{.c = C} at each place;
/// takes x by value and may overwrite it. sum_of_squares(x): over all elements, not finite if one of them is not.
template <class B>
concept has_reduce = requires(B& b, tensor<B> x) {
  { b.channel_sums(x) } -> std::same_as<tensor<B>>;
  { b.add_to_channels(x, x) } -> std::same_as<tensor<B>>;
  { b.sum_of_squares(x) } -> std::same_as<double>;
};

/// All of it. Copies of a backend share its memory.
template <class B>
concept backend = std::copyable<B> && has_memory<B> && has_gemm<B> && has_convolution<B> && has_pooling<B> &&
    has_normalisation<B> && has_map<B> && has_reduce<B>;

} // namespace eucv::nn

// ---- eucv/nn/parameter.hpp -----------------------------------------------------------------------------------------
#include <cstddef>
#include <string>
#include <vector>

namespace eucv::nn {

/// What a network learns: one named tensor, its gradient, and whether it may change.
template <class Backend>
struct parameter {
  std::string name;              ///< full name with PyTorch's dots: "layer1.0.conv1.weight"
  std::vector<std::size_t> dims; ///< extents as PyTorch has them: [O][I][kh][kw], [O][I] or [C]
  tensor<Backend> value;         ///< of shape_of(dims); flat values in channels-first order are PyTorch's
  /// Sum of the gradients since model::zero_gradients(), or empty, which means zero: nothing was propagated to it.
  tensor<Backend> gradient;
  bool frozen = false; ///< gets no gradient and must not be changed by an optimizer
};

/// What a network keeps but does not learn by gradients: running statistics.
template <class Backend>
struct buffer {
  std::string name; ///< full name: "layer1.0.bn1.running_mean"
  std::vector<std::size_t> dims;
  tensor<Backend> value;
};

} // namespace eucv::nn

// ---- eucv/nn/layer.hpp ---------------------------------------------------------------------------------------------
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

// The protocol of a layer. A layer is a value that holds hyper-parameters and no weights:
//
//     struct scale {
//       double factor = 1;
//       template <class Backend> struct state {};                        // what one place in a network keeps
//       template <class Backend> state<Backend> build(builder<Backend>&, shape& extents) const;
//       template <class Backend> tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const;
//       template <class Backend> tensor<Backend> backward(state<Backend>&, tensor<Backend> dy, pass<Backend>&) const;
//     };
//
// build() registers parameters and buffers, and turns the shape of one image of the input into that of the output.
// forward() keeps in the state what backward() needs, but only where pass.records(state.place) says so; backward()
// adds to the gradients of its own parameters, gives back what forward() kept, and returns the gradient of its input,
// or an empty tensor where pass.propagates(state.place) is false. state.place is what builder.finish() returned.

/// Whether a forward pass learns (batch statistics, dropout, activations kept) or predicts (nothing kept).
enum class mode { train, eval };

/// Where a layer stands: its full name, and the range of its parameters among those of the network.
struct place {
  std::string name;
  std::size_t first = 0, last = 0;
};

/// Collects parameters and buffers while a network is built, and knows the place that is being built.
template <class Backend>
class builder {
public:
  using scalar = typename Backend::scalar;

  builder(Backend& backend, eucv::random& engine) : backend_(&backend), random_(&engine) {}

  /// Goes into a child of that name until the returned object dies; an empty name adds no level.
  class [[nodiscard]] scope {
  public:
    scope(builder& owner, std::string_view name) : owner_(owner), length_(owner.path_.size()) {
      if (name.empty()) return;
      if (!owner.path_.empty()) owner.path_ += '.';
      owner.path_ += name;
    }
    ~scope() { owner_.path_.resize(length_); }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

  private:
    builder& owner_;
    std::size_t length_;
  };
  scope enter(std::string_view name) { return scope(*this, name); }

  /// Registers a parameter of the layer at hand and returns its number. `values` in PyTorch's order.
  std::size_t add_parameter(std::string_view name, std::vector<std::size_t> dims, std::span<const scalar> values) {
    parameters_.push_back({full(name), dims, make(dims, values), {}, false});
    return parameters_.size() - 1;
  }
  /// The same for a buffer.
  std::size_t add_buffer(std::string_view name, std::vector<std::size_t> dims, std::span<const scalar> values) {
    buffers_.push_back({full(name), dims, make(dims, values)});
    return buffers_.size() - 1;
  }

  /// The place of a layer: start() before its parameters and children, finish() after them.
  [[nodiscard]] place start() const { return {path_, parameters_.size(), parameters_.size()}; }
  [[nodiscard]] place finish(place begun) const {
    begun.last = parameters_.size();
    return begun;
  }

  /// Throws errc::shape_mismatch: `layer` at this place takes `wanted`, but gets `got`.
  [[noreturn]] void refuse_shape(std::string_view layer, const std::string& wanted, const shape& got) const {
    throw error(errc::shape_mismatch, {"build the network", here(layer),
                                       "it takes " + wanted + ", but gets " + to_string(got) + " for one image",
                                       "change the layer or what stands before it, or give larger pictures"});
  }
  /// Throws errc::invalid_argument unless `valid`: `why` says what is wrong with a hyper-parameter.
  void require(bool valid, std::string_view layer, const std::string& why) const {
    if (!valid)
      throw error(errc::invalid_argument, {"build the network", here(layer), why, "change that field of the layer"});
  }

  [[nodiscard]] eucv::random& random() noexcept { return *random_; }
  [[nodiscard]] std::vector<parameter<Backend>>& parameters() noexcept { return parameters_; }
  [[nodiscard]] std::vector<buffer<Backend>>& buffers() noexcept { return buffers_; }

private:
  [[nodiscard]] std::string full(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + '.' + std::string(name);
  }
  [[nodiscard]] std::string here(std::string_view layer) const {
    return path_.empty() ? std::string(layer) : std::string(layer) + " at " + path_;
  }
  tensor<Backend> make(const std::vector<std::size_t>& dims, std::span<const scalar> values) {
    auto made = backend_->make(shape_of(dims), lifetime::model);
    backend_->assign(made, values, order::channels_first);
    return made;
  }

  Backend* backend_;
  eucv::random* random_;
  std::string path_;
  std::vector<parameter<Backend>> parameters_;
  std::vector<buffer<Backend>> buffers_;
};

/// What a layer sees during one forward or backward pass.
template <class Backend>
struct pass {
  Backend& backend;
  std::span<parameter<Backend>> parameters;
  std::span<buffer<Backend>> buffers;
  nn::mode mode;
  eucv::random& random; ///< what is random in the network (dropout); the state is the model's
  /// Gradients are wanted from the parameter of this number on; -1 wants that of the network's input as well.
  std::ptrdiff_t first_wanted = 0;

  /// Whether backward() will come by here, so that forward() has to keep what it needs.
  [[nodiscard]] bool records(const place& at) const noexcept {
    return mode == nn::mode::train && first_wanted < static_cast<std::ptrdiff_t>(at.last);
  }
  /// Whether anything before this place wants a gradient.
  [[nodiscard]] bool propagates(const place& at) const noexcept {
    return first_wanted < static_cast<std::ptrdiff_t>(at.first);
  }
  [[nodiscard]] const tensor<Backend>& value(std::size_t number) const { return parameters[number].value; }
  [[nodiscard]] bool frozen(std::size_t number) const { return parameters[number].frozen; }
  /// Adds to the gradient of a parameter.
  void add_gradient(std::size_t number, tensor<Backend> gradient) {
    auto& sum = parameters[number].gradient;
    if (sum)
      backend.map([](auto& total, const auto& more) { total = total + more; }, sum, std::as_const(gradient));
    else
      sum = std::move(gradient);
  }
};

/// What a layer keeps at one place of a network on one backend.
template <class Layer, class Backend>
using state_of = typename Layer::template state<Backend>;

/// Whether a type keeps the protocol above on a backend.
template <class L, class Backend>
concept layer = std::copyable<L> && nn::backend<Backend> &&
    requires(const L& l, builder<Backend>& b, shape& extents, state_of<L, Backend>& state, tensor<Backend> x,
             pass<Backend>& p) {
  { l.build(b, extents) } -> std::same_as<state_of<L, Backend>>;
  { l.forward(state, x, p) } -> std::same_as<tensor<Backend>>;
  { l.backward(state, x, p) } -> std::same_as<tensor<Backend>>;
};

} // namespace eucv::nn

// ---- eucv/nn/simd.hpp ----------------------------------------------------------------------------------------------
#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>

namespace eucv::nn {

namespace detail {

// The processor's own square root, correctly rounded. Eigen's goes through an estimate that differs between makers of
// processors, and that g++ 12 warns about with AVX-512.
template <class Native>
EIGEN_ALWAYS_INLINE Native exact_sqrt(const Native& lanes) {
  return Eigen::internal::psqrt(lanes);
}
#ifdef EIGEN_VECTORIZE_SSE
EIGEN_ALWAYS_INLINE __m128 exact_sqrt(const __m128& lanes) {
  return _mm_sqrt_ps(lanes);
}
EIGEN_ALWAYS_INLINE __m128d exact_sqrt(const __m128d& lanes) {
  return _mm_sqrt_pd(lanes);
}
#endif
#ifdef EIGEN_VECTORIZE_AVX
EIGEN_ALWAYS_INLINE __m256 exact_sqrt(const __m256& lanes) {
  return _mm256_sqrt_ps(lanes);
}
EIGEN_ALWAYS_INLINE __m256d exact_sqrt(const __m256d& lanes) {
  return _mm256_sqrt_pd(lanes);
}
#endif
#ifdef EIGEN_VECTORIZE_AVX512
EIGEN_ALWAYS_INLINE __m512 exact_sqrt(const __m512& lanes) {
  return _mm512_maskz_sqrt_ps(0xffff, lanes);
}
EIGEN_ALWAYS_INLINE __m512d exact_sqrt(const __m512d& lanes) {
  return _mm512_maskz_sqrt_pd(0xff, lanes);
}
#endif

} // namespace detail

/// As many scalars as one register of this processor holds: 4, 8 or 16 floats, 1 where there is no such register.
///
/// A thin value over Eigen's packets, so that a kernel is written once for SSE2, AVX2, AVX-512 and NEON. Functions made
/// for Backend::map() are written against it and plain scalars alike: operators, sqrt() and zero_unless_positive().
template <std::floating_point Scalar>
struct packet {
  using native = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr std::size_t size = Eigen::internal::unpacket_traits<native>::size;

  native value;

  packet() = default;
  EIGEN_ALWAYS_INLINE explicit packet(const native& lanes) : value(lanes) {}
  /// The same scalar in all lanes.
  EIGEN_ALWAYS_INLINE explicit packet(Scalar scalar) requires(!std::same_as<native, Scalar>)
      : value(Eigen::internal::pset1<native>(scalar)) {}

  /// Reads size scalars, wherever they lie.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet load(const Scalar* from) {
    return packet(Eigen::internal::ploadu<native>(from));
  }
  /// One scalar from memory to all lanes.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet broadcast(const Scalar* from) {
    return packet(Eigen::internal::pset1<native>(*from));
  }
  EIGEN_ALWAYS_INLINE void store(Scalar* to) const { Eigen::internal::pstoreu(to, value); }

  friend EIGEN_ALWAYS_INLINE packet operator+(packet a, packet b) {
    return packet(Eigen::internal::padd(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator-(packet a, packet b) {
    return packet(Eigen::internal::psub(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator*(packet a, packet b) {
    return packet(Eigen::internal::pmul(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator/(packet a, packet b) {
    return packet(Eigen::internal::pdiv(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet sqrt(packet a) { return packet(detail::exact_sqrt(a.value)); }

  /// a * b + c, in one rounding where the processor can.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet multiply_add(packet a, packet b, packet c) {
    return packet(Eigen::internal::pmadd(a.value, b.value, c.value));
  }
  /// Lane by lane: a where `left` < `right` or `left` is not a number, else b.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet where_less_or_nan(std::pair<packet, packet> compared, packet a,
                                                                    packet b) {
    const native nan = Eigen::internal::pcmp_lt_or_nan(compared.second.value, compared.second.value);
    const native less = Eigen::internal::pcmp_lt(compared.first.value, compared.second.value);
    return packet(Eigen::internal::pselect(Eigen::internal::por(less, nan), a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet zero_unless_positive(packet condition, packet passed) {
    const native zero = Eigen::internal::pzero(passed.value);
    return packet(Eigen::internal::pselect(Eigen::internal::pcmp_le(condition.value, zero), zero, passed.value));
  }
  /// Sum of the lanes, always in the same order.
  [[nodiscard]] EIGEN_ALWAYS_INLINE Scalar sum() const { return Eigen::internal::predux(value); }
};

/// 0 where condition <= 0, else the value; a condition that is not a number lets the value pass, so that no layer hides
/// a failure from the loss.
template <std::floating_point Scalar>
[[nodiscard]] EIGEN_ALWAYS_INLINE Scalar zero_unless_positive(Scalar condition, Scalar value) {
  return condition <= Scalar(0) ? Scalar(0) : value;
}

/// Calls function(std::integral_constant<std::size_t, i>) for i in [0, count), unrolled at any level of optimisation:
/// only then do arrays of packets stay in registers.
template <std::size_t count, class Function>
EIGEN_ALWAYS_INLINE void unroll(Function&& function) {
  [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
    (function(std::integral_constant<std::size_t, i>{}), ...);
  }
  (std::make_index_sequence<count>{});
}

/// Number of packet registers of this processor.
inline constexpr std::size_t packet_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

} // namespace eucv::nn

// ---- eucv/nn/activation.hpp ----------------------------------------------------------------------------------------
#include <utility>

namespace eucv::nn {

/// max(x, 0) for each element. A value that is not a number stays one, so that a failure reaches the loss.
///
/// Works in place where nobody else holds the input. backward() needs the output only, which the next layer keeps too.
struct relu {
  template <class Backend>
  struct state {
    nn::place place;
    tensor<Backend> y;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    return {at.start(), {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = nn::own(now.backend, std::move(x));
    now.backend.map([](auto& each) { each = zero_unless_positive(each, each); }, y);
    if (now.records(own.place)) own.y = y;
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const tensor<Backend> y = std::exchange(own.y, {});
    if (!now.propagates(own.place)) return {};
    auto dx = nn::own(now.backend, std::move(dy));
    now.backend.map([](auto& each, const auto& out) { each = zero_unless_positive(out, each); }, dx, y);
    return dx;
  }
};

} // namespace eucv::nn

// ---- eucv/nn/model.hpp ---------------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

/// Whose gradients backward() computes.
enum class gradients { of_parameters, of_parameters_and_input };

/// A network: a layer, mostly a sequence, with its weights on a backend.
///
/// Built once for pictures of one size: all shapes are inferred then, and what does not fit is refused. The number of
/// pictures may change from call to call. Move-only; not for two threads at a time.
template <backend Backend, class Layer>
requires layer<Layer, Backend>
class model {
public:
  using backend_type = Backend;
  using tensor_type = tensor<Backend>;
  using scalar = typename Backend::scalar;

  /// Builds `network` for inputs of shape {1, c, h, w} with initial weights drawn from `engine`. A backend is a handle;
  /// host<Scalar> converts from a thread_pool, which must outlive the model.
  ///
  /// Throws errc::shape_mismatch, which names the layer, its place and both shapes, and errc::invalid_argument for a
  /// hyper-parameter that makes no sense.
  model(Layer network, const shape& input, eucv::random& engine, Backend backend)
      : layer_(std::move(network)), backend_(std::move(backend)), input_(input.with_images(1)), output_(input_),
        built_(build(layer_, backend_, output_, engine)), random_(engine()) {}
  model(model&&) noexcept = default;
  model& operator=(model&&) noexcept = default;

  /// Logits, or whatever the last layer gives, for images {n, c, h, w} with any n.
  ///
  /// In mode::train the activations that backward() needs are kept until it is called; in mode::eval each is freed as
  /// soon as the next layer has read it. Throws errc::shape_mismatch where the pictures have another size.
  [[nodiscard]] tensor_type forward(tensor_type images, nn::mode how) {
    if (!images || images.shape.with_images(1) != input_ || images.shape.n == 0)
      throw error(errc::shape_mismatch,
                  {"run the network", "its input",
                   "it takes " + to_string(input_) + " for one image, but gets " + to_string(images.shape),
                   "resize the pictures, or build the network for this shape"});
    auto now = begin(how);
    recorded_ = how == nn::mode::train;
    batch_ = images.shape.n;
    return layer_.forward(built_.state, std::move(images), now);
  }

  /// Adds the gradients of all parameters that are not frozen, from the gradient of forward()'s last result.
  ///
  /// Returns the gradient of the input if differentiate() asked for it, else an empty tensor. Throws
  /// errc::invalid_argument unless a forward() in mode::train came just before, errc::shape_mismatch for a gradient of
  /// another shape than the result had.
  tensor_type backward(tensor_type gradient) {
    if (!std::exchange(recorded_, false))
      throw error(errc::invalid_argument, {"run the network backwards", "its output", "no forward pass was recorded",
                                           "call forward() with mode::train before each backward()"});
    if (!gradient || gradient.shape != output_.with_images(batch_))
      throw error(errc::shape_mismatch, {"run the network backwards", "its output",
                                         "the result had the shape " + to_string(output_.with_images(batch_)) +
                                             ", but the gradient has " + to_string(gradient.shape),
                                         "give the gradient of the loss with regard to the logits"});
    auto now = begin(nn::mode::train);
    if (now.first_wanted >= static_cast<std::ptrdiff_t>(built_.parameters.size())) return {};
    return layer_.backward(built_.state, std::move(gradient), now);
  }

  /// All parameters in the order in which the input meets them. Values may be changed through Backend::assign().
  [[nodiscard]] std::span<parameter<Backend>> parameters() noexcept { return built_.parameters; }
  [[nodiscard]] std::span<const parameter<Backend>> parameters() const noexcept { return built_.parameters; }
  /// All buffers (running statistics), in the same order.
  [[nodiscard]] std::span<buffer<Backend>> buffers() noexcept { return built_.buffers; }
  [[nodiscard]] std::span<const buffer<Backend>> buffers() const noexcept { return built_.buffers; }

  /// Empties all gradients, which gives their memory back; the next backward() begins with sums of zero.
  void zero_gradients() noexcept {
    for (auto& each : built_.parameters) each.gradient = {};
  }

  /// Freezes what is called `prefix`, or lies below it ("layer1" freezes "layer1.0.conv1.weight"), and returns how many
  /// parameters that are. A frozen parameter gets no gradient; a batch normalisation whose parameters are frozen uses
  /// its running statistics and leaves them as they are; nothing is propagated to where all is frozen.
  /// Throws errc::not_found where nothing has that name.
  std::size_t freeze(std::string_view prefix) { return mark(prefix, true); }
  std::size_t unfreeze(std::string_view prefix) { return mark(prefix, false); }
  /// Freezes the first `count` blocks that have parameters: the children of the outermost layer, such as "conv1",
  /// "bn1", "layer1". Returns the number of parameters frozen.
  std::size_t freeze_first(std::size_t count) {
    std::size_t frozen = 0;
    std::string_view block;
    for (auto& each : built_.parameters) {
      const auto name = std::string_view(each.name).substr(0, each.name.find('.'));
      if (name != block) {
        if (count-- == 0) break;
        block = name;
      }
      each.frozen = true;
      ++frozen;
    }
    return frozen;
  }

  /// Asks backward() for the gradient of the input as well, or no longer. Counts from the next forward() on.
  void differentiate(gradients wanted) noexcept { wanted_ = wanted; }

  [[nodiscard]] const shape& input_shape() const noexcept { return input_; }   ///< for one image
  [[nodiscard]] const shape& output_shape() const noexcept { return output_; } ///< for one image
  [[nodiscard]] Backend& backend() noexcept { return backend_; }
  [[nodiscard]] const Layer& layer() const noexcept { return layer_; }

  /// The engine behind dropout: save it and set it again to go on exactly where a run was broken off.
  [[nodiscard]] const eucv::random& random() const noexcept { return random_; }
  void random(const eucv::random& engine) noexcept { random_ = engine; }

private:
  struct built {
    state_of<Layer, Backend> state;
    std::vector<parameter<Backend>> parameters;
    std::vector<buffer<Backend>> buffers;
  };

  static built build(const Layer& network, Backend& backend, shape& extents, eucv::random& engine) {
    if (extents.size() == 0)
      throw error(errc::shape_mismatch,
                  {"build the network", "its input", "the shape " + to_string(extents) + " is empty",
                   "give the shape of one picture"});
    builder<Backend> site(backend, engine);
    auto state = network.build(site, extents);
    return {std::move(state), std::move(site.parameters()), std::move(site.buffers())};
  }

  pass<Backend> begin(nn::mode how) {
    std::ptrdiff_t first = -1;
    if (wanted_ == gradients::of_parameters)
      first = std::find_if(built_.parameters.begin(), built_.parameters.end(),
                           [](const auto& each) { return !each.frozen; }) -
              built_.parameters.begin();
    return {backend_, built_.parameters, built_.buffers, how, random_, first};
  }

  std::size_t mark(std::string_view prefix, bool frozen) {
    std::size_t marked = 0;
    for (auto& each : built_.parameters)
      if (each.name == prefix || each.name.starts_with(std::string(prefix) + '.')) {
        each.frozen = frozen;
        ++marked;
      }
    if (marked == 0)
      throw error(errc::not_found, {frozen ? "freeze" : "unfreeze", std::string(prefix),
                                    "no parameter of the network has that name or lies below it",
                                    "name a layer as its parameters are named, such as \"layer1\""});
    return marked;
  }

  Layer layer_;
  Backend backend_;
  shape input_, output_;
  built built_;
  eucv::random random_;
  gradients wanted_ = gradients::of_parameters;
  bool recorded_ = false;
  std::size_t batch_ = 0;
};

} // namespace eucv::nn

// ---- eucv/nn/any_model.hpp -----------------------------------------------------------------------------------------
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace eucv::nn {

/// What training, evaluation and files of weights need of a network: model, or any_model, or a type of one's own.
template <class M>
concept network = backend<typename M::backend_type> &&
    requires(M& m, tensor<typename M::backend_type> x, nn::mode how, const eucv::random& engine) {
  { m.forward(x, how) } -> std::same_as<tensor<typename M::backend_type>>;
  m.backward(x);
  { m.parameters() } -> std::convertible_to<std::span<parameter<typename M::backend_type>>>;
  { m.buffers() } -> std::convertible_to<std::span<buffer<typename M::backend_type>>>;
  m.zero_gradients();
  { m.input_shape() } -> std::convertible_to<shape>;
  { m.output_shape() } -> std::convertible_to<shape>;
  { m.backend() } -> std::same_as<typename M::backend_type&>;
  { m.random() } -> std::convertible_to<eucv::random>;
  m.random(engine);
};

/// A model whose layers are known only when the program runs, as the architecture named in a file.
///
/// One virtual call a pass, none a layer. Members do what those of model do. Move-only.
template <backend Backend>
class any_model {
public:
  using backend_type = Backend;
  using tensor_type = tensor<Backend>;

  template <class Layer>
  any_model(model<Backend, Layer> held) : held_(std::make_unique<holder<Layer>>(std::move(held))) {}

  [[nodiscard]] tensor_type forward(tensor_type images, nn::mode how) { return held_->forward(std::move(images), how); }
  tensor_type backward(tensor_type gradient) { return held_->backward(std::move(gradient)); }
  [[nodiscard]] std::span<parameter<Backend>> parameters() noexcept { return held_->parameters(); }
  [[nodiscard]] std::span<buffer<Backend>> buffers() noexcept { return held_->buffers(); }
  void zero_gradients() noexcept {
    for (auto& each : parameters()) each.gradient = {};
  }
  std::size_t freeze_first(std::size_t blocks) { return held_->freeze_first(blocks); }
  [[nodiscard]] shape input_shape() const noexcept { return held_->input_shape(); }
  [[nodiscard]] shape output_shape() const noexcept { return held_->output_shape(); }
  [[nodiscard]] Backend& backend() noexcept { return held_->backend(); }
  [[nodiscard]] eucv::random random() const noexcept { return held_->random(); }
  void random(const eucv::random& engine) noexcept { held_->random(engine); }

private:
  struct base {
    virtual ~base() = default;
    virtual tensor_type forward(tensor_type, nn::mode) = 0;
    virtual tensor_type backward(tensor_type) = 0;
    virtual std::span<parameter<Backend>> parameters() = 0;
    virtual std::span<buffer<Backend>> buffers() = 0;
    virtual std::size_t freeze_first(std::size_t) = 0;
    virtual shape input_shape() const = 0;
    virtual shape output_shape() const = 0;
    virtual Backend& backend() = 0;
    virtual eucv::random random() const = 0;
    virtual void random(const eucv::random&) = 0;
  };

  template <class Layer>
  struct holder final : base {
    explicit holder(model<Backend, Layer> inner) : held(std::move(inner)) {}
    tensor_type forward(tensor_type images, nn::mode how) override { return held.forward(std::move(images), how); }
    tensor_type backward(tensor_type gradient) override { return held.backward(std::move(gradient)); }
    std::span<parameter<Backend>> parameters() override { return held.parameters(); }
    std::span<buffer<Backend>> buffers() override { return held.buffers(); }
    std::size_t freeze_first(std::size_t blocks) override { return held.freeze_first(blocks); }
    shape input_shape() const override { return held.input_shape(); }
    shape output_shape() const override { return held.output_shape(); }
    Backend& backend() override { return held.backend(); }
    eucv::random random() const override { return held.random(); }
    void random(const eucv::random& engine) override { held.random(engine); }

    model<Backend, Layer> held;
  };

  std::unique_ptr<base> held_;
};

} // namespace eucv::nn

// ---- eucv/nn/container.hpp -----------------------------------------------------------------------------------------
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace eucv::nn {

/// A layer with a name of its own in its parent. An empty name adds no level: the children of the layer are named as if
/// they were the parent's.
template <class Layer>
struct named_layer {
  std::string_view name; ///< must outlive the value; a literal does
  Layer layer;
};
template <class Layer>
[[nodiscard]] constexpr named_layer<Layer> named(std::string_view name, Layer layer) {
  return {name, std::move(layer)};
}

namespace detail {

// A child with or without a name, as a container sees it.
template <class Layer>
struct child {
  using layer = Layer;
  static const Layer& of(const Layer& it) { return it; }
  static std::string name(const Layer&, std::string otherwise) { return otherwise; }
};
template <class Layer>
struct child<named_layer<Layer>> {
  using layer = Layer;
  static const Layer& of(const named_layer<Layer>& it) { return it.layer; }
  static std::string name(const named_layer<Layer>& it, const std::string&) { return std::string(it.name); }
};

template <class Child, class Backend>
using child_state = state_of<typename child<Child>::layer, Backend>;

template <class Child, class Backend>
child_state<Child, Backend> build_child(const Child& it, std::string otherwise, builder<Backend>& at, shape& extents) {
  const auto inside = at.enter(child<Child>::name(it, std::move(otherwise)));
  return child<Child>::of(it).build(at, extents);
}

} // namespace detail

/// Layers one after another, as PyTorch's Sequential: children are called "0", "1", ... by their position, or as
/// named() says.
///
///     sequence{conv2d{.out = 32, .bias = false}, batch_norm{}, relu{}, named("head", dense{.out = 10})}
template <class... Layers>
struct sequence {
  std::tuple<Layers...> layers;

  constexpr explicit sequence(Layers... each) : layers(std::move(each)...) {}

  template <class Backend>
  struct state {
    std::tuple<detail::child_state<Layers, Backend>...> children;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    return build_all<Backend>(at, extents, std::index_sequence_for<Layers...>{});
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    for_each([&](auto i) { x = layer<i>().forward(std::get<i>(own.children), std::move(x), now); });
    return x;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    for_each([&](auto i) {
      constexpr std::size_t last = sizeof...(Layers) - 1 - i;
      // Once a layer wants no gradient for its input, nor does any before it.
      if (dy) dy = layer<last>().backward(std::get<last>(own.children), std::move(dy), now);
    });
    return dy;
  }

private:
  template <std::size_t i>
  [[nodiscard]] const auto& layer() const {
    return detail::child<std::tuple_element_t<i, std::tuple<Layers...>>>::of(std::get<i>(layers));
  }

  template <class Function>
  static void for_each(Function&& function) {
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      (function(std::integral_constant<std::size_t, i>{}), ...);
    }
    (std::index_sequence_for<Layers...>{});
  }

  template <class Backend, std::size_t... i>
  state<Backend> build_all(builder<Backend>& at, shape& extents, std::index_sequence<i...>) const {
    // Braces evaluate from left to right, as the shapes have to be.
    return {std::tuple<detail::child_state<Layers, Backend>...>{
        detail::build_child(std::get<i>(layers), std::to_string(i), at, extents)...}};
  }
};

/// Layers of one type one after another, as many as wanted at run time: the stages of a residual network. Children are
/// called "0", "1", ...
template <class Layer>
struct stack {
  std::vector<Layer> layers;

  template <class Backend>
  struct state {
    std::vector<state_of<Layer, Backend>> children;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    for (const auto& each : layers)
      made.children.push_back(detail::build_child(each, std::to_string(made.children.size()), at, extents));
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    for (std::size_t i = 0; i < layers.size(); ++i) x = layers[i].forward(own.children[i], std::move(x), now);
    return x;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    for (std::size_t i = layers.size(); i-- > 0 && dy;) dy = layers[i].backward(own.children[i], std::move(dy), now);
    return dy;
  }
};

} // namespace eucv::nn

// ---- eucv/nn/initialise.hpp ----------------------------------------------------------------------------------------
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

namespace eucv::nn {

/// Values to begin with, as many as a tensor of PyTorch's dimensions `dims` has, in its order.
/// `dims` is [out][in] or [out][in][kh][kw]; every function but constant() draws from `engine`.

/// All the same.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> constant(const std::vector<std::size_t>& dims, Scalar value) {
  return std::vector<Scalar>(std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>()), value);
}

/// Uniform in [-bound, bound).
template <class Scalar>
[[nodiscard]] std::vector<Scalar> uniform(const std::vector<std::size_t>& dims, double bound, random& engine) {
  auto values = constant(dims, Scalar(0));
  for (auto& value : values) value = static_cast<Scalar>(engine.uniform(-bound, bound));
  return values;
}

/// Normal with variance 2 / (out * kh * kw), which keeps the variance of gradients through ReLU from layer to layer
/// (He et al., 2015, arXiv:1502.01852): mode fan_out, as torchvision's residual networks begin.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> kaiming_normal(const std::vector<std::size_t>& dims, random& engine) {
  auto values = constant(dims, Scalar(0));
  const double fan_out = static_cast<double>(values.size()) / static_cast<double>(dims.at(1));
  const double deviation = std::sqrt(2.0 / fan_out);
  for (auto& value : values) value = static_cast<Scalar>(deviation * engine.normal());
  return values;
}

/// 1 / sqrt(in * kh * kw): the bound of the uniform distribution that PyTorch gives the bias of a layer with weight
/// `dims`, and the weight of its Linear.
[[nodiscard]] inline double fan_in_bound(const std::vector<std::size_t>& dims) {
  double fan_in = 1;
  for (std::size_t i = 1; i < dims.size(); ++i) fan_in *= static_cast<double>(dims[i]);
  return 1.0 / std::sqrt(fan_in);
}

} // namespace eucv::nn

// ---- eucv/nn/conv2d.hpp --------------------------------------------------------------------------------------------
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace eucv::nn {

/// Two-dimensional convolution (cross-correlation, as PyTorch's Conv2d) with one group.
///
/// {n, c, h, w} to {n, out, oh, ow}. Parameters: weight [out][c][kernel][kernel], Kaiming normal by fan-out; bias
/// [out], uniform as in PyTorch. Leave the bias out where a batch normalisation follows, which takes it away again.
struct conv2d {
  std::size_t out = 0;                  ///< channels of the output, at least 1
  std::size_t kernel = 3;               ///< rows and columns of the window
  std::size_t stride = 1;               ///< step from one place of the output to the next
  std::optional<std::size_t> padding{}; ///< zeros around the map; kernel / 2 if not given, which keeps the size
  bool bias = true;                     ///< whether a number is added to each channel
  std::size_t dilation = 1;             ///< only 1 is taken: build() refuses what it would compute wrongly

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
    std::size_t weight = 0, bias = 0;
    tensor<Backend> x;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(out > 0, "conv2d", "out, the number of channels, must be given and at least 1");
    at.require(kernel > 0 && stride > 0, "conv2d", "kernel and stride must be at least 1");
    at.require(dilation == 1, "conv2d", "a dilation of " + std::to_string(dilation) + " is not offered, only 1");
    const std::size_t border = padding.value_or(kernel / 2);
    state<Backend> made;
    made.over = {extents, {kernel, kernel}, {stride, stride}, {border, border}};
    if (!made.over.fits())
      at.refuse_shape("conv2d",
                      "maps of at least " + std::to_string(kernel) + "x" + std::to_string(kernel) +
                          " with the padding of " + std::to_string(border) + " on each side",
                      extents);
    made.place = at.start();
    const std::vector<std::size_t> dims{out, extents.c, kernel, kernel};
    made.weight = at.add_parameter("weight", dims, kaiming_normal<scalar>(dims, at.random()));
    if (bias) made.bias = at.add_parameter("bias", {out}, uniform<scalar>({out}, fan_in_bound(dims), at.random()));
    made.place = at.finish(made.place);
    extents = made.over.out(out);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = now.backend.convolve(x, now.value(own.weight), own.over.with_images(x.shape.n));
    if (bias) y = now.backend.add_to_channels(std::move(y), now.value(own.bias));
    if (now.records(own.place)) own.x = std::move(x);
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const window over = own.over.with_images(dy.shape.n);
    if (bias && !now.frozen(own.bias)) now.add_gradient(own.bias, now.backend.channel_sums(dy));
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, now.backend.convolve_weight_gradient(own.x, dy, over));
    own.x = {};
    if (!now.propagates(own.place)) return {};
    return now.backend.convolve_input_gradient(dy, now.value(own.weight), over);
  }
};

} // namespace eucv::nn

// ---- eucv/nn/dense.hpp ---------------------------------------------------------------------------------------------
#include <cstddef>
#include <utility>

namespace eucv::nn {

/// A fully connected layer, PyTorch's Linear: {n, c, 1, 1} to {n, out, 1, 1}, y = x * transposed weight + bias.
///
/// Parameters: weight [out][c] and bias [out], both uniform in +-1 / sqrt(c) as in PyTorch. Maps have to be flattened
/// or pooled before.
struct dense {
  std::size_t out = 0; ///< features of the output, at least 1
  bool bias = true;    ///< whether a number is added to each feature

  template <class Backend>
  struct state {
    nn::place place;
    std::size_t weight = 0, bias = 0;
    tensor<Backend> x;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(out > 0, "dense", "out, the number of features, must be given and at least 1");
    if (extents.h != 1 || extents.w != 1)
      at.refuse_shape("dense",
                      "features such as " + to_string(shape{.c = extents.c * extents.h * extents.w}) +
                          " after flatten{} or global_average_pool{}",
                      extents);
    state<Backend> made;
    made.place = at.start();
    const std::vector<std::size_t> dims{out, extents.c};
    made.weight = at.add_parameter("weight", dims, uniform<scalar>(dims, fan_in_bound(dims), at.random()));
    if (bias) made.bias = at.add_parameter("bias", {out}, uniform<scalar>({out}, fan_in_bound(dims), at.random()));
    made.place = at.finish(made.place);
    extents.c = out;
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = now.backend.gemm_nt(x, now.value(own.weight));
    if (bias) y = now.backend.add_to_channels(std::move(y), now.value(own.bias));
    if (now.records(own.place)) own.x = std::move(x);
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (bias && !now.frozen(own.bias)) now.add_gradient(own.bias, now.backend.channel_sums(dy));
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, now.backend.gemm_tn(dy, own.x));
    own.x = {};
    if (!now.propagates(own.place)) return {};
    return now.backend.gemm_nn(dy, now.value(own.weight));
  }
};

} // namespace eucv::nn

// ---- eucv/nn/dropout.hpp -------------------------------------------------------------------------------------------
#include <cstddef>
#include <utility>
#include <vector>

namespace eucv::nn {

/// Sets each element to zero with a probability, and divides the others by 1 - probability, so that the sum is kept on
/// average and mode::eval has nothing to do (inverted dropout, as PyTorch's Dropout).
///
/// Drawn from the model's engine, element by element in channels-last order: the same seed drops the same elements for
/// any number of threads.
struct dropout {
  double probability = 0.5; ///< in [0, 1)

  template <class Backend>
  struct state {
    nn::place place;
    tensor<Backend> mask;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    at.require(probability >= 0 && probability < 1, "dropout", "probability must be at least 0 and less than 1");
    return {at.start(), {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    own.mask = {};
    if (now.mode == mode::eval || probability == 0) return x;
    using scalar = typename Backend::scalar;
    const auto kept = static_cast<scalar>(1 / (1 - probability));
    std::vector<scalar> drawn(x.size());
    for (auto& each : drawn) each = now.random.uniform() < probability ? scalar(0) : kept;
    auto mask = now.backend.make(x.shape);
    now.backend.assign(mask, drawn, order::channels_last);
    auto y = multiply(std::move(x), mask, now);
    if (now.records(own.place)) own.mask = std::move(mask);
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto mask = std::exchange(own.mask, {});
    if (!now.propagates(own.place)) return {};
    return mask ? multiply(std::move(dy), mask, now) : dy;
  }

private:
  template <class Backend>
  static tensor<Backend> multiply(tensor<Backend> x, const tensor<Backend>& mask, pass<Backend>& now) {
    auto y = nn::own(now.backend, std::move(x));
    now.backend.map([](auto& each, const auto& factor) { each = each * factor; }, y, mask);
    return y;
  }
};

} // namespace eucv::nn

// ---- eucv/nn/flatten.hpp -------------------------------------------------------------------------------------------
namespace eucv::nn {

/// Makes one row of features of each image, in PyTorch's order: {n, c, h, w} to {n, chw, 1, 1}, channels outermost, so
/// that the weight of a dense layer after it is PyTorch's.
struct flatten {
  template <class Backend>
  struct state {
    nn::place place;
    shape in; // of one image
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const shape in = extents;
    extents = {.n = in.n, .c = in.c * in.h * in.w};
    return {at.start(), in};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>& now) const {
    return now.backend.flatten(x);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (!now.propagates(own.place)) return {};
    return now.backend.unflatten(dy, own.in.with_images(dy.shape.n));
  }
};

} // namespace eucv::nn

// ---- eucv/nn/host_tile.hpp -----------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// The block of outputs that one call of an inner kernel keeps in registers: `rows` x `columns` scalars.
///
/// With 16 registers 6 rows of 2 packets leave room for two operands and one broadcast; with 32, 8 rows of 2 packets
/// reach 90 to 98 % of the peak and divide the usual numbers of channels. Both do 12 or more independent additions,
/// which hides the latency of a fused multiply-add.
template <class Scalar>
struct tile {
  using lanes = packet<Scalar>;
  static constexpr std::size_t rows = packet_registers >= 32 ? 8 : 6;
  static constexpr std::size_t packets = 2;
  static constexpr std::size_t columns = packets * lanes::size;

  std::array<std::array<lanes, packets>, rows> sums;

  EIGEN_ALWAYS_INLINE void clear() {
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j] = lanes(Scalar(0)); });
    });
  }

  /// sums[r] += a(r) * b[0, columns): one step of the contraction.
  template <class Address>
  EIGEN_ALWAYS_INLINE void step(Address&& a, const Scalar* b) {
    std::array<lanes, packets> right;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { right[j] = lanes::load(b + j * lanes::size); });
    unroll<rows>([&](auto r) __attribute__((always_inline)) {
      const lanes left = lanes::broadcast(a(r));
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        sums[r][j] = lanes::multiply_add(left, right[j], sums[r][j]);
      });
    });
  }

  /// Writes row r to `to`, `count` <= columns scalars.
  template <class Row>
  EIGEN_ALWAYS_INLINE void store(Row r, Scalar* to, std::size_t count) const {
    if (count == columns) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(to + j * lanes::size); });
      return;
    }
    std::array<Scalar, columns> row;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(row.data() + j * lanes::size); });
    std::copy_n(row.begin(), count, to);
  }

  /// Adds row r to what stands at `to`.
  template <class Row>
  EIGEN_ALWAYS_INLINE void add(Row r, Scalar* to, std::size_t count) const {
    if (count == columns) {
      unroll<packets>([&](auto j) __attribute__((always_inline)) {
        (lanes::load(to + j * lanes::size) + sums[r][j]).store(to + j * lanes::size);
      });
      return;
    }
    std::array<Scalar, columns> row;
    unroll<packets>([&](auto j) __attribute__((always_inline)) { sums[r][j].store(row.data() + j * lanes::size); });
    for (std::size_t j = 0; j < count; ++j) to[j] += row[j];
  }
};

/// Numbers of tiles that cover `count`.
[[nodiscard]] constexpr std::size_t tiles(std::size_t count, std::size_t each) noexcept {
  return (count + each - 1) / each;
}

} // namespace eucv::nn::detail

// ---- eucv/nn/host_product.hpp --------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace eucv::nn::detail {

/// Where the rows of a chunk are: the addresses of their runs, and where their results go.
template <class Scalar>
struct gathered_rows {
  const Scalar** addresses; // [runs][chunk]
  Scalar** targets;         // [chunk]
  Scalar* scratch;          // [chunk][product_extents::scratch], for rows that have to be made first
  std::size_t chunk;

  [[nodiscard]] const Scalar*& address(std::size_t run, std::size_t row) const { return addresses[run * chunk + row]; }
};

/// The right side, [columns / tile::columns][runs][length][tile::columns], the last panel filled up with zeros.
template <class Scalar>
struct packed_matrix {
  const Scalar* values;
  std::size_t runs;
};

/// Extents of a product: each of `rows` left rows consists of `runs` runs of `length` scalars somewhere in memory.
struct product_extents {
  std::size_t rows, runs, length, columns;
  std::size_t scratch = 0; // scalars that fill() wants for each row
};

/// The product of gathered rows with a packed matrix: target[row][column] = sum of a[row][run][k] * b[run][k][column].
///
/// What a convolution is at heart, forward or backward, with any kernel and stride. Each result is summed in one order,
/// so cutting the work has no influence on the bits.
template <class Scalar>
struct gathered_product {
  thread_pool& pool;
  nn::arena& arena;
  product_extents extents;

  /// Run number i of a row meets number order[i] of the packed runs. fill(range, gathered_rows) sets the addresses and
  /// targets of the rows of a range.
  template <class Fill>
  void run(packed_matrix<Scalar> right, std::span<const std::size_t> order, Fill&& fill) const {
    const std::size_t rows = extents.rows, runs = extents.runs, length = extents.length;
    const std::size_t panels = tiles(extents.columns, tile<Scalar>::columns);
    const std::size_t chunks = tiles(rows, chunk);
    // Few chunks: several pieces share one, so that there is work for each thread.
    const std::size_t shares = std::min(panels, tiles(least_pieces, chunks));

    const std::size_t scratch_bytes = align(chunk * extents.scratch * sizeof(Scalar));
    const std::size_t table_bytes = align((runs + 1) * chunk * sizeof(Scalar*));
    const arena::block memory = arena.allocate(pool.size() * (scratch_bytes + table_bytes));

    pool.for_each(chunks * shares, [&](std::size_t piece, std::size_t worker) {
      std::byte* own = memory.template data<std::byte>() + worker * (scratch_bytes + table_bytes);
      const auto addresses = reinterpret_cast<const Scalar**>(own);
      const gathered_rows<Scalar> to{addresses, reinterpret_cast<Scalar**>(own) + runs * chunk,
                                     reinterpret_cast<Scalar*>(own + table_bytes), chunk};
      const range taken{piece / shares * chunk, std::min(rows, (piece / shares + 1) * chunk)};
      fill(taken, to);
      const range part_of_panels = part(panels, shares, piece % shares);
      for (std::size_t panel = part_of_panels.begin; panel < part_of_panels.end; ++panel)
        multiply(right.values + panel * right.runs * length * tile<Scalar>::columns, order, to, {taken.size(), panel});
    });
  }

private:
  static constexpr std::size_t chunk = 192; // a multiple of the rows of any tile
  static constexpr std::size_t least_pieces = 16;
  static_assert(chunk % tile<Scalar>::rows == 0);

  struct share {
    std::size_t rows, panel;
  };

  [[nodiscard]] static std::size_t align(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

  void multiply(const Scalar* panel, std::span<const std::size_t> order, const gathered_rows<Scalar>& rows,
                share of) const {
    using block = tile<Scalar>;
    const std::size_t first = of.panel * block::columns;
    const std::size_t count = std::min(block::columns, extents.columns - first);
    for (std::size_t row = 0; row < of.rows; row += block::rows) {
      // The last tile may reach beyond the rows: it repeats the last row and drops the result.
      const std::size_t valid = std::min(block::rows, of.rows - row);
      block sums;
      sums.clear();
      for (std::size_t run = 0; run < order.size(); ++run) {
        std::array<const Scalar*, block::rows> a;
        for (std::size_t r = 0; r < block::rows; ++r) a[r] = rows.address(run, row + std::min(r, valid - 1));
        const Scalar* b = panel + order[run] * extents.length * block::columns;
        for (std::size_t k = 0; k < extents.length; ++k, b += block::columns)
          sums.step(
              [&](auto r) __attribute__((always_inline)) { return a[r] + k; }, b);
      }
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        if (r < valid) sums.store(r, rows.targets[row + r] + first, count);
      });
    }
  }
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host_convolution.hpp ----------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <vector>

namespace eucv::nn::detail {

/// Convolution on channels-last maps without a copy of the input: for each output pixel the product takes, tap by tap,
/// the run of channels at the input pixel below that tap, wherever it lies; outside the map it takes a run of zeros.
///
/// x[n][h][w][c], weight[o][kh][kw][c], y[n][oh][ow][o].
template <class Scalar>
struct convolution {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;

  void forward(const Scalar* x, const Scalar* weight, Scalar* y) const {
    const std::size_t channels = over.in.c, taps = over.taps();
    // So few channels give runs too short to be worth an address each: unfold the windows first, as one run a pixel.
    const bool unfold = taps > 1 && channels < 8;
    const std::size_t runs = unfold ? 1 : taps, length = unfold ? taps * channels : channels;
    const gathered_product<Scalar> product{
        pool, arena, {over.out(out).pixels(), runs, length, out, unfold ? length : 0}};

    const arena::block packed = pack_rows(weight, taps * channels);
    std::vector<std::size_t> order(runs);
    for (std::size_t run = 0; run < runs; ++run) order[run] = run;
    const arena::block nothing = zeros(channels);
    const Scalar* outside = nothing.template data<const Scalar>();

    product.run({packed.template data<const Scalar>(), runs}, order, [&](range rows, const gathered_rows<Scalar>& to) {
      for (pixel at(over, rows.begin); at.row < rows.end; at.advance()) {
        const std::size_t r = at.row - rows.begin;
        to.targets[r] = y + at.row * out;
        if (unfold) {
          Scalar* run = to.scratch + r * length;
          to.address(0, r) = run;
          for (std::size_t tap = 0; tap < taps; ++tap)
            std::copy_n(below(x, at, tap, outside), channels, run + tap * channels);
        } else {
          for (std::size_t tap = 0; tap < taps; ++tap) to.address(tap, r) = below(x, at, tap, outside);
        }
      }
    });
  }

  void input_gradient(const Scalar* dy, const Scalar* weight, Scalar* dx) const {
    // Pixels of the input whose row and column leave the same rest by the stride lie below the same taps: one product
    // for each such class, in which no multiplication by a zero is done for the sake of the stride.
    const arena::block packed = pack_columns(weight);
    const arena::block nothing = zeros(out);
    for (std::size_t rest_h = 0; rest_h < std::min(over.stride.h, over.in.h); ++rest_h)
      for (std::size_t rest_w = 0; rest_w < std::min(over.stride.w, over.in.w); ++rest_w)
        class_gradient({rest_h, rest_w}, dy, dx,
                       {packed.template data<const Scalar>(), nothing.template data<const Scalar>()});
  }

private:
  // A place of the output, walked in order of memory.
  struct pixel {
    std::size_t row, image, y, x, height, width;
    pixel(std::size_t rows, std::size_t columns, std::size_t begin)
        : row(begin), image(begin / (rows * columns)), y(begin / columns % rows), x(begin % columns), height(rows),
          width(columns) {}
    pixel(const window& over, std::size_t begin) : pixel(over.out_h(), over.out_w(), begin) {}
    void advance() {
      ++row;
      if (++x < width) return;
      x = 0;
      if (++y < height) return;
      y = 0;
      ++image;
    }
  };

  struct operands {
    const Scalar* weight;
    const Scalar* outside;
  };

  [[nodiscard]] const Scalar* below(const Scalar* from, const pixel& at, std::size_t tap, const Scalar* outside) const {
    // Unsigned wrap-around makes one comparison of two: a row above the map is a huge number.
    const std::size_t row = at.y * over.stride.h + tap / over.kernel.w - over.padding.h;
    const std::size_t column = at.x * over.stride.w + tap % over.kernel.w - over.padding.w;
    if (row >= over.in.h || column >= over.in.w) return outside;
    return from + ((at.image * over.in.h + row) * over.in.w + column) * over.in.c;
  }

  void class_gradient(extent rest, const Scalar* dy, Scalar* dx, operands with) const {
    const auto& [in, kernel, stride, padding] = over;
    std::vector<std::size_t> taps;
    for (std::size_t tap = 0; tap < over.taps(); ++tap)
      if ((rest.h + padding.h + kernel.h * stride.h - tap / kernel.w) % stride.h == 0 &&
          (rest.w + padding.w + kernel.w * stride.w - tap % kernel.w) % stride.w == 0)
        taps.push_back(tap);
    const std::size_t height = (in.h - rest.h + stride.h - 1) / stride.h;
    const std::size_t width = (in.w - rest.w + stride.w - 1) / stride.w;
    const gathered_product<Scalar> product{pool, arena, {in.n * height * width, taps.size(), out, in.c}};
    product.run({with.weight, over.taps()}, taps, [&](range rows, const gathered_rows<Scalar>& to) {
      const std::size_t out_h = over.out_h(), out_w = over.out_w();
      for (pixel at(height, width, rows.begin); at.row < rows.end; at.advance()) {
        const std::size_t r = at.row - rows.begin;
        const std::size_t y = at.y * stride.h + rest.h, x = at.x * stride.w + rest.w;
        to.targets[r] = dx + ((at.image * in.h + y) * in.w + x) * in.c;
        for (std::size_t i = 0; i < taps.size(); ++i) {
          const std::size_t above = y + padding.h - taps[i] / kernel.w, left = x + padding.w - taps[i] % kernel.w;
          // Divisible by the stride where not negative; wrapped round where negative.
          const bool inside = above / stride.h < out_h && left / stride.w < out_w;
          to.address(i, r) =
              inside ? dy + ((at.image * out_h + above / stride.h) * out_w + left / stride.w) * out : with.outside;
        }
      }
    });
  }

  [[nodiscard]] arena::block zeros(std::size_t count) const {
    arena::block block = arena.allocate(count * sizeof(Scalar));
    std::fill_n(block.template data<Scalar>(), count, Scalar(0));
    return block;
  }

  // weight[o][k] as panels [o / columns][k][columns], the last one filled up with zeros.
  [[nodiscard]] arena::block pack_rows(const Scalar* weight, std::size_t depth) const {
    constexpr std::size_t columns = tile<Scalar>::columns;
    const std::size_t panels = tiles(out, columns);
    arena::block block = arena.allocate(panels * depth * columns * sizeof(Scalar));
    Scalar* const packed = block.template data<Scalar>();
    pool.for_each(panels, [&](std::size_t panel) {
      Scalar* const to = packed + panel * depth * columns;
      const std::size_t used = std::min(columns, out - panel * columns);
      const Scalar* const from = weight + panel * columns * depth;
      if (used < columns) std::fill_n(to, depth * columns, Scalar(0));
      constexpr std::size_t strip = 64; // so that the rows written stay in the first-level cache
      for (std::size_t begin = 0; begin < depth; begin += strip)
        for (std::size_t o = 0; o < used; ++o)
          for (std::size_t k = begin; k < std::min(depth, begin + strip); ++k)
            to[k * columns + o] = from[o * depth + k];
    });
    return block;
  }

  // weight[o][tap][c] as panels [c / columns][tap][o][columns].
  [[nodiscard]] arena::block pack_columns(const Scalar* weight) const {
    constexpr std::size_t columns = tile<Scalar>::columns;
    const std::size_t channels = over.in.c, taps = over.taps(), panels = tiles(channels, columns);
    arena::block block = arena.allocate(panels * taps * out * columns * sizeof(Scalar));
    Scalar* const packed = block.template data<Scalar>();
    pool.for_each(panels * taps, [&](std::size_t piece) {
      const std::size_t panel = piece / taps, tap = piece % taps;
      const std::size_t used = std::min(columns, channels - panel * columns);
      Scalar* to = packed + piece * out * columns;
      for (std::size_t o = 0; o < out; ++o, to += columns) {
        std::copy_n(weight + (o * taps + tap) * channels + panel * columns, used, to);
        std::fill(to + used, to + columns, Scalar(0));
      }
    });
    return block;
  }
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host_memory.hpp ---------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>

namespace eucv::nn::detail {

// The host keeps tensors channels-last: [n][h][w][c]. A weight [O][C][kh][kw] thus lies as [O][kh][kw][C].

/// Cuts [0, count) into pieces of about `grain` elements, so that the cut depends on the work alone, and runs
/// function(range) on each.
template <class Function>
void for_parts(thread_pool& pool, std::size_t count, std::size_t grain, Function&& function) {
  const std::size_t pieces = std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain));
  pool.for_each(pieces, [&](std::size_t piece) { function(part(count, pieces, piece)); });
}

inline constexpr std::size_t elements_per_piece = 1 << 15; // 128 KiB of floats: half of a small second-level cache

/// from[c][pixels] to to[pixels][c] for each of n images: channels-first to channels-last, and with the extents
/// exchanged the way back.
template <class Scalar>
struct transposition {
  std::size_t images, channels, pixels;

  void run(thread_pool& pool, const Scalar* from, Scalar* to) const {
    const std::size_t image = channels * pixels;
    for_parts(pool, images * pixels, elements_per_piece / std::max<std::size_t>(1, channels), [&](range rows) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const Scalar* source = from + row / pixels * image + row % pixels;
        Scalar* target = to + row * channels;
        for (std::size_t c = 0; c < channels; ++c) target[c] = source[c * pixels];
      }
    });
  }
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host_map.hpp ------------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace eucv::nn::detail {

// A value as constant as the element that it was read from, so that f cannot write what would not be kept.
template <class Element, class Value>
EIGEN_ALWAYS_INLINE auto& as_element(Value& value) {
  if constexpr (std::is_const_v<Element>)
    return std::as_const(value);
  else
    return value;
}

/// Calls f on one packet of each array, and writes back where the element type is not const.
template <class Scalar, class Function, class... Elements>
EIGEN_ALWAYS_INLINE void map_packet(Function& f, Elements*... at) {
  const auto write = [](auto* to, const packet<Scalar>& value) {
    if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>) value.store(to);
  };
  [&](auto... values) {
    f(as_element<Elements>(values)...);
    (write(at, values), ...);
  }(packet<Scalar>::load(at)...);
}

/// Calls f on packets of all arrays within a range of elements.
template <class Scalar, class Function, class... Elements>
void map_range(range elements, Function& f, Elements*... arrays) {
  constexpr std::size_t size = packet<Scalar>::size;
  std::size_t i = elements.begin;
  for (; i + size <= elements.end; i += size) map_packet<Scalar>(f, arrays + i...);
  if (i == elements.end) return;
  // The tail goes through arrays of one packet; their other lanes hold ones, on which any f may work.
  const std::size_t left = elements.end - i;
  const auto padded = [&](const Scalar* from) {
    std::array<Scalar, size> copy;
    copy.fill(Scalar(1));
    std::copy_n(from + i, left, copy.begin());
    return copy;
  };
  const auto write = [&](auto* to, const auto& tail) {
    if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>) std::copy_n(tail.begin(), left, to + i);
  };
  [&](auto... tails) {
    map_packet<Scalar>(f, static_cast<Elements*>(tails.data())...);
    (write(arrays, tails), ...);
  }(padded(arrays)...);
}

/// Sum of squares: packets within a piece, pieces in order and in double.
template <class Scalar>
double sum_of_squares(thread_pool& pool, const Scalar* values, std::size_t count) {
  using lanes = packet<Scalar>;
  constexpr std::size_t pieces = 64;
  std::array<double, pieces> partial{};
  pool.for_each(pieces, [&](std::size_t piece) {
    const range elements = part(count, pieces, piece);
    double sum = 0;
    std::size_t i = elements.begin;
    while (i + lanes::size <= elements.end) { // short runs in packets, their sums in double
      const std::size_t end = std::min(elements.end, i + 64 * lanes::size);
      lanes run = lanes::broadcast(values + i);
      run = run - run;
      for (; i + lanes::size <= end; i += lanes::size) {
        const lanes x = lanes::load(values + i);
        run = lanes::multiply_add(x, x, run);
      }
      sum += static_cast<double>(run.sum());
    }
    for (; i < elements.end; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    partial[piece] = sum;
  });
  double sum = 0;
  for (const double piece : partial) sum += piece;
  return sum;
}

} // namespace eucv::nn::detail

// ---- eucv/nn/host_normalisation.hpp --------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::nn::detail {

/// Loops over channels-last rows [pixels][channels] that treat each channel on its own.
///
/// Sums run over short runs of pixels in packets, and runs are added in double, in order: one float for 65,536 pixels
/// would lose more than all convolutions of a network.
template <class Scalar>
struct channel_rows {
  using lanes = packet<Scalar>;

  thread_pool& pool;
  nn::arena& arena;
  std::size_t pixels, channels;

  /// Sum over all pixels.
  void sums(const Scalar* x, Scalar* to) const {
    reduce<1>([&](std::size_t pixel, std::size_t c, auto load, auto add) { add(0, load(x + pixel * channels + c)); },
              [&](std::size_t c, const std::array<double, 1>& total) { to[c] = static_cast<Scalar>(total[0]); });
  }

  /// Mean and biased variance. Sums are taken of the distance from the first pixel, so that a mean far from zero does
  /// not drown the variance.
  void moments(const Scalar* x, Scalar* mean, Scalar* variance) const {
    const double count = static_cast<double>(pixels);
    reduce<2>(
        [&](std::size_t pixel, std::size_t c, auto load, auto add) {
          const auto distance = load(x + pixel * channels + c) - load(x + c);
          add(0, distance);
          add(1, distance * distance);
        },
        [&](std::size_t c, const std::array<double, 2>& total) {
          const double distance = total[0] / count;
          mean[c] = static_cast<Scalar>(static_cast<double>(x[c]) + distance);
          variance[c] = static_cast<Scalar>(std::max(0.0, total[1] / count - distance * distance));
        });
  }

  struct line {
    const Scalar *scale, *shift;
  };
  /// y = x * scale + shift; y may be x.
  void affine(const Scalar* x, line by, Scalar* y) const {
    stream([&](std::size_t i, std::size_t c, auto load, auto store) {
      store(y + i, load(x + i) * load(by.scale + c) + load(by.shift + c));
    });
  }
  /// y = x + bias; y may be x.
  void add(const Scalar* x, const Scalar* bias, Scalar* y) const {
    stream([&](std::size_t i, std::size_t c, auto load, auto store) { store(y + i, load(x + i) + load(bias + c)); });
  }

  struct inputs {
    const Scalar *x, *dy;
  };
  struct statistics {
    const Scalar *mean, *inverse_deviation, *scale;
  };
  struct results {
    Scalar *dx, *scale, *shift;
  };
  /// With xhat = (x - mean) * r, r the inverse deviation, and N pixels (Ioffe and Szegedy, 2015, section 3):
  /// dscale = sum dy * xhat, dshift = sum dy, dx = scale * r * (dy - dshift / N - xhat * dscale / N). dx may be dy.
  void normalise_gradient(inputs from, statistics how, results to) const {
    reduce<2>(
        [&](std::size_t pixel, std::size_t c, auto load, auto add) {
          const std::size_t i = pixel * channels + c;
          const auto dy = load(from.dy + i);
          add(0, dy);
          add(1, dy * (load(from.x + i) - load(how.mean + c)));
        },
        [&](std::size_t c, const std::array<double, 2>& total) {
          to.shift[c] = static_cast<Scalar>(total[0]);
          to.scale[c] = static_cast<Scalar>(total[1] * static_cast<double>(how.inverse_deviation[c]));
        });
    // dx = a * dy + b * (x - mean) + d, three numbers a channel.
    const arena::block memory = arena.allocate(3 * channels * sizeof(Scalar));
    Scalar* const a = memory.template data<Scalar>();
    Scalar* const b = a + channels;
    Scalar* const d = b + channels;
    const Scalar count = static_cast<Scalar>(pixels);
    for (std::size_t c = 0; c < channels; ++c) {
      a[c] = how.scale[c] * how.inverse_deviation[c];
      b[c] = -a[c] * how.inverse_deviation[c] * to.scale[c] / count;
      d[c] = -a[c] * to.shift[c] / count;
    }
    stream([&](std::size_t i, std::size_t c, auto load, auto store) {
      store(to.dx + i,
            load(from.dy + i) * load(a + c) + ((load(from.x + i) - load(how.mean + c)) * load(b + c) + load(d + c)));
    });
  }

private:
  static constexpr std::size_t run = 64; // pixels summed in Scalar before they go into a double
  static constexpr std::size_t most_pieces = 32;

  // Calls body(index, channel, load, store) for each packet of channels of each pixel, and for what is left one by one.
  template <class Body>
  void stream(Body&& body) const {
    for_parts(pool, pixels, elements_per_piece / std::max<std::size_t>(1, channels), [&](range part) {
      for (std::size_t pixel = part.begin; pixel < part.end; ++pixel) {
        const std::size_t row = pixel * channels;
        std::size_t c = 0;
        for (; c + lanes::size <= channels; c += lanes::size)
          body(row + c, c, load_lanes, [](Scalar* to, const lanes& value) { value.store(to); });
        for (; c < channels; ++c) body(row + c, c, load_scalar, [](Scalar* to, Scalar value) { *to = value; });
      }
    });
  }

  // Sums `count` terms a channel: terms(pixel, channel, load, add) calls add(number, value), finish(channel, totals)
  // gets the sums.
  template <std::size_t count, class Terms, class Finish>
  void reduce(Terms&& terms, Finish&& finish) const {
    const std::size_t pieces = std::clamp<std::size_t>(pixels / run, 1, most_pieces);
    const arena::block memory = arena.allocate(pieces * channels * sizeof(std::array<double, count>));
    auto* const partial = memory.template data<std::array<double, count>>(); // [piece][channel]
    pool.for_each(pieces, [&](std::size_t piece) {
      auto* const totals = partial + piece * channels;
      std::fill_n(totals, channels, std::array<double, count>{});
      const range part_of = part(pixels, pieces, piece);
      for (std::size_t begin = part_of.begin; begin < part_of.end; begin += run)
        add_run({begin, std::min(part_of.end, begin + run)}, terms, totals);
    });
    for (std::size_t c = 0; c < channels; ++c) {
      std::array<double, count> total{};
      for (std::size_t piece = 0; piece < pieces; ++piece)
        for (std::size_t i = 0; i < count; ++i) total[i] += partial[piece * channels + c][i];
      finish(c, total);
    }
  }

  template <class Terms, std::size_t count>
  void add_run(range rows, Terms&& terms, std::array<double, count>* totals) const {
    constexpr std::size_t width = 4; // packets of channels at a time: enough additions to hide their latency
    std::size_t c = 0;
    for (; c + width * lanes::size <= channels; c += width * lanes::size) add_columns<width>(rows, c, terms, totals);
    for (; c + lanes::size <= channels; c += lanes::size) add_columns<1>(rows, c, terms, totals);
    for (; c < channels; ++c) {
      std::array<Scalar, count> sum{};
      for (std::size_t pixel = rows.begin; pixel < rows.end; ++pixel)
        terms(pixel, c, load_scalar, [&](std::size_t i, Scalar value) { sum[i] += value; });
      for (std::size_t i = 0; i < count; ++i) totals[c][i] += static_cast<double>(sum[i]);
    }
  }

  template <std::size_t width, class Terms, std::size_t count>
  void add_columns(range rows, std::size_t c, Terms&& terms, std::array<double, count>* totals) const {
    std::array<std::array<lanes, count>, width> sum;
    unroll<width>([&](auto j) { unroll<count>([&](auto i) { sum[j][i] = lanes(Scalar(0)); }); });
    for (std::size_t pixel = rows.begin; pixel < rows.end; ++pixel)
      unroll<width>([&](auto j) __attribute__((always_inline)) {
        terms(
            pixel, c + j * lanes::size,
            load_lanes, [&](std::size_t i, const lanes& value) __attribute__((always_inline)) {
              sum[j][i] = sum[j][i] + value;
            });
      });
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t i = 0; i < count; ++i) {
        std::array<Scalar, lanes::size> values;
        sum[j][i].store(values.data());
        for (std::size_t lane = 0; lane < lanes::size; ++lane)
          totals[c + j * lanes::size + lane][i] += static_cast<double>(values[lane]);
      }
  }

  static constexpr auto load_lanes = [](const Scalar* from) { return lanes::load(from); };
  static constexpr auto load_scalar = [](const Scalar* from) { return *from; };
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host_pool.hpp -----------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace eucv::nn::detail {

/// The place in its window that a maximum came from, row by row.
using origin = std::uint16_t;

/// Rows and columns of a window that lie on the map.
struct clipped {
  range rows, columns;   // of the input
  std::size_t top, left; // place of the first of them in the window
};
[[nodiscard]] inline clipped clip(const window& over, std::size_t y, std::size_t x) {
  const auto cut = [](std::size_t begin, std::size_t kernel, std::size_t padding, std::size_t size) {
    const std::size_t first = std::max(begin, padding) - padding;
    return range{first, std::max(first, std::min(begin + kernel, size + padding) - padding)};
  };
  const std::size_t begin_y = y * over.stride.h, begin_x = x * over.stride.w;
  return {cut(begin_y, over.kernel.h, over.padding.h, over.in.h),
          cut(begin_x, over.kernel.w, over.padding.w, over.in.w), std::max(begin_y, over.padding.h) - begin_y,
          std::max(begin_x, over.padding.w) - begin_x};
}

/// Maximum over windows of channels-last maps.
template <class Scalar>
struct max_pool {
  using lanes = packet<Scalar>;

  thread_pool& pool;
  const window& over;

  void forward(const Scalar* x, Scalar* y, origin* origins) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    pool.for_each(over.in.n * out_h, [&](std::size_t row) {
      const Scalar* const image = x + row / out_h * over.in.h * over.in.w * channels;
      for (std::size_t column = 0; column < out_w; ++column) {
        const clipped inside = clip(over, row % out_h, column);
        const std::size_t to = (row * out_w + column) * channels;
        std::size_t c = 0;
        for (; c + lanes::size <= channels; c += lanes::size) pack(image + c, inside, {y + to + c, origins + to + c});
        for (; c < channels; ++c) single(image + c, inside, {y + to + c, origins + to + c});
      }
    });
  }

  void gradient(const Scalar* dy, const origin* origins, Scalar* dx) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    const std::size_t image = over.in.h * over.in.w * channels;
    // Windows may overlap, so an image is one thread's.
    pool.for_each(over.in.n, [&](std::size_t n) {
      Scalar* const to = dx + n * image;
      std::fill_n(to, image, Scalar(0));
      for (std::size_t y = 0; y < out_h; ++y)
        for (std::size_t x = 0; x < out_w; ++x) {
          const std::size_t from = ((n * out_h + y) * out_w + x) * channels;
          for (std::size_t c = 0; c < channels; ++c) {
            const std::size_t row = y * over.stride.h + origins[from + c] / over.kernel.w - over.padding.h;
            const std::size_t column = x * over.stride.w + origins[from + c] % over.kernel.w - over.padding.w;
            to[(row * over.in.w + column) * channels + c] += dy[from + c];
          }
        }
    });
  }

private:
  struct result {
    Scalar* value;
    origin* from;
  };

  void pack(const Scalar* image, const clipped& inside, result to) const {
    lanes best(-std::numeric_limits<Scalar>::infinity());
    lanes place(static_cast<Scalar>(inside.top * over.kernel.w + inside.left));
    for (std::size_t y = inside.rows.begin; y < inside.rows.end; ++y)
      for (std::size_t x = inside.columns.begin; x < inside.columns.end; ++x) {
        const lanes value = lanes::load(image + (y * over.in.w + x) * over.in.c);
        const lanes here(static_cast<Scalar>(tap(inside, y, x)));
        place = lanes::where_less_or_nan({best, value}, here, place);
        best = lanes::where_less_or_nan({best, value}, value, best);
      }
    best.store(to.value);
    std::array<Scalar, lanes::size> places;
    place.store(places.data());
    for (std::size_t lane = 0; lane < lanes::size; ++lane) to.from[lane] = static_cast<origin>(places[lane]);
  }

  void single(const Scalar* image, const clipped& inside, result to) const {
    *to.value = -std::numeric_limits<Scalar>::infinity();
    *to.from = static_cast<origin>(inside.top * over.kernel.w + inside.left);
    for (std::size_t y = inside.rows.begin; y < inside.rows.end; ++y)
      for (std::size_t x = inside.columns.begin; x < inside.columns.end; ++x) {
        const Scalar value = image[(y * over.in.w + x) * over.in.c];
        if (*to.value < value || value != value) *to.value = value, *to.from = static_cast<origin>(tap(inside, y, x));
      }
  }

  [[nodiscard]] std::size_t tap(const clipped& inside, std::size_t y, std::size_t x) const {
    return (inside.top + y - inside.rows.begin) * over.kernel.w + inside.left + x - inside.columns.begin;
  }
};

/// Mean over windows of channels-last maps; what lies outside counts as zero.
template <class Scalar>
struct average_pool {
  thread_pool& pool;
  const window& over;

  void forward(const Scalar* x, Scalar* y) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    const Scalar weight = Scalar(1) / static_cast<Scalar>(over.taps());
    pool.for_each(over.in.n * out_h, [&](std::size_t row) {
      const Scalar* const image = x + row / out_h * over.in.h * over.in.w * channels;
      for (std::size_t column = 0; column < out_w; ++column) {
        const clipped inside = clip(over, row % out_h, column);
        Scalar* const to = y + (row * out_w + column) * channels;
        std::fill_n(to, channels, Scalar(0));
        for (std::size_t py = inside.rows.begin; py < inside.rows.end; ++py)
          for (std::size_t px = inside.columns.begin; px < inside.columns.end; ++px) {
            const Scalar* const from = image + (py * over.in.w + px) * channels;
            for (std::size_t c = 0; c < channels; ++c) to[c] += from[c];
          }
        for (std::size_t c = 0; c < channels; ++c) to[c] *= weight;
      }
    });
  }

  void gradient(const Scalar* dy, Scalar* dx) const {
    const std::size_t channels = over.in.c, out_h = over.out_h(), out_w = over.out_w();
    const std::size_t size = over.in.h * over.in.w * channels;
    const Scalar weight = Scalar(1) / static_cast<Scalar>(over.taps());
    pool.for_each(over.in.n, [&](std::size_t n) {
      Scalar* const image = dx + n * size;
      std::fill_n(image, size, Scalar(0));
      for (std::size_t y = 0; y < out_h; ++y)
        for (std::size_t x = 0; x < out_w; ++x) {
          const clipped inside = clip(over, y, x);
          const Scalar* const from = dy + ((n * out_h + y) * out_w + x) * channels;
          for (std::size_t py = inside.rows.begin; py < inside.rows.end; ++py)
            for (std::size_t px = inside.columns.begin; px < inside.columns.end; ++px) {
              Scalar* const to = image + (py * over.in.w + px) * channels;
              for (std::size_t c = 0; c < channels; ++c) to[c] += from[c] * weight;
            }
        }
    });
  }
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host_weight_gradient.hpp ------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace eucv::nn::detail {

/// Gradient of a convolution's weight: dw[o][tap][c] = sum over places of dy[place][o] * x[place below tap][c].
///
/// A sum of outer products. Places are taken in blocks whose input and gradient fit into the cache; each is copied
/// once into panels that a tile of registers reads front to back, so that strides that are powers of two cannot fall
/// on one another in the cache. Within a block sums run in registers, blocks are added in order: the result does not
/// depend on the number of threads, and its rounding error grows with the number of blocks, not of places.
template <class Scalar>
struct weight_gradient {
  thread_pool& pool;
  nn::arena& arena;
  const window& over;
  std::size_t out;

  void run(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    if (unfolds())
      run_by_images(x, dy, dw);
    else
      run_by_weights(x, dy, dw);
  }

private:
  using block = tile<Scalar>;
  static constexpr std::size_t places_per_block = 256;

  // Channels that leave most lanes of a tile idle: the whole window becomes one long run of channels instead.
  [[nodiscard]] bool unfolds() const {
    return over.taps() > 1 && tiles(over.in.c, block::columns) * block::columns * 4 > over.in.c * 5;
  }

  // Rows [y, y + rows) of the output of `images` images, of which either number is 1.
  struct places {
    std::size_t image, images, y, rows;
  };

  template <class Function>
  void for_blocks(range images, Function&& function) const {
    const std::size_t out_h = over.out_h(), out_w = over.out_w();
    const std::size_t whole = std::max<std::size_t>(1, places_per_block / (out_h * out_w));
    const std::size_t rows = std::clamp<std::size_t>(places_per_block / out_w, 1, out_h);
    for (std::size_t image = images.begin; image < images.end; image += whole)
      for (std::size_t y = 0; y < out_h; y += rows)
        function(places{image, std::min(whole, images.end - image), y, std::min(rows, out_h - y)});
  }

  [[nodiscard]] std::size_t most_places() const {
    const std::size_t out_h = over.out_h(), out_w = over.out_w();
    return std::max<std::size_t>(1, places_per_block / (out_h * out_w)) *
           std::clamp<std::size_t>(places_per_block / out_w, 1, out_h) * out_w;
  }

  // A piece is a part of the weights, over all places: nothing has to be added up between threads.
  void run_by_weights(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    const std::size_t row_tiles = tiles(out, block::rows), column_tiles = tiles(over.in.c, block::columns);
    const std::size_t row_parts = tiles(row_tiles, 8);
    const std::size_t column_parts = std::min(column_tiles, tiles(16, row_parts));
    const std::size_t panel_w = (over.out_w() - 1) * over.stride.w + over.kernel.w;
    const std::size_t tallest =
        (std::min(places_per_block / over.out_w() + 1, over.out_h()) - 1) * over.stride.h + over.kernel.h;
    const std::size_t images = std::max<std::size_t>(1, places_per_block / (over.out_h() * over.out_w()));
    const scratch own(*this, images * tallest * panel_w * block::columns, tiles(row_tiles, row_parts));

    pool.for_each(row_parts * column_parts, [&](std::size_t piece, std::size_t worker) {
      const range row_part = part(row_tiles, row_parts, piece / column_parts);
      const range column_part = part(column_tiles, column_parts, piece % column_parts);
      Scalar* const panel = own.panel(worker);
      Scalar* const left = own.left(worker);
      std::uint32_t* const offsets = own.offsets(worker);
      bool begun = false;
      for_blocks({0, over.in.n}, [&](const places& at) {
        const std::size_t panel_h = (at.rows - 1) * over.stride.h + over.kernel.h;
        pack_left(dy, at, row_part, left);
        std::size_t count = 0;
        for (std::size_t i = 0; i < at.images; ++i)
          for (std::size_t row = 0; row < at.rows; ++row)
            for (std::size_t column = 0; column < over.out_w(); ++column)
              offsets[count++] = static_cast<std::uint32_t>(
                  ((i * panel_h + row * over.stride.h) * panel_w + column * over.stride.w) * block::columns);
        for (std::size_t tile_c = column_part.begin; tile_c < column_part.end; ++tile_c) {
          pack_right(x, at, tile_c * block::columns, {panel, panel_h, panel_w});
          for (std::size_t tap = 0; tap < over.taps(); ++tap) {
            const std::size_t shift = (tap / over.kernel.w * panel_w + tap % over.kernel.w) * block::columns;
            const target to{dw + tap * over.in.c + tile_c * block::columns, over.taps() * over.in.c,
                            std::min(block::columns, over.in.c - tile_c * block::columns), begun};
            add_outer({left, panel + shift, offsets, count}, row_part, to);
          }
        }
        begun = true;
      });
    });
  }

  // A piece is a part of the images, with a gradient of its own; these are added in order at the end.
  void run_by_images(const Scalar* x, const Scalar* dy, Scalar* dw) const {
    const std::size_t depth = over.taps() * over.in.c, column_tiles = tiles(depth, block::columns);
    const std::size_t parts = std::min<std::size_t>(over.in.n, 8);
    const range all_rows{0, tiles(out, block::rows)};
    const scratch own(*this, most_places() * column_tiles * block::columns, all_rows.size());
    const arena::block sums = arena.allocate(parts * out * depth * sizeof(Scalar));
    Scalar* const partial = sums.template data<Scalar>();

    pool.for_each(parts, [&](std::size_t piece, std::size_t worker) {
      Scalar* const panels = own.panel(worker);
      Scalar* const left = own.left(worker);
      std::uint32_t* const offsets = own.offsets(worker);
      bool begun = false;
      for_blocks(part(over.in.n, parts, piece), [&](const places& at) {
        const std::size_t count = at.images * at.rows * over.out_w();
        pack_left(dy, at, all_rows, left);
        unfold(x, at, {panels, count, column_tiles});
        for (std::size_t p = 0; p < count; ++p) offsets[p] = static_cast<std::uint32_t>(p * block::columns);
        for (std::size_t tile_c = 0; tile_c < column_tiles; ++tile_c) {
          const target to{partial + piece * out * depth + tile_c * block::columns, depth,
                          std::min(block::columns, depth - tile_c * block::columns), begun};
          add_outer({left, panels + tile_c * count * block::columns, offsets, count}, all_rows, to);
        }
        begun = true;
      });
    });
    for (std::size_t i = 0; i < out * depth; ++i) {
      Scalar sum = partial[i];
      for (std::size_t piece = 1; piece < parts; ++piece) sum += partial[piece * out * depth + i];
      dw[i] = sum;
    }
  }

  // Memory of each worker: a panel of the input, the packed gradient, and where each place lies in the panel.
  class scratch {
  public:
    scratch(const weight_gradient& of, std::size_t panel, std::size_t row_tiles)
        : panel_(align(panel)), left_(align(of.most_places() * row_tiles * block::rows)), places_(of.most_places()),
          memory_(of.arena.allocate(of.pool.size() * each())) {}
    [[nodiscard]] Scalar* panel(std::size_t worker) const {
      return reinterpret_cast<Scalar*>(memory_.template data<std::byte>() + worker * each());
    }
    [[nodiscard]] Scalar* left(std::size_t worker) const { return panel(worker) + panel_; }
    [[nodiscard]] std::uint32_t* offsets(std::size_t worker) const {
      return reinterpret_cast<std::uint32_t*>(left(worker) + left_);
    }

  private:
    [[nodiscard]] static std::size_t align(std::size_t scalars) { return (scalars + 15) / 16 * 16; }
    [[nodiscard]] std::size_t each() const {
      return (panel_ + left_) * sizeof(Scalar) + align(places_) * sizeof(std::uint32_t);
    }
    std::size_t panel_, left_, places_;
    arena::block memory_;
  };

  // dy of a block as [tile of rows][place][rows], rows beyond the last channel zero.
  void pack_left(const Scalar* dy, const places& at, range row_tiles, Scalar* to) const {
    const std::size_t each = at.rows * over.out_w(), image = over.out_h() * over.out_w();
    for (std::size_t tile_o = row_tiles.begin; tile_o < row_tiles.end; ++tile_o) {
      const std::size_t used = std::min(block::rows, out - tile_o * block::rows);
      for (std::size_t i = 0; i < at.images; ++i) {
        const Scalar* from = dy + ((at.image + i) * image + at.y * over.out_w()) * out + tile_o * block::rows;
        for (std::size_t p = 0; p < each; ++p, from += out, to += block::rows) {
          if (used == block::rows)
            std::copy_n(from, block::rows, to);
          else
            std::fill(std::copy_n(from, used, to), to + block::rows, Scalar(0));
        }
      }
    }
  }

  struct panel_extents {
    Scalar* to;
    std::size_t h, w;
  };

  // The input below a block, for one tile of channels: [image][h][w][columns], zero outside the map.
  void pack_right(const Scalar* x, const places& at, std::size_t channel, const panel_extents& panel) const {
    const std::size_t used = std::min(block::columns, over.in.c - channel);
    Scalar* to = panel.to;
    for (std::size_t i = 0; i < at.images; ++i)
      for (std::size_t row = 0; row < panel.h; ++row) {
        const std::size_t y = at.y * over.stride.h + row - over.padding.h; // wraps round above the map
        const bool inside = y < over.in.h;
        const Scalar* from = inside ? x + ((at.image + i) * over.in.h + y) * over.in.w * over.in.c + channel : x;
        for (std::size_t column = 0; column < panel.w; ++column, to += block::columns) {
          const std::size_t at_x = column - over.padding.w;
          if (!inside || at_x >= over.in.w)
            std::fill_n(to, block::columns, Scalar(0));
          else if (used == block::columns)
            std::copy_n(from + at_x * over.in.c, block::columns, to);
          else
            std::fill(std::copy_n(from + at_x * over.in.c, used, to), to + block::columns, Scalar(0));
        }
      }
  }

  struct unfolded {
    Scalar* to;
    std::size_t count, column_tiles;
  };

  // The windows of a block as [tile of columns][place][columns].
  void unfold(const Scalar* x, const places& at, const unfolded& panels) const {
    const std::size_t channels = over.in.c;
    std::size_t place = 0;
    for (std::size_t i = 0; i < at.images; ++i)
      for (std::size_t row = 0; row < at.rows; ++row)
        for (std::size_t column = 0; column < over.out_w(); ++column, ++place) {
          std::size_t k = 0;
          const auto put = [&](Scalar value) {
            panels.to[(k / block::columns * panels.count + place) * block::columns + k % block::columns] = value;
            ++k;
          };
          for (std::size_t tap = 0; tap < over.taps(); ++tap) {
            const std::size_t y = (at.y + row) * over.stride.h + tap / over.kernel.w - over.padding.h;
            const std::size_t at_x = column * over.stride.w + tap % over.kernel.w - over.padding.w;
            const bool inside = y < over.in.h && at_x < over.in.w;
            const Scalar* from = inside ? x + (((at.image + i) * over.in.h + y) * over.in.w + at_x) * channels : x;
            for (std::size_t c = 0; c < channels; ++c) put(inside ? from[c] : Scalar(0));
          }
          while (k < panels.column_tiles * block::columns) put(Scalar(0));
        }
  }

  struct factors {
    const Scalar* left;           // [tile of rows][count][rows]
    const Scalar* right;          // a place's columns at right + offsets[place]
    const std::uint32_t* offsets; // [count]
    std::size_t count;
  };
  struct target {
    Scalar* to;
    std::size_t stride, columns;
    bool begun; // whether there are sums already to add to
  };

  void add_outer(const factors& of, range row_tiles, const target& at) const {
    const Scalar* left = of.left;
    for (std::size_t tile_o = row_tiles.begin; tile_o < row_tiles.end; ++tile_o) {
      block sums;
      sums.clear();
      for (std::size_t p = 0; p < of.count; ++p, left += block::rows)
        sums.step(
            [&](auto r) __attribute__((always_inline)) { return left + r; }, of.right + of.offsets[p]);
      const std::size_t used = std::min(block::rows, out - tile_o * block::rows);
      Scalar* to = at.to + tile_o * block::rows * at.stride;
      unroll<block::rows>([&](auto r) __attribute__((always_inline)) {
        if (r >= used) return;
        if (at.begun)
          sums.add(r, to + r * at.stride, at.columns);
        else
          sums.store(r, to + r * at.stride, at.columns);
      });
    }
  }
};

} // namespace eucv::nn::detail

// ---- eucv/nn/host.hpp ----------------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace eucv::nn {

/// The processor: channels-last tensors in one arena, kernels on Eigen's packets, work cut up for a thread_pool.
///
/// Models the concept backend for float and double. Every result has the same bits for any number of threads: the
/// work is cut by its own size alone, and sums are added in a fixed order. A handle: copies share the arena. Use a
/// backend, and the models on it, from one thread at a time.
template <std::floating_point Scalar>
class host {
public:
  using scalar = Scalar;
  using storage = arena::block;
  using indices = arena::block;
  using tensor = nn::tensor<host>;

  /// Works on the threads of `pool`, which must outlive this backend and its copies.
  host(thread_pool& pool) : pool_(&pool) {}

  [[nodiscard]] thread_pool& pool() const noexcept { return *pool_; }
  [[nodiscard]] nn::arena& memory() noexcept { return arena_; }
  /// The values of a tensor, channels-last.
  [[nodiscard]] static Scalar* data(tensor& x) noexcept { return x.storage.template data<Scalar>(); }
  [[nodiscard]] static const Scalar* data(const tensor& x) noexcept { return x.storage.template data<const Scalar>(); }

  // The primitives, as backend.hpp states them.

  [[nodiscard]] tensor make(const shape& extents, lifetime life = lifetime::step) {
    return {extents, arena_.allocate(extents.size() * sizeof(Scalar), life)};
  }
  /// Throws errc::shape_mismatch unless there are as many values as elements.
  void assign(tensor& to, std::span<const Scalar> values, order given) {
    if (values.size() != to.size())
      throw error(errc::shape_mismatch,
                  {"fill a tensor", to_string(to.shape), std::to_string(values.size()) + " values are no such tensor",
                   "give one value for each element"});
    if (given == order::channels_first)
      detail::transposition<Scalar>{to.shape.n, to.shape.c, to.shape.h * to.shape.w}.run(*pool_, values.data(),
                                                                                         data(to));
    else
      std::copy(values.begin(), values.end(), data(to));
  }
  [[nodiscard]] std::vector<Scalar> values(const tensor& x, order wanted) const {
    std::vector<Scalar> flat(x.size());
    if (wanted == order::channels_first)
      detail::transposition<Scalar>{x.shape.n, x.shape.h * x.shape.w, x.shape.c}.run(*pool_, data(x), flat.data());
    else
      std::copy_n(data(x), x.size(), flat.data());
    return flat;
  }
  [[nodiscard]] tensor copy(const tensor& x) {
    tensor made = make(x.shape);
    detail::for_parts(*pool_, x.size(), detail::elements_per_piece, [&](range part) {
      std::copy(data(x) + part.begin, data(x) + part.end, data(made) + part.begin);
    });
    return made;
  }
  void fill(tensor& x, Scalar value) {
    detail::for_parts(*pool_, x.size(), detail::elements_per_piece,
                      [&](range part) { std::fill(data(x) + part.begin, data(x) + part.end, value); });
  }
  [[nodiscard]] tensor flatten(const tensor& x) {
    tensor made = make({.n = x.shape.n, .c = x.shape.c * x.shape.h * x.shape.w});
    detail::transposition<Scalar>{x.shape.n, x.shape.h * x.shape.w, x.shape.c}.run(*pool_, data(x), data(made));
    return made;
  }
  [[nodiscard]] tensor unflatten(const tensor& x, const shape& extents) {
    tensor made = make(extents);
    detail::transposition<Scalar>{extents.n, extents.c, extents.h * extents.w}.run(*pool_, data(x), data(made));
    return made;
  }

  // A product of matrices is a convolution over maps of one pixel.
  [[nodiscard]] tensor gemm_nt(const tensor& a, const tensor& b) { return convolve(a, b, {.in = a.shape}); }
  [[nodiscard]] tensor gemm_nn(const tensor& a, const tensor& b) {
    return convolve_input_gradient(a, b, {.in = {.n = a.shape.n, .c = b.shape.c}});
  }
  [[nodiscard]] tensor gemm_tn(const tensor& a, const tensor& b) {
    return convolve_weight_gradient(b, a, {.in = b.shape});
  }

  [[nodiscard]] tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    tensor y = make(over.out(weight.shape.n));
    detail::convolution<Scalar>{*pool_, arena_, over, weight.shape.n}.forward(data(x), data(weight), data(y));
    return y;
  }
  [[nodiscard]] tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    tensor dx = make(over.in);
    detail::convolution<Scalar>{*pool_, arena_, over, weight.shape.n}.input_gradient(data(dy), data(weight), data(dx));
    return dx;
  }
  [[nodiscard]] tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    tensor dw = make({dy.shape.c, x.shape.c, over.kernel.h, over.kernel.w});
    detail::weight_gradient<Scalar>{*pool_, arena_, over, dy.shape.c}.run(data(x), data(dy), data(dw));
    return dw;
  }

  [[nodiscard]] pooled<host> max_pool(const tensor& x, const window& over) {
    pooled<host> result{make(over.out(over.in.c)), {}};
    result.origins = arena_.allocate(result.values.size() * sizeof(detail::origin));
    detail::max_pool<Scalar>{*pool_, over}.forward(data(x), data(result.values),
                                                   result.origins.template data<detail::origin>());
    return result;
  }
  [[nodiscard]] tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    tensor dx = make(over.in);
    detail::max_pool<Scalar>{*pool_, over}.gradient(data(dy), origins.template data<const detail::origin>(), data(dx));
    return dx;
  }
  [[nodiscard]] tensor average_pool(const tensor& x, const window& over) {
    tensor y = make(over.out(over.in.c));
    detail::average_pool<Scalar>{*pool_, over}.forward(data(x), data(y));
    return y;
  }
  [[nodiscard]] tensor average_pool_gradient(const tensor& dy, const window& over) {
    tensor dx = make(over.in);
    detail::average_pool<Scalar>{*pool_, over}.gradient(data(dy), data(dx));
    return dx;
  }

  [[nodiscard]] channel_moments<host> moments(const tensor& x) {
    channel_moments<host> result{make({.c = x.shape.c}), make({.c = x.shape.c})};
    rows_of(x).moments(data(x), data(result.mean), data(result.variance));
    return result;
  }
  [[nodiscard]] tensor affine(tensor x, const tensor& scale, const tensor& shift) {
    tensor y = x.storage.unique() ? x : make(x.shape);
    rows_of(x).affine(data(std::as_const(x)), {data(scale), data(shift)}, data(y));
    return y;
  }
  [[nodiscard]] normalisation_gradients<host> normalise_gradient(const tensor& x, tensor dy,
                                                                 const normalisation<host>& how) {
    const shape channels{.c = x.shape.c};
    normalisation_gradients<host> result{{}, make(channels), make(channels)};
    result.input = dy.storage.unique() ? dy : make(x.shape);
    rows_of(x).normalise_gradient({data(x), data(std::as_const(dy))},
                                  {data(how.mean), data(how.inverse_deviation), data(how.scale)},
                                  {data(result.input), data(result.scale), data(result.shift)});
    return result;
  }

  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    const std::size_t count = std::min({tensors.size()...});
    detail::for_parts(*pool_, count, detail::elements_per_piece,
                      [&](range elements) { detail::map_range<Scalar>(elements, f, data(tensors)...); });
  }

  [[nodiscard]] tensor channel_sums(const tensor& x) {
    tensor sums = make({.c = x.shape.c});
    rows_of(x).sums(data(x), data(sums));
    return sums;
  }
  [[nodiscard]] tensor add_to_channels(tensor x, const tensor& bias) {
    tensor y = x.storage.unique() ? x : make(x.shape);
    rows_of(x).add(data(std::as_const(x)), data(bias), data(y));
    return y;
  }
  [[nodiscard]] double sum_of_squares(const tensor& x) { return detail::sum_of_squares(*pool_, data(x), x.size()); }

private:
  [[nodiscard]] detail::channel_rows<Scalar> rows_of(const tensor& x) {
    return {*pool_, arena_, x.shape.pixels(), x.shape.c};
  }

  thread_pool* pool_;
  nn::arena arena_;
};

} // namespace eucv::nn

// ---- eucv/nn/loss.hpp ----------------------------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::nn {

/// A loss over a batch, with its gradient with regard to the logits.
template <class Backend>
struct loss_and_gradient {
  double loss = 0;          ///< mean over the batch, weighted as the loss says
  double weight = 0;        ///< sum of the weights behind that mean: loss * weight adds up over batches
  tensor<Backend> gradient; ///< of the logits' shape {N, C}
};

/// exp(z - max) / sum for one row of logits, in double.
template <class Scalar>
[[nodiscard]] std::vector<double> softmax(std::span<const Scalar> logits) {
  const double top = logits.empty() ? 0 : static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  std::vector<double> parts(logits.size());
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) sum += parts[c] = std::exp(static_cast<double>(logits[c]) - top);
  for (double& part : parts) part /= sum;
  return parts;
}

/// Cross-entropy of the softmax of logits, as PyTorch's CrossEntropyLoss with reduction "mean".
///
/// Takes logits: a softmax before it would be one too many. With weights w and smoothing s over C classes, the loss of
/// an item of class y is (1 - s) w_y (-log p_y) + s/C sum_c w_c (-log p_c), and the mean divides by the sum of w_y.
struct softmax_cross_entropy {
  std::vector<double> class_weights = {}; ///< positive, in label order; empty: all 1
  double label_smoothing = 0;             ///< s, 0 to below 1

  /// `logits` {N, C} and one label an item. Sums are taken in double.
  ///
  /// Throws shape_mismatch where logits and labels or weights do not fit together, unknown_label for a label beyond C,
  /// invalid_argument for a weight or smoothing out of range. A logit that is not finite makes a loss that is not.
  template <class Backend>
  [[nodiscard]] loss_and_gradient<Backend> operator()(Backend& backend, const tensor<Backend>& logits,
                                                      std::span<const std::size_t> labels) const {
    using scalar = typename Backend::scalar;
    const std::size_t items = logits.shape.n, classes = logits.shape.c;
    check(items, classes, labels);
    const std::vector<scalar> rows = backend.values(logits, order::channels_last);
    std::vector<scalar> gradient(rows.size());
    double weights_of_all = 0;
    for (std::size_t c = 0; c < classes; ++c) weights_of_all += weight(c);
    loss_and_gradient<Backend> result;
    for (const std::size_t label : labels) result.weight += weight(label);
    const double even = label_smoothing / static_cast<double>(classes);
    for (std::size_t item = 0; item < items; ++item) {
      const std::size_t label = labels[item];
      const std::span<const scalar> row(rows.data() + item * classes, classes);
      const double top = static_cast<double>(*std::max_element(row.begin(), row.end()));
      double sum = 0;
      for (const scalar logit : row) sum += std::exp(static_cast<double>(logit) - top);
      const double log_sum = top + std::log(sum), sharp = (1 - label_smoothing) * weight(label);
      for (std::size_t c = 0; c < classes; ++c) {
        const double log_p = static_cast<double>(row[c]) - log_sum;
        const double target = even * weight(c) + (c == label ? sharp : 0);
        if (target != 0) result.loss -= target * log_p;
        gradient[item * classes + c] =
            static_cast<scalar>(((sharp + even * weights_of_all) * std::exp(log_p) - target) / result.weight);
      }
    }
    result.loss /= result.weight;
    result.gradient = backend.make(logits.shape);
    backend.assign(result.gradient, gradient, order::channels_last);
    return result;
  }

private:
  [[nodiscard]] double weight(std::size_t label) const noexcept {
    return class_weights.empty() ? 1.0 : class_weights[label];
  }

  void check(std::size_t items, std::size_t classes, std::span<const std::size_t> labels) const {
    const auto refuse = [](errc code, std::string why) {
      return error(code, {"compute the loss", "softmax cross-entropy", std::move(why), "check the options and labels"});
    };
    if (items != labels.size() || items == 0)
      throw refuse(errc::shape_mismatch,
                   std::to_string(items) + " rows of logits and " + std::to_string(labels.size()) + " labels");
    if (!class_weights.empty() && class_weights.size() != classes)
      throw refuse(errc::shape_mismatch,
                   std::to_string(class_weights.size()) + " class weights for " + std::to_string(classes) + " classes");
    for (const double each : class_weights)
      if (!(each > 0) || !std::isfinite(each)) throw refuse(errc::invalid_argument, "a class weight is not positive");
    if (!(label_smoothing >= 0 && label_smoothing < 1))
      throw refuse(errc::invalid_argument, "the label smoothing is not in [0, 1)");
    for (const std::size_t label : labels)
      if (label >= classes)
        throw refuse(errc::unknown_label,
                     "the label " + std::to_string(label) + " is beyond the " + std::to_string(classes) + " classes");
  }
};

} // namespace eucv::nn

// ---- eucv/nn/norm.hpp ----------------------------------------------------------------------------------------------
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace eucv::nn {

/// Batch normalisation over images and places (Ioffe and Szegedy, 2015, arXiv:1502.03167), as PyTorch's BatchNorm2d.
///
/// {n, c, h, w} to the same. Parameters: weight [c], ones, and bias [c], zeros. Buffers: running_mean [c] and
/// running_var [c]. In training it normalises by the batch's mean and biased variance, and the running statistics move
/// towards the mean and the unbiased variance; in mode::eval, and in training while both parameters are frozen, it
/// uses the running statistics and leaves them as they are.
struct batch_norm {
  double momentum = 0.1; ///< share of the new batch in the running statistics
  double epsilon = 1e-5; ///< added to the variance

  template <class Backend>
  struct state {
    nn::place place;
    std::size_t weight = 0, bias = 0, mean = 0, variance = 0;
    tensor<Backend> x;
    normalisation<Backend> how; // what was used; `mean` is empty where running statistics were
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(momentum >= 0 && momentum <= 1, "batch_norm", "momentum must be in 0 to 1");
    at.require(epsilon > 0, "batch_norm", "epsilon must be positive");
    const std::vector<std::size_t> dims{extents.c};
    state<Backend> made;
    made.place = at.start();
    made.weight = at.add_parameter("weight", dims, constant(dims, scalar(1)));
    made.bias = at.add_parameter("bias", dims, constant(dims, scalar(0)));
    made.mean = at.add_buffer("running_mean", dims, constant(dims, scalar(0)));
    made.variance = at.add_buffer("running_var", dims, constant(dims, scalar(1)));
    made.place = at.finish(made.place);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto& running_mean = now.buffers[own.mean].value;
    auto& running_variance = now.buffers[own.variance].value;
    if (now.mode == mode::eval || is_frozen(own, now)) {
      auto [how, shift] = fold(own, {running_mean, running_variance}, now);
      auto y = now.backend.affine(std::move(x), how.scale, shift);
      if (now.records(own.place)) own.how = {{}, {}, std::move(how.scale)};
      return y;
    }
    const std::size_t pixels = x.shape.pixels();
    if (pixels < 2)
      throw error(errc::invalid_argument,
                  {"train the network", "batch_norm at " + own.place.name, "one value a channel has no variance",
                   "train with more pictures at a time, or freeze this layer"});
    const auto batch = now.backend.moments(x);
    update_running(running_mean, batch.mean, {momentum, 1.0}, now);
    const double count = static_cast<double>(pixels);
    update_running(running_variance, batch.variance, {momentum, count / (count - 1)}, now);
    auto [how, shift] = fold(own, batch, now);
    if (!now.records(own.place)) return now.backend.affine(std::move(x), how.scale, shift);
    auto y = now.backend.affine(x, how.scale, shift);
    own.x = std::move(x);
    own.how = {batch.mean, std::move(how.inverse_deviation), now.value(own.weight)};
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto x = std::exchange(own.x, {});
    const auto how = std::exchange(own.how, {});
    if (!how.mean) { // running statistics do not depend on x
      if (!now.propagates(own.place)) return {};
      auto none = now.backend.make(how.scale.shape);
      now.backend.fill(none, typename Backend::scalar(0));
      return now.backend.affine(std::move(dy), how.scale, none);
    }
    auto result = now.backend.normalise_gradient(x, std::move(dy), how);
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, std::move(result.scale));
    if (!now.frozen(own.bias)) now.add_gradient(own.bias, std::move(result.shift));
    if (!now.propagates(own.place)) return {};
    return std::move(result.input);
  }

private:
  template <class Backend>
  static bool is_frozen(const state<Backend>& own, const pass<Backend>& now) {
    return now.frozen(own.weight) && now.frozen(own.bias);
  }

  // y = x * scale + shift with scale = weight / sqrt(variance + epsilon), shift = bias - mean * scale.
  template <class Backend>
  auto fold(const state<Backend>& own, const channel_moments<Backend>& by, pass<Backend>& now) const {
    using scalar = typename Backend::scalar;
    normalisation<Backend> how{by.mean, now.backend.make(by.mean.shape), now.backend.make(by.mean.shape)};
    auto shift = now.backend.make(by.mean.shape);
    const auto small = static_cast<scalar>(epsilon);
    now.backend.map(
        [small](auto& inverse, const auto& variance) {
          using std::sqrt;
          using value = std::remove_cvref_t<decltype(inverse)>;
          inverse = value(scalar(1)) / sqrt(variance + value(small));
        },
        how.inverse_deviation, by.variance);
    now.backend.map([](auto& scale, const auto& inverse, const auto& weight) { scale = inverse * weight; }, how.scale,
                    std::as_const(how.inverse_deviation), now.value(own.weight));
    now.backend.map([](auto& to, const auto& scale, const auto& mean, const auto& bias) { to = bias - mean * scale; },
                    shift, std::as_const(how.scale), by.mean, now.value(own.bias));
    return std::pair(std::move(how), std::move(shift));
  }

  struct update {
    double momentum, correction; // of the biased variance
  };
  template <class Backend>
  static void update_running(tensor<Backend>& running, const tensor<Backend>& batch, update by, pass<Backend>& now) {
    using scalar = typename Backend::scalar;
    const auto kept = static_cast<scalar>(1 - by.momentum), share = static_cast<scalar>(by.momentum * by.correction);
    now.backend.map(
        [kept, share](auto& to, const auto& from) {
          using value = std::remove_cvref_t<decltype(to)>;
          to = to * value(kept) + from * value(share);
        },
        running, batch);
  }
};

} // namespace eucv::nn

// ---- eucv/nn/safetensors_header.hpp --------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The header of a safetensors file is JSON of a closed form: an object of {"dtype", "shape", "data_offsets"} and one
// object of strings. A reader of just that form is short, allocates no tree, and takes nothing else for granted.
namespace eucv::nn::detail {

enum class stored_type { f32, f64, f16, bf16, i64 };

[[nodiscard]] constexpr std::size_t stored_size(stored_type type) noexcept {
  return type == stored_type::f32 ? 4 : type == stored_type::f16 || type == stored_type::bf16 ? 2 : 8;
}

struct safetensors_entry {
  std::string name;
  stored_type type{};
  std::vector<std::size_t> extents;
  std::size_t begin = 0, end = 0; // within the data
};

struct safetensors_header {
  std::vector<safetensors_entry> entries; // in the order of their data
  std::map<std::string, std::string> metadata;
  std::size_t data_at = 0;     // where the data begins in the file
  std::size_t checksum_at = 0; // where the text of "eucv.checksum" stands in the file
};

inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;

class safetensors_header_parser {
public:
  safetensors_header_parser(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  safetensors_header parse() {
    safetensors_header header;
    std::set<std::string> names;
    if (text_.empty() || text_.front() != '{') refuse("the header does not begin with {");
    object([&](std::string name) {
      if (!names.insert(name).second) refuse("the key \"" + name + "\" stands twice");
      if (name == "__metadata__")
        metadata(header);
      else
        header.entries.push_back(entry(std::move(name)));
    });
    blank();
    if (at_ != text_.size()) refuse("text follows the header's closing brace");
    return header;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::bad_format,
                {"read weights", std::string(source_), why, "it is no sound safetensors file; fetch or write it anew"});
  }

private:
  void blank() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char letter) {
    blank();
    if (at_ == text_.size() || text_[at_] != letter) return false;
    return ++at_, true;
  }
  void expect(char letter) {
    if (!take(letter)) refuse(std::string("the header has no ") + letter + " at byte " + std::to_string(at_));
  }

  template <class Member>
  void object(Member member) {
    expect('{');
    if (take('}')) return;
    do {
      std::string key = string();
      expect(':');
      member(std::move(key));
    } while (take(','));
    expect('}');
  }

  std::vector<std::size_t> numbers() {
    std::vector<std::size_t> values;
    expect('[');
    if (take(']')) return values;
    do values.push_back(number());
    while (take(','));
    expect(']');
    return values;
  }

  std::size_t number() {
    blank();
    const std::size_t begin = at_;
    std::size_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::size_t>(text_[at_] - '0');
      if (value > (std::numeric_limits<std::size_t>::max() - digit) / 10) refuse("a number overflows 64 bits");
      value = value * 10 + digit;
    }
    if (at_ == begin) refuse("no whole number at byte " + std::to_string(at_) + " of the header");
    if (text_[begin] == '0' && at_ - begin > 1) refuse("a number begins with 0");
    return value;
  }

  std::uint32_t four_digits() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char digit = at_ < text_.size() ? text_[at_] : '?';
      const std::size_t place = std::string_view("0123456789abcdef0123456789ABCDEF").find(digit);
      if (place == std::string_view::npos) refuse("a \\u escape without four digits");
      value = value * 16 + static_cast<std::uint32_t>(place % 16);
    }
    return value;
  }

  void escape(std::string& out) {
    const char kind = at_ < text_.size() ? text_[at_++] : '\0';
    if (const std::size_t place = std::string_view("\"\\/bfnrt").find(kind); place != std::string_view::npos) {
      out += "\"\\/\b\f\n\r\t"[place];
      return;
    }
    if (kind != 'u') refuse("an escape that JSON does not have");
    std::uint32_t code = four_digits();
    if (code >= 0xd800 && code < 0xdc00) {
      if (text_.substr(at_, 2) != "\\u") refuse("half a surrogate pair");
      at_ += 2;
      const std::uint32_t low = four_digits();
      if (low < 0xdc00 || low > 0xdfff) refuse("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      refuse("half a surrogate pair");
    }
    if (code == 0) refuse("a NUL in a string");
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    const auto tail = [&](int shift) { put(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80)
      put(code);
    else if (code < 0x800)
      put(0xc0 | (code >> 6)), tail(0);
    else if (code < 0x10000)
      put(0xe0 | (code >> 12)), tail(6), tail(0);
    else
      put(0xf0 | (code >> 18)), tail(12), tail(6), tail(0);
  }

  void letter(std::string& out) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) refuse("a control character in a string");
    const std::size_t size = eucv::detail::utf8_letter(text_.substr(at_));
    if (size == 0) refuse("a string that is no UTF-8");
    out.append(text_.substr(at_, size));
    at_ += size;
  }

  std::string string() {
    expect('"');
    string_at_ = at_;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\')
        ++at_, escape(out);
      else
        letter(out);
    }
    if (at_ == text_.size()) refuse("a string without end");
    ++at_;
    return out;
  }

  void metadata(safetensors_header& header) {
    object([&](std::string key) {
      std::string value = string();
      if (key == "eucv.checksum") header.checksum_at = 8 + string_at_;
      if (!header.metadata.emplace(key, std::move(value)).second)
        refuse("the key \"" + key + "\" stands twice in __metadata__");
    });
  }

  safetensors_entry entry(std::string name) {
    safetensors_entry entry{std::move(name), {}, {}, 0, 0};
    std::optional<stored_type> type;
    std::optional<std::vector<std::size_t>> shape, offsets;
    const std::string which = "the tensor \"" + entry.name + "\" ";
    object([&](const std::string& key) {
      if (key == "dtype" && !type)
        type = type_of(string(), which);
      else if (key == "shape" && !shape)
        shape = numbers();
      else if (key == "data_offsets" && !offsets)
        offsets = numbers();
      else
        refuse(which + "has the key \"" + key + "\" that is unknown or stands twice");
    });
    if (!type || !shape || !offsets) refuse(which + "lacks one of dtype, shape and data_offsets");
    if (offsets->size() != 2 || offsets->front() > offsets->back()) refuse(which + "has no range of bytes");
    entry.type = *type;
    entry.begin = offsets->front();
    entry.end = offsets->back();
    std::size_t bytes = stored_size(entry.type);
    for (const std::size_t extent : *shape) {
      // Checked before the zero of a later extent could hide the overflow.
      if (extent != 0 && bytes > std::numeric_limits<std::size_t>::max() / extent)
        refuse(which + "has a shape whose product overflows");
      bytes *= std::max<std::size_t>(extent, 1);
    }
    if (std::find(shape->begin(), shape->end(), 0U) != shape->end()) bytes = 0;
    if (bytes != entry.end - entry.begin)
      refuse(which + "has " + std::to_string(entry.end - entry.begin) + " bytes where its type and shape need " +
             std::to_string(bytes));
    entry.extents = std::move(*shape);
    return entry;
  }

  stored_type type_of(const std::string& word, const std::string& which) const {
    if (word == "F32") return stored_type::f32;
    if (word == "F64") return stored_type::f64;
    if (word == "F16") return stored_type::f16;
    if (word == "BF16") return stored_type::bf16;
    if (word == "I64") return stored_type::i64;
    refuse(which + "has the type \"" + word + "\"; F32, F64, F16, BF16 and I64 are read");
  }

  std::string_view text_, source_;
  std::size_t at_ = 0, string_at_ = 0;
};

/// The header of the file `bytes`, checked against the file's size: the ranges of the tensors fill the data exactly.
[[nodiscard]] inline safetensors_header parse_safetensors_header(std::string_view bytes, std::string_view source) {
  const safetensors_header_parser nothing({}, source);
  if (bytes.size() < 8) nothing.refuse("it has " + std::to_string(bytes.size()) + " bytes, less than a header");
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), 8);
  if (size > safetensors_header_limit) nothing.refuse("its header announces more than 100 MB");
  if (size > bytes.size() - 8) nothing.refuse("its header is longer than the file");
  auto header = safetensors_header_parser(bytes.substr(8, static_cast<std::size_t>(size)), source).parse();
  header.data_at = 8 + static_cast<std::size_t>(size);
  std::sort(header.entries.begin(), header.entries.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::size_t end = 0;
  for (const auto& entry : header.entries) {
    if (entry.begin != end)
      nothing.refuse("the bytes of the tensor \"" + entry.name + "\" begin at " + std::to_string(entry.begin) +
                     " where those before it end at " + std::to_string(end));
    end = entry.end;
  }
  if (end != bytes.size() - header.data_at)
    nothing.refuse("it has " + std::to_string(bytes.size() - header.data_at) + " bytes of data where its header says " +
                   std::to_string(end));
  return header;
}

} // namespace eucv::nn::detail

// ---- eucv/nn/safetensors.hpp ---------------------------------------------------------------------------------------
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

/// One array of a file of weights: row-major, in PyTorch's order of axes (a convolution is out, in, height, width).
struct named_array {
  std::string name;
  std::vector<std::size_t> extents;
  std::vector<float> values;
  friend bool operator==(const named_array&, const named_array&) = default;
};

/// "[64, 3, 7, 7]", for messages.
[[nodiscard]] inline std::string extents_text(std::span<const std::size_t> extents) {
  std::string text = "[";
  for (const std::size_t extent : extents) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// The content of a safetensors file.
struct tensor_file {
  std::string source = {}; ///< path, for messages
  std::vector<named_array> arrays = {};
  std::map<std::string, std::string> metadata = {};
  bool checked = false; ///< when read: a checksum stood in the file, and fits

  /// The array of that name, or nullptr. Linear in the number of arrays.
  [[nodiscard]] const named_array* find(std::string_view name) const noexcept {
    for (const auto& array : arrays)
      if (array.name == name) return &array;
    return nullptr;
  }
  /// The array of that name. Throws missing_tensor where there is none, and shape_mismatch where its extents differ.
  [[nodiscard]] const named_array& at(std::string_view name, std::span<const std::size_t> extents) const {
    const named_array* const array = find(name);
    if (array == nullptr)
      throw error(errc::missing_tensor, {"read weights", source, "it holds no tensor \"" + std::string(name) + "\"",
                                         "check that the file belongs to this architecture"});
    if (!std::equal(extents.begin(), extents.end(), array->extents.begin(), array->extents.end()))
      throw error(errc::shape_mismatch,
                  {"read weights", source,
                   "the tensor \"" + array->name + "\" has the shape " + extents_text(array->extents) +
                       " where the model has " + extents_text(extents),
                   "check that the file belongs to this architecture and number of classes"});
    return *array;
  }
};

namespace detail {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian, and read as they lie");

// FNV-1a over words of 8 bytes: each step is a bijection of the state, so a fault within one word never goes unseen.
[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes, std::uint64_t state) noexcept {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(8, bytes.size()))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min<std::size_t>(8, bytes.size()));
    state = (state ^ word) * 0x100000001b3ULL;
  }
  return state;
}

// The digits as they stand in the file count as zeros, since they cannot take part in the sum that they state.
inline constexpr std::string_view checksum_key = "eucv.checksum", checksum_zeros = "0000000000000000";

[[nodiscard]] inline std::string checksum_digits(std::string_view file, std::size_t digits_at) {
  std::uint64_t sum = checksum(file.substr(0, digits_at), 0xcbf29ce484222325ULL);
  sum = checksum(file.substr(digits_at + checksum_zeros.size()), checksum(checksum_zeros, sum));
  std::string digits(checksum_zeros);
  for (std::size_t i = 16; i-- > 0; sum >>= 4) digits[i] = "0123456789abcdef"[sum & 15];
  return digits;
}

[[nodiscard]] inline float from_half(std::uint16_t bits) noexcept {
  const int exponent = (bits >> 10) & 31;
  const float fraction = static_cast<float>(bits & 1023);
  const float size = exponent == 0    ? std::ldexp(fraction, -24)
                     : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

template <class Stored, class Convert>
void convert(std::string_view bytes, std::vector<float>& values, Convert to_float) {
  values.resize(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

inline void convert(stored_type type, std::string_view bytes, std::vector<float>& values) {
  switch (type) {
  case stored_type::f32:
    values.resize(bytes.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  case stored_type::f64: return convert<double>(bytes, values, [](double x) { return static_cast<float>(x); });
  case stored_type::f16: return convert<std::uint16_t>(bytes, values, from_half);
  case stored_type::bf16:
    return convert<std::uint16_t>(bytes, values, [](std::uint32_t x) { return std::bit_cast<float>(x << 16); });
  case stored_type::i64: return convert<std::int64_t>(bytes, values, [](auto x) { return static_cast<float>(x); });
  }
}

} // namespace detail

/// Reads the bytes of a safetensors file that nobody vouches for.
///
/// F32 comes as it is; F64, F16, BF16 and I64 become float; other types are refused. Refused with bad_format: a header
/// beyond 100 MB or the file, JSON outside the format's few forms, keys that stand twice, shapes whose product
/// overflows or contradicts the byte range, ranges that overlap, leave a gap or end elsewhere than the file, and a
/// checksum, where write_safetensors() left one, that does not fit. A value that is infinite or no number, or no
/// longer fits a float, is refused with non_finite. `source` names the bytes in messages.
[[nodiscard]] inline tensor_file parse_safetensors(std::string_view bytes, std::string source) {
  auto header = detail::parse_safetensors_header(bytes, source);
  tensor_file content{.source = std::move(source), .metadata = std::move(header.metadata)};
  if (const auto sum = content.metadata.find(std::string(detail::checksum_key)); sum != content.metadata.end()) {
    if (sum->second.size() != detail::checksum_zeros.size() ||
        detail::checksum_digits(bytes, header.checksum_at) != sum->second)
      throw error(errc::bad_format, {"read weights", content.source, "its checksum does not fit its content",
                                     "the file is damaged; take an older copy or train anew"});
    content.metadata.erase(sum);
    content.checked = true;
  }
  content.arrays.reserve(header.entries.size());
  for (auto& entry : header.entries) {
    auto& array = content.arrays.emplace_back(std::move(entry.name), std::move(entry.extents), std::vector<float>{});
    detail::convert(entry.type, bytes.substr(header.data_at + entry.begin, entry.end - entry.begin), array.values);
    for (const float value : array.values)
      if (!std::isfinite(value))
        throw error(errc::non_finite,
                    {"read weights", content.source,
                     "the tensor \"" + array.name + "\" holds a value that is infinite or not a number",
                     "take a file from before the training went astray"});
  }
  return content;
}

/// parse_safetensors() of a file. Throws also not_found, permission_denied, io, and too_large beyond 4 GiB.
[[nodiscard]] inline tensor_file read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

/// The bytes of a file that holds `content`, all values as F32, with a checksum of the whole among the metadata.
/// Throws invalid_argument where a name stands twice or an array has not as many values as its extents say.
[[nodiscard]] inline std::string safetensors_bytes(const tensor_file& content) {
  const auto refuse = [&](const std::string& name, std::string why) {
    return error(errc::invalid_argument, {"write weights", content.source, "the tensor \"" + name + "\" " + why, ""});
  };
  std::string bytes(8, '\0');
  const std::string opening = "{\"__metadata__\":{" + json_string(detail::checksum_key) + ":\"";
  const std::size_t digits_at = bytes.size() + opening.size();
  bytes += opening + std::string(detail::checksum_zeros) + "\"";
  for (const auto& [key, value] : content.metadata) bytes += "," + json_string(key) + ":" + json_string(value);
  bytes += "}";
  std::set<std::string_view> names{"__metadata__"};
  std::size_t offset = 0;
  for (const auto& array : content.arrays) {
    std::size_t count = 1;
    for (const std::size_t extent : array.extents) count *= extent;
    if (count != array.values.size())
      throw refuse(array.name, "has " + std::to_string(array.values.size()) + " values and the shape " +
                                   extents_text(array.extents));
    if (!names.insert(array.name).second) throw refuse(array.name, "stands twice, or has a name that is kept free");
    std::string extents = extents_text(array.extents);
    std::erase(extents, ' ');
    bytes += "," + json_string(array.name) + ":{\"dtype\":\"F32\",\"shape\":" + extents + ",\"data_offsets\":[" +
             std::to_string(offset);
    offset += count * sizeof(float);
    bytes += "," + std::to_string(offset) + "]}";
  }
  bytes += "}";
  bytes.append((8 - bytes.size() % 8) % 8, ' '); // data begins at a multiple of 8, so that it can be mapped
  const std::uint64_t header_size = bytes.size() - 8;
  std::memcpy(bytes.data(), &header_size, 8);
  bytes.reserve(bytes.size() + offset);
  for (const auto& array : content.arrays)
    bytes.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float));
  bytes.replace(digits_at, detail::checksum_zeros.size(), detail::checksum_digits(bytes, digits_at));
  return bytes;
}

/// Replaces `path` by safetensors_bytes(), atomically: whatever happens, the old file or the new one is there, whole.
inline void write_safetensors(const std::filesystem::path& path, const tensor_file& content) {
  write_file_atomically(path, safetensors_bytes(content));
}

} // namespace eucv::nn

// ---- eucv/nn/optimizer.hpp -----------------------------------------------------------------------------------------
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::nn {

/// Stochastic gradient descent with momentum, as PyTorch's SGD: v = momentum v + (g + decay w), w -= rate v.
struct sgd {
  double momentum = 0.9;
  double weight_decay = 0;
};

/// Adam (Kingma and Ba, 2015), as PyTorch's: the decay is added to the gradient.
struct adam {
  double beta1 = 0.9, beta2 = 0.999; ///< how long the mean and the mean square of gradients last
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// Adam with decoupled decay (Loshchilov and Hutter, 2019), as PyTorch's AdamW: w shrinks by rate * weight_decay.
struct adam_w {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
};

/// Which of them, chosen when the program runs.
using optimizer_rule = std::variant<sgd, adam, adam_w>;

/// Root of the sum of squares over all gradients; not finite if one of them is not.
template <backend Backend>
[[nodiscard]] double gradient_norm(Backend& backend, std::span<const parameter<Backend>> parameters) {
  double sum = 0;
  for (const auto& each : parameters)
    if (each.gradient && !each.frozen) sum += backend.sum_of_squares(each.gradient);
  return std::sqrt(sum);
}

/// Changes parameters along their gradients. Frozen ones, and those without a gradient, stay as they are and cost
/// nothing. One pass over memory a parameter, cut into pieces by the backend, so the bits do not depend on threads.
///
/// Keeps its state in the order of the parameters: give the same ones at each call.
template <backend Backend>
class optimizer {
public:
  using scalar = typename Backend::scalar;

  explicit optimizer(optimizer_rule rule = sgd{}) : rule_(rule) {}

  struct step_options {
    double rate = 1e-3;
    /// Gradients are multiplied by it on the way: a limit on their norm costs no pass of its own.
    double gradient_scale = 1;
  };
  void step(Backend& backend, std::span<parameter<Backend>> parameters, const step_options& now) {
    slots_.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto& each = parameters[i];
      if (each.frozen || !each.gradient) continue;
      if (slots_[i].steps == 0) start(backend, slots_[i], each.value.shape);
      ++slots_[i].steps;
      std::visit([&](const auto& rule) { change(backend, rule, each, slots_[i], now); }, rule_);
    }
  }

  /// Adds the state to `content`, under "optimizer.<parameter>.<what>".
  void save(Backend& backend, std::span<const parameter<Backend>> parameters, tensor_file& content) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].steps == 0) continue;
      const std::string name = "optimizer." + parameters[i].name;
      const auto add = [&](const std::string& what, const tensor<Backend>& values) {
        if (!values) return;
        const auto flat = backend.values(values, order::channels_first);
        content.arrays.push_back({name + what, parameters[i].dims, {flat.begin(), flat.end()}});
      };
      content.arrays.push_back({name + ".steps", {1}, {static_cast<float>(slots_[i].steps)}});
      add(".first", slots_[i].first);
      add(".second", slots_[i].second);
    }
  }

  /// Takes the state that save() left. Throws missing_tensor or shape_mismatch where it does not fit the parameters or
  /// the rule. On a backend of float the next step has the same bits as without the break.
  void load(Backend& backend, std::span<const parameter<Backend>> parameters, const tensor_file& content) {
    slots_.assign(parameters.size(), {});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = "optimizer." + parameters[i].name;
      const named_array* const steps = content.find(name + ".steps");
      if (steps == nullptr) continue; // it was frozen so far
      start(backend, slots_[i], parameters[i].value.shape);
      slots_[i].steps = static_cast<std::size_t>(steps->values.at(0));
      const auto take = [&](const std::string& what, tensor<Backend>& values) {
        if (!values) return;
        const auto& array = content.at(name + what, parameters[i].dims);
        const std::vector<scalar> flat(array.values.begin(), array.values.end());
        backend.assign(values, flat, order::channels_first);
      };
      take(".first", slots_[i].first);
      take(".second", slots_[i].second);
    }
  }

private:
  struct slot {
    std::size_t steps = 0;
    tensor<Backend> first, second; // momentum, or the means of gradients and of their squares
  };

  void start(Backend& backend, slot& state, const shape& extents) const {
    const auto zeros = [&] {
      auto made = backend.make(extents, lifetime::model);
      backend.fill(made, scalar(0));
      return made;
    };
    const sgd* const plain = std::get_if<sgd>(&rule_);
    if (plain == nullptr || plain->momentum != 0) state.first = zeros();
    if (plain == nullptr) state.second = zeros();
  }

  static void change(Backend& backend, const sgd& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    const auto momentum = scalar(rule.momentum), decay = scalar(rule.weight_decay), rate = scalar(now.rate),
               scale = scalar(now.gradient_scale);
    if (state.first)
      backend.map(
          [=](auto& w, auto& v, const auto& g) {
            using T = std::remove_cvref_t<decltype(w)>;
            v = T(momentum) * v + (T(scale) * g + T(decay) * w);
            w = w - T(rate) * v;
          },
          each.value, state.first, std::as_const(each.gradient));
    else
      backend.map(
          [=](auto& w, const auto& g) {
            using T = std::remove_cvref_t<decltype(w)>;
            w = w - T(rate) * (T(scale) * g + T(decay) * w);
          },
          each.value, std::as_const(each.gradient));
  }

  // Adam and AdamW differ in where the decay goes: `shrink` multiplies w, `decay` times w is added to g.
  static void change_adaptively(Backend& backend, const adam& rule, double shrink, parameter<Backend>& each,
                                slot& state, const step_options& now) {
    const auto steps = static_cast<double>(state.steps);
    const auto beta1 = scalar(rule.beta1), beta2 = scalar(rule.beta2), rest1 = scalar(1 - rule.beta1),
               rest2 = scalar(1 - rule.beta2), epsilon = scalar(rule.epsilon), decay = scalar(rule.weight_decay),
               scale = scalar(now.gradient_scale), keep = scalar(shrink),
               rate = scalar(now.rate / (1 - std::pow(rule.beta1, steps))),
               correction = scalar(1 / std::sqrt(1 - std::pow(rule.beta2, steps)));
    backend.map(
        [=](auto& w, auto& m, auto& v, const auto& gradient) {
          using T = std::remove_cvref_t<decltype(w)>;
          using std::sqrt;
          const T g = T(scale) * gradient + T(decay) * w;
          m = T(beta1) * m + T(rest1) * g;
          v = T(beta2) * v + T(rest2) * (g * g);
          w = T(keep) * w - T(rate) * m / (sqrt(v) * T(correction) + T(epsilon));
        },
        each.value, state.first, state.second, std::as_const(each.gradient));
  }
  static void change(Backend& backend, const adam& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    change_adaptively(backend, rule, 1, each, state, now);
  }
  static void change(Backend& backend, const adam_w& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    change_adaptively(backend, {rule.beta1, rule.beta2, rule.epsilon, 0}, 1 - now.rate * rule.weight_decay, each, state,
                      now);
  }

  optimizer_rule rule_;
  std::vector<slot> slots_;
};

} // namespace eucv::nn

// ---- eucv/nn/pool2d.hpp --------------------------------------------------------------------------------------------
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::nn {

namespace detail {

/// The hyper-parameters that both kinds of pooling share.
struct pooling {
  std::size_t kernel, stride, padding;
};

template <class Backend>
window pooling_window(builder<Backend>& at, std::string_view layer, pooling how, const shape& extents) {
  at.require(how.kernel > 0 && how.kernel < 256 && how.stride > 0, layer,
             "kernel must be in 1 to 255, stride at least 1");
  // A window that lies outside the map altogether would have no maximum.
  at.require(how.padding <= how.kernel / 2, layer, "padding must be at most half of the kernel");
  const window over{extents, {how.kernel, how.kernel}, {how.stride, how.stride}, {how.padding, how.padding}};
  if (!over.fits())
    at.refuse_shape(layer,
                    "maps of at least " + std::to_string(how.kernel) + "x" + std::to_string(how.kernel) +
                        " with the padding of " + std::to_string(how.padding) + " on each side",
                    extents);
  return over;
}

} // namespace detail

/// The largest value of each window, as PyTorch's MaxPool2d (without ceil_mode): {n, c, h, w} to {n, c, oh, ow}.
struct max_pool {
  std::size_t kernel = 2;              ///< rows and columns of the window, at most 255
  std::optional<std::size_t> stride{}; ///< the kernel if not given
  std::size_t padding = 0;             ///< places around the map that are never the largest, at most kernel / 2

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
    typename Backend::indices origins;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over = detail::pooling_window(at, "max_pool", {kernel, stride.value_or(kernel), padding}, extents);
    extents = over.out(extents.c);
    return {at.start(), over, {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto result = now.backend.max_pool(x, own.over.with_images(x.shape.n));
    if (now.records(own.place)) own.origins = std::move(result.origins);
    return std::move(result.values);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto origins = std::exchange(own.origins, {});
    if (!now.propagates(own.place)) return {};
    return now.backend.max_pool_gradient(dy, origins, own.over.with_images(dy.shape.n));
  }
};

/// The mean of each window, as PyTorch's AvgPool2d: the padding counts as zeros. {n, c, h, w} to {n, c, oh, ow}.
struct average_pool {
  std::size_t kernel = 2;              ///< rows and columns of the window
  std::optional<std::size_t> stride{}; ///< the kernel if not given
  std::size_t padding = 0;             ///< zeros around the map, at most kernel / 2

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over = detail::pooling_window(at, "average_pool", {kernel, stride.value_or(kernel), padding}, extents);
    extents = over.out(extents.c);
    return {at.start(), over};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return now.backend.average_pool(x, own.over.with_images(x.shape.n));
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (!now.propagates(own.place)) return {};
    return now.backend.average_pool_gradient(dy, own.over.with_images(dy.shape.n));
  }
};

/// The mean of each whole map: {n, c, h, w} to {n, c, 1, 1}.
struct global_average_pool {
  template <class Backend>
  using state = average_pool::state<Backend>;

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over{.in = extents, .kernel = {extents.h, extents.w}};
    extents = over.out(extents.c);
    return {at.start(), over};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return average_pool{}.forward(own, std::move(x), now);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return average_pool{}.backward(own, std::move(dy), now);
  }
};

} // namespace eucv::nn

// ---- eucv/nn/residual.hpp ------------------------------------------------------------------------------------------
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace eucv::nn {

/// Gives back what it gets: the shortcut of a residual block whose body keeps the shape.
struct identity {
  template <class Backend>
  struct state {};

  template <class Backend>
  state<Backend> build(builder<Backend>&, shape&) const {
    return {};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const {
    return x;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>&, tensor<Backend> dy, pass<Backend>&) const {
    return dy;
  }
};

/// A 1x1 convolution and batch normalisation where the shape has to change, else nothing: the shortcut of He et al.
/// (2015, arXiv:1512.03385), option B. Children are "0" and "1", as torchvision's `downsample`.
struct projection {
  std::size_t out = 0;    ///< channels that the body gives
  std::size_t stride = 1; ///< by which the body divides rows and columns

  using layers = sequence<conv2d, batch_norm>;
  template <class Backend>
  struct state {
    std::optional<state_of<layers, Backend>> inner;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    if (extents.c == out && stride == 1) return {};
    return {inner().build(at, extents)};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return own.inner ? inner().forward(*own.inner, std::move(x), now) : x;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return own.inner ? inner().backward(*own.inner, std::move(dy), now) : dy;
  }

private:
  [[nodiscard]] layers inner() const {
    return layers{conv2d{.out = out, .kernel = 1, .stride = stride, .bias = false}, batch_norm{}};
  }
};

/// body(x) + shortcut(x), both of one shape. The activation after the sum stands outside.
///
/// Children are called "body" and "shortcut", or as named() says; named("", ...) names what is in them as if it were
/// the parent's.
template <class Body, class Shortcut = identity>
struct residual {
  Body body;
  Shortcut shortcut{};

  template <class Backend>
  struct state {
    nn::place place;
    detail::child_state<Body, Backend> body;
    detail::child_state<Shortcut, Backend> shortcut;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    made.place = at.start();
    shape around = extents;
    made.body = detail::build_child(body, "body", at, extents);
    made.shortcut = detail::build_child(shortcut, "shortcut", at, around);
    made.place = at.finish(made.place);
    if (around != extents) at.refuse_shape("residual", "a shortcut of its body's shape " + to_string(extents), around);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto sum = nn::own(now.backend, detail::child<Body>::of(body).forward(own.body, x, now));
    add(sum, detail::child<Shortcut>::of(shortcut).forward(own.shortcut, std::move(x), now), now);
    return sum;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    auto through = detail::child<Body>::of(body).backward(own.body, dy, now);
    auto around = detail::child<Shortcut>::of(shortcut).backward(own.shortcut, std::move(dy), now);
    if (!now.propagates(own.place)) return {};
    auto sum = nn::own(now.backend, std::move(through));
    add(sum, around, now);
    return sum;
  }

private:
  template <class Backend>
  static void add(tensor<Backend>& sum, const tensor<Backend>& more, pass<Backend>& now) {
    now.backend.map([](auto& total, const auto& each) { total = total + each; }, sum, more);
  }
};
template <class Body>
residual(Body) -> residual<Body>;
template <class Body, class Shortcut>
residual(Body, Shortcut) -> residual<Body, Shortcut>;

} // namespace eucv::nn

// ---- eucv/nn/schedule.hpp ------------------------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <variant>

namespace eucv::nn {

/// A learning rate for each step of a training: rate(step, steps) for step in [0, steps). A pure function, so that a
/// resumed training needs the number of its step and nothing else.
template <class T>
concept schedule = std::copyable<T> && requires(const T& policy, std::size_t step, std::size_t steps) {
  { policy.rate(step, steps) } -> std::convertible_to<double>;
};

namespace detail {

// Rises evenly from rate / warm_up to rate within the first warm_up steps, so that no step is wasted at 0.
[[nodiscard]] inline double warmed_up(double rate, std::size_t step, std::size_t warm_up) noexcept {
  return step < warm_up ? rate * static_cast<double>(step + 1) / static_cast<double>(warm_up) : rate;
}

// Half a cosine from `from` at part 0 to `to` at part 1.
[[nodiscard]] inline double cosine_between(double from, double to, double part) noexcept {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(part, 0.0, 1.0)));
}

} // namespace detail

/// The same rate at each step, after `warm_up` steps that rise to it.
struct constant_rate {
  double peak = 1e-3;
  std::size_t warm_up = 0; ///< steps

  [[nodiscard]] double rate(std::size_t step, std::size_t) const noexcept {
    return detail::warmed_up(peak, step, warm_up);
  }
};

/// Half a cosine from `peak` down to `last` (Loshchilov and Hutter, 2017, without restarts), after `warm_up` steps that
/// rise to the peak. The last step has the rate `last`.
struct cosine {
  double peak = 1e-3;
  double last = 0;
  std::size_t warm_up = 0; ///< steps

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    if (step < warm_up) return detail::warmed_up(peak, step, warm_up);
    const double way = steps > warm_up + 1 ? static_cast<double>(steps - warm_up - 1) : 1.0;
    return detail::cosine_between(peak, last, static_cast<double>(step - warm_up) / way);
  }
};

/// One cycle (Smith, 2018) as PyTorch's OneCycleLR with cosine annealing: from peak / start_divisor up to `peak`
/// within the first `rise` of the steps, then down to peak / (start_divisor * end_divisor) at the last.
struct one_cycle {
  double peak = 1e-3;
  double rise = 0.3; ///< part of the steps, 0 to 1
  double start_divisor = 25;
  double end_divisor = 1e4;

  [[nodiscard]] double rate(std::size_t step, std::size_t steps) const noexcept {
    const double start = peak / start_divisor;
    const double last = steps > 1 ? static_cast<double>(steps - 1) : 1.0;
    const double top = std::max(rise * static_cast<double>(steps) - 1, 0.0);
    const double now = static_cast<double>(step);
    if (now <= top) return top > 0 ? detail::cosine_between(start, peak, now / top) : peak;
    return detail::cosine_between(peak, start / end_divisor, last > top ? (now - top) / (last - top) : 1.0);
  }
};

/// Which of them, chosen when the program runs.
using any_schedule = std::variant<constant_rate, cosine, one_cycle>;

[[nodiscard]] inline double rate(const any_schedule& policy, std::size_t step, std::size_t steps) {
  return std::visit([&](const auto& chosen) { return chosen.rate(step, steps); }, policy);
}

} // namespace eucv::nn

// ---- eucv/nn/weights.hpp -------------------------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

namespace detail {

/// Calls f(name, dims, tensor) for each parameter and buffer of a network.
template <network Network, class Function>
void for_each_tensor(Network& net, Function&& f) {
  for (auto& each : net.parameters()) f(each.name, each.dims, each.value);
  for (auto& each : net.buffers()) f(each.name, each.dims, each.value);
}

template <network Network>
void assign(Network& net, tensor<typename Network::backend_type>& to, const named_array& from) {
  const std::vector<typename Network::backend_type::scalar> flat(from.values.begin(), from.values.end());
  net.backend().assign(to, flat, order::channels_first);
}

// PyTorch counts the batches that a normalisation has seen; nothing here reads that.
[[nodiscard]] inline bool is_counter(std::string_view name) {
  return name.ends_with("num_batches_tracked");
}

} // namespace detail

/// Adds all parameters and buffers of a network to `content`, each name behind `prefix`. Throws non_finite, naming the
/// tensor, where a value is infinite or not a number: what could not be read back is not written.
template <network Network>
void save_weights(Network& net, tensor_file& content, const std::string& prefix = "") {
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, const auto& values) {
    const auto flat = net.backend().values(values, order::channels_first);
    if (!std::all_of(flat.begin(), flat.end(), [](auto value) { return std::isfinite(value); }))
      throw error(errc::non_finite, {"save weights", content.source, "\"" + name + "\" is infinite or not a number",
                                     "lower the learning rate and go on from the last checkpoint"});
    content.arrays.push_back({prefix + name, dims, {flat.begin(), flat.end()}});
  });
}

/// Sets all parameters and buffers of a network from the arrays of `content` whose names begin with `prefix`.
///
/// Throws missing_tensor where one is absent, or is there that the network has not, and shape_mismatch with both
/// shapes; the network is then partly changed.
template <network Network>
void load_weights(Network& net, const tensor_file& content, const std::string& prefix = "") {
  std::set<std::string> known;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto& values) {
    detail::assign(net, values, content.at(prefix + name, dims));
    known.insert(prefix + name);
  });
  for (const auto& array : content.arrays)
    if (array.name.starts_with(prefix) && !known.contains(array.name) && !detail::is_counter(array.name))
      throw error(errc::missing_tensor,
                  {"read weights", content.source, "the network has no tensor \"" + array.name + "\"",
                   "check that the file belongs to this architecture"});
}

/// Sets a network from weights that were learned for another task: a state dict of torchvision or timm, or a model of
/// ours with other labels. The head (the last block that has parameters) keeps its fresh values where the file has no
/// head or one of another shape; all else must fit.
///
/// Returns whether the file's head was taken. Throws missing_tensor and shape_mismatch as load_weights() does.
template <network Network>
bool load_pretrained(Network& net, const tensor_file& content) {
  const auto block = [](std::string_view name) { return name.substr(0, name.find('.')); };
  const std::string head(net.parameters().empty() ? "" : block(net.parameters().back().name));
  bool head_fits = true;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto&) {
    if (block(name) != head) return;
    const named_array* const array = content.find(name);
    head_fits = head_fits && array != nullptr && array->extents == dims;
  });
  std::set<std::string> known;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto& values) {
    if (block(name) != head || head_fits) detail::assign(net, values, content.at(name, dims));
    known.insert(name);
  });
  for (const auto& array : content.arrays)
    if (block(array.name) != head && !known.contains(array.name) && !detail::is_counter(array.name))
      throw error(errc::missing_tensor,
                  {"read weights", content.source, "the network has no tensor \"" + array.name + "\"",
                   "choose the architecture that the weights were trained for"});
  return head_fits;
}

} // namespace eucv::nn

// ---- eucv/zoo/resnet.hpp -------------------------------------------------------------------------------------------
#include <array>
#include <cstddef>
#include <vector>

namespace eucv::zoo {

/// What a residual network may vary in.
struct resnet_options {
  std::size_t classes = 1000; ///< logits
  std::size_t width = 64;     ///< channels of the first stage; each of the three others has twice as many
};

/// Two 3x3 convolutions and a shortcut. Parameters are named as torchvision's BasicBlock.
[[nodiscard]] inline auto basic_block(std::size_t out, std::size_t stride) {
  using namespace nn;
  return sequence{
      named("",
            residual{named("", sequence{named("conv1", conv2d{.out = out, .stride = stride, .bias = false}),
                                        named("bn1", batch_norm{}), relu{},
                                        named("conv2", conv2d{.out = out, .bias = false}), named("bn2", batch_norm{})}),
                     named("downsample", projection{.out = out, .stride = stride})}),
      relu{}};
}

/// 1x1, 3x3 and 1x1 convolutions and a shortcut, four times as many channels at the end as between. The stride is the
/// 3x3's. Parameters are named as torchvision's Bottleneck.
[[nodiscard]] inline auto bottleneck(std::size_t inner, std::size_t stride) {
  using namespace nn;
  return sequence{
      named("", residual{named("", sequence{named("conv1", conv2d{.out = inner, .kernel = 1, .bias = false}),
                                            named("bn1", batch_norm{}), relu{},
                                            named("conv2", conv2d{.out = inner, .stride = stride, .bias = false}),
                                            named("bn2", batch_norm{}), relu{},
                                            named("conv3", conv2d{.out = 4 * inner, .kernel = 1, .bias = false}),
                                            named("bn3", batch_norm{})}),
                         named("downsample", projection{.out = 4 * inner, .stride = stride})}),
      relu{}};
}

namespace detail {

template <class Block>
using block_maker = Block (*)(std::size_t channels, std::size_t stride);

template <class Block>
[[nodiscard]] auto resnet(block_maker<Block> block, const std::array<std::size_t, 4>& depths,
                          const resnet_options& options) {
  using namespace nn;
  const auto stage = [&](std::size_t number) {
    stack<Block> blocks;
    for (std::size_t i = 0; i < depths[number]; ++i)
      blocks.layers.push_back(block(options.width << number, i == 0 && number > 0 ? 2 : 1));
    return blocks;
  };
  return sequence{named("conv1", conv2d{.out = options.width, .kernel = 7, .stride = 2, .bias = false}),
                  named("bn1", batch_norm{}),
                  relu{},
                  nn::max_pool{.kernel = 3, .stride = 2, .padding = 1},
                  named("layer1", stage(0)),
                  named("layer2", stage(1)),
                  named("layer3", stage(2)),
                  named("layer4", stage(3)),
                  global_average_pool{},
                  named("fc", dense{.out = options.classes})};
}

} // namespace detail

/// Residual networks of He et al. (2015, arXiv:1512.03385) with torchvision's order of operations and names of
/// parameters, so that its weights load unchanged. Input {n, 3, h, w}, both at least 32 or so: five times halved.
/// resnet18 and resnet34 are values of one type.
[[nodiscard]] inline auto resnet18(const resnet_options& options = {}) {
  return detail::resnet(&basic_block, {2, 2, 2, 2}, options);
}
[[nodiscard]] inline auto resnet34(const resnet_options& options = {}) {
  return detail::resnet(&basic_block, {3, 4, 6, 3}, options);
}
[[nodiscard]] inline auto resnet50(const resnet_options& options = {}) {
  return detail::resnet(&bottleneck, {3, 4, 6, 3}, options);
}

} // namespace eucv::zoo

// ---- eucv/zoo/small.hpp --------------------------------------------------------------------------------------------
#include <cstddef>

namespace eucv::zoo {

/// What the small network may vary in.
struct small_options {
  std::size_t classes = 10; ///< logits
  std::size_t width = 32;   ///< channels of the first of four blocks; each next has twice as many
  double dropout = 0.2;     ///< probability that a feature is dropped before the last layer
};

/// Four blocks of 3x3 convolution, batch normalisation, ReLU and 2x2 maximum, then the mean of each map, dropout and a
/// dense layer: some 390,000 parameters, for pictures of 32 to 128 pixels and sets of some hundred to thousand of them.
/// Input {n, 3, h, w}, both at least 16.
[[nodiscard]] inline auto small(const small_options& options = {}) {
  using namespace nn;
  const auto block = [&](std::size_t out) {
    return sequence{conv2d{.out = out, .bias = false}, batch_norm{}, relu{}, max_pool{.kernel = 2}};
  };
  return sequence{named("block1", block(options.width)),
                  named("block2", block(2 * options.width)),
                  named("block3", block(4 * options.width)),
                  named("block4", block(8 * options.width)),
                  global_average_pool{},
                  nn::dropout{.probability = options.dropout},
                  named("head", dense{.out = options.classes})};
}

} // namespace eucv::zoo

// ---- eucv/dataset/table.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// A table as CSV files hold it: named columns, rows of text. Each row has as many cells as there are columns.
struct table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string source = {}; ///< where it was read from, for messages; not compared

  /// Whether there is a column `name`.
  [[nodiscard]] bool has(std::string_view name) const noexcept {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  }
  /// The place of the column `name`. Throws errc::missing_column, naming the columns that there are.
  [[nodiscard]] std::size_t column(std::string_view name) const {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
    std::string there;
    for (const auto& each : columns) there += (there.empty() ? "" : ", ") + each;
    throw error(errc::missing_column,
                {"read the table", source,
                 "it has no column \"" + std::string(name) + "\", only " + (there.empty() ? "an empty line" : there),
                 "name the right table, or add the column"});
  }

  friend bool operator==(const table& a, const table& b) { return a.columns == b.columns && a.rows == b.rows; }
};

namespace detail {

// A spreadsheet runs a cell that begins with one of these as a formula (OWASP ASVS 1.2.10).
constexpr std::string_view formula_starts = "=+-@\t\r";

// Whether `cell` is some quotes ' (at least `quotes`) before the start of a formula.
[[nodiscard]] inline bool is_formula(std::string_view cell, std::size_t quotes) noexcept {
  const std::size_t start = cell.find_first_not_of('\'');
  return start != std::string_view::npos && start >= quotes &&
         formula_starts.find(cell[start]) != std::string_view::npos;
}

[[nodiscard]] inline error table_error(const std::string& on, std::size_t line, std::string why) {
  return {errc::bad_format,
          {"read the table", on + " line " + std::to_string(line), std::move(why),
           "mend that line, or write the file anew"}};
}

// One pass over the text; the line number is counted as we go, so that an error names the line in an editor.
class table_reader {
public:
  table_reader(std::string_view text, const std::string& on) : text_(text), on_(on) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  // The next row into `cells`; false at the end. Lines without any character are no rows.
  bool next(std::vector<std::string>& cells) {
    while (at_line_end()) skip_line_end();
    if (done()) return false;
    row_line_ = line_;
    cells.clear();
    while (true) {
      cells.push_back(text_[place_] == '"' ? quoted() : plain());
      if (is_formula(cells.back(), 1)) cells.back().erase(0, 1);
      if (done()) return true;
      if (at_line_end()) return skip_line_end(), true;
      ++place_; // the comma
      if (done() || at_line_end()) {
        cells.emplace_back();
        if (!done()) skip_line_end();
        return true;
      }
    }
  }
  // The line on which the last row began.
  [[nodiscard]] std::size_t row_line() const noexcept { return row_line_; }

private:
  [[nodiscard]] bool done() const noexcept { return place_ == text_.size(); }
  [[nodiscard]] bool at_line_end() const noexcept {
    return text_.substr(place_, 1) == "\n" || text_.substr(place_, 2) == "\r\n";
  }
  void skip_line_end() noexcept {
    place_ += text_[place_] == '\r' ? 2 : 1;
    ++line_;
  }

  std::string plain() {
    const std::size_t begin = place_;
    place_ = std::min(text_.find_first_of(std::string_view(",\n\r\"\0", 5), place_), text_.size());
    if (!done() && text_[place_] != ',' && !at_line_end()) {
      const char what = text_[place_];
      throw table_error(on_, line_,
                        what == '"'    ? "a quote stands inside a cell that does not begin with one"
                        : what == '\0' ? "it holds a NUL byte"
                                       : "a carriage return stands alone outside quotes");
    }
    return std::string(text_.substr(begin, place_ - begin));
  }

  std::string quoted() {
    const std::size_t first_line = line_;
    std::string cell;
    for (++place_; !done(); ++place_) {
      const char c = text_[place_];
      if (c == '\0') throw table_error(on_, line_, "it holds a NUL byte");
      if (c == '\n') ++line_;
      if (c == '"') {
        ++place_;
        if (done() || text_[place_] == ',' || at_line_end()) return cell;
        if (text_[place_] != '"') throw table_error(on_, line_, "text follows the closing quote of a cell");
      }
      cell += c;
    }
    throw table_error(on_, first_line, "a quote is opened and never closed");
  }

  std::string_view text_;
  const std::string& on_;
  std::size_t place_ = 0, line_ = 1, row_line_ = 1;
};

} // namespace detail

/// Reads CSV (RFC 4180, UTF-8): the first row names the columns; a byte order mark, LF or CRLF, and line breaks inside
/// quotes are taken; lines without a character are skipped. The guard that csv_row() sets is removed. `on` names the
/// source in messages. Throws errc::bad_format with the line: stray or open quotes, NUL bytes, a row with more or fewer
/// cells than the first, two columns of one name, no row at all.
[[nodiscard]] inline table parse_table(std::string_view text, const std::string& on) {
  detail::table_reader reader(text, on);
  table result{.columns = {}, .rows = {}, .source = on};
  if (!reader.next(result.columns)) throw detail::table_error(on, 1, "it is empty, without even the names of columns");
  auto sorted = result.columns;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw detail::table_error(on, reader.row_line(), "two columns are named \"" + *twice + "\"");
  for (std::vector<std::string> cells; reader.next(cells);) {
    if (cells.size() != result.columns.size())
      throw detail::table_error(on, reader.row_line(),
                                "it has " + std::to_string(cells.size()) + " cells, and there are " +
                                    std::to_string(result.columns.size()) + " columns");
    result.rows.push_back(std::move(cells));
  }
  return result;
}

/// parse_table() of a file; also throws what read_file() throws.
[[nodiscard]] inline table read_table(const std::filesystem::path& path) {
  return parse_table(read_file(path), path.string());
}

/// One line of CSV with its "\n". Cells with commas, quotes or line breaks are quoted; NUL bytes are left out.
///
/// A cell that a spreadsheet would run as a formula (it begins with = + - @ TAB or CR) gets a leading '. So that
/// reading is the exact inverse, a cell which begins with quotes ' before such a character gets one more: the reader
/// removes one ' wherever ' stands before such a start, and nowhere else.
[[nodiscard]] inline std::string csv_row(std::span<const std::string> cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) line += ',';
    std::string cell = cells[i];
    std::erase(cell, '\0');
    if (detail::is_formula(cell, 0)) cell.insert(cell.begin(), '\'');
    // A line must hold a character to be a row, so a lone empty cell is quoted too; and what begins like a byte order
    // mark, since the reader drops one at the begin of a file.
    if (cell.find_first_of(",\"\r\n") == std::string::npos && !(cell.empty() && cells.size() == 1) &&
        !cell.starts_with("\xEF\xBB\xBF")) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line += '\n';
}

/// The whole table as CSV text.
[[nodiscard]] inline std::string to_csv(const table& table) {
  std::string text = csv_row(table.columns);
  for (const auto& row : table.rows) text += csv_row(row);
  return text;
}

/// Replaces the file `path` by the table, atomically; throws as write_file_atomically().
inline void write_table(const std::filesystem::path& path, const table& table) {
  write_file_atomically(path, to_csv(table));
}

} // namespace eucv::dataset

// ---- eucv/dataset/algebra.hpp --------------------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace eucv::dataset {

/// The rows of `from` whose ID is in no row of `remove`, in their order: pictures for a test that training never saw.
/// An empty ID is equal to none.
/// Throws errc::missing_column where a table has no ID.
[[nodiscard]] inline table subtract(const table& from, const table& remove) {
  const std::size_t id = from.column("ID"), removed_id = remove.column("ID");
  std::unordered_set<std::string> removed;
  for (const auto& row : remove.rows) removed.insert(row[removed_id]);
  table result{from.columns, {}};
  std::copy_if(from.rows.begin(), from.rows.end(), std::back_inserter(result.rows),
               [&](const auto& row) { return row[id].empty() || !removed.contains(row[id]); });
  return result;
}

/// The rows of the first table, then those of the second, without any whose ID and category came before. An empty ID is
/// equal to none.
///
/// The columns of the first come first, then those that only the second has; cells that a table lacks are empty. Throws
/// errc::missing_column where a table has no ID or category.
[[nodiscard]] inline table merge(const table& first, const table& second) {
  table result{first.columns, {}};
  for (const auto& column : second.columns)
    if (!first.has(column)) result.columns.push_back(column);
  std::unordered_set<std::string> seen;
  for (const table* part : {&first, &second}) {
    const std::size_t id = part->column("ID"), category = part->column("category");
    std::vector<std::size_t> places;
    for (const auto& column : part->columns) places.push_back(result.column(column));
    for (const auto& row : part->rows) {
      // No cell that was read holds a NUL, so the two cannot run into each other.
      if (!row[id].empty() && !seen.insert(row[id] + '\0' + row[category]).second) continue;
      auto& cells = result.rows.emplace_back(result.columns.size());
      for (std::size_t i = 0; i < row.size(); ++i) cells[places[i]] = row[i];
    }
  }
  return result;
}

/// How much of each category sample() takes: one of the two.
struct sample_options {
  std::size_t per_category = 0; ///< rows, or all where there are fewer
  double fraction = 0;          ///< of the rows, rounded, but at least one
  std::uint64_t seed = 1;
};

/// Rows at random, so many of each category, in the order in which they stood.
///
/// What is taken of a category depends on its rows and the seed alone: it stays when another category is added. Throws
/// errc::missing_column without a category, errc::invalid_argument unless exactly one number is given, the fraction
/// being at most 1.
[[nodiscard]] inline table sample(const table& from, const sample_options& options) {
  const bool by_number = options.per_category != 0, by_fraction = options.fraction > 0 && options.fraction <= 1;
  if (by_number == (options.fraction != 0) || (!by_number && !by_fraction))
    throw error(errc::invalid_argument,
                {"sample the table",
                 std::to_string(options.per_category) + " rows and a fraction of " + std::to_string(options.fraction),
                 "exactly one says how much to take", "give a number of rows, or a fraction above 0 and up to 1"});
  const std::size_t category = from.column("category");
  std::map<std::string, std::vector<std::size_t>> rows_of;
  for (std::size_t i = 0; i < from.rows.size(); ++i) rows_of[from.rows[i][category]].push_back(i);
  std::vector<std::size_t> taken;
  for (auto& [name, rows] : rows_of) {
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a: std::hash differs from library to library
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    random engine = random(options.seed).fork(hash);
    engine.shuffle(std::span(rows));
    const auto wanted =
        by_number
            ? options.per_category
            : static_cast<std::size_t>(std::max(1.0, std::round(options.fraction * static_cast<double>(rows.size()))));
    rows.resize(std::min(wanted, rows.size()));
    taken.insert(taken.end(), rows.begin(), rows.end());
  }
  std::sort(taken.begin(), taken.end());
  table result{from.columns, {}};
  for (const std::size_t row : taken) result.rows.push_back(from.rows[row]);
  return result;
}

} // namespace eucv::dataset

// ---- eucv/dataset/batch.hpp ----------------------------------------------------------------------------------------
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace eucv::dataset {

/// Pictures as a network takes them, with their labels.
struct batch {
  std::size_t n = 0; ///< pictures; 0 where none of its files could be read
  std::size_t height = 0, width = 0;
  std::vector<float> pixels;       ///< {n, height, width, 3}, channels last, red, green, blue
  std::vector<std::size_t> labels; ///< n of them
  std::vector<std::size_t> items;  ///< place of each picture in the list of files
};

/// How bytes become numbers: (value / 255 - mean) / deviation in each channel. The defaults are ImageNet's, which
/// networks trained on it expect; any network learns well with them.
struct pixel_scale {
  std::array<double, 3> mean{0.485, 0.456, 0.406};
  std::array<double, 3> deviation{0.229, 0.224, 0.225};

  friend bool operator==(const pixel_scale&, const pixel_scale&) = default;
};

/// Turns bitmaps into the numbers of a batch. Immutable once made, so that threads may share one.
class pixel_writer {
public:
  /// Throws errc::invalid_argument for a deviation that is not positive, or a value that is not finite.
  explicit pixel_writer(const pixel_scale& scale = {}) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const double mean = scale.mean[channel], deviation = scale.deviation[channel];
      if (!std::isfinite(mean) || !std::isfinite(deviation) || deviation <= 0)
        throw error(errc::invalid_argument,
                    {"prepare pictures", "channel " + std::to_string(channel),
                     "its mean is " + std::to_string(mean) + " and its deviation " + std::to_string(deviation),
                     "give finite means and deviations above 0"});
      for (std::size_t value = 0; value < 256; ++value)
        table_[value * 3 + channel] = static_cast<float>((static_cast<double>(value) / 255 - mean) / deviation);
    }
  }

  /// Appends the pixels of a picture.
  void append(const image::bitmap& picture, std::vector<float>& pixels) const {
    const std::size_t begin = pixels.size();
    pixels.resize(begin + picture.rgb.size());
    float* out = pixels.data() + begin;
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
      for (std::size_t channel = 0; channel < 3; ++channel)
        *out++ = table_[std::size_t{picture.rgb[i + channel]} * 3 + channel];
  }

private:
  std::array<float, 256 * 3> table_{}; // of each byte its number in each channel
};

} // namespace eucv::dataset

// ---- eucv/dataset/decoded_cache.hpp --------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace eucv::dataset {

/// Pictures kept decoded from one epoch to the next, up to a number of bytes.
///
/// What does not fit is not kept, and nothing is ever thrown out for it: an epoch reads every file once, so throwing
/// out the oldest would throw out each picture just before its turn. A file that changes on disk is not noticed. Thread
/// safe; several `batches`, of training and validation say, may share one.
class decoded_cache {
public:
  explicit decoded_cache(std::size_t byte_limit) : limit_(byte_limit) {}

  /// The picture of `file` as it was kept with this shorter side, or nullptr.
  [[nodiscard]] std::shared_ptr<const image::bitmap> find(const std::filesystem::path& file,
                                                          std::size_t shorter_side) const {
    std::lock_guard lock(mutex_);
    const auto found = pictures_.find(key(file, shorter_side));
    return found == pictures_.end() ? nullptr : found->second;
  }

  /// Keeps a picture where room is left. Of two for one key, the first stays.
  void keep(const std::filesystem::path& file, std::size_t shorter_side, std::shared_ptr<const image::bitmap> picture) {
    std::string name = key(file, shorter_side);
    const std::size_t cost = picture->rgb.capacity() + name.capacity() + overhead;
    std::lock_guard lock(mutex_);
    if (cost > limit_ - bytes_) return;
    if (pictures_.try_emplace(std::move(name), std::move(picture)).second) bytes_ += cost;
  }

  /// Bytes in use, those of the names and the table included; never above the limit.
  [[nodiscard]] std::size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }
  /// Number of pictures kept.
  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return pictures_.size();
  }

private:
  static constexpr std::size_t overhead = 160; // nodes of the table, the bitmap and its control block, about

  static std::string key(const std::filesystem::path& file, std::size_t shorter_side) {
    return std::to_string(shorter_side) + ' ' + file.native();
  }

  std::size_t limit_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const image::bitmap>> pictures_;
};

} // namespace eucv::dataset

// ---- eucv/dataset/labelled_file.hpp --------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace eucv::dataset {

/// A picture on disk and its class.
struct labelled_file {
  std::filesystem::path file; ///< of a picture in a shard: the path of the shard, then the name in it
  std::size_t label = 0;      ///< place of its class among the labels
  std::string group = {}; ///< files of one group show one thing, so a split keeps them together: the ID of their record
  std::uint64_t offset = 0, size = 0; ///< bytes of a picture in a shard; size 0: it is a file of its own

  friend bool operator==(const labelled_file&, const labelled_file&) = default;
};

/// Labelled pictures. The order depends on names alone, never on the file system, so that it holds on every machine.
struct image_folder {
  std::vector<std::string> labels;  ///< sorted
  std::vector<labelled_file> files; ///< by label, then by name; those of shards as they stand in there
};

/// The files at the given places, in that order. Precondition: each place is less than files.size().
[[nodiscard]] inline std::vector<labelled_file> pick(std::span<const labelled_file> files,
                                                     std::span<const std::size_t> places) {
  std::vector<labelled_file> picked;
  picked.reserve(places.size());
  for (const std::size_t place : places) picked.push_back(files[place]);
  return picked;
}

/// The bytes of a picture, from its file or its shard. Throws as read_file().
[[nodiscard]] inline std::string read_bytes(const labelled_file& from, std::uint64_t limit) {
  return from.size == 0 ? read_file(from.file, limit)
                        : read_file_part(from.file.parent_path(), {from.offset, from.size}, limit);
}

/// Their number, as far as it can be known without reading them: 0 where the file is missing.
[[nodiscard]] inline std::uint64_t stored_size(const labelled_file& of) {
  if (of.size != 0) return of.size;
  std::error_code missing;
  const auto size = std::filesystem::file_size(of.file, missing);
  return missing ? 0 : size;
}

} // namespace eucv::dataset

// ---- eucv/dataset/shards.hpp ---------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::dataset {

/// The file of a folder of shards that lists them. It is written last: without it the shards are not complete.
inline constexpr const char* shard_index = "shards.json";

/// How shards are written.
struct shard_options {
  std::size_t per_shard = 1000; ///< pictures a shard
  image::decode_limits limits{};
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< when it asks for the end, errc::interrupted is thrown after the shard at hand
};

/// What came of it.
struct shard_summary {
  std::size_t shards = 0, pictures = 0;
  std::size_t kept = 0;                         ///< shards that an earlier run had written
  std::map<std::string, std::size_t> reasons{}; ///< pictures that this run passed over, by error::reason()
};

/// Writes pictures as WebDataset shards: `folder`/000000.tar and so on, of `per_shard` pictures each, for readers that
/// go through them from front to back. A picture is three entries: 000000.jpg or .png, its bytes as they are; .cls, the
/// place of its class among the labels; .json, {"label", "group", "file", "sha256"} and what `about` gives for its
/// file.
///
/// Number N of a picture is its place in `pictures`. One that cannot be read, or that the gate refuses, is passed over.
/// The same pictures make the same bytes. Each shard comes to be by `.part`, fsync and rename: after a kill the same
/// call goes on, and ends with the bytes of an unbroken run. Throws invalid_argument for a per_shard of 0, and where
/// the folder was begun with other pictures or another size; in_use; file_error().
shard_summary write_shards(const image_folder& pictures, const std::filesystem::path& folder,
                           const shard_options& options = {},
                           const std::map<std::filesystem::path, std::map<std::string, std::string>>& about = {});

/// The pictures of a folder that write_shards() wrote, for `batches` and all else that takes labelled files: they are
/// read from the shards, without unpacking. Throws bad_format for what is no such folder, whole, and as read_tar().
[[nodiscard]] image_folder read_shards(const std::filesystem::path& folder);

} // namespace eucv::dataset

// ---- eucv/dataset/folder.hpp ---------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace eucv::dataset {

namespace detail {

// Of each class its pictures, as pairs of the file's name below the folder and its group.
using named_files = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

[[nodiscard]] inline bool names_picture(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

[[nodiscard]] inline named_files files_by_download(const std::filesystem::path& list) {
  const table table = read_table(list);
  const std::size_t id = table.column("ID"), category = table.column("category"), file = table.column("file"),
                    status = table.column("status");
  named_files found;
  for (const auto& row : table.rows) {
    auto& files = found[row[category]];
    if (row[status] != "ok") continue;
    const auto path = std::filesystem::path(row[file]).lexically_normal();
    if (path.empty() || path.is_absolute() || *path.begin() == "..")
      throw error(errc::bad_format,
                  {"read the pictures", list.string(), "the file \"" + row[file] + "\" is not below this folder",
                   "mend that row, or download anew"});
    files.emplace_back(path.generic_string(), row[id]);
  }
  return found;
}

[[nodiscard]] inline named_files files_by_folder(const std::filesystem::path& folder) {
  named_files found;
  const auto names_in = [](const std::filesystem::path& place) {
    std::vector<std::filesystem::directory_entry> entries;
    std::error_code failure;
    for (std::filesystem::directory_iterator at(place, failure), end; !failure && at != end; at.increment(failure))
      if (!at->path().filename().string().starts_with('.')) entries.push_back(*at);
    if (failure) throw file_error("read the folder", place, failure.value());
    return entries;
  };
  for (const auto& of_class : names_in(folder)) {
    std::error_code ignored; // a link that leads nowhere is neither folder nor picture
    if (!of_class.is_directory(ignored)) continue;
    const std::string label = of_class.path().filename().string();
    auto& files = found[label];
    for (const auto& entry : names_in(of_class.path())) {
      if (!names_picture(entry.path()) || !entry.is_regular_file(ignored)) continue;
      const std::string name = label + "/" + entry.path().filename().string();
      files.emplace_back(name, name);
    }
  }
  return found;
}

} // namespace detail

/// The pictures of a folder: the rows of its downloads.csv with status `ok` where it has such a table (group: the ID),
/// else <class>/*.{jpg,jpeg,png} in any case of letters (group: the file itself). Names with a leading dot are skipped.
/// Of a folder that write_shards() wrote: read_shards().
///
/// A picture of the table that is no longer on disk is listed too, so that whoever reads it counts it as missing.
/// Throws not_found, empty_class where there is no class at all or one has no picture, and what read_table() throws.
[[nodiscard]] inline image_folder read_image_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure))
    throw error(errc::not_found, {"read the pictures", folder.string(), "there is no such folder", "check the path"});
  if (std::filesystem::exists(folder / shard_index, failure)) return read_shards(folder);
  const auto list = folder / "downloads.csv";
  const bool downloaded = std::filesystem::exists(list, failure);
  auto found = downloaded ? detail::files_by_download(list) : detail::files_by_folder(folder);
  if (found.empty())
    throw error(errc::empty_class,
                {"read the pictures", downloaded ? list.string() : folder.string(), "it holds no class",
                 downloaded
                     ? "download some pictures first"
                     : "put the pictures of each class into a folder of its own in there, named like the class"});
  image_folder result;
  for (auto& [label, files] : found) {
    if (files.empty())
      throw error(errc::empty_class, {"read the pictures", (folder / label).string(), "this class has no picture",
                                      downloaded ? "retry its failed downloads, or take its rows out of downloads.csv"
                                                 : "add JPEG or PNG files to it, or remove the folder"});
    std::sort(files.begin(), files.end());
    for (auto& [name, group] : files)
      result.files.push_back({.file = folder / name, .label = result.labels.size(), .group = std::move(group)});
    result.labels.push_back(label);
  }
  return result;
}

} // namespace eucv::dataset

// ---- eucv/dataset/picture.hpp --------------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

namespace eucv::dataset {

/// How a picture is read from disk.
struct picture_options {
  std::size_t shorter_side = 0; ///< larger pictures are shrunk to it, aspect kept; 0 keeps each pixel
  image::decode_limits limits{};
};

/// The picture in a file or shard, or why it cannot be had: the failure of reading, of the gate, or of the decoder.
/// Throws nothing but std::bad_alloc. Thread safe.
[[nodiscard]] inline result<image::bitmap> read_picture(const labelled_file& from,
                                                        const picture_options& options = {}) {
  std::string bytes;
  try {
    bytes = read_bytes(from, options.limits.bytes);
  } catch (const error& failure) {
    return failure;
  }
  auto picture = image::decode(bytes, {.limits = options.limits, .shorter_side = options.shorter_side});
  if (!picture) {
    error_text told = picture.error().text();
    told.on = from.file.string() + (told.on.empty() ? "" : ", " + told.on);
    return error(picture.error().code(), std::move(told));
  }
  if (options.shorter_side == 0) return picture;
  return image::shrink_shorter_side(std::move(*picture), options.shorter_side);
}

/// The same for a file by its path.
[[nodiscard]] inline result<image::bitmap> read_picture(const std::filesystem::path& file,
                                                        const picture_options& options = {}) {
  const labelled_file from{.file = file};
  return read_picture(from, options);
}

/// The middle square of a picture, `size` pixels a side, as networks see pictures outside of training: the same as
/// bringing the shorter side to `size`, enlarged where it is smaller, and cutting off what hangs over at both ends.
/// Cuts first, so that memory stays bounded for a picture of 1 x 60,000. Throws errc::invalid_argument for an empty
/// picture or a size of 0. Thread safe.
[[nodiscard]] inline image::bitmap middle_square(const image::bitmap& picture, std::size_t size) {
  image::bitmap square = image::centre_square(picture);
  return square.width == size ? square : image::resize(square, size, size);
}

} // namespace eucv::dataset

// ---- eucv/dataset/batches.hpp --------------------------------------------------------------------------------------
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// The order in which an epoch takes its files.
enum class epoch_order : std::uint8_t {
  listed,   ///< as they are listed, for evaluation
  shuffled, ///< at random, another way in each epoch, for training
};

/// How files become batches.
struct batch_options {
  std::size_t size = 128; ///< width and height of the pictures
  std::size_t batch = 32; ///< pictures a batch; the last one holds what is left
  epoch_order order = epoch_order::listed;
  std::optional<image::augmentation> augmentation{}; ///< with `size` from above; none: middle_square()
  pixel_scale scale{};
  std::uint64_t seed = 1;
  std::size_t epoch = 0;
  std::size_t first_batch = 0;    ///< batches to leave out at the beginning, for a training that goes on
  std::size_t threads = 0;        ///< that read and decode beside the caller; 0: one a core
  std::size_t queue = 0;          ///< batches ready or in work at one time; 0: one more than threads
  decoded_cache* cache = nullptr; ///< where pictures are kept for later epochs; must outlive the batches
  image::decode_limits limits{};
};

/// A file that was passed over, and the word for why: error::reason().
struct unreadable_file {
  std::filesystem::path file;
  std::string reason;
  friend bool operator==(const unreadable_file&, const unreadable_file&) = default;
};

/// Number of batches in an epoch of `files` files.
[[nodiscard]] constexpr std::size_t batch_count(std::size_t files, std::size_t batch) noexcept {
  return files / batch + (files % batch == 0 ? 0 : 1);
}

/// One epoch of labelled files as batches, which threads prepare while the caller works on those before.
///
/// Which file stands in which batch, and how it is augmented, follows from (seed, epoch, place in the list) alone: the
/// batches have the same bits for any number of threads, with and without cache, and from first_batch on. A file that
/// cannot be read is left out and listed by unreadable(); its batch is smaller by one, at worst empty, and no other
/// moves. Memory: at most `queue` batches and one picture a thread. next() and unreadable() are for one thread.
class batches {
public:
  /// Starts to prepare. `files` must outlive the object. Throws errc::invalid_argument for a size or batch of 0 and a
  /// scale that is none, and errc::batch_too_large for a shuffled epoch of fewer files than one batch: a training would
  /// never see the batch it was set up for. In listed order that is one smaller batch.
  batches(std::span<const labelled_file> files, batch_options options)
      : files_(files), options_(with_defaults(std::move(options))), writer_(options_.scale),
        epoch_(random(options_.seed).fork(options_.epoch)), order_(order()),
        count_(batch_count(files.size(), options_.batch)), taken_(std::min(options_.first_batch, count_)),
        given_(taken_), slots_(options_.queue) {
    const std::size_t threads = std::min({options_.threads, options_.queue, count_ - taken_});
    for (std::size_t i = 0; i < threads; ++i)
      workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  /// A list that is gone before the batches are read.
  batches(std::vector<labelled_file>&&, batch_options) = delete;
  batches(const batches&) = delete;
  batches& operator=(const batches&) = delete;

  /// Number of batches in the whole epoch, those before first_batch included.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  /// The next batch, waiting for it where it is not ready; nothing after the last. Throws what its preparation threw,
  /// which is never the fault of one file: memory ran out.
  [[nodiscard]] std::optional<batch> next() {
    if (given_ == count_) return std::nullopt;
    product made;
    {
      std::unique_lock lock(mutex_);
      auto& slot = slots_[given_ % slots_.size()];
      ready_.wait(lock, [&] { return slot.has_value(); });
      made = std::move(*slot);
      slot.reset();
      ++given_;
    }
    room_.notify_one();
    if (made.failure) std::rethrow_exception(made.failure);
    std::move(made.unreadable.begin(), made.unreadable.end(), std::back_inserter(unreadable_));
    return std::move(made.pictures);
  }

  /// The unreadable files of the batches that next() has given, in their order.
  [[nodiscard]] const std::vector<unreadable_file>& unreadable() const noexcept { return unreadable_; }

private:
  struct product {
    batch pictures;
    std::vector<unreadable_file> unreadable;
    std::exception_ptr failure;
  };

  static batch_options with_defaults(batch_options options) {
    if (options.size == 0 || options.batch == 0)
      throw error(errc::invalid_argument, {"make batches", options.size == 0 ? "the size of the pictures" : "the batch",
                                           "it is 0", "choose at least 1"});
    if (options.augmentation) options.augmentation->size = options.size;
    if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
    if (options.queue == 0) options.queue = options.threads + 1;
    return options;
  }

  [[nodiscard]] std::vector<std::size_t> order() const {
    std::vector<std::size_t> places(files_.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    if (options_.order == epoch_order::listed) return places;
    if (options_.batch > files_.size())
      throw error(errc::batch_too_large, {"make batches", "batches of " + std::to_string(options_.batch) + " pictures",
                                          "there are only " + std::to_string(files_.size()) + " pictures",
                                          "choose a batch of at most that many, or add pictures"});
    random engine = epoch_;
    engine.shuffle(std::span(places));
    return places;
  }

  void work(const std::stop_token& stop) {
    while (true) {
      std::size_t number = 0;
      {
        std::unique_lock lock(mutex_);
        // Slot number % queue is free as soon as the batch `queue` places before has been given.
        const auto has_room = [&] { return taken_ == count_ || taken_ < given_ + slots_.size(); };
        if (!room_.wait(lock, stop, has_room) || stop.stop_requested() || taken_ == count_) return;
        number = taken_++;
      }
      product made;
      try {
        made = prepare(number, stop);
      } catch (...) {
        made.failure = std::current_exception();
      }
      {
        std::lock_guard lock(mutex_);
        slots_[number % slots_.size()] = std::move(made);
      }
      ready_.notify_one();
    }
  }

  [[nodiscard]] product prepare(std::size_t number, const std::stop_token& stop) const {
    product made;
    batch& pictures = made.pictures;
    pictures.height = pictures.width = options_.size;
    const std::size_t begin = number * options_.batch, end = std::min(begin + options_.batch, files_.size());
    pictures.pixels.reserve((end - begin) * options_.size * options_.size * 3);
    for (std::size_t i = begin; i < end && !stop.stop_requested(); ++i) {
      const std::size_t item = order_[i];
      const auto picture = read(files_[item]);
      if (!picture) {
        made.unreadable.push_back({files_[item].file, picture.error().reason()});
        continue;
      }
      writer_.append(shape(**picture, item), pictures.pixels);
      pictures.labels.push_back(files_[item].label);
      pictures.items.push_back(item);
      ++pictures.n;
    }
    return made;
  }

  // Pictures are kept no larger than they are used. A random crop uses a part of one, so it starts from more pixels.
  [[nodiscard]] std::size_t shorter_side() const noexcept {
    return options_.augmentation ? options_.size + options_.size / 2 : options_.size;
  }

  [[nodiscard]] result<std::shared_ptr<const image::bitmap>> read(const labelled_file& from) const {
    if (options_.cache != nullptr)
      if (auto kept = options_.cache->find(from.file, shorter_side())) return kept;
    auto picture = read_picture(from, {.shorter_side = shorter_side(), .limits = options_.limits});
    if (!picture) return picture.error();
    auto shared = std::make_shared<const image::bitmap>(std::move(*picture));
    if (options_.cache != nullptr) options_.cache->keep(from.file, shorter_side(), shared);
    return std::shared_ptr<const image::bitmap>(std::move(shared));
  }

  [[nodiscard]] image::bitmap shape(const image::bitmap& picture, std::size_t item) const {
    if (!options_.augmentation) return middle_square(picture, options_.size);
    random engine = epoch_.fork(item);
    return image::augment(picture, *options_.augmentation, engine);
  }

  std::span<const labelled_file> files_;
  batch_options options_;
  pixel_writer writer_;
  random epoch_;
  std::vector<std::size_t> order_; // of each place in the epoch its file
  std::size_t count_;
  std::vector<unreadable_file> unreadable_;

  std::mutex mutex_; // guards what follows, but for given_ in next(), which alone writes it
  std::condition_variable ready_;
  std::condition_variable_any room_; // waits with a stop token
  std::size_t taken_;                // batches that threads have begun
  std::size_t given_;                // batches that next() has given
  std::vector<std::optional<product>> slots_;
  std::vector<std::jthread> workers_; // last: they are stopped and joined before anything else goes
};

} // namespace eucv::dataset

// ---- eucv/dataset/card.hpp -----------------------------------------------------------------------------------------
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// What a card tells of one picture. Whatever is not known is empty.
struct card_entry {
  std::string file = {};   ///< relative to the folder of pictures, with '/'; empty where it was not downloaded
  std::string sha256 = {}; ///< of that file
  std::string id = {}, category = {}, url = {}, rights = {}, title = {}, creator = {}, data_provider = {},
              provider = {}, country = {}, landing_page = {};
};

/// A card says what a data set is, so that others can find, judge, cite and use it (FAIR).
struct card {
  std::string name;                ///< of the data set
  std::string made;                ///< how it was made, a sentence or two
  std::vector<card_entry> entries; ///< in the order of the data set
  std::string published = {};      ///< the day, as 2026-01-31
  std::string url = {};            ///< of the page where the data set can be had
  std::string creator = {};        ///< who made it: a person or an institution
};

/// The pictures of a table with `category` and `ID`; other columns are taken where they are there. Throws
/// errc::missing_column.
[[nodiscard]] std::vector<card_entry> entries_of(const table& table);

/// The pictures of a folder: of its downloads.csv those with status `ok`, else the files of each class, whose digests
/// are computed. `facts` adds what a table such as that of the harvest knows of an ID; pass an empty one for none.
/// Throws as read_image_folder().
[[nodiscard]] std::vector<card_entry> entries_of(const std::filesystem::path& images, const table& facts);

/// ATTRIBUTION.csv: one row a picture, guarded against spreadsheets as csv_row() does it.
[[nodiscard]] std::string attribution_csv(const card& about);

/// README.md: counts by class, licence, provider and country, and how the set was made. Text from outside is escaped,
/// so that it can be neither markup nor HTML.
[[nodiscard]] std::string card_readme(const card& about);

/// croissant.json: JSON-LD of the Croissant format 1.0 (mlcommons.org/croissant). A FileObject with SHA-256, licence
/// and credit for each picture that was downloaded, and a record set over ATTRIBUTION.csv, whose digest it holds. The
/// format demands `published`, `url` and `creator`; those that are empty are left out.
[[nodiscard]] std::string croissant_json(const card& about);

/// Writes the three into `folder`, each atomically. Throws a file_error().
void write_card(const card& about, const std::filesystem::path& folder);

} // namespace eucv::dataset

// ---- eucv/dataset/fingerprint.hpp ----------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace eucv::dataset {

/// What two files are compared by to see whether they hold one picture.
struct fingerprint {
  std::string sha256;                            ///< of the bytes; empty where the file could not be read
  std::uint64_t dhash = 0;                       ///< of the picture: image::dhash()
  std::array<std::uint8_t, 9 * 8 * 3> squares{}; ///< the picture as 9 x 8 pixels, red, green, blue
  bool has_detail = false; ///< false for a picture of one colour, or none: nothing but its bytes tells it from others
};

/// The mean difference of two pictures' squares, in levels of 0 to 255.
[[nodiscard]] inline double square_difference(const fingerprint& a, const fingerprint& b) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < a.squares.size(); ++i) sum += std::abs(int{a.squares[i]} - int{b.squares[i]});
  return static_cast<double>(sum) / static_cast<double>(a.squares.size());
}

namespace detail {

// Squares of a flat picture differ by rounding and noise alone, and so does what a hash makes of them.
inline constexpr int least_contrast = 12;

inline void describe(const image::bitmap& picture, fingerprint& made) {
  made.dhash = image::dhash(picture);
  const image::bitmap small = image::resize_area(picture, 9, 8);
  std::copy(small.rgb.begin(), small.rgb.end(), made.squares.begin());
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::uint8_t low = 255, high = 0;
    for (std::size_t i = channel; i < made.squares.size(); i += 3) {
      low = std::min(low, made.squares[i]);
      high = std::max(high, made.squares[i]);
    }
    made.has_detail = made.has_detail || high - low >= least_contrast;
  }
}

} // namespace detail

/// The fingerprint of a file's bytes, or why they are no picture. Decodes at a small scale where the decoder can.
/// Thread safe.
[[nodiscard]] inline result<fingerprint> fingerprint_of(std::string_view bytes,
                                                        const image::decode_limits& limits = {}) {
  const auto picture = image::decode(bytes, {.limits = limits, .shorter_side = 64});
  if (!picture) return picture.error();
  fingerprint made;
  made.sha256 = sha256_text(bytes);
  detail::describe(*picture, made);
  return made;
}

} // namespace eucv::dataset

// ---- eucv/dataset/split.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// What part of the files serves what. The rest is for training.
struct split_options {
  double validation = 0.1;
  double test = 0;
  std::uint64_t seed = 1;
};

/// Places in the list of files, each in one part, ascending.
struct split_indices {
  std::vector<std::size_t> train, validation, test;
};

namespace detail {

// Assigns groups to parts. Each part first gets one group of each class, then the rest goes, large groups first, to
// where most is missing; so with one file a group each part has its share of each class to within one file.
class splitter {
public:
  splitter(std::span<const std::size_t> labels, std::span<const std::string> groups, std::span<const std::string> names)
      : names_(names) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto [found, fresh] = places.try_emplace(groups[i], groups_.size());
      if (fresh) groups_.emplace_back();
      groups_[found->second].files.push_back(i);
      ++groups_[found->second].classes[labels[i]];
    }
    const std::size_t classes = labels.empty() ? 0 : 1 + *std::max_element(labels.begin(), labels.end());
    groups_of_.resize(std::max(classes, names.size()));
    files_of_.resize(groups_of_.size());
  }

  split_indices split(const split_options& options) {
    const std::array<double, 3> shares{1 - options.validation - options.test, options.validation, options.test};
    const auto wanted = [&](std::size_t part) { return shares[part] > 0; };
    const std::size_t parts = 1 + (wanted(1) ? 1 : 0) + (wanted(2) ? 1 : 0);

    random engine(options.seed);
    engine.shuffle(std::span(groups_));
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const group& a, const group& b) { return a.files.size() > b.files.size(); });
    for (std::size_t i = 0; i < groups_.size(); ++i)
      for (const auto& [label, count] : groups_[i].classes) {
        groups_of_[label].push_back(i);
        files_of_[label] += count;
      }
    for (std::size_t label = 0; label < groups_of_.size(); ++label)
      if (groups_of_[label].size() < parts) throw too_small(label, parts);

    missing_.assign(3, std::vector<double>(groups_of_.size()));
    for (std::size_t part = 0; part < 3; ++part)
      for (std::size_t label = 0; label < groups_of_.size(); ++label)
        missing_[part][label] = shares[part] * static_cast<double>(files_of_[label]);

    for (std::size_t part = 0; part < 3; ++part)
      if (wanted(part)) give_each_class(part, parts);
    for (group& each : groups_)
      if (!each.part) assign(each, neediest(each, wanted));
    return collect();
  }

private:
  struct group {
    std::vector<std::size_t> files;
    std::map<std::size_t, std::size_t> classes; // label -> files with it
    std::optional<std::size_t> part;
  };

  [[nodiscard]] error too_small(std::size_t label, std::size_t parts) const {
    const std::size_t there = groups_of_[label].size();
    const std::string name =
        label < names_.size() ? "the class \"" + names_[label] + "\"" : "class " + std::to_string(label);
    if (there == 0)
      return {errc::empty_class,
              {"split the pictures", name, "it has no picture", "add pictures, or remove the class"}};
    const std::string pictures =
        std::to_string(files_of_[label]) + (files_of_[label] == 1 ? " picture" : " pictures") +
        (there == files_of_[label] ? "" : " of " + std::to_string(there) + (there == 1 ? " record" : " records"));
    return {errc::class_too_small,
            {"split the pictures", name,
             "it has " + pictures + ", too few for " + std::to_string(parts) + " parts that each need one of its own",
             "add pictures, or remove the class"}};
  }

  // Classes with few groups choose first, and take a group that no other class has where there is one. Training takes
  // the largest such group, the others the smallest: in parts that small a large one would be far too much.
  void give_each_class(std::size_t part, std::size_t parts) {
    std::vector<std::size_t> classes(groups_of_.size());
    std::iota(classes.begin(), classes.end(), std::size_t{0});
    std::stable_sort(classes.begin(), classes.end(),
                     [&](std::size_t a, std::size_t b) { return groups_of_[a].size() < groups_of_[b].size(); });
    for (const std::size_t label : classes) {
      const auto& members = groups_of_[label];
      if (std::any_of(members.begin(), members.end(), [&](std::size_t i) { return groups_[i].part == part; })) continue;
      group* best = nullptr;
      const auto consider = [&](group& each) {
        if (!each.part && (best == nullptr || each.classes.size() < best->classes.size())) best = &each;
      };
      if (part == 0)
        for (auto i = members.begin(); i != members.end(); ++i) consider(groups_[*i]);
      else
        for (auto i = members.rbegin(); i != members.rend(); ++i) consider(groups_[*i]);
      if (best == nullptr) throw too_small(label, parts);
      assign(*best, part);
    }
  }

  template <class Wanted>
  [[nodiscard]] std::size_t neediest(const group& each, const Wanted& wanted) const {
    std::size_t best = 0;
    double most = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      double need = 0;
      for (const auto& [label, count] : each.classes) need += missing_[part][label] * static_cast<double>(count);
      if (!wanted(part) || (part != 0 && need <= most)) continue;
      best = part;
      most = need;
    }
    return best;
  }

  void assign(group& each, std::size_t part) {
    each.part = part;
    for (const auto& [label, count] : each.classes) missing_[part][label] -= static_cast<double>(count);
  }

  [[nodiscard]] split_indices collect() const {
    split_indices result;
    const std::array<std::vector<std::size_t>*, 3> parts{&result.train, &result.validation, &result.test};
    for (const group& each : groups_)
      parts[*each.part]->insert(parts[*each.part]->end(), each.files.begin(), each.files.end());
    for (auto* part : parts) std::sort(part->begin(), part->end());
    return result;
  }

  std::span<const std::string> names_;
  std::vector<group> groups_;
  std::vector<std::vector<std::size_t>> groups_of_; // of each class
  std::vector<std::size_t> files_of_;               // of each class, their number
  std::vector<std::vector<double>> missing_;        // of each part and class, files short of its share
};

inline void check_split(const split_options& options) {
  const bool fine = options.validation >= 0 && options.test >= 0 && options.validation + options.test < 1;
  if (fine) return;
  throw error(errc::invalid_argument,
              {"split the pictures",
               "validation " + std::to_string(options.validation) + " and test " + std::to_string(options.test),
               "these are no fractions that leave something to train on",
               "give two numbers from 0 whose sum is below 1"});
}

} // namespace detail

/// Splits files so that each part has its fraction of each class, as nearly as groups allow, and all files of one group
/// are in one part: pictures of one record on both sides would let a network recognise instead of learn.
///
/// Each part that is asked for gets at least one group of each class. The same seed and list give the same split on
/// every machine. Labels are counted from 0. Throws errc::empty_class for a label without file, errc::class_too_small
/// for one with fewer groups than there are parts, errc::invalid_argument for fractions that are none or lists of
/// unequal length.
[[nodiscard]] inline split_indices stratified_split(std::span<const std::size_t> labels,
                                                    std::span<const std::string> groups,
                                                    const split_options& options = {}) {
  detail::check_split(options);
  if (labels.size() != groups.size())
    throw error(errc::invalid_argument,
                {"split the pictures",
                 std::to_string(labels.size()) + " labels and " + std::to_string(groups.size()) + " groups",
                 "each file has one of both", "give lists of one length"});
  return detail::splitter(labels, groups, {}).split(options);
}

/// The same for a folder of pictures; messages name its classes.
[[nodiscard]] inline split_indices stratified_split(const image_folder& folder, const split_options& options = {}) {
  detail::check_split(options);
  std::vector<std::size_t> labels;
  std::vector<std::string> groups;
  for (const auto& each : folder.files) {
    labels.push_back(each.label);
    groups.push_back(each.group);
  }
  return detail::splitter(labels, groups, folder.labels).split(options);
}

} // namespace eucv::dataset

// ---- eucv/dataset/duplicates.hpp -----------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// When two files hold one picture. Equal bytes always do. Of others both must be near: the hash finds the pairs in
/// less than quadratic time, and the small picture sorts out those that only share an outline, such as two coins on
/// white.
struct duplicate_options {
  /// Bits in which the hashes may differ, 0 to 15. Of 300 pictures of museums, stored anew at 100 pixels and quality
  /// 60, 297 were within 6; no two of 858 different ones were, squares considered.
  int distance = 6;
  double difference = 6; ///< levels by which the squares may differ in the mean
};

/// Which files hold one picture.
struct duplicate_groups {
  std::vector<std::size_t> first; ///< of each file the first that holds its picture, at times itself
  std::size_t exact = 0;          ///< files whose bytes a file before them has
  std::size_t near = 0;           ///< files of a group with others, for other reasons than their bytes

  /// The files of each group of two and more, ascending; groups by their first file.
  [[nodiscard]] std::vector<std::vector<std::size_t>> groups() const {
    std::map<std::size_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < first.size(); ++i) members[first[i]].push_back(i);
    std::vector<std::vector<std::size_t>> result;
    for (auto& [leader, files] : members)
      if (files.size() > 1) result.push_back(std::move(files));
    return result;
  }
};

namespace detail {

// Sets that grow together; the least member stands for each.
class disjoint_sets {
public:
  explicit disjoint_sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t i) noexcept {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) noexcept {
    const std::size_t x = find(a), y = find(b);
    parent_[std::max(x, y)] = std::min(x, y);
  }

private:
  std::vector<std::size_t> parent_;
};

inline void check_options(const duplicate_options& options) {
  if (options.distance >= 0 && options.distance <= 15 && options.difference >= 0) return;
  throw error(errc::invalid_argument, {"find duplicates", "the distance " + std::to_string(options.distance),
                                       "it is no number of bits from 0 to 15, or the difference is negative",
                                       "choose about 6 bits and 6 levels"});
}

} // namespace detail

/// Finds files that hold one picture. Duplicates of duplicates are in one group.
///
/// Hashes that differ in at most d bits are equal in at least one of d + 1 stretches, so only files that share a
/// stretch are compared, and of these only pictures of about one brightness. Cost for 100,000 different pictures: less
/// than a second; the worst case, all alike and none equal, is quadratic. Throws errc::invalid_argument for options out
/// of range.
[[nodiscard]] inline duplicate_groups find_duplicates(std::span<const fingerprint> files,
                                                      const duplicate_options& options = {}) {
  detail::check_options(options);
  duplicate_groups result;
  detail::disjoint_sets sets(files.size());
  std::unordered_map<std::string_view, std::size_t> first_of;
  struct candidate {
    std::uint64_t stretch;
    std::uint32_t brightness; // sum of the squares
    std::size_t file;
  };
  std::vector<candidate> candidates; // one of each content
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].sha256.empty()) continue;
    const auto [found, fresh] = first_of.try_emplace(files[i].sha256, i);
    if (!fresh) {
      sets.join(found->second, i);
      ++result.exact;
    } else if (files[i].has_detail) {
      candidates.push_back({0, std::accumulate(files[i].squares.begin(), files[i].squares.end(), std::uint32_t{0}), i});
    }
  }
  const auto stretches = static_cast<unsigned>(options.distance) + 1;
  const double reach = options.difference * static_cast<double>(fingerprint{}.squares.size());
  for (unsigned stretch = 0; stretch < stretches; ++stretch) {
    const unsigned begin = 64 * stretch / stretches, end = 64 * (stretch + 1) / stretches;
    const std::uint64_t mask = end - begin == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - begin)) - 1;
    for (candidate& each : candidates) each.stretch = files[each.file].dhash >> begin & mask;
    std::sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
      return std::pair(a.stretch, a.brightness) < std::pair(b.stretch, b.brightness);
    });
    for (std::size_t i = 0; i < candidates.size(); ++i)
      for (std::size_t j = i + 1; j < candidates.size() && candidates[j].stretch == candidates[i].stretch &&
                                  candidates[j].brightness - candidates[i].brightness <= reach;
           ++j) {
        const fingerprint &a = files[candidates[i].file], &b = files[candidates[j].file];
        if (image::hash_distance(a.dhash, b.dhash) <= options.distance &&
            sets.find(candidates[i].file) != sets.find(candidates[j].file) &&
            square_difference(a, b) <= options.difference)
          sets.join(candidates[i].file, candidates[j].file);
      }
  }
  for (std::size_t i = 0; i < files.size(); ++i) result.first.push_back(sets.find(i));
  for (const candidate& each : candidates) result.near += result.first[each.file] != each.file ? 1 : 0;
  return result;
}

/// The fingerprint of each file; one that cannot be read, or is no picture, has an empty sha256. `pool` does the work,
/// which is that of decoding each picture once.
[[nodiscard]] inline std::vector<fingerprint> fingerprints_of(std::span<const labelled_file> files, thread_pool& pool,
                                                              const image::decode_limits& limits = {}) {
  std::vector<fingerprint> made(files.size());
  pool.for_each(files.size(), [&](std::size_t i) {
    try {
      if (auto found = fingerprint_of(read_bytes(files[i], limits.bytes), limits)) made[i] = *std::move(found);
    } catch (const error&) { // a file that is missing, or too large: whoever reads it counts it
    }
  });
  return made;
}

/// Puts files that hold one picture into one group, together with all that were in a group with one of them, so that a
/// split keeps them on one side. Precondition: `found` is of these files.
inline void join_groups(std::span<labelled_file> files, const duplicate_groups& found) {
  detail::disjoint_sets sets(files.size());
  std::unordered_map<std::string, std::size_t> first_of;
  for (std::size_t i = 0; i < files.size(); ++i) {
    sets.join(found.first[i], i);
    sets.join(first_of.try_emplace(files[i].group, i).first->second, i);
  }
  for (std::size_t i = 0; i < files.size(); ++i)
    if (const std::size_t leader = sets.find(i); leader != i) files[i].group = files[leader].group;
}

/// Throws errc::leakage, naming two files, where a picture or a group stands in two parts of a split.
inline void check_leakage(std::span<const labelled_file> files, const duplicate_groups& found,
                          const split_indices& split) {
  constexpr std::string_view names[] = {"training", "validation", "test"};
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> by_picture; // the part and the file that came first
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> by_group;
  const std::vector<std::size_t>* const parts[] = {&split.train, &split.validation, &split.test};
  for (std::size_t part = 0; part < 3; ++part)
    for (const std::size_t file : *parts[part]) {
      const auto picture = by_picture.try_emplace(found.first[file], part, file).first->second;
      const auto group = by_group.try_emplace(files[file].group, part, file).first->second;
      for (const auto& [other, twin] : {picture, group})
        if (other != part)
          throw error(errc::leakage,
                      {"check the split", files[file].file.string(),
                       "it is for " + std::string(names[part]) + ", and shows what " + files[twin].file.string() +
                           " shows, which is for " + std::string(names[other]),
                       "split by groups that join_groups() has joined"});
    }
}

} // namespace eucv::dataset

// ---- eucv/dataset/stats.hpp ----------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace eucv::dataset {

/// A value of a column and the number of rows that hold it.
struct tally {
  std::string value;
  std::size_t rows = 0;
  friend bool operator==(const tally&, const tally&) = default;
};

/// How the rows of a table are spread over the values of one column, the most frequent first; equal ones by value.
struct distribution {
  std::string column;
  std::vector<tally> values;
};

/// Facts of a table.
struct table_facts {
  std::size_t rows = 0;
  std::size_t items = 0;             ///< different IDs; an item of two categories stands in two rows
  std::vector<distribution> columns; ///< of the counted columns that the table has
};

/// The columns that stats() counts where they exist.
inline constexpr std::array<std::string_view, 5> counted_columns{"category", "rights", "data_provider", "provider",
                                                                 "country"};

/// Counts the values of one column; an empty cell is a value too. Throws errc::missing_column.
[[nodiscard]] inline distribution count_values(const table& table, std::string_view column) {
  const std::size_t place = table.column(column);
  std::map<std::string, std::size_t> counts;
  for (const auto& row : table.rows) ++counts[row[place]];
  distribution result{std::string(column), {}};
  for (const auto& [value, rows] : counts) result.values.push_back({value, rows});
  std::stable_sort(result.values.begin(), result.values.end(),
                   [](const tally& a, const tally& b) { return a.rows > b.rows; });
  return result;
}

/// Counts rows, items and the values of each of counted_columns that the table has. `items` equals `rows` in a table
/// without IDs.
[[nodiscard]] inline table_facts stats(const table& table) {
  table_facts facts{.rows = table.rows.size(), .items = table.rows.size(), .columns = {}};
  if (table.has("ID")) {
    const std::size_t id = table.column("ID");
    std::unordered_set<std::string_view> ids;
    for (const auto& row : table.rows) ids.insert(row[id]);
    facts.items = ids.size();
  }
  for (const auto column : counted_columns)
    if (table.has(column)) facts.columns.push_back(count_values(table, column));
  return facts;
}

} // namespace eucv::dataset

// ---- eucv/dataset/tar.hpp ------------------------------------------------------------------------------------------
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A file in a tar archive, and where its bytes lie.
struct tar_entry {
  std::string name;
  std::uint64_t offset = 0, size = 0;
  friend bool operator==(const tar_entry&, const tar_entry&) = default;
};

/// Bytes of a tar block; each header is one, and contents are padded to whole ones.
inline constexpr std::uint64_t tar_block = 512;

/// The header of a regular file in the ustar format (POSIX.1-1988): mode 0644, owner 0, time 0, so that equal contents
/// make equal archives. Throws errc::invalid_argument for a name of more than 100 bytes, or one that read_tar()
/// refuses, and for 8 GiB and more.
[[nodiscard]] std::string tar_header(std::string_view name, std::uint64_t size);

/// The padding behind a content of that size.
[[nodiscard]] inline std::string tar_padding(std::uint64_t size) {
  return std::string(static_cast<std::size_t>((tar_block - size % tar_block) % tar_block), '\0');
}

/// What ends an archive: two blocks of zeros.
[[nodiscard]] inline std::string tar_end() {
  return std::string(2 * tar_block, '\0');
}

/// The files of an archive, none of them opened, in their order.
///
/// Strict, since shards come from others as well: each header has a right check sum and plain octal numbers; each entry
/// is a regular file of at most `limit` bytes with a name below the archive (relative, without "." and "..", control
/// characters or '\') that stands there once; the archive ends with its two blocks. Links, devices, folders and the
/// extensions of GNU and pax are refused. Throws errc::bad_format with the place of the fault, errc::too_large, and
/// what opening a file throws.
[[nodiscard]] std::vector<tar_entry> read_tar(const std::filesystem::path& path, std::uint64_t limit);

} // namespace eucv::dataset

// ---- eucv/dataset/vocabulary.hpp -----------------------------------------------------------------------------------
#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A class of pictures with its meaning: Europeana calls it a concept, which C++ keeps for itself.
struct subject {
  std::string label; ///< the name of the class, and of its folder: "costume_accessories"
  std::string uri;   ///< the concept URI that items of Europeana carry today
  std::string aat;   ///< the equal term of Getty's Art & Architecture Thesaurus, as a URI; may be empty

  friend bool operator==(const subject&, const subject&) = default;
};

/// Subjects in the order in which they are asked for. Class indices follow the sorted labels, whatever this order.
using vocabulary = std::vector<subject>;

/// The URI as Europeana's index knows it today: spaces around it removed, `https` replaced by the `http` of the
/// identifier, and /concept/base/N, the form of 2021 that matches nothing any more, turned into /concept/N. URIs of
/// other hosts are only trimmed.
[[nodiscard]] inline std::string normalise_concept_uri(std::string_view uri) {
  constexpr std::string_view space = " \t\r\n", host = "://data.europeana.eu/", base = "concept/base/";
  uri.remove_prefix(std::min(uri.find_first_not_of(space), uri.size()));
  uri = uri.substr(0, uri.find_last_not_of(space) + 1);
  std::string_view rest = uri;
  if (rest.starts_with("http")) rest.remove_prefix(4);
  if (rest.starts_with("s:")) rest.remove_prefix(1);
  if (!rest.starts_with(host)) return std::string(uri);
  rest.remove_prefix(host.size());
  const bool old = rest.starts_with(base);
  return "http" + std::string(host) + (old ? "concept/" : "") + std::string(rest.substr(old ? base.size() : 0));
}

/// The 20 classes of the pilot of 2021 in alphabetical order, with the concept URIs of today (five of them are AAT
/// terms, as in the pilot) and the AAT term of each. The reference lives as long as the program.
[[nodiscard]] inline const vocabulary& pilot_vocabulary() {
  static const vocabulary subjects = [] {
    struct line {
      const char *label, *concept_number, *aat_number;
    };
    constexpr line lines[] = {
        {"archaeological_site", "", "300266151"},
        {"building", "29", "300004792"},
        {"ceramics", "31", "300151343"},
        {"clothing", "", "300266639"},
        {"costume_accessories", "", "300209273"},
        {"drawing", "35", "300033973"},
        {"furniture", "37", "300037680"},
        {"inscription", "", "300028702"},
        {"jewellery", "41", "300209286"},
        {"map", "43", "300028094"},
        {"painting", "47", "300033618"},
        {"photograph", "48", "300046300"},
        {"postcard", "50", "300026816"},
        {"sculpture", "51", "300047090"},
        {"specimen", "167", "300235576"},
        {"tapestry", "54", "300205002"},
        {"textile", "55", "300231565"},
        {"toy", "56", "300211037"},
        {"weaponry", "", "300036926"},
        {"woodwork", "59", "300015348"},
    };
    vocabulary all;
    for (const line& each : lines) {
      const std::string aat = std::string("http://vocab.getty.edu/aat/") + each.aat_number;
      const std::string number = each.concept_number;
      all.push_back({each.label, number.empty() ? aat : "http://data.europeana.eu/concept/" + number, aat});
    }
    return all;
  }();
  return subjects;
}

/// `text` as a label, which names a folder and a cell of a table: "Costume Accessories" becomes "costume_accessories".
///
/// ASCII letters in lower case, all runs of blanks, slashes and control characters one '_', none at the ends, and no
/// dot or hyphen in front; other letters stay. Empty where nothing is left.
[[nodiscard]] inline std::string as_label(std::string_view text) {
  std::string label;
  bool gap = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '/' || c == '\\' || c == '_') {
      gap = true;
      continue;
    }
    if (label.empty() && (c == '.' || c == '-')) continue;
    if (gap && !label.empty()) label += '_';
    gap = false;
    label += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return label;
}

/// The JSON object {label: concept URI} that parse_vocabulary() reads, one subject a line.
[[nodiscard]] inline std::string to_json(const vocabulary& subjects) {
  std::string text = "{";
  const char* gap = "\n  ";
  for (const subject& each : subjects) {
    text += gap + json_string(each.label) + ": " + json_string(each.uri);
    gap = ",\n  ";
  }
  return text + "\n}\n";
}

/// Replaces the file `path` by to_json(), atomically; throws as write_file_atomically().
inline void write_vocabulary(const std::filesystem::path& path, const vocabulary& subjects) {
  write_file_atomically(path, to_json(subjects));
}

/// Reads a vocabulary from JSON text, an object {label: concept URI} as the pilot's `vocabulary.json`: subjects in the
/// order of the text, URIs normalised; `aat` is filled where the URI is the pilot's or an AAT term itself.
/// Throws errc::bad_format for what is no such object, an empty one, a label that cannot name a folder, a value that
/// is no http or https URI, and two labels with one URI. `on` names the source in the message.
[[nodiscard]] vocabulary parse_vocabulary(std::string_view text, const std::string& on);

/// parse_vocabulary() of a file; also throws what read_file() throws.
[[nodiscard]] vocabulary read_vocabulary(const std::filesystem::path& path);

} // namespace eucv::dataset

// ---- eucv/europeana/rights.hpp -------------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// What a rights statement allows, in Europeana's four words.
enum class reusability : std::uint8_t {
  open,          ///< public domain, CC0, CC BY, CC BY-SA
  restricted,    ///< CC with NC or ND, and the statements that allow education or non-commercial use
  permission,    ///< in copyright, or not evaluated: ask the holder
  uncategorized, ///< any other address
};

inline constexpr std::array all_reusabilities{reusability::open, reusability::restricted, reusability::permission,
                                              reusability::uncategorized};

/// The word that the Search API uses.
[[nodiscard]] constexpr std::string_view to_string(reusability word) noexcept {
  switch (word) {
  case reusability::open: return "open";
  case reusability::restricted: return "restricted";
  case reusability::permission: return "permission";
  case reusability::uncategorized: return "uncategorized";
  }
  return "uncategorized";
}

/// A set of reusability words, such as {open, permission}.
class reusability_set {
public:
  constexpr reusability_set() noexcept = default;
  constexpr reusability_set(std::initializer_list<reusability> words) noexcept {
    for (const reusability word : words) insert(word);
  }

  constexpr void insert(reusability word) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(word)));
  }
  [[nodiscard]] constexpr bool contains(reusability word) const noexcept {
    return (bits_ >> static_cast<unsigned>(word) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(reusability_set, reusability_set) noexcept = default;

private:
  std::uint8_t bits_ = 0;
};

/// The words in their fixed order with commas between, as the API takes them: "open,permission".
[[nodiscard]] inline std::string to_string(reusability_set words) {
  std::string text;
  for (const reusability word : all_reusabilities) {
    if (!words.contains(word)) continue;
    if (!text.empty()) text += ',';
    text += to_string(word);
  }
  return text;
}

/// Reads words separated by commas, blanks around them allowed. Throws errc::invalid_argument for a word that the API
/// does not know and for an empty list.
[[nodiscard]] inline reusability_set parse_reusability(std::string_view text) {
  const auto fault = [&](std::string why) {
    return error(errc::invalid_argument, {"read the reusability", "\"" + std::string(text) + "\"", std::move(why),
                                          "use open, restricted, permission, uncategorized, with commas between"});
  };
  reusability_set words;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view word = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    const auto* const known = std::ranges::find(all_reusabilities, word, [](reusability r) { return to_string(r); });
    if (known == all_reusabilities.end()) throw fault("\"" + std::string(word) + "\" is none of the four words");
    words.insert(*known);
  }
  if (words.empty()) throw fault("it holds no word");
  return words;
}

/// What the rights statement at `address` allows, by the prefixes of Europeana's RightReusabilityCategorizer.
///
/// http and https are one; what follows the prefix (version, country) does not matter, nor does a missing last slash.
[[nodiscard]] inline reusability reusability_of(std::string_view address) {
  struct entry {
    std::string_view prefix;
    reusability word;
  };
  using enum reusability;
  static constexpr std::array table{
      entry{"creativecommons.org/publicdomain/mark/1.0/", open},
      entry{"creativecommons.org/publicdomain/zero/1.0/", open},
      entry{"creativecommons.org/licenses/by/", open},
      entry{"creativecommons.org/licenses/by-sa/", open},
      entry{"creativecommons.org/licenses/by-nc/", restricted},
      entry{"creativecommons.org/licenses/by-nc-sa/", restricted},
      entry{"creativecommons.org/licenses/by-nc-nd/", restricted},
      entry{"creativecommons.org/licenses/by-nd/", restricted},
      entry{"www.europeana.eu/rights/out-of-copyright-non-commercial/", restricted},
      entry{"rightsstatements.org/vocab/InC-EDU/1.0/", restricted},
      entry{"rightsstatements.org/vocab/NoC-NC/1.0/", restricted},
      entry{"rightsstatements.org/vocab/NoC-OKLR/1.0/", restricted},
      entry{"rightsstatements.org/vocab/InC/1.0/", permission},
      entry{"rightsstatements.org/vocab/InC-OW-EU/1.0/", permission},
      entry{"rightsstatements.org/vocab/CNE/1.0/", permission},
      entry{"www.europeana.eu/rights/rr-f/", permission},
      entry{"www.europeana.eu/rights/rr-p/", permission},
      entry{"www.europeana.eu/rights/rr-r/", permission},
      entry{"www.europeana.eu/rights/unknown/", permission},
      entry{"www.europeana.eu/rights/test-orphan-work-test/", permission},
  };
  for (const std::string_view scheme : {"http://", "https://"})
    if (address.starts_with(scheme)) {
      std::string rest(address.substr(scheme.size()));
      if (!rest.ends_with('/')) rest += '/';
      for (const auto& [prefix, word] : table)
        if (rest.starts_with(prefix)) return word;
    }
  return uncategorized;
}

} // namespace eucv::europeana

// ---- eucv/europeana/record.hpp -------------------------------------------------------------------------------------
#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// One item of a search, what of it a table of images needs.
///
/// Texts are one line each: control characters became blanks. Addresses hold no key: `wskey` and `utm_campaign`, in
/// which the service hands the caller's key back, are cut out. All but `id` may be empty.
struct record {
  std::string id;            ///< "/DATASET/LOCAL"
  std::string type;          ///< "IMAGE", "TEXT", "VIDEO", "SOUND", "3D"
  std::string image;         ///< the first http or https address of `edmIsShownBy`
  std::string rights;        ///< address of the rights statement
  std::string title;         ///< the first of several
  std::string creator;       ///< the first that is a name; an address where there is no other
  std::string data_provider; ///< the institution
  std::string provider;      ///< the aggregator
  std::string country;
  std::string landing_page;          ///< the page of the provider, or that of Europeana where the item names none
  std::string preview;               ///< a thumbnail at Europeana
  std::vector<std::string> concepts; ///< `edmConcept`: URIs of what it is about, of several vocabularies
  reusability reuse = reusability::uncategorized; ///< what the strictest of its rights statements allows

  /// The item in Europeana's linked data.
  [[nodiscard]] std::string uri() const { return "http://data.europeana.eu/item" + id; }
};

/// Whether `id` reads "/DATASET/LOCAL", both of letters, digits and '_'. Only such an id is put into addresses.
[[nodiscard]] constexpr bool is_record_id(std::string_view id) noexcept {
  if (id.size() > 512 || !id.starts_with('/')) return false;
  id.remove_prefix(1);
  const std::size_t slash = id.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == id.size()) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const char c = id[i];
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!word && i != slash) return false;
  }
  return true;
}

/// `text` on one line: each run of blanks and control characters is one blank, none at the ends.
[[nodiscard]] std::string one_line(std::string_view text);

/// `address` without the query parameters that carry the caller's key.
[[nodiscard]] std::string without_key(std::string_view address);

/// Reads one element of `items`. The fields are arrays of strings, left out where empty; a field of another type and an
/// id that is none give errc::bad_record.
result<record> parse_record(const boost::json::value& item);

} // namespace eucv::europeana

// ---- eucv/europeana/page.hpp ---------------------------------------------------------------------------------------
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// How often a value of a field occurs among all items that match.
struct facet_value {
  std::string label;
  std::uint64_t count = 0;
};

/// One page of a search.
struct page {
  std::uint64_t total = 0;           ///< items that match, on all pages together, as the service counts them now
  std::vector<result<record>> items; ///< in the order of the search; an error for an item that breaks the rules
  std::string next;                  ///< the mark of the page after this; empty on the last one
  std::map<std::string, std::vector<facet_value>> facets = {}; ///< by field, the most frequent value first
};

/// Reads the body of a reply with status 200. Throws errc::bad_response where it is no JSON or says `"success": false`,
/// errc::bad_record where `totalResults` or `items` is missing, or one of these and `facets` of another type. `on` is
/// the address for the message.
[[nodiscard]] page parse_page(std::string_view body, std::string_view on);

} // namespace eucv::europeana

// ---- eucv/europeana/expression.hpp ---------------------------------------------------------------------------------
#include <span>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// `text` as one word or words of a Lucene query, every character that has a meaning there escaped.
[[nodiscard]] inline std::string escape(std::string_view text) {
  static constexpr std::string_view special = "+-&|!(){}[]^\"~*?:/\\";
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// `text` as one quoted phrase, for whole values such as concept URIs.
[[nodiscard]] inline std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

/// `name:"value"`, such as `skos_concept:"http://data.europeana.eu/concept/48"`.
[[nodiscard]] inline std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ':' + quote(value);
}

/// The expressions joined by AND, in parentheses. One expression stays as it is.
[[nodiscard]] inline std::string all_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " AND ") + expression;
  return joined.empty() ? "*:*" : joined + ')';
}

/// The expressions joined by OR, in parentheses. One expression stays as it is.
[[nodiscard]] inline std::string any_of(std::span<const std::string> expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const auto& expression : expressions) joined += (joined.empty() ? "(" : " OR ") + expression;
  return joined.empty() ? "(*:* NOT *:*)" : joined + ')';
}

} // namespace eucv::europeana

// ---- eucv/europeana/query.hpp --------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// One search: what to look for, and how the pages are cut. A value; the key and the cursor are no part of it.
///
///     auto portraits = query().match("portrait").filter(field("skos_concept", uri)).reuse({reusability::open});
///
/// Parameters as in Europeana's Search API, version 2. Whatever is not called is not sent.
class query {
public:
  /// The `query` parameter, a Lucene expression taken as it is: escape() what comes from outside. An empty or blank
  /// text, which the service refuses, means everything. Another call replaces it.
  query& match(std::string expression) {
    text_ = std::move(expression);
    if (text_.find_first_not_of(" \t\r\n") == std::string::npos) text_ = "*:*";
    return *this;
  }

  /// Adds a `qf` filter, ANDed with the query and the other filters.
  ///
  /// The service joins two filters on the same field by OR, and mangles two that begin with a parenthesis and the same
  /// field. So a second filter on a field throws errc::invalid_argument: write one expression, with all_of() or
  /// any_of().
  query& filter(std::string expression) {
    const std::string_view name = field_of(expression);
    for (const auto& other : filters_)
      if (field_of(other) == name)
        throw error(errc::invalid_argument,
                    {"add a filter", expression,
                     "there is one on " + std::string(name) + " already, and Europeana ORs them",
                     "join them in one expression with all_of() or any_of()"});
    filters_.push_back(std::move(expression));
    return *this;
  }

  /// Items under these rights only; the empty set means all.
  query& reuse(reusability_set words) noexcept { return reusability_ = words, *this; }

  /// Items whose media file Europeana could fetch when it last looked.
  query& with_media() noexcept { return media_ = true, *this; }
  /// Items with a thumbnail at Europeana.
  query& with_thumbnail() noexcept { return thumbnail_ = true, *this; }
  /// Items with a page at their provider.
  query& with_landing_page() noexcept { return landing_page_ = true, *this; }
  /// Items whose text is indexed.
  query& with_full_text() noexcept { return full_text_ = true, *this; }

  /// Items of one of Europeana's themes: "art", "fashion", "map", "photography" and others. Another call replaces it.
  query& theme(std::string word) { return theme_ = std::move(word), *this; }
  /// Items in whose picture this colour stands out, one of the 120 of CSS as "#RRGGBB"; several colours are ANDed.
  query& colour(std::string hexadecimal) { return colours_.push_back(std::move(hexadecimal)), *this; }

  /// Counts of the values of a field over all items that match, such as "RIGHTS"; at most `most` values, the most
  /// frequent first. They come in page::facets.
  query& facet(std::string name, std::size_t most = 50) { return facets_.push_back({std::move(name), most}), *this; }

  /// The language of the words of the query, and the one they are to be searched in as well: "de", "en".
  query& translate(std::string from, std::string to) {
    return source_ = std::move(from), language_target_ = std::move(to), *this;
  }
  /// Labels in this language first.
  query& language(std::string code) { return language_ = std::move(code), *this; }
  /// Solr's boost of the ranking, an expression of its own language.
  query& boost(std::string expression) { return boost_ = std::move(expression), *this; }
  /// The first item, from 1 on, of a page without a cursor; start + rows may not pass 1,001.
  query& start(std::size_t number) noexcept { return start_ = number, *this; }

  /// An order that is random, yet the same on every page and at every repetition with this seed.
  ///
  /// Plain `sort=random` is shuffled anew for each page: 37 % of the rows come twice and as many never. `europeana_id`
  /// makes the order total, which a cursor needs.
  query& shuffle(std::uint64_t seed) { return sort("random_" + std::to_string(seed) + " asc"); }

  /// The `sort` parameter, to which `europeana_id asc` is added where it lacks, since a cursor needs it.
  query& sort(std::string order) {
    sort_ = std::move(order);
    if (sort_.find("europeana_id") == std::string::npos) sort_ += ",europeana_id asc";
    return *this;
  }

  /// Which fields come back: "minimal", "standard" (the default), "rich".
  query& profile(std::string name) { return profile_ = std::move(name), *this; }

  /// Items a page, 0 to 100; more is clamped by the service, so it is clamped here.
  query& rows(std::size_t count) noexcept { return rows_ = std::min<std::size_t>(count, 100), *this; }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

  /// The request line for a page, each value percent-encoded once. `mark` is "*" for the first page, then what the
  /// page before gave; with an empty mark no cursor is sent, and only the first page can be had.
  [[nodiscard]] std::string target(std::string_view path, std::string_view mark) const {
    parameters all = in_body(mark);
    for (auto& each : in_line()) all.push_back(std::move(each));
    return line(path, all);
  }

  /// The request for a page, without a key: GET, or POST with a JSON body where the address would be longer than
  /// longest_address, which servers and proxies cut or refuse.
  [[nodiscard]] net::request request(net::url endpoint, std::string_view mark) const {
    net::request question;
    std::string whole = target(endpoint.target, mark);
    question.target = std::move(endpoint);
    if (whole.size() + question.target.origin().size() <= longest_address) {
      question.target.target = std::move(whole);
      return question;
    }
    question.verb = net::method::post;
    question.target.target = line(question.target.target, in_line());
    question.headers.push_back({"Content-Type", "application/json"});
    question.body = json(mark);
    return question;
  }

  static constexpr std::size_t longest_address = 2000; ///< bytes

  /// The parameters as the JSON object that the service takes by POST; those that it reads from the address alone are
  /// left out.
  [[nodiscard]] std::string json(std::string_view mark) const {
    std::string text;
    const parameters all = in_body(mark);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const parameter& each = all[i];
      const bool first = i == 0 || all[i - 1].name != each.name,
                 last = i + 1 == all.size() || all[i + 1].name != each.name;
      if (first) text += (text.empty() ? "{" : ",") + json_string(each.json_name) + ":" + (each.is_list ? "[" : "");
      if (!first) text += ',';
      text += each.is_text ? json_string(each.value) : each.value;
      if (last && each.is_list) text += ']';
    }
    return text + "}";
  }

private:
  struct parameter {
    std::string name, value;
    std::string_view json_name = {};
    bool is_list = false, is_text = true;
  };
  using parameters = std::vector<parameter>;
  struct wanted_facet {
    std::string name;
    std::size_t most;
  };

  static std::string line(std::string_view path, const parameters& all) {
    std::string text(path);
    char separator = text.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value, json_name, is_list, is_text] : all) {
      text += std::exchange(separator, '&');
      text.append(name).append("=").append(net::percent_encode(value));
    }
    return text;
  }

  // What may go into the body of a POST, values of one name side by side.
  [[nodiscard]] parameters in_body(std::string_view mark) const {
    parameters all{{"query", text_, "query"}};
    const auto flag = [&](const char* name, std::string_view json_name, bool wanted) {
      if (wanted) all.push_back({name, "true", json_name, false, false});
    };
    for (const auto& expression : filters_) all.push_back({"qf", expression, "qf", true});
    if (!reusability_.empty()) all.push_back({"reusability", to_string(reusability_), "reusability", true});
    flag("media", "media", media_);
    flag("thumbnail", "thumbnail", thumbnail_);
    flag("landingpage", "landingPage", landing_page_);
    flag("text_fulltext", "textFulltext", full_text_);
    if (!theme_.empty()) all.push_back({"theme", theme_, "theme"});
    for (const auto& each : colours_) all.push_back({"colourpalette", each, "colourPalette", true});
    for (const auto& each : facets_) all.push_back({"facet", each.name, "facet", true});
    if (!boost_.empty()) all.push_back({"boost", boost_, "boost"});
    if (!sort_.empty()) all.push_back({"sort", sort_, "sort", true});
    all.push_back({"profile", facets_.empty() ? profile_ : profile_ + ",facets", "profile", true});
    if (start_ != 1) all.push_back({"start", std::to_string(start_), "start", false, false});
    all.push_back({"rows", std::to_string(rows_), "rows", false, false});
    if (!mark.empty()) all.push_back({"cursor", std::string(mark), "cursor"});
    return all;
  }

  // What the service reads from the address alone.
  [[nodiscard]] parameters in_line() const {
    parameters all;
    for (const auto& each : facets_) all.push_back({"f." + each.name + ".facet.limit", std::to_string(each.most)});
    if (!language_.empty()) all.push_back({"lang", language_});
    if (!source_.empty()) all.push_back({"q.source", source_});
    if (!language_target_.empty()) all.push_back({"q.target", language_target_});
    return all;
  }

  // What the service takes for the name of the field: the text before the first colon, parentheses aside.
  static std::string_view field_of(std::string_view expression) {
    expression.remove_prefix(std::min(expression.find_first_not_of("( "), expression.size()));
    return expression.substr(0, expression.find(':'));
  }

  std::string text_ = "*:*";
  std::vector<std::string> filters_, colours_;
  std::vector<wanted_facet> facets_;
  reusability_set reusability_;
  bool media_ = false, thumbnail_ = false, landing_page_ = false, full_text_ = false;
  std::string theme_, boost_, language_, source_, language_target_;
  std::size_t start_ = 1;
  std::string sort_;
  std::string profile_ = "standard";
  std::size_t rows_ = 100;
};

} // namespace eucv::europeana

// ---- eucv/europeana/refusal.hpp ------------------------------------------------------------------------------------
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace eucv::europeana {

/// What a caller may do about a refusal of the service.
enum class remedy : std::uint8_t {
  stop,            ///< it would be refused again: a wrong key, a wrong query
  back_off,        ///< the service is down or overloaded: again after a growing pause
  wait_for_window, ///< the limit of requests is used up: again when it is renewed
};

/// Why the service did not answer, each cause that its documentation or source knows by itself.
enum class refusal : std::uint8_t {
  invalid_query,        ///< 400-SA: the search engine does not understand it; also a cursor without a total order
  invalid_cursor,       ///< 400-SC: the mark is none of its own, or was not percent-encoded
  cursor_with_start,    ///< 400-SD: `start` and `cursor` together
  empty_query,          ///< 400-SE
  beyond_first_results, ///< 400-SL: `start` beyond the first 1,000 without a cursor
  invalid_boost,        ///< 400-SB
  invalid_hit_selector, ///< 400-SH
  invalid_facet_range,  ///< 400-SR
  unknown_theme,        ///< 400-ST
  several_themes,       ///< 400-SU
  bad_parameter,        ///< any other 400: a parameter is missing or of the wrong type
  search_timeout,       ///< 504-SA, which comes with status 400: the engine behind the service took too long
  missing_key,          ///< missing_apikey, empty_apikey
  unknown_key,          ///< 401_key_invalid, invalid_apikey, 401 of older versions
  disabled_key,         ///< 401_key_disabled, 410: the key was valid once
  invalid_token,        ///< invalid_jwttoken
  no_permission,        ///< 403: what was asked for needs more than a key
  not_found,            ///< 404: no such record or entity, or the address is not that of the service
  not_served,           ///< 405, 406, 415: the method, Accept or Content-Type
  personal_limit,       ///< 429_limit_personal
  project_limit,        ///< 429_limit_project
  limit,                ///< any other 429
  internal_error,       ///< 500
  translation_quota,    ///< 502-TS
  engine_down,          ///< 503-SA: the service cannot reach its search engine
  gateway,              ///< 408, 502, 503, 504 without a code, often as a page of HTML
  no_answer,            ///< status 200, but the body is no answer: cut short, HTML, or `"success": false`
  other,                ///< any other status
};

/// What eucv makes of a refusal.
struct refusal_facts {
  refusal kind;
  std::string_view word; ///< stable, for logs and tables
  errc code;             ///< errc::http_status means: the status itself
  remedy cure;
  std::string_view advice; ///< what the user can do
};

namespace detail {

inline constexpr std::string_view later = "run the same command again later";

inline constexpr std::array refusals{
    refusal_facts{refusal::invalid_query, "invalid_query", errc::bad_query, remedy::stop,
                  "check the words of the query; special characters are escaped with a backslash"},
    refusal_facts{refusal::invalid_cursor, "invalid_cursor", errc::bad_cursor, remedy::stop,
                  "start the search anew from its first page"},
    refusal_facts{refusal::cursor_with_start, "cursor_with_start", errc::bad_query, remedy::stop,
                  "page by the cursor or by the start, not by both"},
    refusal_facts{refusal::empty_query, "empty_query", errc::bad_query, remedy::stop,
                  "give a query; *:* asks for everything"},
    refusal_facts{refusal::beyond_first_results, "beyond_first_results", errc::bad_query, remedy::stop,
                  "use a cursor, which goes beyond the first 1,000 results"},
    refusal_facts{refusal::invalid_boost, "invalid_boost", errc::bad_query, remedy::stop, "check the boost"},
    refusal_facts{refusal::invalid_hit_selector, "invalid_hit_selector", errc::bad_query, remedy::stop,
                  "check the selectors of hits"},
    refusal_facts{refusal::invalid_facet_range, "invalid_facet_range", errc::bad_query, remedy::stop,
                  "check the ranges of facets"},
    refusal_facts{refusal::unknown_theme, "unknown_theme", errc::bad_query, remedy::stop,
                  "use one of Europeana's themes, such as art, fashion, map or photography"},
    refusal_facts{refusal::several_themes, "several_themes", errc::bad_query, remedy::stop,
                  "give one theme, a plain word"},
    refusal_facts{refusal::bad_parameter, "bad_parameter", errc::bad_query, remedy::stop,
                  "check the parameter that the reply names"},
    refusal_facts{refusal::search_timeout, "search_timeout", errc::api_unavailable, remedy::back_off, later},
    refusal_facts{refusal::missing_key, "missing_key", errc::invalid_api_key, remedy::stop,
                  "set EUROPEANA_API_KEY; a key is free at https://apis.europeana.eu"},
    refusal_facts{refusal::unknown_key, "unknown_key", errc::invalid_api_key, remedy::stop,
                  "check EUROPEANA_API_KEY; a key is free at https://apis.europeana.eu"},
    refusal_facts{refusal::disabled_key, "disabled_key", errc::invalid_api_key, remedy::stop,
                  "the key is no longer valid: get a new one at https://apis.europeana.eu"},
    refusal_facts{refusal::invalid_token, "invalid_token", errc::invalid_api_key, remedy::stop, "get a new token"},
    refusal_facts{refusal::no_permission, "no_permission", errc::invalid_api_key, remedy::stop,
                  "the key is known, but not allowed to do this: ask Europeana, or leave it out"},
    refusal_facts{refusal::not_found, "not_found", errc::http_status, remedy::stop,
                  "check the identifier and the endpoint"},
    refusal_facts{refusal::not_served, "not_served", errc::http_status, remedy::stop,
                  "check that the endpoint is that of the service"},
    refusal_facts{refusal::personal_limit, "personal_limit", errc::rate_limited, remedy::wait_for_window,
                  "wait for the end of the hour and run the same command again, or ask Europeana for a project key, "
                  "which has a higher limit"},
    refusal_facts{refusal::project_limit, "project_limit", errc::rate_limited, remedy::wait_for_window,
                  "wait for the end of the hour and run the same command again, or ask Europeana for a higher limit"},
    refusal_facts{refusal::limit, "limit", errc::rate_limited, remedy::wait_for_window,
                  "wait for the end of the hour and run the same command again"},
    refusal_facts{refusal::internal_error, "internal_error", errc::api_unavailable, remedy::back_off, later},
    refusal_facts{refusal::translation_quota, "translation_quota", errc::api_unavailable, remedy::back_off,
                  "search without translation, or run the same command again later"},
    refusal_facts{refusal::engine_down, "engine_down", errc::api_unavailable, remedy::back_off, later},
    refusal_facts{refusal::gateway, "gateway", errc::api_unavailable, remedy::back_off, later},
    refusal_facts{refusal::no_answer, "no_answer", errc::bad_response, remedy::back_off,
                  "check the endpoint; run the same command again later"},
    refusal_facts{refusal::other, "other", errc::http_status, remedy::stop, "check the endpoint"},
};

} // namespace detail

/// The facts of a refusal.
[[nodiscard]] constexpr const refusal_facts& facts_of(refusal kind) noexcept {
  return detail::refusals.at(static_cast<std::size_t>(kind));
}

/// The stable word of a refusal, such as "search_timeout".
[[nodiscard]] constexpr std::string_view to_string(refusal kind) noexcept {
  return facts_of(kind).word;
}

/// Which refusal a reply is, by the `code` of its JSON body (empty where it has none) before its status: a timeout of
/// the search engine comes as 400, a wrong key may come as 400 and a used-up limit as 401. `html`: the body is a page
/// for people, so a gateway speaks and not the service.
[[nodiscard]] constexpr refusal refusal_of(int status, std::string_view code, bool html) noexcept {
  using enum refusal;
  struct entry {
    std::string_view head;
    refusal kind;
  };
  constexpr std::array<entry, 29> codes{{{"400-SA", invalid_query},
                                         {"400-SC", invalid_cursor},
                                         {"400-SD", cursor_with_start},
                                         {"400-SE", empty_query},
                                         {"400-SL", beyond_first_results},
                                         {"400-SB", invalid_boost},
                                         {"400-SH", invalid_hit_selector},
                                         {"400-SR", invalid_facet_range},
                                         {"400-ST", unknown_theme},
                                         {"400-SU", several_themes},
                                         {"504-SA", search_timeout},
                                         {"503-SA", engine_down},
                                         {"502-TS", translation_quota},
                                         {"missing_apikey", missing_key},
                                         {"empty_apikey", missing_key},
                                         {"invalid_apikey", unknown_key},
                                         {"invalid_jwttoken", invalid_token},
                                         {"401_key_disabled", disabled_key},
                                         {"429_limit_personal", personal_limit},
                                         {"429_limit_project", project_limit},
                                         // What a later version may call them: by the number in front.
                                         {"400", bad_parameter},
                                         {"401", unknown_key},
                                         {"403", no_permission},
                                         {"410", disabled_key},
                                         {"429", limit},
                                         {"500", internal_error},
                                         {"502", gateway},
                                         {"503", gateway},
                                         {"504", gateway}}};
  for (const auto& [head, kind] : codes)
    if (!code.empty() && code.starts_with(head)) return kind;
  switch (status) {
  case 400: return html ? other : bad_parameter;
  case 401: return html ? other : unknown_key;
  case 403: return html ? other : no_permission;
  case 404: return not_found;
  case 405:
  case 406:
  case 415: return not_served;
  case 410: return html ? other : disabled_key;
  case 429: return limit;
  case 408: return gateway;
  default: break;
  }
  if (status >= 500) return html || status != 500 ? gateway : internal_error;
  return status >= 200 && status < 300 ? no_answer : other;
}

} // namespace eucv::europeana

// ---- eucv/europeana/failure.hpp ------------------------------------------------------------------------------------
#include <cstddef>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// A reply that is no answer, as an error and what to do about it.
struct failure {
  eucv::error cause;
  remedy cure;
  refusal kind = refusal::other;
};

/// Sorts a reply by refusal_of(). Bodies of HTML, as gateways send them, are recognised, whatever their Content-Type
/// says. `tried` and `on` are what the message begins with: what was asked for, and of which address; the service's own
/// words are quoted in it, shortened and without keys.
[[nodiscard]] failure classify(const net::response& reply, std::string_view on,
                               std::string_view tried = "search Europeana");

/// `text` from outside for a message: one line, no control characters, no keys, shortened to `limit` bytes.
[[nodiscard]] std::string quoted_words(std::string_view text, std::size_t limit = 200);

} // namespace eucv::europeana

// ---- eucv/europeana/quota.hpp --------------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace eucv::europeana {

/// How many requests may be sent before the window of the limit opens again, learned from `RateLimit` header fields.
///
/// Says yes or no and waits for nothing itself; service.hpp does the waiting. Requests that are under way may or may
/// not be counted in what a reply says is left, so all of them are taken off: with r requests left, never more than r
/// are sent, however many tasks ask side by side. While nothing is known of a window, one request is let through alone;
/// a service that names no limit lets all of them through after that.
class quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Whether a request may be sent now.
  [[nodiscard]] bool open(time_point now) {
    const bool endless = window_end_ == time_point::max() && under_way_ == 0 && left_ <= unheard_;
    if (now >= window_end_ || endless) forget_window();
    if (!known_) return under_way_ == 0;
    return left_ == no_limit || left_ > under_way_ + unheard_;
  }

  /// When a closed window opens, if time alone opens it: while requests are under way, their replies may do so before.
  [[nodiscard]] std::optional<time_point> opens_at() const {
    if (under_way_ > 0 || window_end_ == time_point::max()) return std::nullopt;
    return window_end_;
  }

  /// Requests that are sent, and not heard of since.
  [[nodiscard]] std::uint64_t under_way() const noexcept { return under_way_; }

  /// A request is sent; what comes back is handed to heard() or lost().
  [[nodiscard]] std::uint64_t send() { return ++under_way_, ++sent_; }

  /// The reply to request `number`, with what it says about the limit.
  void heard(std::uint64_t number, const std::optional<net::rate_limit>& told, time_point now) {
    --under_way_;
    if (!told) {
      known_ = true; // and no limit, unless an earlier reply named one
      if (left_ != no_limit) count_unheard();
      return;
    }
    const time_point end = told->reset.count() > 0                  ? now + told->reset
                           : told->remaining > 0                    ? time_point::max()
                           : window_end_ > now && left_ != no_limit ? window_end_
                                                                    : now;
    // A later window is told by its end: it lies far behind that of the old one.
    const auto far =
        told->window ? std::chrono::duration_cast<std::chrono::seconds>(*told->window) / 2 : std::chrono::seconds(60);
    const bool same = left_ != no_limit && (window_end_ == time_point::max() || end <= window_end_ + far);
    if (!same || told->remaining <= left_) {
      if (number > last_unheard_) unheard_ = 0; // this count includes them
      left_ = told->remaining;
    }
    window_end_ = same ? std::min(window_end_, end) : end; // a slow reply makes the end look later than it is
    known_ = true;
  }

  /// Request `number` came to no reply: nobody knows whether it was counted.
  void lost() {
    --under_way_;
    if (left_ != no_limit) count_unheard();
  }

  /// No request before `until`, whatever the header fields say: the service has refused one.
  void close(time_point until) {
    const bool closed = left_ == 0 && window_end_ != time_point::max();
    known_ = true;
    left_ = 0;
    window_end_ = closed ? std::max(window_end_, until) : until;
  }

private:
  static constexpr std::uint64_t no_limit = static_cast<std::uint64_t>(-1);

  void forget_window() {
    known_ = false;
    left_ = no_limit;
    unheard_ = 0;
    window_end_ = time_point::max();
  }
  void count_unheard() {
    ++unheard_;
    last_unheard_ = sent_;
  }

  bool known_ = false;            ///< whether a reply of this window has come
  std::uint64_t left_ = no_limit; ///< as the latest count says
  time_point window_end_ = time_point::max();
  std::uint64_t under_way_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t unheard_ = 0;      ///< ended without a count, after the count in left_
  std::uint64_t last_unheard_ = 0; ///< a reply to a later request counts them
};

} // namespace eucv::europeana

// ---- eucv/europeana/service.hpp ------------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace eucv::europeana {

/// How a service waits; tests put another in, and a program may tell its user that it waits.
struct time_source {
  /// The time now.
  std::function<std::chrono::steady_clock::time_point()> now = [] { return std::chrono::steady_clock::now(); };
  /// Ends after that time. `why` is valid until then.
  std::function<net::task<void>(std::chrono::milliseconds, const error& why)> wait =
      [](std::chrono::milliseconds duration, const error&) { return net::wait(duration); };
};

/// Fixed numbers of a client.
struct client_options {
  /// One page is asked for at most 6 times. The window of the limit of requests is an hour, so a wait of up to 65
  /// minutes is borne.
  net::retry_policy retry{.attempts = 6,
                          .first = std::chrono::seconds(1),
                          .longest = std::chrono::seconds(60),
                          .patience = std::chrono::minutes(65)};
  std::uint64_t body_limit = std::uint64_t{32} << 20; ///< bytes of one reply
  std::uint64_t seed = 1;                             ///< of the jitter
  std::uint64_t max_requests = 0;                     ///< requests in all, repeated ones included; 0: no limit
};

/// A JSON service of Europeana behind a key, over any transport: what its Search, Record and Entity APIs have in
/// common.
///
/// The key goes into the header X-Api-Key and nowhere else. The first request goes alone, so that a wrong key costs one
/// request, however many tasks ask. What a later try may mend is tried again: a used-up limit when the window opens,
/// one wait for all tasks together; a service that is down, or a network that fails, after a growing pause. For tasks
/// of one thread; must outlive them, and the transport must outlive it.
template <net::transport Transport>
class service {
public:
  service(Transport& transport, net::secret_string key, client_options options = {})
      : transport_(&transport), key_(std::move(key)), options_(options), random_(options.seed) {}

  /// Another way to wait.
  service& with_time(time_source time) { return time_ = std::move(time), *this; }

  /// Requests sent so far, repeated ones included.
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// Whether the requests that were allowed are used up.
  [[nodiscard]] bool spent() const noexcept { return options_.max_requests != 0 && requests_ >= options_.max_requests; }
  /// What the service last said about its limit of requests.
  [[nodiscard]] const std::optional<net::rate_limit>& limit() const noexcept { return limit_; }

  /// Sends a question and returns read(reply), a function that throws errc::bad_response where the body is no answer
  /// and anything else where no repetition mends it. `tried` is what a message says was tried.
  ///
  /// Throws errc::budget_spent before the request that would be one too many; invalid_api_key, bad_query, bad_cursor,
  /// http_status and what read() throws at once; rate_limited, api_unavailable, bad_response and the errors of the
  /// network after the last try.
  template <class Read>
  net::task<std::invoke_result_t<Read, const net::response&>> ask(net::request question, std::string_view tried,
                                                                  Read read) {
    std::optional<std::invoke_result_t<Read, const net::response&>> answer;
    const reader keep = [&](const net::response& reply) { answer.emplace(read(reply)); };
    question.headers.push_back({"X-Api-Key", std::string(key_.reveal())});
    question.headers.push_back({"Accept", "application/json"});
    question.body_limit = options_.body_limit;
    co_await repeat(question, tried, keep);
    co_return std::move(*answer);
  }

protected:
  /// `text` without the key, should the service have put it there.
  [[nodiscard]] std::string hide(std::string text) const {
    const std::string_view key = key_.reveal();
    if (key.size() < 6) return text; // a shorter one is a word like any other
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***"), at += 3;
    return text;
  }

private:
  using reader = std::function<void(const net::response&)>;

  net::task<void> repeat(const net::request& question, std::string_view tried, const reader& read) {
    const net::url asked_of{question.target.scheme, question.target.host, question.target.port,
                            question.target.target.substr(0, question.target.target.find('?'))};
    const std::string on = asked_of.str();
    for (int attempt = 1;; ++attempt) {
      co_await admit(on);
      std::optional<failure> refused;
      std::optional<std::chrono::seconds> asked;
      try {
        open_request number(*this);
        const net::response reply = co_await transport_->send(question);
        asked = net::wait_asked(reply, std::chrono::system_clock::now());
        if (auto told = net::parse_rate_limit(reply.headers)) limit_ = told;
        number.heard(net::parse_rate_limit(reply.headers));
        if (reply.ok() || (!question.follow_redirects && reply.status / 100 == 3)) {
          try {
            read(reply);
            accepted_ = true;
            co_return;
          } catch (const error& thrown) {
            // The body may be a refusal after all: "success": false with a code.
            refused = thrown.code() == errc::bad_response ? classify(reply, on, tried)
                                                          : failure{thrown, remedy::stop, refusal::no_answer};
          }
        } else {
          refused = classify(reply, on, tried);
        }
      } catch (const error& thrown) {
        if (!net::is_transient(thrown.code()) && thrown.code() != errc::bad_response) throw;
        refused = failure{thrown, remedy::back_off, refusal::no_answer};
      }
      auto pause = net::backoff(options_.retry, attempt, random_);
      if (asked) pause = std::max(pause, std::chrono::milliseconds(*asked));
      if (refused->cure == remedy::stop || attempt >= options_.retry.attempts || pause > options_.retry.patience) {
        const error cause = without_secret(refused->cause);
        if (!accepted_ && cause.code() == errc::invalid_api_key) key_refused_ = cause;
        throw cause;
      }
      if (refused->cure == remedy::wait_for_window) {
        closed_by_ = without_secret(refused->cause);
        quota_.close(time_.now() + pause);
      } else {
        co_await time_.wait(pause, refused->cause);
      }
    }
  }

  // A request under way; one that ends without a reply, by a cancellation too, is lost.
  class open_request {
  public:
    explicit open_request(service& owner) : owner_(owner), number_(owner.quota_.send()) { ++owner.requests_; }
    ~open_request() {
      if (!heard_) owner_.quota_.lost();
      owner_.changed_.wake_all();
    }
    open_request(const open_request&) = delete;
    open_request& operator=(const open_request&) = delete;
    void heard(const std::optional<net::rate_limit>& told) {
      heard_ = true;
      owner_.quota_.heard(number_, told, owner_.time_.now());
    }

  private:
    service& owner_;
    std::uint64_t number_;
    bool heard_ = false;
  };

  // Ends when a request may be sent at once.
  net::task<void> admit(const std::string& on) {
    while (true) {
      if (key_refused_) throw *key_refused_;
      if (spent())
        throw error(errc::budget_spent, {"ask Europeana", on,
                                         "the " + std::to_string(options_.max_requests) + " requests allowed are spent",
                                         "run the same command again to go on"});
      const auto now = time_.now();
      if (quota_.open(now) && (accepted_ || quota_.under_way() == 0)) break;
      const auto opens = quota_.opens_at();
      if (opens && *opens > now && !window_watched_) {
        co_await watch_window(std::chrono::ceil<std::chrono::milliseconds>(*opens - now), on);
      } else {
        co_await changed_.wait();
      }
    }
    closed_by_.reset();
  }

  // One task waits for the window; the others wait for that one.
  net::task<void> watch_window(std::chrono::milliseconds left, const std::string& on) {
    const error why = closed_by_.value_or(
        error(errc::rate_limited, {"ask Europeana", on, "the key has no request left in this window",
                                   "wait for the next window, or ask Europeana for a project key, "
                                   "which has a higher limit"}));
    if (left > options_.retry.patience) throw why;
    struct watch {
      service& owner;
      explicit watch(service& self) : owner(self) { owner.window_watched_ = true; }
      ~watch() {
        owner.window_watched_ = false;
        owner.changed_.wake_all();
      }
    } const watching(*this);
    co_await time_.wait(left, why);
  }

  [[nodiscard]] error without_secret(const error& cause) const {
    error_text text = cause.text();
    text.why = hide(std::move(text.why));
    return cause.status() != 0 ? error(cause.status(), std::move(text)) : error(cause.code(), std::move(text));
  }

  Transport* transport_;
  net::secret_string key_;
  client_options options_;
  random random_;
  time_source time_;
  quota quota_;
  net::condition changed_; ///< a reply came, or a wait ended
  std::uint64_t requests_ = 0;
  std::optional<net::rate_limit> limit_;
  std::optional<error> key_refused_, closed_by_;
  bool accepted_ = false; ///< whether any answer has come
  bool window_watched_ = false;
};

} // namespace eucv::europeana

// ---- eucv/europeana/client.hpp -------------------------------------------------------------------------------------
#include <string>
#include <string_view>
#include <utility>

namespace eucv::europeana {

/// The key in the environment variable EUROPEANA_API_KEY. Throws errc::no_api_key where it is unset or empty, and
/// errc::invalid_api_key where it holds what no key holds and a header must not: blanks, control characters, non-ASCII.
[[nodiscard]] net::secret_string api_key_from_environment();

/// The address of search.json from what a user writes: the full address, or an origin alone, which gets
/// "/record/v2/search.json". Throws errc::bad_url for anything else, a query included: it might hold a key.
[[nodiscard]] net::url search_endpoint(std::string_view text);

/// The Search API of Europeana.
inline constexpr std::string_view default_endpoint = "https://api.europeana.eu/record/v2/search.json";

/// The Search API over any transport. The key goes into the header X-Api-Key and nowhere else.
///
///     net::client transport;
///     europeana::client api(transport, europeana::api_key_from_environment());
///
/// How it waits, repeats and bounds its requests: see service. The same key and limit serve the Entity API and the
/// Record API of the same host: entity.hpp, web_resource.hpp.
template <net::transport Transport>
class client : public service<Transport> {
public:
  client(Transport& transport, net::secret_string key, client_options options = {})
      : service<Transport>(transport, std::move(key), options) {}

  /// Another address of search.json: see search_endpoint().
  client& at(net::url endpoint) { return endpoint_ = std::move(endpoint), *this; }
  /// Another way to wait.
  client& with_time(time_source time) { return service<Transport>::with_time(std::move(time)), *this; }

  [[nodiscard]] const net::url& endpoint() const noexcept { return endpoint_; }

  /// One page of a search. `mark` is "*" for the first, then `page::next`; empty for a search without cursor.
  ///
  /// Throws what service::ask() throws, and errc::bad_record at once for a page that lacks what each page has.
  net::task<page> search(const query& what, std::string_view mark) {
    auto read = [this, on = endpoint_.str()](const net::response& reply) {
      page found = parse_page(reply.body, on);
      for (auto& item : found.items)
        if (item) remove_key(*item);
      return found;
    };
    return this->ask(what.request(endpoint_, mark), "search Europeana", std::move(read));
  }

private:
  // The service puts the caller's key into addresses that it makes up; should it turn up elsewhere, it goes too.
  void remove_key(record& item) const {
    for (std::string* text : {&item.image, &item.rights, &item.title, &item.creator, &item.data_provider,
                              &item.provider, &item.country, &item.landing_page, &item.preview})
      *text = this->hide(std::move(*text));
  }

  net::url endpoint_ = search_endpoint(default_endpoint);
};

} // namespace eucv::europeana

// ---- eucv/europeana/cursor.hpp -------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace eucv::europeana {

/// Why a cursor gives no more pages.
enum class cursor_end : std::uint8_t {
  none,          ///< it does
  no_mark,       ///< the page named no next one
  empty_page,    ///< the page held no item
  repeated_mark, ///< the next mark was the one just sent: the service's other way to say "last page"
  loop,          ///< the next mark was sent before: the service goes in circles, and its pages may be incomplete
  overrun,       ///< far more items came than the service counts: it goes in circles under marks that are always new
};

/// The stable word of an end, for state files and reports.
[[nodiscard]] constexpr std::string_view to_string(cursor_end end) noexcept {
  switch (end) {
  case cursor_end::none: return "none";
  case cursor_end::no_mark: return "no_mark";
  case cursor_end::empty_page: return "empty_page";
  case cursor_end::repeated_mark: return "repeated_mark";
  case cursor_end::loop: return "loop";
  case cursor_end::overrun: return "overrun";
  }
  return "none";
}

/// The pages of one search, one after the other.
///
///     cursor pages(api, what);
///     while (auto found = co_await pages.next()) use(*found);
///
/// The mark is all the state there is: a cursor made with the mark of another one, and the same query, goes on from
/// there, days later too. One next() at a time; the client must outlive it.
template <net::transport Transport>
class cursor {
public:
  explicit cursor(client<Transport>& api, query what, std::string mark = "*")
      : api_(&api), what_(std::move(what)), mark_(std::move(mark)) {}

  /// The next page, or nothing after the last one. Throws what client::search() throws, and can then be called again.
  net::task<std::optional<page>> next() {
    if (done()) co_return std::nullopt;
    page found = co_await api_->search(what_, mark_);
    if (found.items.empty()) {
      end_ = cursor_end::empty_page;
      co_return std::nullopt;
    }
    seen_.insert(std::hash<std::string>{}(mark_));
    if (found.next.empty())
      end_ = cursor_end::no_mark;
    else if (found.next == mark_)
      end_ = cursor_end::repeated_mark;
    else if (seen_.contains(std::hash<std::string>{}(found.next)))
      end_ = cursor_end::loop;
    else
      mark_ = found.next;
    co_return std::move(found);
  }

  [[nodiscard]] bool done() const noexcept { return end_ != cursor_end::none; }
  [[nodiscard]] cursor_end end() const noexcept { return end_; }
  /// What the next page is asked with.
  [[nodiscard]] const std::string& mark() const noexcept { return mark_; }

private:
  client<Transport>* api_;
  query what_;
  std::string mark_;
  cursor_end end_ = cursor_end::none;
  std::unordered_set<std::size_t> seen_; // hashes of the marks that were sent: 10,000 pages cost 1 MB
};

} // namespace eucv::europeana

// ---- eucv/europeana/entity.hpp -------------------------------------------------------------------------------------
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// What Europeana's Entity API knows of a concept.
struct entity {
  std::string uri;                                              ///< in the form of today
  std::map<std::string, std::string> labels;                    ///< the preferred one by language: "de", "en"
  std::map<std::string, std::vector<std::string>> other_labels; ///< by language
  std::vector<std::string> exact_matches;                       ///< URIs of the same concept in other vocabularies

  /// The equal term of Getty's Art & Architecture Thesaurus, as a URI with http; empty where none is named.
  [[nodiscard]] std::string aat() const;
  /// The preferred label in the first of these languages that has one, then in English, then in any; or empty.
  [[nodiscard]] std::string label(std::span<const std::string> languages) const;
};

/// Reads the JSON of a concept. Throws errc::bad_response where it is no JSON, errc::bad_record where it is no concept
/// or a field has another type than documented. `on` is the address for the message.
[[nodiscard]] entity parse_entity(std::string_view body, std::string_view on);

/// Where a concept is asked for, at the host of the Search API: its own address for a concept of Europeana, the service
/// that resolves equal terms for any other URI.
[[nodiscard]] net::url entity_address(const net::url& endpoint, std::string_view concept_uri);

/// The number in an address such as ".../concept/48" or ".../concept/base/48.json"; empty where there is none.
[[nodiscard]] std::string_view concept_number(std::string_view address) noexcept;

namespace detail {

/// The address of the concept of Europeana that equals a term of another vocabulary.
template <net::transport Transport>
net::task<net::url> resolve_concept(client<Transport>& api, const std::string& concept_uri) {
  net::request question;
  question.target = entity_address(api.endpoint(), concept_uri);
  question.follow_redirects = false; // it leads to the concept by its URI, which is not the address to read it at
  const auto read = [](const net::response& reply) { return std::string(reply.find("Location").value_or("")); };
  const std::string leads_to = co_await api.ask(question, "resolve a concept URI", read);
  const std::string number(concept_number(leads_to));
  if (number.empty())
    throw error(errc::bad_record, {"resolve", concept_uri, "the Entity API leads to no concept",
                                   "give the concept's own URI, http://data.europeana.eu/concept/NUMBER"});
  co_return entity_address(api.endpoint(), "http://data.europeana.eu/concept/" + number);
}

} // namespace detail

/// What the Entity API knows of a concept of Europeana, or of one that equals a term of another vocabulary, such as
/// http://vocab.getty.edu/aat/300046300. Throws what service::ask() throws; an unknown URI is status 404.
/// The URI must live until the task ends.
template <net::transport Transport>
net::task<entity> find_entity(client<Transport>& api, const std::string& concept_uri) {
  net::request question;
  question.target = entity_address(api.endpoint(), concept_uri);
  if (question.target.target.starts_with("/entity/resolve"))
    question.target = co_await detail::resolve_concept(api, concept_uri);
  const auto read = [on = question.target.str()](const net::response& reply) { return parse_entity(reply.body, on); };
  co_return co_await api.ask(question, "ask for a concept", read);
}

/// A subject for a vocabulary: the URI as the caller gave it, normalised, the label of the entity as a folder can bear
/// it, and the equal AAT term. Throws errc::bad_record where the entity has no label.
[[nodiscard]] dataset::subject subject_of(const entity& found, std::string_view concept_uri,
                                          std::span<const std::string> languages);

} // namespace eucv::europeana

// ---- eucv/europeana/harvest_plan.hpp -------------------------------------------------------------------------------
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// The columns of a harvested table. The first five, in this order, are those of the 2021 pilot.
inline constexpr std::array<std::string_view, 13> harvest_columns{
    "category", "skos_concept", "URI",   "ID",      "URL",          "rights", "data_provider",
    "provider", "country",      "title", "creator", "landing_page", "preview"};

/// What becomes of an item that several subjects of the vocabulary have.
enum class harvest_mode : std::uint8_t {
  single_label, ///< it stands in the table once, at the first of them
  multi_label,  ///< it stands there once, with the labels and concept URIs of all of them, blanks between
};

/// The word for a mode, as the program and state files spell it.
[[nodiscard]] constexpr std::string_view to_string(harvest_mode mode) noexcept {
  return mode == harvest_mode::multi_label ? "multi-label" : "single-label";
}

/// What to harvest, and where to. Give it a name before `co_await harvest(api, plan)`: see net/task.hpp on g++ 12.
struct harvest_plan {
  dataset::vocabulary subjects;             ///< what to look for; rows come in this order
  std::filesystem::path table;              ///< the CSV file to write; its folder must exist
  std::string text;                         ///< a Lucene expression that every item must match as well; empty for none
  std::size_t per_class = 1'000;            ///< rows a subject, at most
  reusability_set reuse{reusability::open}; ///< rights that are asked for, and checked
  std::uint64_t seed = 1;                   ///< which of the matching items, where there are more than wanted
  std::size_t concurrency = 4;              ///< subjects that are searched side by side
  harvest_mode mode = harvest_mode::single_label;
};

namespace detail {

/// A search for images under the plan, but for the subject.
[[nodiscard]] inline query image_query(const harvest_plan& plan, std::string subject) {
  query what;
  what.match(plan.text)
      .filter(std::move(subject))
      .filter("TYPE:IMAGE")
      .filter("provider_aggregation_edm_isShownBy:*")
      .reuse(plan.reuse)
      .with_media()
      .shuffle(plan.seed)
      .profile("standard")
      .rows(100);
  return what;
}

/// The filter for a subject of the vocabulary.
[[nodiscard]] inline std::string concept_filter(const dataset::subject& subject) {
  return field("skos_concept", dataset::normalise_concept_uri(subject.uri));
}

} // namespace detail

/// The search for the images of one subject.
///
/// Three filters on three fields, which the service ANDs; the last two and `media` are what production harvesters send
/// to get only items with an image file. The profile is "standard": "minimal" is a tenth of the size, but has no
/// country, which the table needs.
[[nodiscard]] inline query subject_query(const harvest_plan& plan, const dataset::subject& subject) {
  return detail::image_query(plan, detail::concept_filter(subject));
}

/// The search for the images that have a subject and any of others besides; `others` are not empty.
///
/// One search stands for all pairs with a subject. With each subject's later ones as `others`, 20 subjects take 19
/// searches, where the pilot of 2021 sent 190 for pairs and 1,140 for triples; no two of them find an item at the same
/// subject, and the item itself says which labels it has. Its address may be too long for GET: see query::request().
[[nodiscard]] inline query several_query(const harvest_plan& plan, const dataset::subject& subject,
                                         const dataset::vocabulary& others) {
  std::vector<std::string> any;
  for (const auto& other : others) any.push_back(detail::concept_filter(other));
  const std::vector<std::string> both{detail::concept_filter(subject), any_of(any)};
  return detail::image_query(plan, all_of(both));
}

} // namespace eucv::europeana

// ---- eucv/europeana/estimate.hpp -----------------------------------------------------------------------------------
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// How many images the service has for a subject.
struct subject_estimate {
  std::string label, uri;
  std::uint64_t total = 0; ///< under all rights asked for
  /// By rights, in the order of all_reusabilities; 0 for rights that were not asked for.
  std::array<std::uint64_t, all_reusabilities.size()> totals{};
  /// By rights statement, the most frequent first; empty where the service gives no facets.
  std::vector<facet_value> statements = {};
};

namespace detail {

template <net::transport Transport>
struct estimate_run {
  client<Transport>& api;
  const harvest_plan& plan;
  std::vector<subject_estimate> found;
  std::size_t next = 0;

  [[nodiscard]] query total_query(std::size_t subject, reusability_set reuse) const {
    query what = subject_query(plan, plan.subjects[subject]);
    what.reuse(reuse).profile("minimal").rows(0).facet("RIGHTS", 1000);
    return what;
  }
};

// One request tells all, by the facet of the rights statements. Without facets each of the rights has to be asked for.
template <net::transport Transport>
net::task<void> ask_totals(estimate_run<Transport>& run) {
  while (run.next < run.plan.subjects.size()) {
    const std::size_t subject = run.next++;
    subject_estimate& into = run.found[subject];
    const query all = run.total_query(subject, run.plan.reuse);
    const page answer = co_await run.api.search(all, "");
    into.total = answer.total;
    if (const auto rights = answer.facets.find("RIGHTS"); rights != answer.facets.end() || answer.total == 0) {
      if (rights != answer.facets.end()) into.statements = rights->second;
      for (const auto& [statement, count] : into.statements)
        into.totals[static_cast<std::size_t>(reusability_of(statement))] += count;
      continue;
    }
    for (const reusability word : all_reusabilities) {
      if (!run.plan.reuse.empty() && !run.plan.reuse.contains(word)) continue;
      if (run.plan.reuse == reusability_set{word}) {
        into.totals[static_cast<std::size_t>(word)] = answer.total;
        continue;
      }
      const query one = run.total_query(subject, {word});
      const page part = co_await run.api.search(one, "");
      into.totals[static_cast<std::size_t>(word)] = part.total;
    }
  }
}

} // namespace detail

/// What a harvest would find: the number of images of each subject, by rights. One request without rows a subject, or
/// one more for each of the rights where the service gives no facets; nothing is written. Items that belong to several
/// subjects are counted at each.
template <net::transport Transport>
net::task<std::vector<subject_estimate>> estimate(client<Transport>& api, harvest_plan plan) {
  detail::estimate_run<Transport> run{api, plan, {}};
  for (const auto& subject : plan.subjects)
    run.found.push_back({subject.label, dataset::normalise_concept_uri(subject.uri)});
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(plan.concurrency, 1, plan.subjects.size() + 1); ++i)
    tasks.push_back(detail::ask_totals(run));
  co_await net::when_all(std::move(tasks));
  co_return std::move(run.found);
}

/// Requests that a harvest of what was found will take: exact where no item is refused or belongs to two subjects, and
/// in the mode multi-label where no subject has more than 100 items with several labels; then a little more.
[[nodiscard]] inline std::uint64_t requests_of(const std::vector<subject_estimate>& found, const harvest_plan& plan) {
  constexpr std::uint64_t page_size = 100;
  std::uint64_t sum = 0, large = 0;
  for (const auto& subject : found) {
    const std::uint64_t rows = std::min<std::uint64_t>(subject.total, plan.per_class);
    sum += (rows + page_size - 1) / page_size;
    if (subject.total < plan.per_class) ++sum; // the empty page that ends a search
    if (subject.total > plan.per_class) ++large;
  }
  // A page, and the empty one after it, for each large subject but the last: several_query().
  if (plan.mode == harvest_mode::multi_label && large > 1) sum += 2 * (large - 1);
  return sum;
}

} // namespace eucv::europeana

// ---- eucv/europeana/harvest_report.hpp -----------------------------------------------------------------------------
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// How far one subject has come.
struct subject_state {
  std::string mark = "*";            ///< what the next page is asked with
  cursor_end end = cursor_end::none; ///< why there is no next page
  std::uint64_t length = 0;          ///< bytes of the candidates on disk that count
  std::uint64_t candidates = 0;      ///< items that may become rows
  std::uint64_t total = 0;           ///< matching items, as the service counts them now
  std::uint64_t first_total = 0;     ///< the same, as it counted them at the first page
  std::uint64_t malformed = 0;       ///< items that break the rules of the API: errc::bad_record
  std::uint64_t without_image = 0;   ///< items of another type than IMAGE, or without an http(s) `edmIsShownBy`
  std::uint64_t refused_rights = 0;  ///< items whose rights statement is not what was asked for

  [[nodiscard]] bool finished() const noexcept { return end != cursor_end::none; }
  /// Items read so far.
  [[nodiscard]] std::uint64_t items() const noexcept { return candidates + malformed + without_image + refused_rights; }
};

/// What came of one subject. `state` is that of its search; in the mode multi-label the counts of items that were left
/// out take in its search for items with several labels.
struct subject_report {
  std::string label, uri;
  std::uint64_t rows = 0;       ///< of the table
  std::uint64_t duplicates = 0; ///< items left out since an earlier page, or an earlier subject, has them already
  std::uint64_t several = 0;    ///< rows with more than one label
  subject_state state;
};

/// What came of a harvest.
struct harvest_report {
  std::vector<subject_report> subjects; ///< in the order of the vocabulary
  std::uint64_t requests = 0;           ///< sent by this run; 0 where there was nothing left to do
  bool complete = true;                 ///< false: the requests allowed were spent, and there is no table yet
  std::uint64_t requests_left = 0;      ///< that an incomplete harvest still costs, about

  [[nodiscard]] std::uint64_t rows() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& subject : subjects) sum += subject.rows;
    return sum;
  }
};

/// A state as one line of JSON, and back. The reader throws errc::bad_format with `on` for anything else.
[[nodiscard]] std::string to_json(const subject_state& state);
[[nodiscard]] subject_state parse_subject_state(std::string_view text, const std::string& on);

/// The subjects of a report as JSON, and back; of a complete harvest; `requests` belongs to one run and is left out.
[[nodiscard]] std::string to_json(const harvest_report& report);
[[nodiscard]] harvest_report parse_harvest_report(std::string_view text, const std::string& on);

} // namespace eucv::europeana

// ---- eucv/europeana/harvest_state.hpp ------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// What a harvest keeps on disk, so that it goes on where it was killed: the folder TABLE.harvest beside the table.
///
/// `plan.json` says what is harvested, `N.rows` holds the candidates of search N in their order, `N.json` its state.
/// Searches are the subjects of the vocabulary in their order and, in the mode multi-label, once more as many: that of
/// subject N for items with several labels is number several(N). Candidates are written and synced first, the state is
/// replaced after that: bytes of a page beyond the recorded length are cut off by the next run. The table is made from
/// the candidates at the end, each item kept at the first subject that has it; so it depends neither on the order in
/// which replies arrive nor on where runs broke off. After that `done.json` stands for all of it. Every failure to
/// write throws a file_error().
class harvest_state {
public:
  /// Opens the state of `plan.table`, or begins one. Throws errc::invalid_argument where the plan is unfit, where the
  /// state belongs to another plan or endpoint, or where a table without state is there; errc::in_use where another
  /// process works on it; errc::bad_format where the state is damaged.
  harvest_state(const harvest_plan& plan, std::string_view endpoint);

  /// The report of a harvest that has ended, or nothing.
  [[nodiscard]] const std::optional<harvest_report>& done() const noexcept { return done_; }
  [[nodiscard]] const subject_state& of(std::size_t search) const { return states_[search]; }
  [[nodiscard]] std::size_t several(std::size_t subject) const noexcept { return plan_.subjects.size() + subject; }

  /// Keeps a page: candidates, made by candidate_line(), and the state after it, `length` aside.
  void append(std::size_t search, std::string_view candidates, subject_state after);

  /// Rows and duplicates of each subject, were the table made now.
  [[nodiscard]] std::vector<subject_report> merge() const;
  /// Writes the table and ends the harvest.
  harvest_report finish();

private:
  [[nodiscard]] std::filesystem::path file_of(std::size_t search, std::string_view suffix) const;
  template <class RowSink>
  std::vector<subject_report> merge_into(RowSink&& sink) const;
  [[nodiscard]] std::string label_cells(std::string_view numbers, std::size_t search) const;
  [[nodiscard]] error changed(std::size_t search) const;
  void load(const std::string& found, const std::string& wanted);
  void remove_candidates() const;

  harvest_plan plan_;
  std::filesystem::path folder_;
  std::optional<folder_lock> lock_;
  std::vector<subject_state> states_;
  std::optional<harvest_report> done_;
};

/// One line of `N.rows`: the ID, the numbers of its labels in the vocabulary with blanks between, and the row of the
/// table from the third column on, with tabs between. `labels` are not empty.
[[nodiscard]] std::string candidate_line(const std::vector<std::size_t>& labels, const record& item);

} // namespace eucv::europeana

// ---- eucv/europeana/harvest.hpp ------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::europeana {

namespace detail {

/// The numbers of subjects by their URIs.
using label_numbers = std::unordered_map<std::string, std::size_t>;

/// What the tasks of one harvest share; all run on one thread.
template <net::transport Transport>
struct harvest_run {
  client<Transport>& api;
  const harvest_plan& plan;
  harvest_state& state;
  progress_sink sink;
  std::vector<std::uint64_t> wanted; ///< candidates that each subject is to have
  label_numbers labels;              ///< in the mode multi-label
  std::size_t next = 0;              ///< the first subject that no task has taken
  bool cut_off = false;              ///< the requests allowed are spent

  [[nodiscard]] bool multi() const noexcept { return plan.mode == harvest_mode::multi_label; }
  [[nodiscard]] std::uint64_t candidates(std::size_t subject) const {
    return state.of(subject).candidates + (multi() ? state.of(state.several(subject)).candidates : 0);
  }
  /// The same, of those that come before the next one of a search: items with several labels stand first.
  [[nodiscard]] std::uint64_t candidates_before(std::size_t search) const {
    return search < plan.subjects.size() ? candidates(search) : state.of(search).candidates;
  }
  /// Whether its items are more than a row each could be made of, so that reading them all would cost more than to ask
  /// for those with several labels.
  [[nodiscard]] bool is_large(std::size_t subject) const { return state.of(subject).first_total > plan.per_class; }
  /// The subjects that a large one is searched together with: the large ones after it, in the mode multi-label.
  [[nodiscard]] dataset::vocabulary large_after(std::size_t subject) const {
    dataset::vocabulary others;
    for (std::size_t i = subject + 1; multi() && is_large(subject) && i < plan.subjects.size(); ++i)
      if (is_large(i)) others.push_back(plan.subjects[i]);
    return others;
  }
  [[nodiscard]] query query_of(std::size_t search) const {
    const std::size_t subject = search % plan.subjects.size();
    return search == subject ? subject_query(plan, plan.subjects[subject])
                             : several_query(plan, plan.subjects[subject], large_after(subject));
  }
  void report(std::size_t subject) const {
    if (!sink) return;
    std::uint64_t done = 0;
    for (std::size_t i = 0; i < plan.subjects.size(); ++i)
      done += std::min<std::uint64_t>(candidates(i), plan.per_class);
    const std::string note = plan.subjects[subject].label + ": " + std::to_string(candidates(subject)) + " of " +
                             std::to_string(state.of(subject).total);
    sink({"harvest", done, plan.per_class * plan.subjects.size(), note});
  }
};

/// Sorts the items of a page into `after`; returns the candidates' lines. With `labels`, an item has those of all its
/// concepts besides.
[[nodiscard]] std::string sort_page(const page& found, const harvest_plan& plan, std::size_t subject,
                                    const label_numbers& labels, subject_state& after);

/// Turns the pages of search number `search`, for `subject`, until the subject has what is wanted, `pages` are turned,
/// the search is at its end, or the requests allowed are spent.
template <net::transport Transport>
net::task<void> harvest_search(harvest_run<Transport>& run, std::size_t search, std::size_t pages) {
  const std::size_t subject = search % run.plan.subjects.size();
  cursor<Transport> marks(run.api, run.query_of(search), run.state.of(search).mark);
  for (; pages > 0 && !run.state.of(search).finished() && run.candidates_before(search) < run.wanted[subject];
       --pages) {
    std::optional<page> found;
    try {
      found = co_await marks.next();
    } catch (const error& thrown) {
      if (thrown.code() != errc::budget_spent) throw;
      run.cut_off = true; // not thrown on: pages that are under way elsewhere are kept
      co_return;
    }
    subject_state after = run.state.of(search);
    std::string lines;
    if (found) lines = sort_page(*found, run.plan, subject, run.labels, after);
    if (after.mark == "*") after.first_total = after.total;
    after.mark = marks.mark();
    after.end = marks.end();
    if (!after.finished() && after.items() > 2 * after.total + 1000) after.end = cursor_end::overrun;
    run.state.append(search, lines, std::move(after));
    run.report(subject);
  }
}

/// All searches for a subject.
template <net::transport Transport>
net::task<void> harvest_subject(harvest_run<Transport>& run, std::size_t subject) {
  const auto all = static_cast<std::size_t>(-1);
  if (!run.large_after(subject).empty()) co_await harvest_search(run, run.state.several(subject), all);
  if (!run.cut_off) co_await harvest_search(run, subject, all);
}

/// The first page of a subject, which tells how many items it has.
template <net::transport Transport>
net::task<void> look_at_subject(harvest_run<Transport>& run, std::size_t subject) {
  if (run.state.of(subject).mark == "*") co_await harvest_search(run, subject, 1);
}

/// Takes one subject after the other until none is left, and does `work` with each.
template <net::transport Transport, class Work>
net::task<void> take_subjects(harvest_run<Transport>& run, Work work) {
  while (run.next < run.plan.subjects.size() && !run.cut_off) co_await work(run, run.next++);
}

/// Does `work` with all subjects, so many side by side as the plan says.
template <net::transport Transport, class Work>
net::task<void> for_all_subjects(harvest_run<Transport>& run, Work work) {
  run.next = 0;
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(run.plan.concurrency, 1, run.plan.subjects.size()); ++i)
    tasks.push_back(take_subjects(run, work));
  co_await net::when_all(std::move(tasks));
}

/// The report of a harvest that was cut off.
template <net::transport Transport>
harvest_report unfinished(const harvest_run<Transport>& run, std::uint64_t requests) {
  harvest_report report;
  report.subjects = run.state.merge();
  report.requests = requests;
  report.complete = false;
  const std::uint64_t page_size = subject_query(run.plan, run.plan.subjects.front()).rows();
  for (std::size_t i = 0; i < run.wanted.size(); ++i) {
    const auto pages_left = [&](std::size_t search) -> std::uint64_t {
      const subject_state& state = run.state.of(search);
      const std::uint64_t have = run.candidates_before(search);
      if (state.finished() || have >= run.wanted[i]) return 0;
      const std::uint64_t missing = run.wanted[i] - have;
      const std::uint64_t there = state.mark == "*" ? missing : state.total - std::min(state.total, state.items());
      return std::max<std::uint64_t>(1, (std::min(missing, there) + page_size - 1) / page_size);
    };
    report.requests_left += pages_left(i);
    if (!run.large_after(i).empty())
      report.requests_left += std::min<std::uint64_t>(1, pages_left(run.state.several(i)));
  }
  return report;
}

} // namespace detail

/// Searches for every subject of a vocabulary and writes a table of the images found.
///
/// Subjects are searched side by side, each item is kept once, at the first subject of the vocabulary that has it, in
/// the mode multi-label with all its labels, and the rows stand in the order of the vocabulary and of the seeded
/// shuffle: with the same seed and the same index on the service's side the table is the same, byte for byte, however
/// many replies came late and however often the run was killed and begun again. When there is nothing left to do,
/// nothing is sent. Cancellation loses at most the pages under way. Where client_options::max_requests are spent, the
/// report says so (`complete`), no table is written yet, and the same call, by a client with requests to spend, goes
/// on.
///
/// In the mode multi-label each subject's rows are items with several labels first, as these are rare, then others. A
/// subject whose items are all read, since they are not more than `per_class`, needs no search for them: `edmConcept`
/// of each item tells. For the others there is one search a subject, for its items with any later one: several_query().
///
/// Throws what harvest_state and client::search() throw; what was found until then is kept, and the same call goes on.
template <net::transport Transport>
net::task<harvest_report> harvest(client<Transport>& api, harvest_plan plan, progress_sink sink = {}) {
  harvest_state state(plan, api.endpoint().str());
  if (state.done()) co_return *state.done();
  const std::uint64_t before = api.requests();
  const std::size_t count = plan.subjects.size();
  detail::harvest_run<Transport> run{
      api, plan, state, std::move(sink), std::vector<std::uint64_t>(count, plan.per_class), {}};
  if (run.multi()) {
    for (std::size_t i = 0; i < count; ++i) run.labels.emplace(dataset::normalise_concept_uri(plan.subjects[i].uri), i);
    // What is to be asked depends on how many items each subject has, and on nothing else: a resumed run asks the same.
    co_await detail::for_all_subjects(run, detail::look_at_subject<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
  }

  for (bool short_of_rows = true; short_of_rows;) {
    co_await detail::for_all_subjects(run, detail::harvest_subject<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
    // Items that an earlier subject has as well are made up for. That takes rounds: what one subject gains, a later one
    // may lose. An earlier subject never gives an item back, so no page is fetched in vain, and the rounds end.
    const auto merged = state.merge();
    short_of_rows = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (merged[i].rows >= plan.per_class || state.of(i).finished()) continue;
      run.wanted[i] = run.candidates(i) + plan.per_class - merged[i].rows;
      short_of_rows = true;
    }
  }
  harvest_report report = state.finish();
  report.requests = api.requests() - before;
  co_return report;
}

} // namespace eucv::europeana

// ---- eucv/europeana/id_set.hpp -------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// Which items were taken, for a table in which each stands once.
///
/// 64 bits stand for an ID, in a table of its own with one place in eight free: 9.2 bytes an ID, all of them taken at
/// the beginning. Two of a million IDs coincide with a chance of 3 in 100 million; the later one would be left out.
class id_set {
public:
  /// Room for `most` IDs.
  explicit id_set(std::uint64_t most) : places_(static_cast<std::size_t>(most + most / 7 + 8)) {}

  /// Whether `id` is new; it is taken now. Not more than `most` times with a new one.
  bool insert(std::string_view id) noexcept {
    const std::uint64_t print = fingerprint(id);
    // The high half of a product spreads the fingerprint over any number of places (Lemire, 2019).
    __extension__ using wide = unsigned __int128;
    auto place = static_cast<std::size_t>(static_cast<wide>(print) * places_.size() >> 64);
    while (places_[place] != 0) {
      if (places_[place] == print) return false;
      if (++place == places_.size()) place = 0;
    }
    places_[place] = print;
    return true;
  }

private:
  // FNV-1a, its bits mixed as by MurmurHash3's finaliser; never 0, which marks a free place.
  static std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t state = 0xcbf29ce484222325;
    for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    state = (state ^ (state >> 33)) * 0xff51afd7ed558ccd;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53;
    return std::max<std::uint64_t>(state ^ (state >> 33), 1);
  }

  std::vector<std::uint64_t> places_;
};

} // namespace eucv::europeana

// ---- eucv/europeana/web_resource.hpp -------------------------------------------------------------------------------
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// A file that an item has on the web, as Europeana found it when it last looked: what is to be expected of a download.
struct web_resource {
  std::string address;
  std::string mime_type;               ///< "image/jpeg"; empty where it is not known
  std::uint64_t bytes = 0;             ///< 0 where it is not known
  std::uint64_t width = 0, height = 0; ///< pixels of a picture; 0 where they are not known
  std::vector<std::string> iiif = {};  ///< addresses of image services: pictures in any size
};

/// The files of a record, from the JSON of the Record API, in its order. Throws errc::bad_response where it is no JSON,
/// errc::bad_record where a field has another type than documented. `on` is the address for the message.
[[nodiscard]] std::vector<web_resource> parse_web_resources(std::string_view body, std::string_view on);

/// Where a record is asked for, at the host of the Search API. `id` is a record_id: "/DATASET/LOCAL"; anything else
/// throws errc::invalid_argument.
[[nodiscard]] net::url record_address(const net::url& endpoint, std::string_view id);

/// The files of the record `id`, by one request of the Record API. Throws what service::ask() throws; an unknown record
/// is status 404. The id must live until the task ends.
template <net::transport Transport>
net::task<std::vector<web_resource>> find_web_resources(client<Transport>& api, const std::string& id) {
  net::request question;
  question.target = record_address(api.endpoint(), id);
  const auto read = [on = question.target.str()](const net::response& reply) {
    return parse_web_resources(reply.body, on);
  };
  co_return co_await api.ask(question, "ask for a record", read);
}

} // namespace eucv::europeana

// ---- eucv/download/politeness.hpp ----------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <cstddef>

namespace eucv::download {

/// How the hosts are treated from which is fetched.
struct politeness {
  std::size_t per_host = 4;                    ///< requests at a time to one host, at least 1
  double delay_factor = 0.1;                   ///< from one request to a host to the next: this times what one takes,
  std::chrono::milliseconds least_delay{0};    ///< but at least this,
  std::chrono::milliseconds most_delay{5'000}; ///< and at most this
  std::chrono::milliseconds most_crawl_delay{30'000}; ///< a robots.txt that asks for more gets this
  int give_up_after = 5;     ///< times in a row that a host is in trouble, until all its items fail with that reason
  net::retry_policy retry{}; ///< how long a host in trouble rests, and how often an item is asked for in all

  /// The delay after a request that took so long. What follows from the latency is left out below 10 ms: a host that
  /// answers within 100 ms is not hindered, one that takes seconds is asked less often the slower it is.
  [[nodiscard]] std::chrono::milliseconds delay_after(std::chrono::duration<double, std::milli> took) const {
    const double own = std::min(took.count() * delay_factor, static_cast<double>(most_delay.count()));
    return std::max(least_delay, std::chrono::milliseconds(own < 10 ? 0 : static_cast<long>(own)));
  }
};

/// What a reply, or the lack of one, says about the host.
enum class sign : unsigned char {
  fine,    ///< the host works; whatever is wrong is about the one item, and stays so
  passing, ///< about the one item, which is worth another request: 408, 500, a reply cut off
  trouble, ///< the host does not answer, or asks for patience: 429, 502, 503, 504, no connection, no time
};

[[nodiscard]] constexpr sign sign_of(int status) noexcept {
  if (status == 429 || (status >= 502 && status <= 504)) return sign::trouble;
  return net::is_transient(status) ? sign::passing : sign::fine;
}
[[nodiscard]] constexpr sign sign_of(errc code) noexcept {
  if (code == errc::truncated) return sign::passing;
  return net::is_transient(code) ? sign::trouble : sign::fine;
}

} // namespace eucv::download

// ---- eucv/download/host_queue.hpp ----------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::download {

/// What is to be fetched, host by host: each host gets its turn, at its own pace, and none more than a number of
/// requests at a time.
///
/// Hosts that may take a request stand in a ring; take() gives the next item of the next host in it. So a host with
/// 100,000 items does not keep one with ten waiting, and a slow host holds as many workers as it may have requests
/// open, not one more. A host is asked by one request first, and by several when that one was answered. In trouble (it
/// does not answer, or asks for patience) it rests as a whole, then gets one request again; one that stays in trouble
/// is given up, and all its items with it.
///
/// Time comes in as a parameter, from a clock that never goes back. For one thread.
class host_queue {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// An item on its way. Tell how it ended by answered() or troubled(), once.
  struct ticket {
    std::size_t item; ///< as it was given to add()
    std::size_t host; ///< a number below hosts()
    time_point begin; ///< when it was taken
    std::size_t rest; ///< how often the host had rested by then
  };

  explicit host_queue(const politeness& rules, random engine = random(1)) : rules_(rules), engine_(engine) {
    rules_.per_host = std::max<std::size_t>(rules_.per_host, 1);
  }

  /// Puts an item behind the others of its host. Items without a host share the empty name.
  void add(std::string_view name, std::size_t item) {
    const auto [known, is_new] = names_.try_emplace(std::string(name), hosts_.size());
    if (is_new) {
      host& added = hosts_.emplace_back();
      added.name = known->first;
      added.delay = rules_.least_delay;
    }
    put(known->second, {item, {}});
  }

  /// The next item, or nothing where no host with items may take a request at `now`.
  std::optional<ticket> take(time_point now) {
    while (!resting_.empty() && resting_.begin()->first <= now) leave_rest(resting_.begin()->second);
    while (!ring_.empty()) {
      const std::size_t index = ring_.front();
      ring_.pop_front();
      host& next = hosts_[index];
      next.place = place::none;
      if (!may_take(next)) continue;
      if (ready_at(next) > now) {
        enter(index); // it rests since it came into the ring
        continue;
      }
      const ticket taken{next.waiting.front().item, index, now, next.rests};
      next.waiting.pop_front();
      --waiting_;
      ++next.open;
      ++open_;
      next.next_start = now + next.delay;
      enter(index);
      return taken;
    }
    return std::nullopt;
  }

  /// When take() will give something though nothing ends before; nothing where it will not.
  [[nodiscard]] std::optional<time_point> next_start() const {
    if (!ring_.empty()) return time_point::min();
    if (resting_.empty()) return std::nullopt;
    return resting_.begin()->first;
  }

  /// The host answered the request of a ticket, however badly.
  void answered(const ticket& taken, time_point now) {
    host& peer = hosts_[taken.host];
    const auto took = std::chrono::duration_cast<std::chrono::duration<double, std::milli>>(now - taken.begin);
    peer.delay = std::max(rules_.delay_after(took), peer.crawl_delay);
    peer.next_start = std::max(peer.next_start, std::min(taken.begin, now) + peer.delay);
    if (taken.rest == peer.rests) { // else it tells of the time before the trouble
      if (peer.troubles > 0 && !peer.verdict) --in_trouble_;
      peer.troubles = 0;
      peer.on_trial = false;
    }
    end(taken.host);
  }

  /// The host did not answer the request of a ticket, or asked for patience, of `asked` if it said how long: it rests.
  /// `why` is what becomes of its items if it is given up. Tickets of one time in trouble count once.
  void troubled(const ticket& taken, time_point now, std::optional<milliseconds> asked, const error& why) {
    host& peer = hosts_[taken.host];
    if (taken.rest == peer.rests) {
      ++peer.rests;
      if (++peer.troubles == 1 && !peer.verdict) ++in_trouble_;
      peer.on_trial = true;
      peer.rests_until = std::max(peer.rests_until, now + net::backoff(rules_.retry, peer.troubles, engine_));
    }
    if (asked) peer.rests_until = std::max(peer.rests_until, now + std::min(*asked, rules_.retry.patience));
    if (!peer.verdict && (peer.troubles >= rules_.give_up_after || (asked && *asked > rules_.retry.patience))) {
      if (peer.troubles > 0) --in_trouble_;
      peer.verdict.emplace(why);
    }
    end(taken.host);
  }

  /// Puts the item of a ticket back: to be taken next, or behind all others and not before `earliest`. The ticket ends
  /// by answered() or troubled() all the same.
  void put_back(const ticket& taken) {
    hosts_[taken.host].waiting.push_front({taken.item, {}});
    ++waiting_;
    enter(taken.host);
  }
  void put_back(const ticket& taken, time_point earliest) { put(taken.host, {taken.item, earliest}); }

  /// A host whose robots.txt asks for a delay gets it, up to the limit of the rules.
  void slow_down(std::size_t index, milliseconds crawl_delay) {
    host& peer = hosts_[index];
    peer.crawl_delay = std::min(crawl_delay, rules_.most_crawl_delay);
    peer.delay = std::max(peer.delay, peer.crawl_delay);
  }

  /// Why a host was given up, or null. Its items are taken at once and without limit, for their rows: ask before each.
  [[nodiscard]] const error* given_up(std::size_t index) const {
    const auto& verdict = hosts_[index].verdict;
    return verdict ? &*verdict : nullptr;
  }

  /// Items that nobody has taken yet, and those on their way.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  [[nodiscard]] std::size_t hosts() const noexcept { return hosts_.size(); }
  [[nodiscard]] const std::string& name(std::size_t index) const { return hosts_[index].name; }
  /// Hosts that are in trouble and not given up.
  [[nodiscard]] std::size_t in_trouble() const noexcept { return in_trouble_; }

private:
  enum class place : unsigned char { none, ring, resting };
  struct entry {
    std::size_t item;
    time_point earliest;
  };
  struct host {
    std::string name;
    std::deque<entry> waiting;
    std::size_t open = 0, rests = 0;
    int troubles = 0;     // in a row
    bool on_trial = true; // one request at a time until one is answered
    milliseconds delay{0}, crawl_delay{0};
    time_point next_start{}, rests_until{};
    std::optional<error> verdict;
    host_queue::place place = place::none;
    time_point resting_until{}; // its key in resting_
  };

  [[nodiscard]] bool may_take(const host& peer) const {
    return !peer.waiting.empty() && (peer.verdict || peer.open < (peer.on_trial ? 1 : rules_.per_host));
  }
  [[nodiscard]] static time_point ready_at(const host& peer) {
    if (peer.verdict) return {};
    return std::max({peer.next_start, peer.rests_until, peer.waiting.front().earliest});
  }

  void put(std::size_t index, entry what) {
    hosts_[index].waiting.push_back(what);
    ++waiting_;
    enter(index);
  }
  void end(std::size_t index) {
    --hosts_[index].open;
    --open_;
    enter(index);
  }
  void leave_rest(std::size_t index) {
    host& peer = hosts_[index];
    resting_.erase({peer.resting_until, index});
    peer.place = place::ring;
    ring_.push_back(index);
  }
  // Where the host waits for its turn. Who has nothing to wait for but the clock stands in resting_, all others that
  // may take in the ring; take() looks again, since a host may have come into trouble meanwhile.
  void enter(std::size_t index) {
    host& peer = hosts_[index];
    if (peer.place == place::ring || !may_take(peer)) return;
    if (peer.place == place::resting) resting_.erase({peer.resting_until, index});
    peer.resting_until = ready_at(peer);
    peer.place = place::resting;
    resting_.emplace(peer.resting_until, index);
  }

  politeness rules_;
  random engine_;
  std::vector<host> hosts_;
  std::unordered_map<std::string, std::size_t> names_;
  std::deque<std::size_t> ring_;
  std::set<std::pair<time_point, std::size_t>> resting_;
  std::size_t waiting_ = 0, open_ = 0, in_trouble_ = 0;
};

} // namespace eucv::download

// ---- eucv/download/dispatcher.hpp ----------------------------------------------------------------------------------
#include <chrono>
#include <list>
#include <optional>

namespace eucv::download {

/// Hands out the items of a host_queue to workers, and lets those wait for whom there is none yet.
///
/// One waiting worker watches the clock for the host whose delay or rest ends next; the others sleep until they are
/// needed. For tasks of one thread, which it must outlive.
class dispatcher {
public:
  explicit dispatcher(host_queue& queue) : queue_(queue) {}
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// The next item; nothing when all are done, so that the worker may end.
  net::task<std::optional<host_queue::ticket>> next();

  /// To be called when a request has ended, by a worker that goes on with something else before it comes back.
  void wake();

private:
  struct waiter;
  host_queue& queue_;
  std::list<waiter*> idle_;
  host_queue::time_point watched_ = host_queue::time_point::max(); // until when a waiting worker watches the clock
};

} // namespace eucv::download

// ---- eucv/download/items.hpp ---------------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::download {

/// One file that a table asks for.
struct item {
  std::string category, id, url, rights;
};

/// The items of a table with the columns `category`, `ID`, `URL` and, where it has one, `rights`; any other column is
/// ignored, so tables of other sources than Europeana serve as well.
///
/// Rows in which the three are empty are left out, as spreadsheets leave them behind; of two rows with equal category
/// and ID the first counts. Throws errc::missing_column; errc::bad_format with the number of the row where a category
/// is no safe name of a folder, or an ID is empty or holds control characters. Whether a URL is one shows at its turn.
[[nodiscard]] std::vector<item> items_of(const dataset::table& table);

/// Writes the labels and concept URIs of a table with the columns `category` and `skos_concept` as JSON object
/// {label: URI} to `path`, for the training. Labels and concepts that do not stand for one another, one to one, are
/// left out; a table without the column writes nothing. Throws a file_error().
void write_labels(const dataset::table& table, const std::filesystem::path& path);

} // namespace eucv::download

// ---- eucv/download/outcome.hpp -------------------------------------------------------------------------------------
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

/// What became of an item.
enum class download_status : std::uint8_t {
  ok,        ///< its file is stored
  failed,    ///< `reason` says why
  duplicate, ///< an item before it in the table has the same file, byte by byte
};

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
  std::string reason; ///< one short word: error::reason(), or "same_bytes" of a duplicate
  std::uint64_t bytes = 0;
  std::size_t width = 0, height = 0; ///< of the stored image
  std::string sha256, dhash;         ///< of the stored file, and of its picture
  double seconds = 0;                ///< from the first request to the row
  int attempts = 0;                  ///< requests, redirects aside
  std::string rights;
};

/// The cells of a row, in the order of download_columns.
[[nodiscard]] std::vector<std::string> cells_of(const outcome& row);

/// The row of such cells. Throws errc::bad_format with `on` for cells that no run of eucv wrote.
[[nodiscard]] outcome outcome_of(const std::vector<std::string>& cells, const std::string& on);

} // namespace eucv::download

// ---- eucv/download/journal.hpp -------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::download {

/// What to do with items that failed in an earlier run.
enum class failures : std::uint8_t {
  keep,  ///< they stay failed, and nothing is asked
  retry, ///< they are fetched again
};

/// Items of one host that a run asked for.
struct host_count {
  std::string name; ///< empty: of addresses that are none
  std::uint64_t items = 0, failed = 0;
};

/// What came of a download.
struct fetch_summary {
  std::uint64_t items = 0; ///< of the table
  std::uint64_t ok = 0, failed = 0, duplicates = 0;
  std::map<std::string, std::uint64_t> reasons; ///< failed items by reason
  std::uint64_t fetched = 0;                    ///< items that this run asked a server for
  std::uint64_t bytes = 0;                      ///< stored by this run
  std::vector<host_count> hosts;                ///< of this run
};

/// downloads.csv of a folder: what became of each item, and so what is left to do.
///
/// While a run lasts, rows are appended in the order in which items end, each after its file is on the disk; a row that
/// a kill cut off is dropped by the next run, and its item is fetched again. When all items have a row, finish() puts
/// the table in the order of the items. A second process on the folder gets errc::in_use. Every failure to write throws
/// a file_error(). For one thread.
class journal {
public:
  /// Opens the journal of `folder`, which is made where it is not there. `kind` says how images are stored; another one
  /// than that of the files in the folder throws errc::invalid_argument, since sizes would be mixed.
  journal(std::filesystem::path folder, std::string_view kind);

  /// Which of the items have no final outcome: no row, a row whose file is gone or has another length, or, if asked
  /// for, a failed one.
  [[nodiscard]] std::vector<std::size_t> open_items(std::span<const item> items, failures failed) const;

  /// Keeps an outcome.
  void append(const outcome& row);

  /// Sorts the table by the items, marks duplicates, removes their files, and counts. Rows of items that are not among
  /// them, from a run on another table, stay behind the others. Of equal files that of the first item is kept, so the
  /// table does not depend on the order in which items came in, `seconds` and `attempts` aside.
  fetch_summary finish(std::span<const item> items);

  /// Where the file of an item is, or would be: "category/name" and the suffix, relative to the folder.
  [[nodiscard]] static std::string file_of(const outcome& row, std::string_view suffix);
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

private:
  [[nodiscard]] std::vector<outcome> read() const;
  [[nodiscard]] bool is_stored(const outcome& row) const;
  void repair();

  std::filesystem::path folder_, table_;
  folder_lock lock_;
  file log_;
};

} // namespace eucv::download

// ---- eucv/download/picture.hpp -------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// How images are stored.
struct picture_options {
  std::size_t size = 256;        ///< length of the shorter side; nothing is enlarged; 0 keeps the bytes as they came
  int quality = 90;              ///< of the JPEG
  image::decode_limits limits{}; ///< what an image may ask of the decoder
};

/// An image, ready to be stored.
struct picture {
  std::string bytes;
  std::string_view suffix; ///< ".jpg" or ".png"
  std::size_t width = 0, height = 0;
  std::string sha256; ///< of `bytes`
  std::string dhash;
};

/// Makes an image of what a server sent, or says why it is none: not_an_image, unsupported_image, corrupt_image,
/// too_many_pixels, too_many_scans, out_of_budget. A kept original is decoded as well, so that what is stored is known
/// to be an image. Takes milliseconds of processor time: not for the network thread.
result<picture> make_picture(std::string body, const picture_options& options);

} // namespace eucv::download

// ---- eucv/download/placeholder.hpp ---------------------------------------------------------------------------------
#include <cstdint>
#include <string_view>

namespace eucv::download {

/// Whether a reply with status 200 is the picture that Europeana's Thumbnail API v2 sends in place of one that it has
/// not: a PNG of 2,319 bytes for images. Version 3 answers 404 instead.
[[nodiscard]] inline bool is_placeholder(const net::url& address, std::string_view type, std::uint64_t size) {
  const std::string_view target = address.target;
  const bool thumbnail = target.starts_with("/thumbnail/v2/") || target.starts_with("/api/v2/thumbnail-by-url.json");
  return thumbnail && size == 2'319 && net::detail::begins_ignoring_case(type, "image/png");
}

} // namespace eucv::download

// ---- eucv/download/robots.hpp --------------------------------------------------------------------------------------
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::download {

/// What the robots.txt of an origin (scheme, host and port) says to one program: RFC 9309. Without rules all is
/// allowed.
struct robots {
  struct rule {
    std::string pattern; ///< percent-encoding normalised; '*' is any text, a '$' at the end is the end
    bool allow = false;
  };
  std::vector<rule> rules;
  std::optional<std::chrono::milliseconds> crawl_delay; ///< asked for between two requests; not in the RFC, but in use

  /// Whether the program may ask for `target` (path and query, as in net::url): the longest pattern that matches
  /// decides, of two equally long ones the one that allows.
  [[nodiscard]] bool allows(std::string_view target) const;
};

/// Bytes of a robots.txt that are read; the RFC asks for 500 KiB at least. The rest, and a line cut by it, is ignored.
inline constexpr std::size_t robots_limit = std::size_t{512} << 10;

/// Reads a robots.txt for the program with the product token `agent`: the rules of all its groups together, or, where
/// no group names it, those of the groups for '*'. Whatever makes no sense is passed over, so any text can be read.
[[nodiscard]] robots parse_robots(std::string_view text, std::string_view agent);

/// The rules of an origin that is to be left alone: nothing is allowed.
[[nodiscard]] inline robots no_robots() {
  return {.rules = {{"/", false}}, .crawl_delay = {}};
}

} // namespace eucv::download

// ---- eucv/download/robots_gate.hpp ---------------------------------------------------------------------------------
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace eucv::download {

/// The product token that robots.txt and X-Robots-Tag know eucv by.
inline constexpr std::string_view robots_agent = "eucv";

/// What is known of the robots.txt of one origin: it is asked for once a run, before the first picture.
class robots_gate {
public:
  enum class state : unsigned char {
    unknown, ///< nobody asked yet
    asked,   ///< a request is on its way
    known,
  };

  [[nodiscard]] state now() const noexcept { return state_; }
  [[nodiscard]] const std::optional<std::chrono::milliseconds>& crawl_delay() const noexcept {
    return rules_.crawl_delay;
  }
  int requests = 0; ///< for this robots.txt

  void ask() noexcept { state_ = state::asked, ++requests; }
  /// The request came to nothing, and there will be another one.
  void ask_again() noexcept { state_ = state::unknown; }

  /// The host gave a final status: 2xx has rules in `body`, 5xx and 429 allow nothing, any other (there is none, or it
  /// is not for us) allows all. RFC 9309, 2.3.1.
  void settle(int status, std::string_view body);
  /// The host gave none: too many redirects allow all, all else is what becomes of its items.
  void settle(const error& failure, std::string_view body);

  /// Why `target` must not be asked for, or nothing. `address` is for the message.
  [[nodiscard]] std::optional<error> refusal(std::string_view target, const std::string& address) const;

private:
  state state_ = state::unknown;
  robots rules_;
  std::optional<error> failure_;
};

} // namespace eucv::download

// ---- eucv/download/robots_tag.hpp ----------------------------------------------------------------------------------
#include <span>
#include <string_view>

namespace eucv::download {

/// Whether the X-Robots-Tag fields of a reply forbid `agent` to use it for machine learning: the words `noai`,
/// `noimageai` or `noml`, in any field, between commas, in any case, for all programs or for this one ("eucv: noai").
///
/// A name before a colon is that of a program and holds for the words behind it, up to the next name or the end of the
/// field. Other words, such as noindex, are about search engines.
[[nodiscard]] bool forbids_learning(std::span<const net::header> headers, std::string_view agent);

} // namespace eucv::download

// ---- eucv/download/spool.hpp ---------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::download {

/// A body on its way in: short ones in memory, longer ones in a file without a name, of which nothing is left when the
/// process ends, however it ends. So hundreds of bodies may come in side by side.
class spool {
public:
  /// `folder` is where the file would be; bodies of up to `in_memory` bytes need none.
  explicit spool(std::filesystem::path folder, std::size_t in_memory = std::size_t{256} << 10)
      : folder_(std::move(folder)), in_memory_(in_memory) {}

  /// Adds a piece. Throws a file_error().
  void append(std::string_view piece);
  /// Bytes so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// All bytes, in memory; leaves the spool empty. Throws a file_error().
  [[nodiscard]] std::string take();

private:
  std::filesystem::path folder_;
  std::size_t in_memory_;
  std::string bytes_; // all, or those that are not in the file yet
  file overflow_;
  std::uint64_t size_ = 0;
};

} // namespace eucv::download

// ---- eucv/download/workshop.hpp ------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace eucv::download::detail {

/// Threads beside that of the network: some that decode, and some that wait for the disk.
class workshop {
public:
  /// `threads` decode; 0: one a core.
  explicit workshop(std::size_t threads);
  ~workshop();
  workshop(const workshop&) = delete;
  workshop& operator=(const workshop&) = delete;

  /// make_picture() on a thread that decodes.
  net::task<result<picture>> make(spool body, picture_options options);
  /// Does what store_file() does, on threads that wait; files that come in side by side share the fsync of their
  /// folder.
  net::task<void> store(std::filesystem::path path, std::string bytes);

private:
  // One folder: a sync that begins after a file was renamed holds for it, whoever asked for that sync.
  struct shelf {
    std::uint64_t placed = 0, synced = 0; ///< files so far
    net::semaphore syncing{1};
  };
  struct pools;

  std::unique_ptr<pools> pools_;
  std::map<std::filesystem::path, shelf> shelves_;
};

} // namespace eucv::download::detail

// ---- eucv/download/fetch.hpp ---------------------------------------------------------------------------------------
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::download {

/// Whether a host's robots.txt and X-Robots-Tag are followed.
enum class robots_rule : std::uint8_t {
  honour, ///< what they forbid becomes a failed row
  ignore, ///< they are not read: for a host of your own, or with its owner's leave
};

/// Numbers of a download.
struct fetch_options {
  std::size_t jobs = 64;   ///< requests at a time
  std::size_t threads = 0; ///< that decode; 0: one a core
  politeness hosts{};
  robots_rule robots = robots_rule::honour;
  picture_options picture{};
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file
  std::size_t memory = std::size_t{256} << 20;        ///< bytes of files at a time between the network and the disk
  failures failed = failures::keep;
  std::uint64_t seed = 1; ///< of the jitter between tries
};

/// What to fetch, and where to. Give it a name before `co_await fetch(transport, job)`: see net/task.hpp on g++ 12.
struct fetch_job {
  dataset::table table; ///< any table with the columns category, ID and URL
  std::filesystem::path
      folder; ///< gets category/name.jpg, downloads.csv and, where the table has concepts, vocabulary.json
  fetch_options options{};
};

namespace detail {

/// What came of one request.
struct exchange {
  std::optional<net::response> reply;
  std::optional<error> failure; ///< why there is no reply, or none that serves
  sign meaning = sign::fine;
  std::optional<std::chrono::milliseconds> wait{}; ///< that the host asks for
};

/// What the workers of one download share; all run on one thread.
template <net::transport Transport>
struct fetch_run {
  struct begun {
    std::chrono::steady_clock::time_point begin;
    int requests = 0;
    std::optional<error> failure{}; ///< of the last of them
  };

  Transport& transport;
  const fetch_options& options;
  const std::vector<item>& items;
  journal& log;
  workshop& shop;
  host_queue& queue;
  dispatcher& turns;
  net::semaphore& memory;
  random engine;
  progress_sink sink;
  fetch_summary done{};                                 ///< counts of this run, for the progress
  std::uint64_t before = 0;                             ///< items that were final before it
  std::unordered_map<std::string, robots_gate> gates{}; ///< by origin
  std::unordered_map<std::size_t, begun> tried{};       ///< items that were put back

  /// Tells the queue how the request of a ticket ended. True: its item was put back and will be taken again.
  bool settle(const host_queue::ticket& taken, const exchange& got, int requests) {
    const auto now = std::chrono::steady_clock::now();
    const bool again = got.meaning != sign::fine && requests < options.hosts.retry.attempts &&
                       got.wait.value_or(std::chrono::milliseconds(0)) <= options.hosts.retry.patience;
    const bool own_pause = got.meaning == sign::passing; // in trouble the whole host rests
    if (again) queue.put_back(taken, own_pause ? now + net::backoff(options.hosts.retry, requests, engine) : now);
    if (got.meaning == sign::trouble)
      queue.troubled(taken, now, got.wait, *got.failure);
    else
      queue.answered(taken, now);
    turns.wake();
    return again;
  }

  void finish(const host_queue::ticket& taken, const outcome& row) {
    log.append(row);
    const bool failed = row.status == download_status::failed;
    host_count& host = done.hosts[taken.host];
    ++done.fetched, ++host.items;
    if (failed) ++done.failed, ++host.failed;
    done.bytes += row.bytes;
    if (!sink) return;
    std::string note = std::to_string(done.failed) + " failed";
    if (const std::size_t resting = queue.in_trouble(); resting > 0)
      note += ", " + std::to_string(resting) + (resting == 1 ? " host rests" : " hosts rest");
    sink({"download", before + done.fetched, items.size(), note});
  }
};

/// Whether an error is about our own disk or a cancellation: it ends the run, and tells nothing of the host.
[[nodiscard]] constexpr bool ends_run(errc code) noexcept {
  return code == errc::interrupted || code == errc::disk_full || code == errc::io || code == errc::permission_denied ||
         code == errc::not_found;
}

/// Sends a request whose 2xx body goes to `sink`.
template <net::transport Transport>
net::task<exchange> ask(Transport& transport, const net::request& question, net::body_sink sink) {
  exchange got;
  try {
    got.reply.emplace(co_await transport.send(question, std::move(sink)));
  } catch (const error& thrown) {
    if (ends_run(thrown.code())) throw;
    got.failure.emplace(thrown);
    got.meaning = sign_of(thrown.code());
  }
  if (!got.reply || got.reply->ok()) co_return got;
  const int status = got.reply->status;
  got.failure.emplace(status, error_text{"download", question.target.str(), "HTTP " + std::to_string(status), {}});
  got.meaning = sign_of(status);
  if (got.meaning != sign::fine) got.wait = net::wait_asked(*got.reply, std::chrono::system_clock::now());
  co_return got;
}

/// Fetches the robots.txt of an origin on behalf of the first item that needs it, which is put back.
template <net::transport Transport>
net::task<void> fetch_robots(fetch_run<Transport>& run, const host_queue::ticket& taken, const net::url& address) {
  robots_gate& gate = run.gates[address.origin()];
  gate.ask();
  net::request question;
  question.target = address;
  question.target.target = "/robots.txt";
  question.headers = {{"Accept", "text/plain, */*;q=0.5"}};
  std::string text;
  net::body_sink keep = [&text](std::string_view piece) {
    text += piece.substr(0, robots_limit + 1 - text.size()); // one more tells the parser that it was cut
  };
  const exchange got = co_await ask(run.transport, question, std::move(keep));
  if (got.meaning != sign::fine && run.settle(taken, got, gate.requests)) {
    gate.ask_again();
    co_return;
  }
  if (got.reply)
    gate.settle(got.reply->status, text);
  else
    gate.settle(*got.failure, text);
  if (gate.crawl_delay()) run.queue.slow_down(taken.host, *gate.crawl_delay());
  run.queue.put_back(taken);
  if (got.meaning == sign::fine) run.settle(taken, exchange(), gate.requests);
}

/// What is stored of a reply, or why nothing is.
template <net::transport Transport>
net::task<void> keep(fetch_run<Transport>& run, outcome& row, spool body) {
  const auto permit = co_await run.memory.acquire(static_cast<std::size_t>(body.size()));
  result<picture> made = co_await run.shop.make(std::move(body), run.options.picture);
  if (!made) {
    row.reason = made.error().reason();
    co_return;
  }
  row.status = download_status::ok;
  row.file = journal::file_of(row, made->suffix);
  row.bytes = made->bytes.size();
  row.width = made->width;
  row.height = made->height;
  row.sha256 = made->sha256;
  row.dhash = made->dhash;
  co_await run.shop.store(run.log.folder() / row.file, std::move(made->bytes));
}

/// Why an item must not be asked for, as far as that is known before.
template <net::transport Transport>
std::optional<error> refusal(fetch_run<Transport>& run, const host_queue::ticket& taken,
                             const result<net::url>& address) {
  if (const error* verdict = run.queue.given_up(taken.host)) return *verdict;
  if (!address) return address.error();
  if (run.options.robots == robots_rule::ignore) return std::nullopt;
  const auto gate = run.gates.find(address->origin());
  if (gate == run.gates.end() || gate->second.now() != robots_gate::state::known) return std::nullopt;
  return gate->second.refusal(address->target, address->str());
}

/// One turn of an item: to its row, or back into the queue. Throws only what ends the run: a disk that takes no more, a
/// cancellation.
template <net::transport Transport>
net::task<void> fetch_item(fetch_run<Transport>& run, const host_queue::ticket taken) {
  using clock = std::chrono::steady_clock;
  const item& wanted = run.items[taken.item];
  typename fetch_run<Transport>::begun now{.begin = clock::now()};
  if (const auto before = run.tried.find(taken.item); before != run.tried.end()) {
    now = before->second;
    run.tried.erase(before);
  }
  const result<net::url> address = net::parse_url(wanted.url);
  std::optional<error> why = refusal(run, taken, address);
  if (why && now.failure) why = now.failure; // its own failure tells more than that of its host
  spool body(run.log.folder());
  if (why) {
    run.settle(taken, exchange(), 0);
  } else {
    if (run.options.robots == robots_rule::honour) {
      const auto state = run.gates[address->origin()].now();
      if (state == robots_gate::state::asked) { // http and https of one host, say: the other one's time will come
        run.queue.put_back(taken, clock::now() + std::chrono::milliseconds(50));
        run.settle(taken, exchange(), 0);
        co_return;
      }
      if (state == robots_gate::state::unknown) {
        co_await fetch_robots(run, taken, *address);
        co_return;
      }
    }
    ++now.requests;
    net::request question;
    question.target = *address;
    question.headers = {{"Accept", "image/jpeg, image/png;q=0.9, image/*;q=0.5"}};
    question.body_limit = run.options.body_limit;
    net::body_sink sink = [&body](std::string_view piece) { body.append(piece); };
    exchange got = co_await ask(run.transport, question, std::move(sink));
    if (run.settle(taken, got, now.requests)) {
      now.failure = std::move(got.failure);
      run.tried.emplace(taken.item, std::move(now));
      co_return;
    }
    why = std::move(got.failure);
    if (!why && run.options.robots == robots_rule::honour && forbids_learning(got.reply->headers, robots_agent))
      why.emplace(errc::robots_tag, error_text{"download", wanted.url, "its X-Robots-Tag forbids it", {}});
    if (!why && is_placeholder(got.reply->final_url, got.reply->find("Content-Type").value_or(""), body.size()))
      why.emplace(errc::placeholder, error_text{"download", wanted.url, "there is no picture", {}});
  }
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.rights = wanted.rights;
  row.attempts = now.requests;
  if (why)
    row.reason = why->reason();
  else
    co_await keep(run, row, std::move(body));
  row.seconds = std::chrono::duration<double>(clock::now() - now.begin).count();
  run.finish(taken, row);
}

/// Fetches what the queue gives, until all is done.
template <net::transport Transport>
net::task<void> fetch_items(fetch_run<Transport>& run) {
  while (true) {
    const auto taken = co_await run.turns.next();
    if (!taken) co_return;
    co_await fetch_item(run, *taken);
  }
}

/// The host of an address, or nothing where it is none.
[[nodiscard]] std::string host_of(const std::string& address);

/// Opens the journal and makes the folders of the categories.
[[nodiscard]] journal open_journal(const fetch_job& job, const std::vector<item>& items);

} // namespace detail

/// Fetches the images of a table into a folder.
///
/// Each item becomes one row of `downloads.csv`: stored, failed for a reason, or a duplicate. Files are stored before
/// their rows, so a run that was killed goes on with the same call; items with a row are not asked for again, failed
/// ones only with failures::retry. A failed item does not end the run; a disk that takes no more does, by the error
/// thrown. A cancellation loses the requests under way. When the run is complete, the table does not depend on the
/// order in which replies came, its columns `seconds` and `attempts` aside.
template <net::transport Transport>
net::task<fetch_summary> fetch(Transport& transport, fetch_job job, progress_sink sink = {}) {
  const std::vector<item> items = items_of(job.table);
  journal log = detail::open_journal(job, items);
  job.table = {}; // a hundred thousand rows are a hundred megabytes
  const std::vector<std::size_t> open = log.open_items(items, job.options.failed);
  const random engine(job.options.seed);
  host_queue queue(job.options.hosts, engine.fork(1));
  for (const std::size_t i : open) queue.add(detail::host_of(items[i].url), i);
  dispatcher turns(queue);
  net::semaphore memory(job.options.memory);
  detail::workshop shop(job.options.threads);
  detail::fetch_run<Transport> run{transport, job.options, items,  log,    shop,
                                   queue,     turns,       memory, engine, std::move(sink)};
  run.before = items.size() - open.size();
  for (std::size_t i = 0; i < queue.hosts(); ++i) run.done.hosts.push_back({queue.name(i), 0, 0});
  std::vector<net::task<void>> workers;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(job.options.jobs, 1, std::max<std::size_t>(open.size(), 1)); ++i)
    workers.push_back(detail::fetch_items(run));
  co_await net::when_all(std::move(workers));
  fetch_summary summary = log.finish(items);
  summary.fetched = run.done.fetched;
  summary.bytes = run.done.bytes;
  summary.hosts = std::move(run.done.hosts);
  co_return summary;
}

} // namespace eucv::download

// ---- eucv/download/sha256.hpp --------------------------------------------------------------------------------------
#include <string>
#include <string_view>

namespace eucv::download {

/// SHA-256 (FIPS 180-4) of `bytes`, as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// MD5 (RFC 1321) of `bytes`, as 32 lower-case hexadecimal digits: Europeana names thumbnails by it. It protects
/// nothing.
[[nodiscard]] std::string md5(std::string_view bytes);

} // namespace eucv::download

// ---- eucv/download/source.hpp --------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::download {

/// Which of the pictures that a museum offers is fetched.
enum class picture_source : std::uint8_t {
  original,  ///< the one that the table names, in full size
  iiif,      ///< where that is the full size of a IIIF image service: a smaller one, scaled by the service
  thumbnail, ///< Europeana's own, 400 pixels wide (200 for sizes up to 128): asks nothing of the museum
};

/// An address of the IIIF Image API (2 or 3) for the full image, changed to one whose longer side is at most `longest`;
/// any other address as it is.
[[nodiscard]] std::string iiif_sized(const std::string& address, std::size_t longest);

/// The address of a picture's thumbnail (Thumbnail API v3, which answers 404 where it has none). `preview` is the
/// address that the Search API gives for it, or empty: then that of `address`, the picture itself.
[[nodiscard]] std::string thumbnail_of(const std::string& address, const std::string& preview, std::size_t width);

/// Changes the column `URL` of a table so that pictures of the wanted source come, enough for a shorter side of `size`
/// pixels in all but long, narrow ones. A table without the column `preview` serves too. Throws errc::missing_column;
/// errc::invalid_argument for a size of 0, the original bytes, which no other source has.
void choose_source(dataset::table& table, picture_source source, std::size_t size);

} // namespace eucv::download

// ---- eucv/download/store.hpp ---------------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace eucv::download {

/// Whether `name` is one component of a path that can be no trap: not empty, not "." or "..", no '/', '\' or control
/// character, no leading '-' or '.', no blank at the ends, at most 200 bytes.
[[nodiscard]] constexpr bool is_safe_component(std::string_view name) noexcept {
  if (name.empty() || name.size() > 200) return false;
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ' || name.back() == ' ') return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\') return false;
  return true;
}

/// The name, without suffix, under which the file of an item is stored: the ID's letters, digits, '_' and '-', at most
/// 80 of them, all else as '_', and 12 digits of the SHA-256 of the whole ID.
///
/// So any ID makes a safe name, the name still tells what it is, and two IDs get two names.
[[nodiscard]] std::string file_stem(std::string_view id);

/// Puts `bytes` at `path`, which then holds all of them or what it held before, also after a crash: `path.part`,
/// length checked, fsync, rename, fsync of the folder. Throws file_error(); the `.part` is removed then.
void store_file(const std::filesystem::path& path, std::string_view bytes);

/// The same but for the last step: until sync_folder() of its folder returns, a crash may take the file away again. For
/// many files at a time, which share that step.
void place_file(const std::filesystem::path& path, std::string_view bytes);

/// Removes a file and its `.part` where they are there.
void remove_stored(const std::filesystem::path& path) noexcept;

} // namespace eucv::download

// ---- eucv/download/verify.hpp --------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace eucv::download {

/// A file that is not as downloads.csv says.
struct fault {
  std::string file;   ///< relative to the folder
  std::string reason; ///< "missing", "changed" (another length or SHA-256), "unreadable" or "unlisted"
};

/// What verify() found.
struct verification {
  std::uint64_t files = 0, bytes = 0; ///< that downloads.csv lists
  std::vector<fault> faults;          ///< listed files in the order of the table, then unlisted ones by name

  /// The faults, by reason.
  [[nodiscard]] std::map<std::string, std::uint64_t> reasons() const {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& found : faults) ++counts[found.reason];
    return counts;
  }
};

/// Holds every stored file of a download folder against its recorded length and SHA-256, on `threads` threads (0: one a
/// core), and looks for files in the folders of its categories that no row lists. Changes nothing.
///
/// Throws errc::not_found where the folder has no downloads.csv, bad_format where that is damaged, in_use while a
/// download works on the folder.
[[nodiscard]] verification verify(const std::filesystem::path& folder, std::size_t threads = 0,
                                  const progress_sink& sink = {});

} // namespace eucv::download

// ---- eucv/train/checkpoint.hpp -------------------------------------------------------------------------------------
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// The states of a training on disk: the two newest, and the best weights that each of them stands for.
///
/// `<step>-<best epoch>.safetensors` holds a state, `best-<epoch>.safetensors` the best weights so far. Each file is
/// written whole or not at all, the best weights before the state that names them, and older files are removed only
/// after that: killed at any moment, the folder holds a state to go on from. A checksum finds what the disk changed.
class checkpoint_folder {
public:
  explicit checkpoint_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

  /// Which state: the number of steps done, and the epoch of the best weights so far, 0 for none.
  struct key {
    std::uint64_t step = 0;
    std::uint64_t best_epoch = 0;
    friend auto operator<=>(const key&, const key&) = default;
  };

  /// Keeps the best weights of an epoch; call it before the first save() that names the epoch. No cost where they are
  /// on disk already from this object.
  void save_best(std::uint64_t epoch, const nn::tensor_file& weights) {
    if (saved_best_ == epoch) return;
    make_folder(folder_);
    nn::write_safetensors(best_path(epoch), weights);
    saved_best_ = epoch;
  }
  /// Keeps a state, and removes all but it and the one before. Throws what write_file_atomically() throws; the states
  /// before are then untouched.
  void save(const key& which, const nn::tensor_file& state) {
    make_folder(folder_);
    nn::write_safetensors(state_path(which), state);
    const auto kept = states();
    for (std::size_t i = 2; i < kept.size(); ++i) remove(state_path(kept[i]));
    for (const auto& entry : entries())
      if (const auto epoch = best_of(entry))
        if (std::none_of(kept.begin(),
                         kept.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, kept.size())),
                         [&](const key& each) { return each.best_epoch == *epoch; }))
          remove(folder_ / entry);
  }

  /// What load() found.
  struct found {
    std::optional<key> which; ///< the newest sound state, or nothing where none is there
    nn::tensor_file state;
    nn::tensor_file best;              ///< empty where which->best_epoch is 0
    std::vector<std::string> messages; ///< one for each damaged file that was passed over
  };
  /// Reads the newest state, or the one before where the newest or its best weights are damaged.
  [[nodiscard]] found load() const {
    found result;
    for (const key& which : states()) {
      try {
        auto state = read(state_path(which));
        auto best = which.best_epoch == 0 ? nn::tensor_file{} : read(best_path(which.best_epoch));
        result.which = which;
        result.state = std::move(state);
        result.best = std::move(best);
        return result;
      } catch (const error& failure) {
        result.messages.push_back(std::string(failure.what()) + "; the checkpoint before it is taken, if there is one");
      }
    }
    return result;
  }

  /// Removes the folder with all it holds.
  void clear() {
    std::error_code failure;
    std::filesystem::remove_all(folder_, failure);
    if (failure) throw file_error("remove", folder_, failure.value());
    saved_best_ = 0;
  }

private:
  static constexpr std::string_view ending = ".safetensors", best_prefix = "best-";

  static nn::tensor_file read(const std::filesystem::path& path) {
    auto content = nn::read_safetensors(path);
    if (!content.checked)
      throw error(errc::bad_format,
                  {"read the checkpoint", path.string(), "it has no checksum", "it is not one of ours"});
    return content;
  }

  [[nodiscard]] std::filesystem::path state_path(const key& which) const {
    return folder_ / (std::to_string(which.step) + "-" + std::to_string(which.best_epoch) + std::string(ending));
  }
  [[nodiscard]] std::filesystem::path best_path(std::uint64_t epoch) const {
    return folder_ / (std::string(best_prefix) + std::to_string(epoch) + std::string(ending));
  }

  static std::optional<std::uint64_t> number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
  }
  static std::optional<std::uint64_t> best_of(std::string_view name) {
    if (!name.starts_with(best_prefix)) return std::nullopt;
    name.remove_prefix(best_prefix.size());
    const auto epoch = number(name);
    return name == ending ? epoch : std::nullopt;
  }

  [[nodiscard]] std::vector<std::string> entries() const {
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator at(folder_, failure), end; !failure && at != end; at.increment(failure))
      names.push_back(at->path().filename().string());
    if (failure && failure != std::errc::no_such_file_or_directory) throw file_error("list", folder_, failure.value());
    return names;
  }
  [[nodiscard]] std::vector<key> states() const {
    std::vector<key> newest_first;
    for (const std::string& name : entries()) {
      std::string_view rest = name;
      const auto step = number(rest);
      if (!step || !rest.starts_with('-')) continue;
      rest.remove_prefix(1);
      if (const auto best = number(rest); best && rest == ending) newest_first.push_back({*step, *best});
    }
    std::sort(newest_first.rbegin(), newest_first.rend());
    return newest_first;
  }
  static void remove(const std::filesystem::path& path) {
    std::error_code ignored; // what stays behind is passed over later, or removed the next time
    std::filesystem::remove(path, ignored);
  }

  std::filesystem::path folder_;
  std::uint64_t saved_best_ = 0;
};

} // namespace eucv::train

// ---- eucv/train/metrics.hpp ----------------------------------------------------------------------------------------
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// How one class fared against all others.
struct class_metrics {
  double precision = 0;    ///< of those called so, the part that is so
  double recall = 0;       ///< of those that are so, the part called so
  double f1 = 0;           ///< harmonic mean of precision and recall
  double specificity = 0;  ///< of those that are not so, the part not called so
  std::size_t support = 0; ///< number of items that are so
};

/// What a classifier made of labelled items. Figures equal scikit-learn's.
struct metrics {
  std::vector<std::string> labels;
  std::size_t n = 0; ///< items
  double accuracy = 0;
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0, macro_specificity = 0; ///< means over the classes
  std::vector<class_metrics> per_class;                                              ///< in label order
  std::vector<std::vector<std::size_t>> confusion_matrix;                            ///< [true][predicted]
};

struct metric_options {
  double zero_division = 0; ///< what a quotient 0 / 0 counts as: the precision of a class that was never called
};

/// The metrics of a confusion matrix whose rows are true and whose columns are predicted, in the order of `labels`.
///
/// A class that is neither true nor predicted anywhere has its row in per_class but no part in the macro averages, as
/// in scikit-learn. Throws invalid_argument where the matrix is not square or does not fit the labels.
[[nodiscard]] inline metrics metrics_of(std::vector<std::vector<std::size_t>> confusion_matrix,
                                        std::vector<std::string> labels, const metric_options& options = {}) {
  const std::size_t classes = labels.size();
  bool square = confusion_matrix.size() == classes;
  for (const auto& row : confusion_matrix) square = square && row.size() == classes;
  if (!square)
    throw error(errc::invalid_argument, {"compute metrics", std::to_string(classes) + " classes",
                                         "the confusion matrix has another number of rows or columns", ""});
  std::vector<std::size_t> called(classes), actual(classes);
  metrics result;
  std::size_t right = 0;
  for (std::size_t truth = 0; truth < classes; ++truth) {
    for (std::size_t guess = 0; guess < classes; ++guess) {
      const std::size_t count = confusion_matrix[truth][guess];
      actual[truth] += count;
      called[guess] += count;
      result.n += count;
    }
    right += confusion_matrix[truth][truth];
  }
  const auto quotient = [&](std::size_t part, std::size_t whole) {
    return whole == 0 ? options.zero_division : static_cast<double>(part) / static_cast<double>(whole);
  };
  std::size_t present = 0;
  for (std::size_t label = 0; label < classes; ++label) {
    const std::size_t hits = confusion_matrix[label][label];
    const std::size_t others = result.n - actual[label], false_alarms = called[label] - hits;
    auto& figures = result.per_class.emplace_back();
    figures.precision = quotient(hits, called[label]);
    figures.recall = quotient(hits, actual[label]);
    figures.f1 = quotient(2 * hits, called[label] + actual[label]);
    figures.specificity = quotient(others - false_alarms, others);
    figures.support = actual[label];
    if (called[label] + actual[label] == 0) continue;
    ++present;
    result.macro_precision += figures.precision;
    result.macro_recall += figures.recall;
    result.macro_f1 += figures.f1;
    result.macro_specificity += figures.specificity;
  }
  result.accuracy = quotient(right, result.n);
  for (double* const mean :
       {&result.macro_precision, &result.macro_recall, &result.macro_f1, &result.macro_specificity})
    *mean = present == 0 ? options.zero_division : *mean / static_cast<double>(present);
  result.labels = std::move(labels);
  result.confusion_matrix = std::move(confusion_matrix);
  return result;
}

/// The metrics of predictions: `truth` and `predicted` hold one label an item, as indices into `labels`. Throws
/// invalid_argument where their lengths differ or an index is no label.
[[nodiscard]] inline metrics metrics_of(std::span<const std::size_t> truth, std::span<const std::size_t> predicted,
                                        std::vector<std::string> labels) {
  const auto refuse = [](std::string why) {
    return error(errc::invalid_argument, {"compute metrics", "predictions", std::move(why), ""});
  };
  if (truth.size() != predicted.size())
    throw refuse(std::to_string(truth.size()) + " true labels and " + std::to_string(predicted.size()) + " predicted");
  std::vector<std::vector<std::size_t>> matrix(labels.size(), std::vector<std::size_t>(labels.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] >= labels.size() || predicted[i] >= labels.size())
      throw refuse("item " + std::to_string(i) + " has a label beyond the " + std::to_string(labels.size()) + " known");
    ++matrix[truth[i]][predicted[i]];
  }
  return metrics_of(std::move(matrix), std::move(labels));
}

/// metrics.json: `accuracy`, `macro_f1`, `macro_precision`, `macro_recall`, `macro_specificity`, `per_class`,
/// `confusion_matrix`, `labels`, `n`.
[[nodiscard]] inline std::string to_json(const metrics& figures) {
  const auto list = [](const auto& items, auto&& text, const std::string& gap) {
    std::string out = "[";
    for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : gap) + text(i);
    return out + "]";
  };
  const auto number = [](const char* name, double value) {
    return "\"" + std::string(name) + "\": " + json_number(value);
  };
  std::string out = "{\n  " + number("accuracy", figures.accuracy) + ",\n  " + number("macro_f1", figures.macro_f1) +
                    ",\n  " + number("macro_precision", figures.macro_precision) + ",\n  " +
                    number("macro_recall", figures.macro_recall) + ",\n  " +
                    number("macro_specificity", figures.macro_specificity) + ",\n  \"per_class\": ";
  out += list(
      figures.per_class,
      [&](std::size_t i) {
        const auto& one = figures.per_class[i];
        return "\n    {\"label\": " + json_string(figures.labels[i]) + ", " + number("precision", one.precision) +
               ", " + number("recall", one.recall) + ", " + number("f1", one.f1) + ", " +
               number("specificity", one.specificity) + ", \"support\": " + std::to_string(one.support) + "}";
      },
      ",");
  out += ",\n  \"confusion_matrix\": ";
  out += list(
      figures.confusion_matrix,
      [&](std::size_t i) {
        const auto& row = figures.confusion_matrix[i];
        return "\n    " + list(
                              row, [&](std::size_t j) { return std::to_string(row[j]); }, ", ");
      },
      ",");
  out += ",\n  \"labels\": ";
  out += list(
      figures.labels, [&](std::size_t i) { return json_string(figures.labels[i]); }, ", ");
  return out + ",\n  \"n\": " + std::to_string(figures.n) + "\n}\n";
}

} // namespace eucv::train

// ---- eucv/train/source.hpp -----------------------------------------------------------------------------------------
#include <cstddef>
#include <functional>
#include <optional>

namespace eucv::train {

/// One pass over the batches of an epoch: each call gives the next, and nothing once they have ended.
using reader = std::function<std::optional<dataset::batch>()>;

/// Where training and evaluation take their pictures from: files, memory, or a generator.
///
/// A reader opened at (epoch, first) must give what one opened at (epoch, 0) gives from its batch `first` on; exact
/// resume rests on that. A batch may hold no picture (none of its files could be read); it still counts.
struct source {
  std::size_t batches = 0; ///< batches an epoch
  std::function<reader(std::size_t epoch, std::size_t first)> open;
};

} // namespace eucv::train

// ---- eucv/train/evaluate.hpp ---------------------------------------------------------------------------------------
#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// The pictures of a batch as a tensor of the network's backend.
template <nn::network Network>
[[nodiscard]] nn::tensor<typename Network::backend_type> images_of(Network& net, const dataset::batch& pictures) {
  using scalar = typename Network::backend_type::scalar;
  auto images = net.backend().make({pictures.n, 3, pictures.height, pictures.width});
  if constexpr (std::same_as<scalar, float>)
    net.backend().assign(images, pictures.pixels, nn::order::channels_last);
  else
    net.backend().assign(images, std::vector<scalar>(pictures.pixels.begin(), pictures.pixels.end()),
                         nn::order::channels_last);
  return images;
}

/// The class with the largest logit, for each row; the first of equals.
template <nn::backend Backend>
[[nodiscard]] std::vector<std::size_t> predictions(Backend& backend, const nn::tensor<Backend>& logits) {
  const auto rows = backend.values(logits, nn::order::channels_last);
  std::vector<std::size_t> best(logits.shape.n);
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(i * logits.shape.c);
    best[i] = static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(logits.shape.c)) - row);
  }
  return best;
}

/// What a network made of labelled pictures.
struct evaluation {
  metrics figures;
  double loss = 0;                    ///< mean over all pictures; not a number where there is none
  std::vector<std::size_t> items;     ///< number of each picture in the data set, in the order of evaluation
  std::vector<std::size_t> truth;     ///< its label
  std::vector<std::size_t> predicted; ///< what the network takes it for
};

/// Runs a network in mode::eval over all batches of `data`: each picture counts once, those of a partial last batch as
/// well, and nothing of the network changes, its running statistics included.
///
/// The number of `labels` must be that of the network's classes. Throws what the network, the loss and the source
/// throw.
template <nn::network Network>
[[nodiscard]] evaluation evaluate(Network& net, const source& data, std::vector<std::string> labels,
                                  const nn::softmax_cross_entropy& loss = {}) {
  evaluation result;
  double weight = 0;
  const reader next = data.open(0, 0);
  while (const auto pictures = next()) {
    if (pictures->n == 0) continue;
    const auto logits = net.forward(images_of(net, *pictures), nn::mode::eval);
    const auto value = loss(net.backend(), logits, std::span(pictures->labels));
    result.loss += value.loss * value.weight;
    weight += value.weight;
    const auto best = predictions(net.backend(), logits);
    result.items.insert(result.items.end(), pictures->items.begin(), pictures->items.end());
    result.truth.insert(result.truth.end(), pictures->labels.begin(), pictures->labels.end());
    result.predicted.insert(result.predicted.end(), best.begin(), best.end());
  }
  result.loss = weight > 0 ? result.loss / weight : std::numeric_limits<double>::quiet_NaN();
  result.figures = metrics_of(result.truth, result.predicted, std::move(labels));
  return result;
}

} // namespace eucv::train

// ---- eucv/train/history.hpp ----------------------------------------------------------------------------------------
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// What one epoch came to. A figure that was not taken, as those of validation without a validation set, is not a
/// number here and an empty cell in history.csv.
struct epoch_figures {
  std::size_t epoch = 0; ///< from 1
  double rate = 0;       ///< learning rate of the epoch's last step
  double train_loss = 0; ///< means over the epoch's batches, as they were met: in mode::train, augmented
  double train_accuracy = 0;
  double validation_loss = 0; ///< after the epoch
  double validation_accuracy = 0;
  double validation_macro_f1 = 0;
  double seconds = 0; ///< time spent, validation included
};

namespace detail {

// One list of the cells, in the order of the columns, for writing and for reading.
template <class Figures, class Function>
void for_each_cell(Figures& row, Function&& f) {
  f(row.rate), f(row.train_loss), f(row.train_accuracy), f(row.validation_loss), f(row.validation_accuracy);
  f(row.validation_macro_f1), f(row.seconds);
}

} // namespace detail

inline constexpr std::string_view history_columns =
    "epoch,rate,train_loss,train_accuracy,validation_loss,validation_accuracy,validation_macro_f1,seconds\n";

/// history.csv: a line of column names, then one an epoch. Numbers read back as the same doubles.
[[nodiscard]] inline std::string history_csv(std::span<const epoch_figures> epochs) {
  std::string text(history_columns);
  for (const auto& row : epochs) {
    text += std::to_string(row.epoch);
    detail::for_each_cell(row, [&](double cell) { text += "," + (std::isfinite(cell) ? json_number(cell) : ""); });
    text += '\n';
  }
  return text;
}

/// The way back. `source` names the text in messages. Throws bad_format.
[[nodiscard]] inline std::vector<epoch_figures> parse_history(std::string_view text, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    return error(errc::bad_format, {"read the history", source, why, "remove the file; it is written anew"});
  };
  if (!text.starts_with(history_columns)) throw refuse("its first line is not that of a history");
  text.remove_prefix(history_columns.size());
  std::vector<epoch_figures> epochs;
  const auto number = [&](auto& value, char end) {
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || stop == text.data() + text.size() || *stop != end)
      throw refuse("no number in line " + std::to_string(epochs.size() + 1));
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  };
  while (!text.empty()) {
    auto& row = epochs.emplace_back();
    number(row.epoch, ',');
    std::size_t left = 7;
    detail::for_each_cell(row, [&](double& cell) {
      const char end = --left == 0 ? '\n' : ',';
      if (text.starts_with(end)) {
        cell = std::numeric_limits<double>::quiet_NaN();
        text.remove_prefix(1);
      } else {
        number(cell, end);
      }
    });
  }
  return epochs;
}

} // namespace eucv::train

// ---- eucv/train/fit_options.hpp ------------------------------------------------------------------------------------
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::train {

/// By what epochs are compared: to keep the best, and to stop when none is better any more.
enum class watched { macro_f1, validation_loss };

/// Seconds on the system's steady clock.
[[nodiscard]] inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// How fit() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct fit_options {
  std::size_t epochs = 40;
  nn::optimizer_rule rule = nn::adam_w{.weight_decay = 0.05};
  nn::any_schedule schedule = nn::one_cycle{.peak = 3e-3}; ///< over all steps of all epochs
  nn::softmax_cross_entropy loss = {.label_smoothing = 0.1};
  double largest_gradient = 1; ///< gradients whose norm is above it are scaled down to it; 0: none are
  std::size_t patience = 0;    ///< epochs without gain after which training stops; 0: never before the end
  watched best_by = watched::macro_f1;

  std::filesystem::path checkpoints = {}; ///< folder to save states in and to go on from; empty: none are saved
  double checkpoint_seconds = 60;         ///< a state is saved after each epoch, and within one after that time
  /// What else a resumed training must agree on with its beginning, such as the data: name and value.
  std::map<std::string, std::string> identity = {};

  std::function<double()> clock = steady_seconds; ///< seconds; tests bring one of their own
  progress_sink progress = {};                    ///< told after each step; done and total count steps
  /// Told of the history after each epoch, its last row included.
  std::function<void(std::span<const epoch_figures>)> after_epoch = {};
  std::function<void(std::string_view)> message = {}; ///< told of damaged checkpoints
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown
};

/// What fit() did.
struct fit_result {
  std::vector<epoch_figures> history; ///< one an epoch, those before a resume included
  std::size_t best_epoch = 0;         ///< the epoch whose weights the network has now
  std::size_t resumed_at = 0;         ///< steps that were done before; 0: began anew
};

/// The options that change what is learned, as text: what a checkpoint must agree on.
[[nodiscard]] inline std::map<std::string, std::string> identity_of(const fit_options& options) {
  const auto words = [](std::string name, std::initializer_list<double> numbers) {
    for (const double number : numbers) name += " " + json_number(number);
    return name;
  };
  auto identity = options.identity;
  identity["epochs"] = std::to_string(options.epochs);
  identity["patience"] = std::to_string(options.patience);
  identity["best_by"] = options.best_by == watched::macro_f1 ? "macro_f1" : "validation_loss";
  identity["largest_gradient"] = json_number(options.largest_gradient);
  identity["label_smoothing"] = json_number(options.loss.label_smoothing);
  std::string& weights = identity["class_weights"];
  for (const double weight : options.loss.class_weights) weights += (weights.empty() ? "" : " ") + json_number(weight);
  const auto adaptive = [&](const std::string& name, const auto& rule) {
    return words(name, {rule.beta1, rule.beta2, rule.epsilon, rule.weight_decay});
  };
  if (const auto* const sgd = std::get_if<nn::sgd>(&options.rule))
    identity["optimizer"] = words("sgd", {sgd->momentum, sgd->weight_decay});
  if (const auto* const adam = std::get_if<nn::adam>(&options.rule)) identity["optimizer"] = adaptive("adam", *adam);
  if (const auto* const adam = std::get_if<nn::adam_w>(&options.rule))
    identity["optimizer"] = adaptive("adam_w", *adam);
  std::string& schedule = identity["schedule"];
  if (const auto* const flat = std::get_if<nn::constant_rate>(&options.schedule))
    schedule = words("constant", {flat->peak, static_cast<double>(flat->warm_up)});
  if (const auto* const cosine = std::get_if<nn::cosine>(&options.schedule))
    schedule = words("cosine", {cosine->peak, cosine->last, static_cast<double>(cosine->warm_up)});
  if (const auto* const cycle = std::get_if<nn::one_cycle>(&options.schedule))
    schedule = words("one_cycle", {cycle->peak, cycle->rise, cycle->start_divisor, cycle->end_divisor});
  return identity;
}

} // namespace eucv::train

// ---- eucv/train/non_finite.hpp -------------------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <string>

namespace eucv::train {

/// Where a network whose loss or gradients are not finite first shows it, in words for a message.
///
/// A picture, a weight or a running statistic that is infinite or no number stands in the forward direction before all
/// that it spoils, so the first one counts; among gradients it is the last, since they are computed backwards.
template <nn::network Network>
[[nodiscard]] std::string where_not_finite(Network& net, const dataset::batch& pictures) {
  const auto sound = [&](const auto& tensor) { return !tensor || std::isfinite(net.backend().sum_of_squares(tensor)); };
  if (!std::all_of(pictures.pixels.begin(), pictures.pixels.end(), [](float pixel) { return std::isfinite(pixel); }))
    return "the pictures of the batch";
  for (const auto& each : net.parameters())
    if (!sound(each.value)) return each.name;
  for (const auto& each : net.buffers())
    if (!sound(each.value)) return each.name;
  const auto parameters = net.parameters();
  for (auto each = parameters.rbegin(); each != parameters.rend(); ++each)
    if (!sound(each->gradient)) return "the gradient of " + each->name;
  return parameters.empty() ? "the output" : "the output of " + parameters.back().name;
}

} // namespace eucv::train

// ---- eucv/train/run_state.hpp --------------------------------------------------------------------------------------
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// All that a training has to remember besides the tensors, to go on as if it had never been broken off.
struct run_state {
  std::uint64_t epoch = 0; ///< epochs done
  std::uint64_t batch = 0; ///< batches done of the next one
  std::uint64_t steps = 0; ///< batches done in all
  // of the epoch that is under way
  double loss_sum = 0, weight_sum = 0, seconds = 0;
  std::uint64_t right = 0, seen = 0;
  // of early stopping
  std::uint64_t best_epoch = 0; ///< 0: none yet
  double best_score = 0, best_loss = 0;
  std::uint64_t epochs_without_gain = 0;
  eucv::random::state_type random{}; ///< the engine in the network
  std::vector<epoch_figures> history = {};
};

namespace detail {

// The name of each number, once for writing and for reading. Doubles are kept as their bits.
template <class State, class Function>
void for_each_number(State& state, Function&& f) {
  f("epoch", state.epoch), f("batch", state.batch), f("steps", state.steps), f("loss_sum", state.loss_sum);
  f("weight_sum", state.weight_sum), f("seconds", state.seconds), f("right", state.right), f("seen", state.seen);
  f("best_epoch", state.best_epoch), f("best_score", state.best_score), f("best_loss", state.best_loss);
  f("epochs_without_gain", state.epochs_without_gain), f("random.0", state.random[0]), f("random.1", state.random[1]);
  f("random.2", state.random[2]), f("random.3", state.random[3]);
}

} // namespace detail

/// Adds the state to the metadata of a checkpoint.
inline void save(const run_state& state, std::map<std::string, std::string>& metadata) {
  detail::for_each_number(state, [&](const char* name, auto value) {
    metadata["run." + std::string(name)] = std::to_string(std::bit_cast<std::uint64_t>(value));
  });
  metadata["run.history"] = history_csv(state.history);
}

/// The way back, bit for bit. Throws bad_format, naming `source`, where something is missing or no number.
[[nodiscard]] inline run_state load_run_state(const std::map<std::string, std::string>& metadata,
                                              const std::string& source) {
  const auto text = [&](const std::string& name) -> const std::string& {
    if (const auto found = metadata.find("run." + name); found != metadata.end()) return found->second;
    throw error(errc::bad_format, {"read the checkpoint", source, "it does not say \"run." + name + "\"",
                                   "remove the folder of checkpoints to begin anew"});
  };
  run_state state;
  detail::for_each_number(state, [&](const char* name, auto& value) {
    const std::string& digits = text(name);
    std::uint64_t bits = 0;
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (code != std::errc{} || stop != digits.data() + digits.size() || digits.empty())
      throw error(errc::bad_format, {"read the checkpoint", source, "\"run." + std::string(name) + "\" is no number",
                                     "remove the folder of checkpoints to begin anew"});
    value = std::bit_cast<std::remove_reference_t<decltype(value)>>(bits);
  });
  state.history = parse_history(text("history"), source);
  return state;
}

} // namespace eucv::train

// ---- eucv/train/fit.hpp --------------------------------------------------------------------------------------------
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// What fit() learns from and is judged by.
struct fit_data {
  source training;
  source validation = {};          ///< of no batches: the last epoch counts as the best
  std::vector<std::string> labels; ///< as many as the network has logits
};

namespace detail {

template <nn::network Network>
class trainer {
public:
  using backend_type = typename Network::backend_type;

  trainer(Network& net, const fit_data& data, const fit_options& options)
      : net_(net), data_(data), options_(options), identity_(identity_of(options)), optimizer_(options.rule),
        folder_(options.checkpoints), total_(options.epochs * data.training.batches) {
    identity_["batches"] = std::to_string(data.training.batches);
  }

  fit_result run() {
    fit_result result;
    if (!options_.checkpoints.empty()) resume();
    result.resumed_at = state_.steps;
    saved_at_ = started_ = options_.clock();
    while (!finished()) {
      train_epoch();
      finish_epoch();
      save();
      if (options_.after_epoch) options_.after_epoch(state_.history);
    }
    if (state_.best_epoch != 0) nn::load_weights(net_, best_);
    result.history = std::move(state_.history);
    result.best_epoch = state_.best_epoch;
    return result;
  }

private:
  [[nodiscard]] bool finished() const {
    return state_.epoch >= options_.epochs ||
           (options_.patience != 0 && state_.epochs_without_gain >= options_.patience);
  }
  [[nodiscard]] bool validates() const { return data_.validation.batches != 0; }
  [[nodiscard]] std::span<const nn::parameter<backend_type>> parameters() const { return net_.parameters(); }
  [[nodiscard]] std::string place() const {
    return "step " + std::to_string(state_.steps + 1) + " (epoch " + std::to_string(state_.epoch + 1) + ")";
  }

  void train_epoch() {
    const reader next = data_.training.open(state_.epoch, state_.batch);
    while (state_.batch < data_.training.batches) {
      if (options_.stop.stop_requested()) interrupt();
      const auto pictures = next();
      if (!pictures)
        throw error(errc::invalid_argument, {"train", place(), "the source ended after fewer batches than it announced",
                                             "make source::batches the number that its readers give"});
      if (pictures->n != 0) step(*pictures);
      ++state_.batch;
      ++state_.steps;
      report();
      if (!options_.checkpoints.empty() && state_.batch < data_.training.batches &&
          options_.clock() - saved_at_ >= options_.checkpoint_seconds)
        save();
    }
    if (options_.stop.stop_requested()) interrupt();
  }

  void step(const dataset::batch& pictures) {
    auto& backend = net_.backend();
    const auto logits = net_.forward(images_of(net_, pictures), nn::mode::train);
    auto value = options_.loss(backend, logits, std::span(pictures.labels));
    if (!std::isfinite(value.loss)) refuse("the loss is not finite", pictures);
    const auto best = predictions(backend, logits);
    for (std::size_t i = 0; i < best.size(); ++i) state_.right += best[i] == pictures.labels[i] ? 1 : 0;
    state_.seen += best.size();
    state_.loss_sum += value.loss * value.weight;
    state_.weight_sum += value.weight;
    net_.backward(std::move(value.gradient));
    const double norm = nn::gradient_norm<backend_type>(backend, parameters());
    if (!std::isfinite(norm)) refuse("a gradient is not finite", pictures);
    const bool scaled = options_.largest_gradient > 0 && norm > options_.largest_gradient;
    optimizer_.step(backend, net_.parameters(),
                    {.rate = nn::rate(options_.schedule, state_.steps, total_),
                     .gradient_scale = scaled ? options_.largest_gradient / norm : 1.0});
    net_.zero_gradients();
  }

  [[noreturn]] void refuse(const std::string& why, const dataset::batch& pictures) {
    const std::string layer = where_not_finite(net_, pictures);
    net_.zero_gradients();
    throw error(errc::non_finite, {"train", place(), why + "; it shows first in " + layer,
                                   "lower the learning rate; the last checkpoint was left as it was"});
  }

  void finish_epoch() {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const auto mean = [&](double sum, double count) { return count > 0 ? sum / count : none; };
    epoch_figures row{.epoch = static_cast<std::size_t>(state_.epoch) + 1,
                      .rate = nn::rate(options_.schedule, state_.steps - 1, total_),
                      .train_loss = mean(state_.loss_sum, state_.weight_sum),
                      .train_accuracy = mean(static_cast<double>(state_.right), static_cast<double>(state_.seen)),
                      .validation_loss = none,
                      .validation_accuracy = none,
                      .validation_macro_f1 = none};
    if (validates()) {
      const auto judged = evaluate(net_, data_.validation, data_.labels);
      row.validation_loss = judged.loss;
      row.validation_accuracy = judged.figures.accuracy;
      row.validation_macro_f1 = judged.figures.macro_f1;
    }
    spend_time();
    row.seconds = state_.seconds;
    compare(row);
    state_.history.push_back(row);
    ++state_.epoch;
    state_.batch = 0;
    state_.loss_sum = state_.weight_sum = state_.seconds = 0;
    state_.right = state_.seen = 0;
  }

  // Of two epochs with one macro F1, as small validation sets often have them, the one with the smaller loss is better.
  void compare(const epoch_figures& row) {
    const double score = options_.best_by == watched::macro_f1 ? row.validation_macro_f1 : -row.validation_loss;
    const bool better = state_.best_epoch == 0 || !validates() || score > state_.best_score ||
                        (score == state_.best_score && row.validation_loss < state_.best_loss);
    state_.epochs_without_gain = better ? 0 : state_.epochs_without_gain + 1;
    if (!better) return;
    state_.best_epoch = row.epoch;
    state_.best_score = score;
    state_.best_loss = row.validation_loss;
    best_ = {.source = "the best weights"};
    nn::save_weights(net_, best_);
  }

  // Adds to the seconds of the epoch what went by since the last call.
  void spend_time() {
    const double now = options_.clock();
    state_.seconds += now - started_;
    started_ = now;
  }

  void report() {
    if (!options_.progress) return;
    note_ = "epoch " + std::to_string(state_.epoch + 1) + "/" + std::to_string(options_.epochs);
    if (state_.weight_sum > 0)
      note_ += " loss " + json_number(std::round(1e3 * state_.loss_sum / state_.weight_sum) / 1e3);
    if (!state_.history.empty() && validates())
      note_ += " validation " + json_number(std::round(1e3 * state_.history.back().validation_accuracy) / 1e3);
    options_.progress({"train", state_.steps, total_, note_});
  }

  [[noreturn]] void interrupt() {
    save();
    const bool saved = !options_.checkpoints.empty();
    throw error(errc::interrupted,
                {"train", "after " + std::to_string(state_.steps) + " of " + std::to_string(total_) + " steps",
                 saved ? "asked to stop; the state is saved" : "asked to stop",
                 saved ? "run the same command to go on" : "name a folder for checkpoints to be able to go on"});
  }

  void save() {
    if (options_.checkpoints.empty()) return;
    spend_time();
    nn::tensor_file content{.source = folder_.path().string()};
    state_.random = net_.random().state();
    train::save(state_, content.metadata);
    for (const auto& [name, value] : identity_) content.metadata["option." + name] = value;
    nn::save_weights(net_, content, "model.");
    optimizer_.save(net_.backend(), parameters(), content);
    if (state_.best_epoch != 0) folder_.save_best(state_.best_epoch, best_);
    folder_.save({state_.steps, state_.best_epoch}, content);
    saved_at_ = options_.clock();
  }

  void resume() {
    auto found = folder_.load();
    if (options_.message)
      for (const auto& message : found.messages) options_.message(message);
    if (!found.which) return;
    for (const auto& [name, value] : identity_) {
      const auto begun = found.state.metadata.find("option." + name);
      if (begun == found.state.metadata.end() || begun->second != value)
        throw error(errc::invalid_argument,
                    {"go on with the training", found.state.source,
                     "it was begun with " + name + " \"" + (begun == found.state.metadata.end() ? "" : begun->second) +
                         "\", and now it is \"" + value + "\"",
                     "give the same options and data, or remove the folder to begin anew"});
    }
    state_ = load_run_state(found.state.metadata, found.state.source);
    nn::load_weights(net_, found.state, "model.");
    optimizer_.load(net_.backend(), parameters(), found.state);
    net_.random(eucv::random(state_.random));
    best_ = std::move(found.best);
  }

  Network& net_;
  const fit_data& data_;
  const fit_options& options_;
  std::map<std::string, std::string> identity_;
  nn::optimizer<backend_type> optimizer_;
  checkpoint_folder folder_;
  run_state state_;
  nn::tensor_file best_;
  std::uint64_t total_;
  double started_ = 0, saved_at_ = 0;
  std::string note_;
};

} // namespace detail

/// Trains a network: in mode::train over the batches of each epoch, then in mode::eval over those of validation.
///
/// Ends with the weights of the best epoch. With a folder for checkpoints, a call that finds a state there goes on from
/// it, and comes to the same bits as one that was never broken off, on any number of threads; the folder is left in
/// place. With frozen parameters, freeze before each call.
///
/// Throws interrupted when asked to stop, after saving; non_finite, naming step and place, when the loss or a gradient
/// is infinite or not a number, with the checkpoints left as they were; shape_mismatch where labels and logits differ
/// in number; invalid_argument where a checkpoint was begun with other options; and what source and files throw.
template <nn::network Network>
fit_result fit(Network& net, const fit_data& data, const fit_options& options = {}) {
  if (data.labels.size() != net.output_shape().c)
    throw error(errc::shape_mismatch, {"train", "the network",
                                       "it has " + std::to_string(net.output_shape().c) + " logits for " +
                                           std::to_string(data.labels.size()) + " labels",
                                       "build it with as many classes as there are labels"});
  if (data.training.batches == 0)
    throw error(errc::invalid_argument, {"train", "the source", "it has no batches", "give at least one picture"});
  return detail::trainer<Network>(net, data, options).run();
}

} // namespace eucv::train

// ---- eucv/classify/architecture.hpp --------------------------------------------------------------------------------
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace eucv::classify {

/// A network that classifies, whatever its layers.
using network = nn::any_model<nn::host<float>>;

/// What is to be built.
struct architecture {
  std::string_view name;   ///< one of architectures()
  std::size_t classes = 0; ///< logits
  std::size_t size = 128;  ///< rows and columns of its input
};

/// The names of the architectures: those of the zoo.
[[nodiscard]] inline std::span<const std::string_view> architectures() {
  static constexpr std::array<std::string_view, 4> names{"small", "resnet18", "resnet34", "resnet50"};
  return names;
}

/// Builds a network with fresh weights drawn from `engine`; `pool` must outlive it. Throws invalid_argument for a name
/// that is none of architectures(), and what building throws for a size that is too small.
[[nodiscard]] network make_network(const architecture& wanted, random& engine, thread_pool& pool);

} // namespace eucv::classify

// ---- eucv/classify/description.hpp ---------------------------------------------------------------------------------
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::classify {

/// A class of pictures as a model knows it.
struct label {
  std::string name;
  std::string uri; ///< concept URI, or empty where none is known
  friend bool operator==(const label&, const label&) = default;
};

/// How a picture becomes the input of a network: its shorter side is brought to `size` pixels, the middle square is cut
/// out, and each channel becomes (value / 255 - mean) / deviation.
struct preprocessing {
  std::size_t size = 128;
  std::array<double, 3> mean{0.485, 0.456, 0.406};      ///< of ImageNet, red, green, blue
  std::array<double, 3> deviation{0.229, 0.224, 0.225}; ///< likewise
  friend bool operator==(const preprocessing&, const preprocessing&) = default;
};

/// All that model.json says of a model: what its weights mean, and where they come from.
struct description {
  std::string architecture;
  std::vector<label> labels; ///< in the order of the logits
  preprocessing pictures;
  std::map<std::string, std::string> provenance; ///< version of eucv, options of the training, counts of pictures
  friend bool operator==(const description&, const description&) = default;
};

/// The number that stands in model.json and changes when its meaning does.
inline constexpr int format_version = 1;

/// The text of model.json.
[[nodiscard]] std::string to_json(const description& about);

/// Reads the text of model.json. `on` names it in messages. Throws bad_format, and wrong_version for a model that
/// another version of eucv wrote in a way that this one does not read.
[[nodiscard]] description parse_description(std::string_view text, const std::string& on);

/// The description in the folder of a model. Throws not_found, with advice, where the folder holds none.
[[nodiscard]] description read_description(const std::filesystem::path& folder);

} // namespace eucv::classify

// ---- eucv/classify/classifier.hpp ----------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::classify {

/// A label and how probable the network takes it to be.
struct ranked_label {
  std::string label;
  std::string uri;        ///< concept URI, or empty
  double probability = 0; ///< softmax of the logits; those of all labels add up to 1
};

/// The labels of a file, most probable first, or why it could not be read.
struct file_prediction {
  std::filesystem::path file;
  result<std::vector<ranked_label>> ranked;
};

struct classifier_options {
  std::size_t threads = 0; ///< 0: one a core
};

/// How predict_files() works.
struct predict_options {
  std::size_t top = 3;       ///< labels a file; 0: all
  std::size_t batch = 32;    ///< files decoded and held in memory at a time
  std::stop_token stop = {}; ///< asked for between batches; then errc::interrupted is thrown
};

/// A trained model: a network with its labels and preprocessing, kept as a folder.
///
///     auto model = eucv::classify::classifier::load("model");
///     for (const auto& guess : model.predict(picture, 3)) std::cout << guess.label << '\n';
///
/// The folder holds `weights.safetensors` (PyTorch's names and layout) and `model.json`. Move-only; not for two threads
/// at a time. Predictions have the same bits for any number of threads and any batch.
class classifier {
public:
  /// Reads the folder of a finished training. Throws not_found where it holds no model.json, wrong_version for one of
  /// another format, bad_format for files that are damaged, and missing_tensor or shape_mismatch, naming tensor and
  /// shapes, for weights that do not belong to the architecture.
  [[nodiscard]] static classifier load(const std::filesystem::path& folder, const classifier_options& options = {});

  /// Writes the folder, each file whole or not at all, model.json last.
  void save(const std::filesystem::path& folder);

  [[nodiscard]] const description& about() const noexcept;

  /// The `top` most probable labels of a picture of any size, most probable first; 0 asks for all.
  [[nodiscard]] std::vector<ranked_label> predict(const image::bitmap& picture, std::size_t top = 0);
  /// The same for many pictures.
  [[nodiscard]] std::vector<std::vector<ranked_label>> predict(std::span<const image::bitmap> pictures,
                                                               std::size_t top = 0);

  /// Classifies the files that `next` names until it gives none, and hands each to `sink` in that order. At most
  /// `batch` pictures are in memory; a file that cannot be read makes a row with its error and nothing else.
  void predict_files(const std::function<std::optional<std::filesystem::path>()>& next,
                     const std::function<void(const file_prediction&)>& sink, const predict_options& options = {});
  /// The same for a list.
  [[nodiscard]] std::vector<file_prediction> predict_files(std::span<const std::filesystem::path> files,
                                                           const predict_options& options = {});

  struct parts; ///< network, threads and description: for the other functions of this folder
  explicit classifier(std::unique_ptr<parts> built) noexcept;
  classifier(classifier&&) noexcept;
  classifier& operator=(classifier&&) noexcept;
  ~classifier();
  [[nodiscard]] parts& inside() noexcept { return *parts_; }

private:
  std::unique_ptr<parts> parts_;
};

} // namespace eucv::classify

// ---- eucv/classify/evaluate.hpp ------------------------------------------------------------------------------------
#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::classify {

/// A labelled picture and what a model takes it for, as indices of the model's labels.
struct judged_file {
  std::filesystem::path file;
  std::size_t truth = 0, predicted = 0;
  double probability = 0; ///< of the predicted label
};

struct evaluate_options {
  std::size_t batch = 32;      ///< pictures in memory at a time
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< asked for between batches; then errc::interrupted is thrown
};

/// What a model made of labelled pictures.
struct evaluated {
  train::metrics figures = {};                           ///< over all labels of the model
  double loss = 0;                                       ///< mean cross-entropy
  std::vector<judged_file> files;                        ///< in the order of the data set
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, counted nowhere else
};

/// Judges a model on labelled pictures: a folder for each class, or what a download wrote. Each picture that can be
/// read counts once. Throws unknown_label for a class that the model has not, and what reading the folder throws.
[[nodiscard]] evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images,
                                            const evaluate_options& options = {});

} // namespace eucv::classify

// ---- eucv/classify/training_pictures.hpp ---------------------------------------------------------------------------
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::classify {

/// How a folder of labelled pictures is divided and read.
struct training_picture_options {
  std::size_t size = 128; ///< rows and columns of what a network gets, in pixels
  std::size_t batch = 32;
  double validation = 0.1; ///< part of each class that is kept aside
  std::uint64_t seed = 1;
  std::size_t threads = 0; ///< 0: one a core
};

/// Labelled pictures for a training: divided by a seed, stratified, copies of one picture on one side, the training
/// part shuffled and varied anew in each epoch. Each picture is decoded once to find the copies. Sources refer to this
/// object, which must outlive them.
class training_pictures {
public:
  /// Throws invalid_argument where there is one class only, batch_too_large where a batch has more pictures than there
  /// are to train on, and what read_image_folder() and stratified_split() throw.
  training_pictures(const std::filesystem::path& images, const training_picture_options& options)
      : options_(options), data_(dataset::read_image_folder(images)) {
    if (data_.labels.size() < 2)
      throw error(errc::invalid_argument,
                  {"train", images.string(), "it has one class only, \"" + data_.labels.front() + "\"",
                   "add pictures of another class, in a folder of their own"});
    {
      thread_pool pool(options_.threads);
      duplicates_ = dataset::find_duplicates(dataset::fingerprints_of(data_.files, pool));
    }
    dataset::join_groups(data_.files, duplicates_);
    const auto split = dataset::stratified_split(data_, {.validation = options_.validation, .seed = options_.seed});
    dataset::check_leakage(data_.files, duplicates_, split);
    training_ = dataset::pick(data_.files, split.train);
    validation_ = dataset::pick(data_.files, split.validation);
    if (options_.batch > training_.size())
      throw error(errc::batch_too_large,
                  {"train", images.string(),
                   "a batch of " + std::to_string(options_.batch) + " pictures, and only " +
                       std::to_string(training_.size()) + " to train on",
                   "lower the batch to " + std::to_string(training_.size()) + " or less, or add pictures"});
  }
  training_pictures(const training_pictures&) = delete;
  training_pictures& operator=(const training_pictures&) = delete;

  [[nodiscard]] const std::vector<std::string>& labels() const noexcept { return data_.labels; }

  /// Files that hold a picture which another one holds as well; each such group is on one side.
  [[nodiscard]] const dataset::duplicate_groups& duplicates() const noexcept { return duplicates_; }

  [[nodiscard]] train::source training() { return source(training_, true); }
  [[nodiscard]] train::source validation() { return source(validation_, false); }

  /// Pictures of each part that could be read, as far as sources have come.
  [[nodiscard]] std::size_t readable_training() const { return readable(training_); }
  [[nodiscard]] std::size_t readable_validation() const { return readable(validation_); }
  [[nodiscard]] std::vector<dataset::unreadable_file> unreadable() const {
    std::vector<dataset::unreadable_file> list;
    for (const auto& [file, reason] : unreadable_) list.push_back({file, reason});
    return list;
  }

  /// A weight for each class, between "each picture counts the same" and "each class counts the same": the root of the
  /// latter's weights.
  [[nodiscard]] std::vector<double> class_weights() const {
    std::vector<double> counts(data_.labels.size());
    for (const auto& each : training_) ++counts[each.label];
    const double even = static_cast<double>(training_.size()) / static_cast<double>(counts.size());
    for (double& count : counts) count = std::sqrt(even / count);
    return counts;
  }

  /// A line for each picture, with its label, name and size: what tells one set of pictures from another, whatever the
  /// folder is called that they lie in.
  [[nodiscard]] std::string list() const {
    std::string lines;
    for (const auto& each : data_.files) {
      const auto size = dataset::stored_size(each);
      lines += data_.labels[each.label] + "/" + each.file.filename().string() + " " +
               (size == 0 ? "missing" : std::to_string(size)) + "\n";
    }
    return lines;
  }

private:
  [[nodiscard]] std::size_t readable(const std::vector<dataset::labelled_file>& files) const {
    return static_cast<std::size_t>(
        std::count_if(files.begin(), files.end(), [&](const auto& each) { return !unreadable_.contains(each.file); }));
  }

  [[nodiscard]] train::source source(const std::vector<dataset::labelled_file>& files, bool to_train) {
    dataset::batch_options how{.size = options_.size,
                               .batch = options_.batch,
                               .seed = options_.seed,
                               .threads = options_.threads,
                               .cache = &cache_};
    if (to_train) {
      how.order = dataset::epoch_order::shuffled;
      how.augmentation = image::augmentation{};
    }
    return {dataset::batch_count(files.size(), options_.batch),
            [this, &files, how, to_train](std::size_t epoch, std::size_t first) mutable -> train::reader {
              how.epoch = epoch;
              how.first_batch = first;
              auto epoch_of = std::make_shared<dataset::batches>(files, how);
              return [this, epoch_of, to_train, noted = std::size_t{0}]() mutable {
                auto pictures = epoch_of->next();
                for (; noted < epoch_of->unreadable().size(); ++noted)
                  unreadable_.emplace(epoch_of->unreadable()[noted].file, epoch_of->unreadable()[noted].reason);
                // One picture alone has no variance to be normalised by. The order changes, so it has its turn later.
                if (to_train && pictures && pictures->n == 1 && options_.batch > 1)
                  return std::optional(dataset::batch{});
                return pictures;
              };
            }};
  }

  training_picture_options options_;
  dataset::image_folder data_;
  dataset::duplicate_groups duplicates_;
  std::vector<dataset::labelled_file> training_, validation_;
  dataset::decoded_cache cache_{std::size_t{512} << 20};
  std::map<std::filesystem::path, std::string> unreadable_;
};

} // namespace eucv::classify

// ---- eucv/classify/train.hpp ---------------------------------------------------------------------------------------
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::classify {

/// How train_classifier() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct train_options {
  std::string architecture = "small"; ///< one of architectures()
  std::size_t size = 128;             ///< rows and columns of the network's input, in pixels
  std::size_t epochs = 40;
  std::size_t batch = 32;
  double rate = 0;          ///< highest learning rate; 0: what suits the architecture
  std::size_t patience = 0; ///< epochs without gain after which training stops; 0: never before the end
  double validation = 0.1;  ///< part of the pictures that is kept aside to choose the best epoch by
  std::uint64_t seed = 1;   ///< of weights, split, order and augmentation
  std::size_t threads = 0;  ///< 0: one a core; the result does not depend on it

  /// Weights to begin with: a safetensors file of a model of ours, torchvision's or timm's. Its head is taken only
  /// where the number of classes is the same. Empty: fresh weights.
  std::filesystem::path init = {};
  std::size_t freeze = 0; ///< blocks from the input on that keep their weights

  /// Where labels get their concept URIs from, by name.
  dataset::vocabulary vocabulary = dataset::pilot_vocabulary();

  double checkpoint_seconds = 60; ///< a state is saved after each epoch, and within one after that time
  progress_sink progress = {};    ///< done and total count steps
  std::function<void(std::string_view)> message = {}; ///< told what is worth a line: a resume, a damaged checkpoint
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown
};

/// A finished training.
struct trained {
  classifier model;                                      ///< with the weights of the best epoch
  train::metrics figures = {};                           ///< on the pictures kept aside for validation
  std::vector<train::epoch_figures> history = {};        ///< one an epoch
  std::size_t best_epoch = 0;                            ///< from 1
  std::size_t resumed_at = 0;                            ///< steps that an earlier run had done
  std::size_t training = 0, validation = 0;              ///< pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// Trains a model on labelled pictures (a folder for each class, or what a download wrote) and writes it to `folder`:
/// weights.safetensors, model.json, history.csv, metrics.json.
///
/// While it trains, `folder`/checkpoint holds states to go on from: broken off in whatever way, the same call goes on,
/// and ends with the bits of an unbroken run. A folder whose training has come to its end with the same options and
/// pictures is only loaded.
///
/// Throws invalid_argument for options that make no sense, or differ from those that the folder was begun with;
/// empty_class, class_too_small and batch_too_large where pictures are too few; interrupted when asked to stop;
/// non_finite, naming step and layer, where the training goes astray; in_use where another process works on the folder.
[[nodiscard]] trained train_classifier(const std::filesystem::path& images, const std::filesystem::path& folder,
                                       const train_options& options = {});

} // namespace eucv::classify

// ---- eucv/core/implementation.hpp: implementation ------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>
#endif

// ---- eucv/core/json.hpp: implementation ----------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace eucv {
namespace detail {

// Events of boost::json::basic_parser, turned into a value, with the keys of each open object remembered.
struct strict_json_handler {
  static constexpr std::size_t max_object_size = 1U << 24;
  static constexpr std::size_t max_array_size = 1U << 24;
  static constexpr std::size_t max_key_size = 1U << 20;
  static constexpr std::size_t max_string_size = 1U << 28;
  using error_code = boost::json::error_code;

  boost::json::value_stack stack;
  std::vector<std::unordered_set<std::string>> keys;
  std::string key_part;
  std::string fault;

  bool refuse(error_code& code, std::string why) {
    fault = std::move(why);
    code = make_error_code(boost::json::error::exception);
    return false;
  }

  bool on_document_begin(error_code&) { return stack.reset(), true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return keys.emplace_back(), true; }
  bool on_object_end(std::size_t count, error_code&) { return keys.pop_back(), stack.push_object(count), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
  bool on_key_part(boost::json::string_view part, std::size_t, error_code&) {
    return key_part.append(part.data(), part.size()), stack.push_chars(part), true;
  }
  bool on_key(boost::json::string_view part, std::size_t, error_code& code) {
    key_part.append(part.data(), part.size());
    if (!keys.back().insert(key_part).second)
      return refuse(code, "the key \"" + key_part + "\" stands twice in one object");
    key_part.clear();
    stack.push_key(part);
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, error_code&) { return stack.push_chars(part), true; }
  bool on_string(boost::json::string_view part, std::size_t, error_code&) { return stack.push_string(part), true; }
  bool on_number_part(boost::json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, boost::json::string_view, error_code&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, boost::json::string_view, error_code&) {
    return stack.push_uint64(number), true;
  }
  bool on_double(double number, boost::json::string_view, error_code& code) {
    if (!std::isfinite(number)) return refuse(code, "a number is too large for a double");
    stack.push_double(number);
    return true;
  }
  bool on_bool(bool flag, error_code&) { return stack.push_bool(flag), true; }
  bool on_null(error_code&) { return stack.push_null(), true; }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }
};

} // namespace detail

boost::json::value parse_json(std::string_view text, const std::string& on) {
  boost::json::basic_parser<detail::strict_json_handler> parser{boost::json::parse_options{}};
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (!code && read == text.size()) return parser.handler().stack.release();
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n');
  std::string why = "it is no JSON";
  if (!parser.handler().fault.empty())
    why = parser.handler().fault;
  else if (code)
    why += " (" + code.message() + ")";
  else
    why += " (text goes on after the value)";
  throw error(errc::bad_format,
              {"read JSON", on + " line " + std::to_string(line), why, "mend the file, or write it anew"});
}

} // namespace eucv
#endif

// ---- eucv/net/url.hpp: implementation ------------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace eucv::net {

namespace detail {

constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hexadecimal(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void append_encoded(std::string& text, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  text += '%';
  text += digits[byte >> 4];
  text += digits[byte & 15];
}

error bad_url(std::string_view text, std::string why) {
  std::string shown = redact(text.substr(0, 300));
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return {errc::bad_url, {"read an address", std::move(shown), std::move(why), "give an http or https address"}};
}

// `text` as RFC 3986 wants it: what no URL may hold is percent-encoded. Brackets may stand in the host alone, so
// they are encoded from the first '/', '?' or '#' behind the authority on.
std::string tidy(std::string_view text) {
  const std::size_t slash = std::min(text.size(), text.find_first_of("/?#")); // "://" may also stand in a query
  const bool absolute = slash != 0 && text[slash - 1] == ':' && text.substr(slash).starts_with("//");
  const std::size_t authority = absolute ? slash + 2 : text.starts_with("//") ? 2 : 0;
  const std::size_t path = authority == 0 ? 0 : std::min(text.size(), text.find_first_of("/?#", authority));
  std::string tidied(text.substr(0, path));
  bool in_fragment = false;
  for (std::size_t i = path; i < text.size(); ++i) {
    const char c = text[i];
    const bool escape = c == '%' && i + 2 < text.size() && is_hexadecimal(text[i + 1]) && is_hexadecimal(text[i + 2]);
    if (is_alphanumeric(c) || escape || std::string_view("-._~!$&'()*+,;=:@/?").find(c) != std::string_view::npos)
      tidied += c;
    else if (c == '#' && !in_fragment)
      in_fragment = true, tidied += c;
    else
      append_encoded(tidied, c);
  }
  return tidied;
}

// "." and ".." resolved (RFC 3986, 5.2.4), in their percent-encoded spellings too, as browsers do: a server that
// decodes before it resolves must not see more than we saw.
std::string without_dots(std::string_view path) {
  const auto dots = [](std::string_view segment) {
    std::size_t count = 0;
    for (; !segment.empty(); ++count) {
      if (segment.starts_with('.'))
        segment.remove_prefix(1);
      else if (begins_ignoring_case(segment, "%2e"))
        segment.remove_prefix(3);
      else
        return std::size_t{0};
    }
    return count > 2 ? std::size_t{0} : count;
  };
  std::string clean;
  while (!path.empty()) {
    path.remove_prefix(1); // the '/' that begins every segment
    const std::size_t length = std::min(path.size(), path.find('/'));
    const std::string_view segment = path.substr(0, length);
    const bool last = length == path.size();
    const std::size_t count = dots(segment);
    if (count == 2) clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    if (count == 0)
      clean.append("/").append(segment);
    else if (last)
      clean += '/';
    path.remove_prefix(length);
  }
  return clean.empty() ? "/" : clean;
}

// Ports that the Fetch standard (WHATWG, "port blocking") keeps from the web: what listens there is not HTTP, and might
// take a request of ours for a command.
bool is_port_of_another_service(std::uint16_t port) {
  static constexpr std::array<std::uint16_t, 82> blocked{
      1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,   53,
      69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,
      135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,  532,
      540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659,
      4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};
  static_assert(std::ranges::is_sorted(blocked));
  return std::ranges::binary_search(blocked, port);
}

// The scheme of an address that has one and no "//" behind it, such as "mailto:a@b". None of these is of the web, and
// at "a:?" Boost 1.81 ends the program, so they must not reach its parser.
std::string_view scheme_without_host(std::string_view text) {
  const std::size_t colon = text.find_first_of(":/?#");
  const bool found = colon != std::string_view::npos && text[colon] == ':' && !text.substr(colon + 1).starts_with("//");
  return found ? text.substr(0, colon) : std::string_view();
}

result<url> from_parts(const boost::urls::url_view& parts, std::string_view text) {
  url address;
  for (const char c : parts.scheme()) address.scheme += lower(c);
  if (address.scheme != "http" && address.scheme != "https")
    return bad_url(text, address.scheme.empty() ? "it names no scheme" : "its scheme is " + address.scheme);
  if (parts.has_userinfo()) return bad_url(text, "it holds a user name or password");
  for (const char c : std::string_view(parts.encoded_host())) address.host += lower(c);
  const auto kind = parts.host_type();
  if (kind == boost::urls::host_type::ipvfuture || address.host.empty() || address.host.size() > 253)
    return bad_url(text, "its host is empty, too long, or of an unknown kind");
  if (kind == boost::urls::host_type::name &&
      !std::ranges::all_of(address.host, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }))
    return bad_url(text, "its host is no plain ASCII name (an international name is written xn--...)");
  address.port = address.scheme == "https" ? 443 : 80;
  if (parts.has_port() && !parts.port().empty()) {
    const std::string_view digits = parts.port(); // port_number() of Boost 1.81 wraps around at 65536
    if (std::from_chars(digits.begin(), digits.end(), address.port).ec != std::errc{} || address.port == 0)
      return bad_url(text, "its port is not in 1 to 65535");
    if (is_port_of_another_service(address.port))
      return bad_url(text, "its port is one of another service than the web");
  }
  const std::string_view path = parts.encoded_path();
  if (!path.empty() && path.front() != '/') // Boost 1.81 reads "http://x:y/" as an empty port and the path "y/"
    return bad_url(text, "its port is no number");
  address.target = without_dots(path);
  if (parts.has_query()) address.target.append("?").append(parts.encoded_query());
  return address;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace detail

result<url> parse_url(std::string_view text) {
  text = detail::trim(text);
  if (detail::has_control_characters(text)) return detail::bad_url(text, "it holds control characters");
  const std::string tidied = detail::tidy(text);
  if (const auto scheme = detail::scheme_without_host(tidied); !scheme.empty())
    return detail::bad_url(text, "its scheme is " + std::string(scheme));
  const auto parts = boost::urls::parse_uri(tidied);
  if (!parts) return detail::bad_url(text, "it is no absolute address (" + parts.error().message() + ")");
  return detail::from_parts(*parts, text);
}

result<url> resolve_url(const url& base, std::string_view reference) {
  reference = detail::trim(reference);
  if (detail::has_control_characters(reference)) return detail::bad_url(reference, "it holds control characters");
  const std::string tidied = detail::tidy(reference), base_text = base.str();
  if (const auto scheme = detail::scheme_without_host(tidied); !scheme.empty())
    return detail::bad_url(reference, "its scheme is " + std::string(scheme));
  const auto base_parts = boost::urls::parse_uri(base_text);
  if (!base_parts) return detail::bad_url(base_text, "the base is no address (" + base_parts.error().message() + ")");
  const auto parts = boost::urls::parse_uri_reference(tidied);
  if (!parts) return detail::bad_url(reference, "it is no address (" + parts.error().message() + ")");
  boost::urls::url whole;
  const auto resolved = boost::urls::resolve(*base_parts, *parts, whole);
  if (!resolved) return detail::bad_url(reference, "it does not resolve (" + resolved.error().message() + ")");
  return detail::from_parts(whole, reference);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text)
    if (detail::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
      encoded += c;
    else
      detail::append_encoded(encoded, c);
  return encoded;
}

} // namespace eucv::net
#endif

// ---- eucv/net/resolver.hpp: implementation -------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>

namespace eucv::net {

address_list system_lookup(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); code != 0)
    throw error(errc::dns, {"look up the host", host, ::gai_strerror(code), "check the name and the network"});
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  address_list addresses;
  for (; found != nullptr; found = found->ai_next) {
    boost::asio::ip::address address;
    if (found->ai_family == AF_INET) {
      sockaddr_in place{};
      std::memcpy(&place, found->ai_addr, sizeof place);
      address = boost::asio::ip::address_v4(ntohl(place.sin_addr.s_addr));
    } else if (found->ai_family == AF_INET6) {
      sockaddr_in6 place{};
      std::memcpy(&place, found->ai_addr, sizeof place);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &place.sin6_addr, bytes.size());
      address = boost::asio::ip::address_v6(bytes, place.sin6_scope_id);
    } else {
      continue;
    }
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (addresses.empty())
    throw error(errc::dns, {"look up the host", host, "it has no address", "check the name and the network"});
  return addresses;
}

namespace detail {

// One lookup under way, or its answer.
struct host_lookup {
  struct waiter {
    boost::asio::any_io_executor executor;
    std::shared_ptr<boost::asio::steady_timer> answered;
  };

  bool done = false;
  address_list addresses;
  std::exception_ptr failure;
  resolver::clock::time_point kept_until;
  std::set<waiter*> waiters;
};

} // namespace detail

// Shared with the threads, which may outlive the resolver. All members behind `options` are guarded by `mutex`.
struct resolver::state {
  resolver_options options;
  lookup_function lookup;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<detail::host_lookup>> hosts;
  std::deque<std::pair<std::string, std::shared_ptr<detail::host_lookup>>> queue;
  std::size_t threads = 0;

  // The answer that is kept for `host`, the lookup that somebody else waits for, or a new one in the queue.
  static std::shared_ptr<detail::host_lookup> find_or_start(const std::shared_ptr<state>& self,
                                                            const std::string& host) {
    auto& kept = self->hosts[host];
    if (kept && (!kept->done || clock::now() < kept->kept_until)) return kept;
    const auto started = std::make_shared<detail::host_lookup>();
    kept = started;
    self->forget_old_answers();
    self->queue.emplace_back(host, started);
    if (self->threads < self->options.threads) {
      // A thread lives while the queue holds hosts. Detached: nothing can end a lookup that hangs.
      std::thread([self] { drain(*self); }).detach();
      ++self->threads;
    }
    return started;
  }

  void forget_old_answers() {
    if (hosts.size() <= options.kept) return;
    const auto now = clock::now();
    std::erase_if(hosts, [&](const auto& entry) { return entry.second->done && entry.second->kept_until <= now; });
    for (auto entry = hosts.begin(); entry != hosts.end() && hosts.size() > options.kept;)
      entry = entry->second->done ? hosts.erase(entry) : std::next(entry);
  }

  static void drain(state& self) {
    std::unique_lock lock(self.mutex);
    while (!self.queue.empty()) {
      const auto [host, answer] = std::move(self.queue.front());
      self.queue.pop_front();
      lock.unlock();
      address_list addresses;
      std::exception_ptr failure;
      try {
        addresses = self.lookup(host);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      answer->addresses = std::move(addresses);
      answer->failure = failure;
      answer->kept_until = failure ? clock::time_point::min() : clock::now() + self.options.keep;
      answer->done = true;
      // Posted under the lock: a waiter whose context goes away takes itself out first, and waits for the lock.
      for (auto* waiter : answer->waiters)
        boost::asio::post(waiter->executor, [timer = waiter->answered] { timer->cancel(); });
      answer->waiters.clear();
    }
    --self.threads;
  }
};

resolver::resolver(resolver_options options, lookup_function lookup) : state_(std::make_shared<state>()) {
  state_->options = options;
  state_->lookup = std::move(lookup);
}
resolver::resolver(resolver&&) noexcept = default;
resolver& resolver::operator=(resolver&&) noexcept = default;
resolver::~resolver() {
  if (!state_) return;
  std::lock_guard lock(state_->mutex);
  state_->queue.clear();
}

namespace detail {

struct lookup_guard {
  lookup_guard(std::mutex& m, host_lookup& a, host_lookup::waiter& w) : mutex(m), answer(a), waiter(w) {}
  ~lookup_guard() {
    std::lock_guard lock(mutex);
    answer.waiters.erase(&waiter);
  }
  std::mutex& mutex;
  host_lookup& answer;
  host_lookup::waiter& waiter;
};

} // namespace detail

task<address_list> resolver::resolve(std::string host, clock::time_point deadline) {
  boost::system::error_code code;
  if (const auto literal = boost::asio::ip::make_address(host, code); !code) co_return address_list{literal};

  const auto shared = state_; // the resolver may be gone when the answer comes
  const auto executor = co_await boost::asio::this_coro::executor;
  detail::host_lookup::waiter self{executor, std::make_shared<boost::asio::steady_timer>(executor, deadline)};
  std::shared_ptr<detail::host_lookup> answer;
  {
    std::lock_guard lock(shared->mutex);
    answer = state::find_or_start(shared, host);
    if (answer->done) co_return answer->addresses; // only good answers are kept
    answer->waiters.insert(&self);
  }
  const detail::lookup_guard leave(shared->mutex, *answer, self);
  co_await self.answered->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
  {
    std::lock_guard lock(shared->mutex);
    if (answer->done && answer->failure) std::rethrow_exception(answer->failure);
    if (answer->done) co_return answer->addresses;
  }
  if (code) throw boost::system::system_error(code, "look up the host"); // cancelled
  throw error(errc::timeout, {"look up the host", host, "no answer within the deadline", "try again later"});
}

} // namespace eucv::net
#endif

// ---- eucv/net/http_message.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/beast/core/span.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace eucv::net::detail {

using beast_request = boost::beast::http::request<boost::beast::http::span_body<const char>>;

// Fields that say how the connection is used: the client's to set. A caller's own would contradict what it does.
bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 7> ours{"Host",    "Connection", "Content-Length",   "TE",
                                                        "Trailer", "Upgrade",    "Transfer-Encoding"};
  return std::ranges::any_of(ours, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

// Refuses what would end the field early and begin another one, or another request.
void check_field(const header& field) {
  constexpr std::string_view specials = "!#$%&'*+-.^_`|~";
  const bool named = !field.name.empty() && std::ranges::all_of(field.name, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || specials.find(c) != std::string_view::npos;
  });
  const bool clean = std::ranges::none_of(
      field.value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
  if (named && clean && !is_ours(field.name)) return;
  throw error(errc::invalid_argument, {"send a header field", named ? field.name : "with a bad name",
                                       !named   ? "the name is no token"
                                       : !clean ? "the value holds control characters" // not shown: it may be a key
                                                : "the client sets this field itself",
                                       "give another field"});
}

// The body is not copied: `question` must outlive the message.
beast_request to_message(const request& question, std::string_view user_agent) {
  namespace http = boost::beast::http;
  beast_request message;
  message.method_string(to_string(question.verb));
  message.target(question.target.target);
  const std::string origin = question.target.origin();
  message.set(http::field::host, std::string_view(origin).substr(origin.find("//") + 2));
  if (!find_header(question.headers, "User-Agent")) message.set(http::field::user_agent, user_agent);
  message.set(http::field::accept_encoding, "identity");
  for (const auto& field : question.headers) {
    check_field(field);
    message.insert(field.name, field.value);
  }
  if (question.verb == method::post) {
    message.body() = boost::beast::span<const char>(question.body.data(), question.body.size());
    message.content_length(question.body.size());
  }
  return message;
}

response to_response(const boost::beast::http::response_header<>& message) {
  response reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    reply.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return reply;
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/tls.hpp: implementation ------------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace eucv::net::detail {

std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& ca_file) {
  namespace ssl = boost::asio::ssl;
  const auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code code;
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
    throw error(errc::tls, {"set up TLS", {}, "OpenSSL refuses TLS 1.2", "check its configuration"});
  // Nothing that we ask for needs it, and a server that renegotiates might become another one midway.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  context->set_verify_mode(ssl::verify_peer);
  if (ca_file.empty())
    context->set_default_verify_paths(code);
  else
    context->load_verify_file(ca_file, code);
  if (code)
    throw error(errc::tls, {"read the trusted certificates", ca_file.empty() ? "of the system" : ca_file,
                            code.message(), "give a PEM file, or install the package ca-certificates"});
  return context;
}

void expect_host(ssl_st* connection, std::string host) {
  if (host.ends_with('.')) host.pop_back();
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  boost::system::error_code not_literal;
  boost::asio::ip::make_address(host, not_literal);
  X509_VERIFY_PARAM* rules = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = not_literal ? SSL_set_tlsext_host_name(connection, host.c_str()) == 1 &&
                                     X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1
                               : X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  if (!set) throw error(errc::tls, {"set up TLS", host, "OpenSSL refuses this name", "check the address"});
}

std::string certificate_fault(const ssl_st* connection) {
  const long fault = SSL_get_verify_result(connection);
  return fault == X509_V_OK ? std::string() : X509_verify_cert_error_string(fault);
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/transport_error.hpp: implementation ------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace eucv::net::detail {

error transport_error(phase step, const boost::system::error_code& code, const std::string& on) {
  namespace http = boost::beast::http;
  const std::string tried = [&] {
    switch (step) {
    case phase::connect: return "connect";
    case phase::handshake: return "make a TLS connection";
    case phase::send: return "send the request";
    case phase::header: return "wait for the reply";
    case phase::body: return "receive the body";
    }
    return "exchange";
  }();
  if (code == boost::asio::error::operation_aborted)
    return {errc::interrupted, {tried, on, "it was cancelled", "run the same command to go on"}};
  if (code == boost::beast::error::timeout)
    return {errc::timeout, {tried, on, "it took longer than its deadline", "try again later, or allow more time"}};
  // A reset right after the connection was accepted may be seen already here.
  if (step == phase::connect && code != boost::asio::error::connection_reset)
    return {errc::connect_failed, {tried, on, code.message(), "check the address, and whether the server runs"}};

  const bool ended = code == http::error::partial_message || code == boost::asio::ssl::error::stream_truncated ||
                     code == boost::asio::error::eof;
  if (ended && step == phase::body)
    return {errc::truncated, {tried, on, "fewer bytes came than announced", "try again later"}};
  if (ended || code == http::error::end_of_stream || code.category() == boost::system::system_category())
    return {errc::connection_reset, {tried, on, "the server ended the connection", "try again later"}};
  if (code.category() == http::make_error_code(http::error::bad_status).category())
    return bad_response("it is no HTTP (" + code.message() + ")", on);
  return {errc::tls, {tried, on, code.message(), "check that the server speaks TLS 1.2 or newer"}};
}

error bad_response(std::string why, const std::string& on) {
  return {errc::bad_response, {"read the reply", on, std::move(why), "tell the owner of the server"}};
}

error too_large(std::uint64_t limit, const std::string& on) {
  return {errc::too_large,
          {"receive the body", on, "it is longer than the limit of " + std::to_string(limit) + " bytes",
           "raise the limit if you trust the server"}};
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/connection.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace eucv::net::detail {

struct connection::state {
  using reply_parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;
  // Takes a piece of the body; false: no more is wanted.
  using body_part = std::function<bool(std::string_view piece)>;

  static constexpr std::uint32_t header_limit = 64 * 1024;
  // Beast parses the line of a chunk, and a trailer, only when it is there whole: neither may be longer than this.
  static constexpr std::size_t buffer_limit = 256 * 1024;
  // Of a reply whose status is not 2xx: an error page says in its first lines what it has to say.
  static constexpr std::size_t error_body_limit = 64 * 1024;

  state(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> context,
        const client_options& rules)
      : options(rules), tls_context(std::move(context)), tcp(std::move(executor)) {}

  // Every operation on `tcp` from here on ends within `phase`, and no later than `end`.
  void set_deadline(std::chrono::milliseconds phase, clock::time_point end) {
    tcp.expires_at(std::min(clock::now() + phase, end));
  }

  template <class Stream>
  task<response> exchange(Stream& stream, const request& question, const body_sink& sink, clock::time_point end);
  template <class Stream>
  task<void> read_header(Stream& stream, method verb, const std::string& on);
  template <class Stream>
  task<void> read_body(Stream& stream, const body_part& take, const std::string& on, clock::time_point end);

  const client_options& options;
  std::shared_ptr<boost::asio::ssl::context> tls_context;
  boost::beast::tcp_stream tcp;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls;
  boost::beast::flat_buffer buffer{buffer_limit}; // what was read and not parsed yet
  std::function<void(std::uint64_t size, boost::beast::string_view, boost::system::error_code&)> begin_chunk;
  std::optional<reply_parser> parser; // refers to begin_chunk
  std::uint64_t body_limit = 0;       // of the request under way
  bool reusable = false, answered = false;
};

connection::connection(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> tls,
                       const client_options& options)
    : state_(std::make_unique<state>(std::move(executor), std::move(tls), options)) {}
connection::~connection() = default;

bool connection::is_reusable() const noexcept {
  return state_->reusable;
}
bool connection::has_answered() const noexcept {
  return state_->answered;
}

bool connection::is_alive() const noexcept {
  char byte = 0;
  return ::recv(state_->tcp.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

task<void> connection::connect(const url& peer, address_list addresses, clock::time_point end) {
  state& self = *state_;
  boost::system::error_code code = boost::asio::error::host_not_found;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // An address that does not answer leaves the others their share of the time.
    const auto now = clock::now();
    self.tcp.expires_at(now + (end - now) / static_cast<int>(addresses.size() - i));
    const boost::asio::ip::tcp::endpoint endpoint(addresses[i], peer.port);
    co_await self.tcp.async_connect(endpoint, boost::asio::redirect_error(boost::asio::use_awaitable, code));
    if (!code || code == boost::asio::error::operation_aborted) break;
    self.tcp.close();
  }
  if (code) throw transport_error(phase::connect, code, redact(peer.str()));
  self.tcp.socket().set_option(boost::asio::ip::tcp::no_delay(true), code);
}

task<void> connection::secure(const url& peer, clock::time_point end) {
  state& self = *state_;
  boost::system::error_code code;
  self.tls.emplace(self.tcp, *self.tls_context);
  expect_host(self.tls->native_handle(), peer.host);
  self.set_deadline(self.options.tls, end);
  co_await self.tls->async_handshake(boost::asio::ssl::stream_base::client,
                                     boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (!code) co_return;
  const std::string on = redact(peer.str()), fault = certificate_fault(self.tls->native_handle());
  if (fault.empty()) throw transport_error(phase::handshake, code, on);
  throw error(errc::tls, {"verify the certificate", on, fault, "do not trust this server; check the address"});
}

task<response> connection::exchange(const request& question, const body_sink& sink, clock::time_point end) {
  // The task of the chosen stream, unbegun: this function is no coroutine.
  if (state_->tls) return state_->exchange(*state_->tls, question, sink, end);
  return state_->exchange(state_->tcp, question, sink, end);
}

template <class Stream>
task<response> connection::state::exchange(Stream& stream, const request& question, const body_sink& sink,
                                           clock::time_point end) {
  namespace http = boost::beast::http;
  reusable = answered = false;
  body_limit = question.body_limit;
  const std::string on = redact(question.target.str());
  const auto message = to_message(question, options.user_agent);
  boost::system::error_code code;
  set_deadline(options.first_byte, end);
  co_await http::async_write(stream, message, boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (code) throw transport_error(phase::send, code, on);
  co_await read_header(stream, question.verb, on);

  response reply = to_response(parser->get().base());
  const auto length = parser->content_length();
  const bool coded = !equal_ignoring_case(reply.find("Content-Encoding").value_or("identity"), "identity");
  if (!equal_ignoring_case(reply.find("Transfer-Encoding").value_or("chunked"), "chunked"))
    throw bad_response("its Transfer-Encoding was not asked for", on);
  std::uint64_t received = 0;
  body_part take;
  if (reply.ok()) {
    if (coded && question.verb != method::head)
      throw bad_response("its Content-Encoding was not asked for", on); // unpacking it is where bombs go off
    if (length && *length > question.body_limit && question.verb != method::head)
      throw too_large(question.body_limit, on);
    begin_chunk = [&](std::uint64_t size, auto, boost::system::error_code& refused) {
      if (size > body_limit - received) refused = http::error::body_limit;
    };
    parser->on_chunk_header(begin_chunk);
    take = [&](std::string_view piece) {
      received += piece.size();
      if (received > question.body_limit) throw too_large(question.body_limit, on);
      if (sink)
        sink(piece);
      else
        reply.body += piece;
      return true;
    };
  } else {
    take = [&](std::string_view piece) {
      received += piece.size();
      if (!coded) reply.body += piece.substr(0, error_body_limit - reply.body.size());
      return received < error_body_limit;
    };
  }
  co_await read_body(stream, take, on, end);
  reusable = parser->is_done() && parser->keep_alive() && buffer.size() == 0;
  parser.reset();
  co_return reply;
}

// Reads the header of the final reply; interim ones (1xx) are passed over.
template <class Stream>
task<void> connection::state::read_header(Stream& stream, method verb, const std::string& on) {
  constexpr int most_interim_replies = 8;
  for (int i = 0; i < most_interim_replies; ++i) {
    parser.emplace();
    parser->header_limit(header_limit);
    parser->body_limit(boost::none); // counted in exchange(), where the status is known
    parser->skip(verb == method::head);
    boost::system::error_code code;
    co_await boost::beast::http::async_read_header(stream, buffer, *parser,
                                                   boost::asio::redirect_error(boost::asio::use_awaitable, code));
    answered = answered || parser->got_some() || buffer.size() > 0;
    if (code) throw transport_error(phase::header, code, on);
    const auto status = parser->get().result_int();
    if (status >= 200) co_return;
    if (status == 101) break;
  }
  throw bad_response("the server answers with interim replies only", on);
}

template <class Stream>
task<void> connection::state::read_body(Stream& stream, const body_part& take, const std::string& on,
                                        clock::time_point end) {
  std::vector<char> piece(64 * 1024);
  while (!parser->is_done()) {
    auto& body = parser->get().body();
    body.data = piece.data();
    body.size = piece.size();
    set_deadline(options.idle, end);
    boost::system::error_code code;
    // One read at a time: async_read() would wait for a full piece, and a slow peer would look like an idle one.
    co_await boost::beast::http::async_read_some(stream, buffer, *parser,
                                                 boost::asio::redirect_error(boost::asio::use_awaitable, code));
    const std::string_view got(piece.data(), piece.size() - body.size);
    if (!got.empty() && !take(got)) co_return; // what is left unread goes away with the connection
    if (code == boost::beast::http::error::body_limit) throw too_large(body_limit, on);
    if (code && code != boost::beast::http::error::need_buffer) throw transport_error(phase::body, code, on);
  }
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/pool.hpp: implementation -----------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <vector>

namespace eucv::net::detail {

// A service of each context in which a client ran: it closes the kept connections when the context ends, since a
// socket must not outlive its context, while a client may.
class connection_pool::closer final : public boost::asio::execution_context::service {
public:
  inline static boost::asio::execution_context::id id;

  explicit closer(boost::asio::execution_context& owner) : service(owner) {}

  void watch(const std::shared_ptr<kept_connections>& kept) {
    std::lock_guard lock(mutex_);
    std::erase_if(watched_, [&](const auto& other) { return other.expired() || other.lock() == kept; });
    watched_.push_back(kept);
  }

private:
  void shutdown() override {
    for (const auto& watched : watched_)
      if (const auto kept = watched.lock(); kept && kept->context == &context()) {
        kept->links.clear();
        kept->context = nullptr;
      }
  }

  std::mutex mutex_; // clients of several threads may share a context whose tasks run on strands
  std::vector<std::weak_ptr<kept_connections>> watched_;
};

connection_pool::connection_pool(const client_options& options)
    : options_(options), kept_(std::make_shared<kept_connections>()) {}
connection_pool::~connection_pool() = default;

task<connection_pool::lease> connection_pool::acquire(std::string origin) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  use claimed(*this, origins_.try_emplace(std::move(origin), options_.connections_per_origin).first);
  semaphore::permit permit = co_await claimed.places().acquire();
  lease leased(std::move(claimed), std::move(permit), context);
  leased.link = take(leased.use_.origin(), context);
  co_return leased;
}

std::unique_ptr<connection> connection_pool::take(const std::string& origin, boost::asio::execution_context& context) {
  auto& links = kept_->links;
  if (kept_->context != &context) {
    links.clear();
    kept_->context = &context;
    boost::asio::use_service<closer>(context).watch(kept_);
  }
  const auto oldest = std::chrono::steady_clock::now() - options_.keep;
  std::erase_if(links, [&](const auto& kept) { return kept.since < oldest; });
  while (true) {
    // The youngest first: it has the best chance to be alive.
    const auto found =
        std::find_if(links.rbegin(), links.rend(), [&](const auto& kept) { return kept.origin == origin; });
    if (found == links.rend()) return nullptr;
    auto link = std::move(found->link);
    links.erase(std::next(found).base());
    if (link->is_alive()) return link;
  }
}

void connection_pool::keep(kept_connection kept, const boost::asio::execution_context& context) {
  if (kept_->context != &context || options_.idle_connections == 0) return;
  kept_->links.push_back(std::move(kept));
  if (kept_->links.size() > options_.idle_connections) kept_->links.pop_front();
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/redirect.hpp: implementation -------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace eucv::net::detail {

bool is_redirect(const request& question, const response& reply) noexcept {
  switch (reply.status) {
  case 301:
  case 302:
  case 303:
  case 307:
  case 308: return question.verb != method::post && question.follow_redirects;
  default: return false;
  }
}

request redirected(request question, const response& reply) {
  const auto refuse = [&](std::string why) {
    return error(errc::bad_redirect, {"follow a redirect", redact(question.target.str()), std::move(why),
                                      "ask the owner of the server, or use the final address"});
  };
  const auto location = reply.find("Location");
  if (!location) throw refuse("it names no address");
  auto next = resolve_url(question.target, *location);
  if (!next) throw refuse("its address is not usable: " + next.error().text().why);
  if (question.target.scheme == "https" && next->scheme == "http") throw refuse("it leads from https to http");
  if (next->origin() != question.target.origin())
    std::erase_if(question.headers, [](const header& field) {
      static constexpr std::array<std::string_view, 4> harmless{"Accept", "Accept-Language", "Range", "User-Agent"};
      return std::ranges::none_of(harmless,
                                  [&](std::string_view name) { return equal_ignoring_case(name, field.name); });
    });
  question.target = std::move(*next);
  return question;
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/client.hpp: implementation ---------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace eucv::net {

static_assert(transport<client>);

// Every task holds it, so a client may be destroyed before its last task ends.
struct client::state {
  using clock = std::chrono::steady_clock;

  state(client_options rules, std::shared_ptr<resolver> resolver)
      : options(std::move(rules)), names(std::move(resolver)), pool(options) {
    if (!options.ca_file.empty()) tls = detail::make_tls_context(options.ca_file);
  }

  task<void> connect(std::unique_ptr<detail::connection>& link, const url& peer, clock::time_point end);
  task<response> send_once(const request& question, const body_sink& sink, clock::duration& left);
  static task<response> send(std::shared_ptr<state> self, const request& question, body_sink sink);

  client_options options;
  std::shared_ptr<resolver> names;
  std::shared_ptr<boost::asio::ssl::context> tls; // made for the first https request: it reads a large file
  detail::connection_pool pool;
};

client::client(client_options options) : client(std::move(options), std::make_shared<resolver>()) {}
client::client(client_options options, std::shared_ptr<resolver> names)
    : state_(std::make_shared<state>(std::move(options), std::move(names))) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

task<response> client::send(const request& question) {
  return state::send(state_, question, {});
}
task<response> client::send(const request& question, body_sink sink) {
  return state::send(state_, question, std::move(sink));
}

task<void> client::state::connect(std::unique_ptr<detail::connection>& link, const url& peer, clock::time_point end) {
  std::string host = peer.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  // The lookup and the connection share one deadline.
  const auto connected_by = std::min(clock::now() + options.connect, end);
  address_list addresses = co_await names->resolve(host, connected_by);
  if (options.addresses == address_rule::only_public) {
    std::erase_if(addresses, [&](const auto& address) {
      return !is_public(address) && !(options.own_addresses && options.own_addresses(address));
    });
    if (addresses.empty())
      throw error(errc::private_address, {"connect", redact(peer.str()), "the host has no public address",
                                          "allow private addresses if the service is your own"});
  }
  if (peer.scheme == "https" && !tls) tls = detail::make_tls_context({});
  link = std::make_unique<detail::connection>(co_await boost::asio::this_coro::executor, tls, options);
  co_await link->connect(peer, std::move(addresses), connected_by);
  if (peer.scheme == "https") co_await link->secure(peer, end);
}

// One hop. `left` is what is left of the total deadline; the wait for a place among the connections takes nothing of
// it, as it depends on how much the caller wants at once and not on the server.
task<response> client::state::send_once(const request& question, const body_sink& sink, clock::duration& left) {
  auto place = co_await pool.acquire(question.target.origin());
  const auto begin = clock::now();
  if (question.verb == method::post) place.link.reset();

  std::optional<response> reply;
  if (place.link) {
    try {
      reply.emplace(co_await place.link->exchange(question, sink, begin + left));
    } catch (const error& thrown) {
      if (thrown.code() != errc::connection_reset || place.link->has_answered()) throw;
    }
  }
  if (!reply) {
    co_await connect(place.link, question.target, begin + left);
    reply.emplace(co_await place.link->exchange(question, sink, begin + left));
  }
  place.keep();
  left -= clock::now() - begin;
  co_return std::move(*reply);
}

task<response> client::state::send(std::shared_ptr<state> self, const request& question, body_sink sink) {
  try {
    request hop = question;
    clock::duration left = self->options.total;
    for (int redirects = 0;; ++redirects) {
      response reply = co_await self->send_once(hop, sink, left);
      reply.final_url = hop.target;
      if (!detail::is_redirect(hop, reply)) co_return reply;
      if (redirects >= self->options.max_redirects)
        throw error(errc::too_many_redirects,
                    {"follow redirects", redact(question.target.str()),
                     "more than " + std::to_string(self->options.max_redirects), "check the address"});
      hop = detail::redirected(std::move(hop), reply);
    }
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != boost::asio::error::operation_aborted) throw;
    throw error(errc::interrupted,
                {"fetch", redact(question.target.str()), "it was cancelled", "run the same command to go on"});
  }
}

} // namespace eucv::net
#endif

// ---- eucv/net/condition.hpp: implementation ------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace eucv::net {

// Lives in the frame of wait(), so it leaves the list however that frame ends.
struct condition::waiter {
  waiter(condition& owner, const boost::asio::any_io_executor& executor)
      : list(owner.waiting_), place(list.insert(list.end(), this)),
        woken(executor, boost::asio::steady_timer::time_point::max()) {}
  ~waiter() {
    if (!called) list.erase(place);
  }

  std::list<waiter*>& list;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer woken; // never expires
  bool called = false;
};

task<void> condition::wait() {
  waiter self(*this, co_await boost::asio::this_coro::executor);
  boost::system::error_code code;
  co_await self.woken.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (!self.called) throw boost::system::system_error(code, "wait for a condition");
}

void condition::wake_all() {
  for (waiter* each : std::exchange(waiting_, {})) {
    each->called = true;
    each->woken.cancel();
  }
}

} // namespace eucv::net
#endif

// ---- eucv/net/offload.hpp: implementation --------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mutex>

namespace eucv::net::detail {

// What the caller and the pool share. Nothing of the caller's context is in it: its last owner may be a thread of the
// pool, and by then the context may be gone.
struct offloaded {
  // Lives in the frame of the caller; taken out before that frame or its context goes.
  struct waiter {
    boost::asio::any_io_executor executor;
    std::shared_ptr<boost::asio::steady_timer> ended;
  };

  // Posted under the lock, which the caller takes before it goes on: so the pool has let go of the executor by the
  // time that the caller can end, and its context with it.
  void end() {
    std::lock_guard lock(mutex);
    done = true;
    if (caller != nullptr) boost::asio::post(caller->executor, [timer = caller->ended] { timer->cancel(); });
  }
  [[nodiscard]] bool is_done() {
    std::lock_guard lock(mutex);
    return done;
  }

  std::mutex mutex;
  waiter* caller = nullptr; // this and the rest is guarded by the mutex
  bool called = false, done = false;
};

// The job on the pool. It tells its end where it is destroyed, since a pool that is stopped drops it uncalled.
class offloaded_job {
public:
  offloaded_job(std::shared_ptr<offloaded> shared, std::function<void()> work)
      : shared_(std::move(shared)), work_(std::move(work)) {}
  offloaded_job(offloaded_job&&) noexcept = default;
  offloaded_job& operator=(offloaded_job&&) = delete;
  ~offloaded_job() {
    if (!shared_) return;
    work_ = nullptr; // frees what the function holds before the caller goes on
    shared_->end();
  }
  void operator()() {
    {
      std::lock_guard lock(shared_->mutex);
      shared_->called = true;
    }
    work_();
  }

private:
  std::shared_ptr<offloaded> shared_;
  std::function<void()> work_;
};

struct offloaded_guard {
  offloaded& shared;
  explicit offloaded_guard(offloaded& s) : shared(s) {}
  ~offloaded_guard() {
    std::lock_guard lock(shared.mutex);
    shared.caller = nullptr;
  }
};

task<void> run_elsewhere(boost::asio::thread_pool& pool, std::function<void()> work) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false); // the end of the function is waited for, come what may

  const auto shared = std::make_shared<offloaded>();
  offloaded::waiter self{
      executor, std::make_shared<boost::asio::steady_timer>(executor, boost::asio::steady_timer::time_point::max())};
  shared->caller = &self;
  const offloaded_guard leave(*shared);
  boost::asio::post(pool, offloaded_job(shared, std::move(work)));
  while (!shared->is_done()) {
    boost::system::error_code woken;
    co_await self.ended->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
  co_await boost::asio::this_coro::throw_if_cancelled(throws);
  if (!shared->called) throw boost::system::system_error(boost::asio::error::operation_aborted, "the pool was stopped");
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/semaphore.hpp: implementation ------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net {

// Lives in the frame of acquire(), so it leaves the queue however that frame ends.
struct semaphore::waiter {
  waiter(semaphore& whose, std::size_t wanted, const boost::asio::any_io_executor& executor)
      : owner(whose), count(wanted), queue(whose.queue_), place(queue.insert(queue.end(), this)),
        admitted(executor, boost::asio::steady_timer::time_point::max()) {}
  ~waiter() {
    if (!queued) return;
    queue.erase(place);
    owner.give_back(0); // those behind it may need less
  }

  semaphore& owner;
  std::size_t count;
  std::list<waiter*>& queue;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer admitted; // never expires: a condition to wait on
  bool queued = true;
  permit won; // given by give_back(), which takes the waiter out of the queue
};

task<semaphore::permit> semaphore::acquire(std::size_t count) {
  count = std::min(count, std::max<std::size_t>(all_, 1));
  if (queue_.empty() && free_ >= count) {
    free_ -= count;
    co_return permit(this, count);
  }
  waiter self(*this, count, co_await boost::asio::this_coro::executor);
  boost::system::error_code woken;
  co_await self.admitted.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  if (self.queued) throw boost::system::system_error(woken, "wait for a permit");
  co_return std::move(self.won);
}

// Handed over, not set free: a task that comes now must not overtake the queue.
void semaphore::give_back(std::size_t count) {
  free_ += count;
  while (!queue_.empty() && queue_.front()->count <= free_) {
    waiter& next = *queue_.front();
    queue_.pop_front();
    free_ -= next.count;
    next.queued = false;
    next.won = permit(this, next.count);
    next.admitted.cancel();
  }
}

} // namespace eucv::net
#endif

// ---- eucv/net/rate_limit.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>

namespace eucv::net {

namespace detail {

// The whole of `text` as a number without sign. Numbers beyond ten digits are refused: no wait and no quota is one.
std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.begin(), text.end(), number);
  if (text.empty() || text.size() > 10 || code != std::errc{} || end != text.end()) return std::nullopt;
  return number;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls visit(part) for each part of a structured field between separators; those inside quotes do not count.
template <class Visitor>
void for_each_part(std::string_view text, char separator, Visitor&& visit) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != separator)) continue;
    visit(trim_blanks(text.substr(begin, i - begin)));
    begin = i + 1;
  }
}

// One member of a list, `"name";a=1;b=2`: its name, and the number of a parameter.
struct limit_item {
  std::string_view text;

  [[nodiscard]] std::string_view name() const { return trim_blanks(text.substr(0, text.find(';'))); }
  [[nodiscard]] std::optional<std::uint64_t> number(char key) const {
    std::optional<std::uint64_t> found;
    for_each_part(text, ';', [&](std::string_view part) {
      if (part.size() > 2 && part[0] == key && part[1] == '=') found = parse_count(part.substr(2));
    });
    return found;
  }
};

} // namespace detail

std::optional<rate_limit> parse_rate_limit(std::span<const header> headers) {
  const auto limits = find_header(headers, "RateLimit");
  if (!limits) return std::nullopt;
  std::optional<rate_limit> tightest;
  std::string_view name;
  detail::for_each_part(*limits, ',', [&](std::string_view text) {
    const detail::limit_item item{text};
    const auto remaining = item.number('r');
    if (!remaining) return;
    rate_limit limit{.remaining = *remaining, .reset = {}, .quota = {}, .window = {}};
    if (const auto reset = item.number('t')) limit.reset = std::chrono::seconds(*reset);
    if (tightest && (limit.remaining > tightest->remaining ||
                     (limit.remaining == tightest->remaining && limit.reset <= tightest->reset)))
      return;
    tightest = limit;
    name = item.name();
  });
  if (const auto policies = find_header(headers, "RateLimit-Policy"); tightest && policies)
    detail::for_each_part(*policies, ',', [&](std::string_view text) {
      const detail::limit_item item{text};
      if (item.name() != name) return;
      tightest->quota = item.number('q');
      if (const auto window = item.number('w')) tightest->window = std::chrono::seconds(*window);
    });
  return tightest;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now) {
  value = detail::trim_blanks(value);
  if (const auto seconds = detail::parse_count(value)) return std::chrono::seconds(*seconds);
  // "Sun, 06 Nov 1994 08:49:37 GMT": all fields have fixed places.
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (value.size() != 29 || value.substr(3, 2) != ", " || !value.ends_with(" GMT") || value[19] != ':' ||
      value[22] != ':')
    return std::nullopt;
  const auto month = std::ranges::find(months, value.substr(8, 3));
  const auto day = detail::parse_count(value.substr(5, 2)), year = detail::parse_count(value.substr(12, 4));
  const auto hour = detail::parse_count(value.substr(17, 2)), minute = detail::parse_count(value.substr(20, 2)),
             second = detail::parse_count(value.substr(23, 2));
  if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto then = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                    std::chrono::seconds(*second);
  // In seconds: the nanoseconds of the clock overflow before the year 1678 and after 2262.
  return std::max(then - std::chrono::floor<std::chrono::seconds>(now), std::chrono::seconds(0));
}

std::optional<std::chrono::seconds> wait_asked(const response& reply, std::chrono::system_clock::time_point now) {
  if (const auto value = reply.find("Retry-After"))
    if (const auto seconds = parse_retry_after(*value, now)) return seconds;
  const auto limit = parse_rate_limit(reply.headers);
  if (limit && limit->remaining == 0 && limit->reset.count() > 0) return limit->reset;
  return std::nullopt;
}

} // namespace eucv::net
#endif

// ---- eucv/net/wait.hpp: implementation -----------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::net {

task<void> wait(std::chrono::milliseconds duration) {
  if (duration <= std::chrono::milliseconds::zero()) co_return;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace eucv::net
#endif

// ---- eucv/net/run.hpp: implementation ------------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>

namespace eucv::net::detail {

void run_to_end(task<void> main) {
  // One thread in one context, and never more: in Boost 1.81 cancelling an operation while another thread completes
  // it uses freed memory, and with it `a && b` and `a || b` of awaitable_operators do. See tests/net/run.cpp.
  boost::asio::io_context context(1);
  boost::asio::cancellation_signal cancel;
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  bool interrupted = false;
  std::exception_ptr failure;

  signals.async_wait([&](const boost::system::error_code& code, int) {
    if (code) return;
    interrupted = true;
    signals.clear(); // back to the default action: the second signal kills
    cancel.emit(boost::asio::cancellation_type::terminal);
  });
  boost::asio::co_spawn(context, std::move(main),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown) {
                          failure = thrown;
                          context.stop();
                        }));
  context.run();

  if (!interrupted) {
    if (failure) std::rethrow_exception(failure);
    return;
  }
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const error& thrown) {
    if (thrown.code() != errc::interrupted) throw; // saving the state failed: the user must know
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != boost::asio::error::operation_aborted) throw;
  }
  throw error(errc::interrupted, {"run to the end", {}, "a signal asked for the end", "run the same command to go on"});
}

} // namespace eucv::net::detail
#endif

// ---- eucv/net/when_all.hpp: implementation -------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace eucv::net {

namespace detail {

// Shared with the completion handlers of the tasks: these may outlive the frame of when_all() when a context is
// destroyed with tasks in it.
struct task_group {
  task_group(const boost::asio::any_io_executor& executor, std::size_t count)
      : left(count), signals(count), all_ended(executor, boost::asio::steady_timer::time_point::max()) {}

  void cancel() {
    for (auto& signal : signals) signal.emit(boost::asio::cancellation_type::terminal);
  }
  void end(std::exception_ptr thrown) {
    if (--left == 0) all_ended.cancel();
    if (!thrown || failure) return;
    failure = thrown;
    cancel();
  }

  std::size_t left;
  std::vector<boost::asio::cancellation_signal> signals;
  boost::asio::steady_timer all_ended; // never expires: a condition to wait on
  std::exception_ptr failure;
};

} // namespace detail

task<void> when_all(std::vector<task<void>> tasks) {
  if (tasks.empty()) co_return;
  const auto executor = co_await boost::asio::this_coro::executor;
  const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
  // Whatever happens, the tasks are waited for: a cancelled await must not throw in between.
  co_await boost::asio::this_coro::throw_if_cancelled(false);

  const auto group = std::make_shared<detail::task_group>(executor, tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    boost::asio::co_spawn(executor, std::move(tasks[i]),
                          boost::asio::bind_cancellation_slot(
                              group->signals[i].slot(), [group](std::exception_ptr thrown) { group->end(thrown); }));

  const auto state = co_await boost::asio::this_coro::cancellation_state;
  bool passed_on = false;
  while (group->left > 0) {
    if (state.cancelled() != boost::asio::cancellation_type::none && !std::exchange(passed_on, true)) group->cancel();
    boost::system::error_code woken;
    co_await group->all_ended.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }

  co_await boost::asio::this_coro::throw_if_cancelled(throws);
  if (group->failure) std::rethrow_exception(group->failure);
  if (state.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted, "when_all");
}

} // namespace eucv::net
#endif

// ---- eucv/image/jpeg_header.hpp: implementation --------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace eucv::image {
namespace detail {

// Reads the markers of one file.
class jpeg_walker {
public:
  jpeg_walker(std::string_view bytes, const decode_limits& limits) : bytes_(bytes), limits_(limits) {}

  result<header> walk() {
    place_ = 2; // after SOI
    while (true) {
      if (!next_marker()) return broken("it breaks off before its end");
      if (marker_ == 0xD9) return finish();
      if (marker_ == 0x01 || (marker_ >= 0xD0 && marker_ <= 0xD7)) continue; // TEM, RSTn: no segment
      if (++segments_ > most_segments) return broken("it has too many segments");
      if (marker_ == 0xD8) return broken("a second picture begins inside it");
      if (bytes_.size() - place_ < 2) return broken("it breaks off before its end");
      const std::size_t length = big16(bytes_, place_);
      if (length < 2 || length > bytes_.size() - place_) return broken("a segment leaves the file");
      segment_ = bytes_.substr(place_ + 2, length - 2);
      place_ += length;
      if (auto fault = read_segment()) return *std::move(fault);
    }
  }

private:
  static error broken(std::string why) { return refusal(errc::corrupt_image, std::move(why)); }
  static error unsupported(std::string why) { return refusal(errc::unsupported_image, std::move(why)); }

  // To the next marker, over entropy-coded bytes, in which FF 00 is a byte and no marker.
  bool next_marker() {
    while (true) {
      place_ = bytes_.find('\xFF', place_);
      if (place_ == std::string_view::npos) return false;
      place_ = bytes_.find_first_not_of('\xFF', place_);
      if (place_ == std::string_view::npos) return false;
      marker_ = byte_at(bytes_, place_++);
      if (marker_ != 0) return true;
    }
  }

  std::optional<error> read_segment() {
    if (marker_ >= 0xC0 && marker_ <= 0xCF && marker_ != 0xC4 && marker_ != 0xC8 && marker_ != 0xCC)
      return read_frame();
    if (marker_ == 0xC4) return read_huffman_tables();
    if (marker_ == 0xDC) return unsupported("it is a JPEG that tells its height only at the end");
    if (marker_ == 0xE1 && segment_.starts_with(std::string_view("Exif\0\0", 6)) && found_.orientation == 1)
      found_.orientation = exif_orientation(segment_.substr(6));
    if (marker_ == 0xEE && segment_.starts_with("Adobe")) adobe_ = true;
    if (marker_ == 0xDA) {
      if (!frame_) return broken("a scan stands before the frame");
      if (scans_ == 0) data_ = place_;
      if (++scans_ > limits_.scans)
        return refusal(errc::too_many_scans,
                       "it is a JPEG of more than " + std::to_string(limits_.scans) + " scans, which cost time");
      return read_scan();
    }
    return std::nullopt;
  }

  std::optional<error> read_frame() {
    if (frame_) return broken("it has two frames");
    if (marker_ > 0xC2)
      return unsupported(marker_ >= 0xC9 ? "it is a JPEG with arithmetic coding"
                                         : "it is a lossless or hierarchical JPEG");
    if (segment_.size() < 6) return broken("its frame header is too short");
    frame_ = true;
    found_.depth = byte_at(segment_, 0);
    found_.height = big16(segment_, 1);
    found_.width = big16(segment_, 3);
    found_.components = byte_at(segment_, 5);
    found_.progressive = marker_ == 0xC2;
    if (found_.depth != 8) return unsupported("it is a JPEG of " + std::to_string(found_.depth) + " bits");
    if (found_.components != 1 && found_.components != 3 && found_.components != 4)
      return unsupported("it is a JPEG of " + std::to_string(found_.components) + " components");
    if (segment_.size() != 6 + 3 * found_.components) return broken("its frame header has a wrong length");
    std::size_t widest = 1, highest = 1, samples = 0;
    for (std::size_t i = 0; i < found_.components; ++i) {
      const std::size_t sampling = byte_at(segment_, 7 + 3 * i), h = sampling >> 4, v = sampling & 15;
      if (h < 1 || h > 4 || v < 1 || v > 4) return broken("its sampling factors are out of range");
      widest = std::max(widest, h);
      highest = std::max(highest, v);
      samples += h * v;
    }
    for (std::size_t i = 0; i < found_.components; ++i) {
      const std::size_t sampling = byte_at(segment_, 7 + 3 * i), h = sampling >> 4, v = sampling & 15;
      const auto blocks = [](std::size_t pixels, std::size_t part, std::size_t of) {
        return (pixels * part + 8 * of - 1) / (8 * of);
      };
      blocks_ += blocks(found_.width, h, widest) * blocks(found_.height, v, highest);
    }
    // Coefficients of 2 bytes, and samples of 1 byte, of all components, over whole blocks of the largest factors.
    const std::size_t units = (found_.width / (8 * widest) + 1) * (found_.height / (8 * highest) + 1);
    planes_ = units * samples * 64;
    return std::nullopt;
  }

  // stb_image reads on beyond a Huffman table that was never given, and libjpeg puts a standard one there.
  std::optional<error> read_scan() {
    const std::size_t count = segment_.empty() ? 0 : byte_at(segment_, 0);
    if (count == 0 || count > found_.components || segment_.size() != 4 + 2 * count)
      return broken("a scan header has a wrong length");
    const unsigned first = byte_at(segment_, 1 + 2 * count), last = byte_at(segment_, 2 + 2 * count);
    const bool refines = byte_at(segment_, 3 + 2 * count) >> 4 != 0;
    const bool needs_dc = !found_.progressive || (first == 0 && !refines), needs_ac = !found_.progressive || last > 0;
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned selected = byte_at(segment_, 2 + 2 * i);
      if ((needs_dc && (tables_[0] >> (selected >> 4) & 1) == 0) ||
          (needs_ac && (tables_[1] >> (selected & 15) & 1) == 0))
        return broken("a scan lacks its Huffman table");
    }
    return std::nullopt;
  }

  std::optional<error> read_huffman_tables() {
    for (std::string_view rest = segment_; !rest.empty();) {
      if (rest.size() < 17) return broken("a Huffman table is cut off");
      std::size_t codes = 0;
      for (std::size_t i = 1; i <= 16; ++i) codes += byte_at(rest, i);
      if (codes > 256 || codes > rest.size() - 17) return broken("a Huffman table has more codes than it can");
      const unsigned kind = byte_at(rest, 0) >> 4, place = byte_at(rest, 0) & 15;
      if (kind > 1 || place > 3) return broken("a Huffman table has no place");
      if (++table_count_ > 8 * (limits_.scans + 1)) return broken("it has more Huffman tables than scans could use");
      tables_[kind] |= 1U << place;
      rest.remove_prefix(17 + codes);
    }
    return std::nullopt;
  }

  result<header> finish() {
    if (!frame_ || scans_ == 0) return broken("it holds no picture");
    if (found_.width == 0 || found_.height == 0) return unsupported("it is a JPEG without width or height");
    if (found_.components == 4 && !adobe_)
      return unsupported("it is a CMYK JPEG without the marker that tells its inks");
    // The shortest code has one bit, and each block takes two in a sequential picture, one in a progressive one.
    found_.is_hollow = (place_ - data_) * 8 < blocks_ * (found_.progressive ? 1 : 2);
    found_.kind = format::jpeg;
    found_.scans = scans_;
    const bool keeps_coefficients = found_.progressive || scans_ > 1;
    found_.memory = found_.width * found_.height * 3 + planes_ * (keeps_coefficients ? 2 : 0);
    return found_;
  }

  std::string_view bytes_, segment_;
  const decode_limits& limits_;
  header found_;
  std::size_t place_ = 0, data_ = 0; // the latter: where the first scan's data begins
  std::size_t scans_ = 0, planes_ = 0, blocks_ = 0, segments_ = 0, table_count_ = 0;
  unsigned marker_ = 0;
  std::array<unsigned, 2> tables_{}; // which of the DC and AC tables were given, a bit for each
  bool frame_ = false, adobe_ = false;
};

} // namespace detail

result<header> read_jpeg_header(std::string_view bytes, const decode_limits& limits) {
  if (!bytes.starts_with("\xFF\xD8")) return detail::refusal(errc::not_an_image, "it does not begin as a JPEG");
  return detail::jpeg_walker(bytes, limits).walk();
}

} // namespace eucv::image
#endif

// ---- eucv/image/png_header.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <string>
#include <utility>

namespace eucv::image {
namespace detail {

// Channels of a PNG colour type with that depth, or 0 where the two are no pair of the standard.
static unsigned png_channels(unsigned colour, unsigned depth) {
  const bool packed = depth == 1 || depth == 2 || depth == 4, whole = depth == 8 || depth == 16;
  switch (colour) {
  case 0: return packed || whole ? 1 : 0;
  case 2: return whole ? 3 : 0;
  case 3: return packed || depth == 8 ? 1 : 0;
  case 4: return whole ? 2 : 0;
  case 6: return whole ? 4 : 0;
  default: return 0;
  }
}

} // namespace detail

result<header> read_png_header(std::string_view bytes) {
  using namespace detail;
  const auto broken = [](std::string why) { return refusal(errc::corrupt_image, std::move(why)); };
  constexpr std::string_view signature("\x89PNG\r\n\x1A\n", 8);
  if (!bytes.starts_with(signature)) return refusal(errc::not_an_image, "it does not begin as a PNG");
  header found;
  found.kind = format::png;
  bool palette = false;
  std::size_t data = 0, chunks = 0; // bytes in IDAT; chunks so far
  unsigned colour = 0;
  for (std::size_t place = signature.size(); place + 12 <= bytes.size();) {
    const std::size_t length = big32(bytes, place);
    const std::string_view name = bytes.substr(place + 4, 4);
    if (length > bytes.size() - place - 12) return broken("a chunk leaves the file");
    const std::string_view content = bytes.substr(place + 8, length);
    if (place == signature.size()) {
      if (name == "CgBI") return refusal(errc::unsupported_image, "it is a PNG of Apple's own kind");
      if (name != "IHDR" || length != 13) return broken("it does not begin with a header");
      found.width = big32(content, 0);
      found.height = big32(content, 4);
      const unsigned depth = byte_at(content, 8);
      colour = byte_at(content, 9);
      found.components = png_channels(colour, depth);
      found.depth = depth;
      found.interlaced = byte_at(content, 12) == 1;
      if (found.width == 0 || found.height == 0 || found.width > 0x7FFFFFFF || found.height > 0x7FFFFFFF)
        return broken("its width or height is no number of pixels");
      if (found.components == 0) return broken("its colour type and depth do not belong together");
      if (byte_at(content, 10) != 0 || byte_at(content, 11) != 0 || byte_at(content, 12) > 1)
        return broken("its compression, filter or interlace method is unknown");
    } else if (name == "IHDR") {
      return broken("it has two headers");
    }
    if (name == "PLTE") palette = true;
    if (name == "IDAT") data += length;
    if (++chunks > most_segments) return broken("it has too many chunks");
    if (name == "eXIf" && found.orientation == 1) found.orientation = exif_orientation(content);
    if (name == "IEND") {
      if (data == 0) return broken("it holds no picture");
      if (colour == 3 && !palette) return broken("its palette is missing");
      const std::size_t row = (found.width * found.components * found.depth + 7) / 8;
      found.is_hollow = row > (data + 1) * 1032 / found.height; // deflate packs at most 1,032 bytes into one
      // Rows as red, green, blue, alpha of 8 bits, and the same once more where a decoder holds them inflated as well.
      found.memory =
          std::min<std::size_t>(found.width * found.height, std::size_t{1} << 56) * 4 * (found.depth == 16 ? 2 : 1);
      return found;
    }
    place += length + 12;
  }
  return broken("it breaks off before its end");
}

} // namespace eucv::image
#endif

// ---- eucv/image/gate.hpp: implementation ---------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <array>
#include <string>
#include <utility>

namespace eucv::image {
namespace detail {

// Formats that are known and not read, by bytes at a place.
struct known_format {
  std::size_t at;
  std::string_view magic;
  std::string_view name;
};

static constexpr std::array<known_format, 16> other_formats{{
    {0, "GIF8", "a GIF"},
    {8, "WEBP", "a WebP"},
    {0, {"II*\0", 4}, "a TIFF"},
    {0, {"MM\0*", 4}, "a TIFF"},
    {0, "BM", "a BMP"},
    {4, "ftypavif", "an AVIF"},
    {4, "ftypavis", "an AVIF"},
    {4, "ftyphei", "a HEIF"},
    {4, "ftypmif1", "a HEIF"},
    {0, {"\0\0\0\x0CjP  ", 8}, "a JPEG 2000"},
    {0, "\xFF\x4F\xFF\x51", "a JPEG 2000"},
    {0, {"\0\0\0\x0CJXL ", 8}, "a JPEG XL"},
    {0, "8BPS", "a Photoshop file"},
    {0, "<svg", "an SVG"},
    {0, {"\0\0\1\0", 4}, "an icon"},
    {0, "%PDF", "a PDF"},
}};

} // namespace detail

result<format> format_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return format::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return format::png;
  for (const auto& [at, magic, name] : detail::other_formats)
    if (bytes.size() >= at && bytes.substr(at).starts_with(magic))
      return detail::refusal(errc::unsupported_image, "it is " + std::string(name), "only JPEG and PNG are read");
  if (bytes.empty()) return detail::refusal(errc::not_an_image, "it is empty");
  const std::size_t text = bytes.find_first_not_of(" \t\r\n");
  const bool page = text != std::string_view::npos && bytes[text] == '<';
  return detail::refusal(errc::not_an_image, page ? "it begins as HTML or XML" : "it begins like no image");
}

result<header> inspect(std::string_view bytes, const decode_limits& limits) {
  using detail::refusal;
  if (bytes.size() > limits.bytes)
    return refusal(errc::too_large,
                   "it has " + std::to_string(bytes.size()) + " bytes of " + std::to_string(limits.bytes) + " allowed",
                   "leave the image out or raise decode_limits::bytes");
  const result<format> kind = format_of(bytes);
  if (!kind) return kind.error();
  result<header> about = *kind == format::jpeg ? read_jpeg_header(bytes, limits) : read_png_header(bytes);
  if (about && about->width > limits.pixels / about->height)
    return refusal(errc::too_many_pixels,
                   "it has " + std::to_string(about->width) + " x " + std::to_string(about->height) + " pixels of " +
                       std::to_string(limits.pixels) + " allowed",
                   "leave the image out or raise decode_limits::pixels");
  // Each scan may cost time for each pixel, with hardly a byte of its own.
  if (about && about->scans > 1 && about->width * about->height > limits.scan_pixels / about->scans)
    return refusal(errc::too_many_scans,
                   "it is a JPEG of " + std::to_string(about->scans) + " scans for each of " +
                       std::to_string(about->width) + " x " + std::to_string(about->height) + " pixels",
                   "leave the image out or raise decode_limits::scan_pixels");
  // Memory for the picture would be set aside before a decoder notices.
  if (about && about->is_hollow) return refusal(errc::corrupt_image, "its data is too short for so many pixels");
  if (about && about->memory > limits.memory)
    return refusal(errc::out_of_budget,
                   "decoding takes about " + std::to_string(about->memory >> 20) + " MiB of " +
                       std::to_string(limits.memory >> 20) + " allowed",
                   "leave the image out or raise decode_limits::memory");
  return about;
}

} // namespace eucv::image
#endif

// ---- eucv/image/stb.hpp: implementation ----------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace eucv::image::detail {

// What ends a decoding inside stb_image: thrown through it, since nothing in it must be undone but memory.
struct stb_failure {
  errc code;
  const char* why;
};

// The memory of one decoding: counts against a limit, and frees at its end whatever is left.
class stb_heap {
public:
  explicit stb_heap(std::size_t limit) : limit_(limit) { current() = this; }
  stb_heap(const stb_heap&) = delete;
  stb_heap& operator=(const stb_heap&) = delete;
  ~stb_heap() {
    current() = nullptr;
    while (first_ != nullptr) std::free(std::exchange(first_, first_->next));
  }

  // The heap of the decoding that this thread is in.
  static stb_heap*& current() noexcept {
    static thread_local stb_heap* heap = nullptr;
    return heap;
  }

  void* allocate(std::size_t size) {
    if (size > limit_ - used_)
      throw stb_failure{errc::out_of_budget, "it needs more memory than its header allows for"};
    auto* block = static_cast<link*>(std::calloc(1, sizeof(link) + size)); // stb_image may read what it never wrote
    if (block == nullptr) throw stb_failure{errc::out_of_budget, "no memory is left"};
    new (block) link{nullptr, first_, size};
    if (first_ != nullptr) first_->previous = block;
    first_ = block;
    used_ += size;
    return block + 1;
  }

  void release(void* memory) noexcept {
    if (memory == nullptr) return;
    link* block = static_cast<link*>(memory) - 1;
    (block->previous != nullptr ? block->previous->next : first_) = block->next;
    if (block->next != nullptr) block->next->previous = block->previous;
    used_ -= block->size;
    std::free(block);
  }

  void* reallocate(void* memory, std::size_t size) {
    void* moved = allocate(size);
    if (memory != nullptr) {
      std::memcpy(moved, memory, std::min(size, (static_cast<link*>(memory) - 1)->size));
      release(memory);
    }
    return moved;
  }

private:
  struct alignas(alignof(std::max_align_t)) link {
    link *previous, *next;
    std::size_t size;
  };

  std::size_t limit_, used_ = 0;
  link* first_ = nullptr;
};

} // namespace eucv::image::detail

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS (1 << 24)
#define STBI_MALLOC(size) ::eucv::image::detail::stb_heap::current()->allocate(size)
#define STBI_REALLOC(memory, size) ::eucv::image::detail::stb_heap::current()->reallocate(memory, size)
#define STBI_FREE(memory) ::eucv::image::detail::stb_heap::current()->release(memory)
#define STBI_ASSERT(condition)                                                                                         \
  ((condition) ? void(0)                                                                                               \
               : throw ::eucv::image::detail::stb_failure{::eucv::errc::corrupt_image, "it contradicts itself"})
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image.h>
#pragma GCC diagnostic pop
#undef STBI_MALLOC
#undef STBI_REALLOC
#undef STBI_FREE
#undef STBI_ASSERT

namespace eucv::image {
namespace detail {

// The most that stb_image honestly needs for the picture. For a PNG: the compressed data, whose buffer doubles as it
// grows; the inflated rows, the same with the copy that growing takes; and the pixels before and after each step to
// RGBA.
inline std::size_t stb_allowance(std::string_view bytes, const header& found, const decode_limits& limits) {
  if (found.kind == format::jpeg) return limits.memory;
  const std::size_t sample = found.depth == 16 ? 2 : 1;
  const std::size_t rows = found.height * (found.width * found.components * sample + 2);
  return std::min(limits.memory, 3 * bytes.size() + 3 * rows + 3 * found.width * found.height * 4 * sample + 65536);
}

} // namespace detail

result<bitmap> stb::operator()(std::string_view bytes, const header& found, const decode_options& options) const {
  if (bytes.size() > std::numeric_limits<int>::max())
    return detail::refusal(errc::too_large, "stb_image reads 2 GiB at most");
  detail::stb_heap heap(detail::stb_allowance(bytes, found, options.limits));
  const int channels = found.kind == format::jpeg ? 3 : 4;
  try {
    int width = 0, height = 0, stored = 0;
    const stbi_uc* pixels = stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                                                  static_cast<int>(bytes.size()), &width, &height, &stored, channels);
    if (pixels == nullptr) return detail::refusal(errc::corrupt_image, std::string(stbi_failure_reason()));
    bitmap picture = black(static_cast<std::size_t>(width), static_cast<std::size_t>(height));
    if (channels == 4)
      detail::blend_on_white(pixels, picture.width * picture.height, picture.rgb.data());
    else
      std::copy_n(pixels, picture.rgb.size(), picture.rgb.data());
    return picture;
  } catch (const detail::stb_failure& failure) {
    return detail::refusal(failure.code, failure.why);
  }
}

} // namespace eucv::image
#endif

// ---- eucv/image/turbo_jpeg.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#ifdef EUCV_WITH_TURBO // once more: the single header puts this section elsewhere
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE and size_t

#include <jpeglib.h>

#include <jerror.h>

namespace eucv::image {
namespace detail {

// libjpeg reports an error by a function that must not return. We leave it by longjmp, which skips destructors; so the
// functions that call libjpeg hold no object that has one, and memory is owned by their caller.
struct jpeg_reading {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  errc fault = errc::corrupt_image;
  int scan_limit = 0;
  char message[JMSG_LENGTH_MAX] = {};

  jpeg_reading() = default;
  jpeg_reading(const jpeg_reading&) = delete;
  jpeg_reading& operator=(const jpeg_reading&) = delete;
  ~jpeg_reading() { jpeg_destroy_decompress(&codec); }

  static jpeg_reading& of(j_common_ptr codec) { return *static_cast<jpeg_reading*>(codec->client_data); }

  [[noreturn]] static void leave(j_common_ptr codec) {
    jpeg_reading& self = of(codec);
    const int code = codec->err->msg_code;
    if (code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE) self.fault = errc::out_of_budget;
    codec->err->format_message(codec, self.message);
    std::longjmp(self.jump, 1);
  }

  // libjpeg fills what is missing with grey and only warns. These four warnings mean that pixels are missing or wrong;
  // the others are about harmless extras that cameras and editors leave.
  static void warn(j_common_ptr codec, int level) {
    if (level >= 0) return;
    switch (codec->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC: leave(codec);
    default: ++codec->err->num_warnings;
    }
  }

  // The gate has counted the scans; this guards against a file that it reads otherwise than libjpeg does.
  static void watch(j_common_ptr codec) {
    jpeg_reading& self = of(codec);
    if (self.codec.input_scan_number <= self.scan_limit) return;
    self.fault = errc::too_many_scans;
    std::snprintf(self.message, sizeof self.message, "it has more than %d scans", self.scan_limit);
    std::longjmp(self.jump, 1);
  }
};

// Reads the header, chooses the scale, starts. False after an error.
inline bool start_jpeg(jpeg_reading& reading, std::string_view bytes, const decode_options& options) {
  jpeg_decompress_struct& codec = reading.codec;
  codec.err = jpeg_std_error(&reading.errors);
  reading.errors.error_exit = jpeg_reading::leave;
  reading.errors.emit_message = jpeg_reading::warn;
  codec.client_data = &reading;
  if (setjmp(reading.jump) != 0) return false;
  jpeg_create_decompress(&codec);
  codec.mem->max_memory_to_use = static_cast<long>(options.limits.memory);
  reading.scan_limit = static_cast<int>(std::min<std::size_t>(options.limits.scans, 1 << 20));
  reading.progress.progress_monitor = jpeg_reading::watch;
  codec.progress = &reading.progress;
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = codec.num_components == 4 ? JCS_CMYK : JCS_RGB;
  // Only these scales have vector code; the others cost more than they save.
  const std::size_t shorter = std::min(codec.image_width, codec.image_height);
  for (unsigned divisor = 8; options.shorter_side != 0 && divisor > 1; divisor /= 2) {
    if ((shorter + divisor - 1) / divisor < options.shorter_side) continue;
    codec.scale_num = 1;
    codec.scale_denom = divisor;
    break;
  }
  jpeg_start_decompress(&codec);
  return true;
}

// Reads all rows into `rgb`; `inks` is a row of 4 bytes a pixel where the file is CMYK. False after an error.
inline bool read_jpeg_rows(jpeg_reading& reading, std::uint8_t* rgb, std::uint8_t* inks) {
  jpeg_decompress_struct& codec = reading.codec;
  if (setjmp(reading.jump) != 0) return false;
  while (codec.output_scanline < codec.output_height) {
    std::uint8_t* row = rgb + std::size_t{codec.output_scanline} * codec.output_width * 3;
    JSAMPROW to = inks != nullptr ? inks : row;
    jpeg_read_scanlines(&codec, &to, 1);
    if (inks == nullptr) continue;
    // Adobe stores paper, not ink: 255 is no ink. Each channel is then its own paper times that of black.
    for (std::size_t x = 0; x < codec.output_width; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        const unsigned product = unsigned{inks[4 * x + c]} * inks[4 * x + 3] + 128;
        row[3 * x + c] = static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
      }
  }
  jpeg_finish_decompress(&codec);
  return true;
}

} // namespace detail

result<bitmap> turbo_jpeg(std::string_view bytes, const header& found, const decode_options& options) {
  detail::jpeg_reading reading;
  const auto refuse = [&] { return detail::refusal(reading.fault, reading.message); };
  if (!detail::start_jpeg(reading, bytes, options)) return refuse();
  bitmap picture = black(reading.codec.output_width, reading.codec.output_height);
  std::vector<std::uint8_t> inks(found.components == 4 ? picture.width * 4 : 0);
  // The gate and libjpeg read the same header; a row that does not fit would be written out of bounds.
  if (reading.codec.output_components != (inks.empty() ? 3 : 4))
    return detail::refusal(errc::corrupt_image, "its header tells two numbers of components");
  if (!detail::read_jpeg_rows(reading, picture.rgb.data(), inks.empty() ? nullptr : inks.data())) return refuse();
  return picture;
}

} // namespace eucv::image
#endif
#endif

// ---- eucv/image/turbo_png.hpp: implementation ----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#ifdef EUCV_WITH_TURBO // once more: the single header puts this section elsewhere

#include <cstddef>
#include <cstdint>

#include <csetjmp>
#include <cstdio>

#include <png.h>

namespace eucv::image {
namespace detail {

// One picture on its way through libpng's push reader, which unlike the pull reader does not inflate to the end of the
// stream after the last row. Errors leave by longjmp: no callback holds an object with a destructor.
struct png_reading {
  png_structp codec = nullptr;
  png_infop info = nullptr;
  std::uint8_t* canvas = nullptr; // RGB, or RGBA while the passes of an interlaced picture are combined
  std::size_t width = 0, height = 0;
  bool interlaced = false, complete = false;
  char message[128] = "its data ends early";

  png_reading() = default;
  png_reading(const png_reading&) = delete;
  png_reading& operator=(const png_reading&) = delete;
  ~png_reading() { png_destroy_read_struct(&codec, &info, nullptr); }

  [[noreturn]] static void leave(png_structp codec, png_const_charp text) {
    auto& self = *static_cast<png_reading*>(png_get_error_ptr(codec));
    std::snprintf(self.message, sizeof self.message, "%s", text);
    png_longjmp(codec, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  static void start(png_structp codec, png_infop info) {
    const auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    png_set_expand(codec);
    png_set_scale_16(codec);
    png_set_gray_to_rgb(codec);
    png_set_add_alpha(codec, 0xFF, PNG_FILLER_AFTER);
    (void)png_set_interlace_handling(codec);
    png_read_update_info(codec, info);
    if (png_get_image_height(codec, info) != self.height || png_get_rowbytes(codec, info) != self.width * 4)
      png_error(codec, "its header tells two sizes");
  }

  static void row(png_structp codec, png_bytep pixels, png_uint_32 y, int) {
    auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    if (y >= self.height) png_error(codec, "it has too many rows");
    if (self.interlaced) {
      png_progressive_combine_row(codec, self.canvas + y * self.width * 4, pixels);
    } else {
      blend_on_white(pixels, self.width, self.canvas + y * self.width * 3);
      self.complete = y + 1 == self.height;
    }
  }

  static void end(png_structp codec, png_infop) {
    auto& self = *static_cast<png_reading*>(png_get_progressive_ptr(codec));
    // libpng counts passes from 0; after the last row of the last pass it stands on 7.
    if (self.interlaced) self.complete = png_get_current_pass_number(codec) >= 7;
  }
};

// False after an error.
inline bool read_png(png_reading& reading, std::string_view bytes) {
  if (setjmp(png_jmpbuf(reading.codec)) != 0) return false;
  png_set_user_limits(reading.codec, static_cast<png_uint_32>(reading.width), static_cast<png_uint_32>(reading.height));
  png_set_chunk_cache_max(reading.codec, 1);
  png_set_chunk_malloc_max(reading.codec, 1 << 20);
  // All chunks but IHDR, PLTE, tRNS, IDAT and IEND are passed over.
  png_set_keep_unknown_chunks(reading.codec, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_progressive_read_fn(reading.codec, &reading, png_reading::start, png_reading::row, png_reading::end);
  png_process_data(reading.codec, reading.info, reinterpret_cast<png_bytep>(const_cast<char*>(bytes.data())),
                   bytes.size());
  return true;
}

} // namespace detail

result<bitmap> turbo_png(std::string_view bytes, const header& found) {
  detail::png_reading reading;
  reading.codec =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, detail::png_reading::leave, detail::png_reading::ignore);
  if (reading.codec != nullptr) reading.info = png_create_info_struct(reading.codec);
  if (reading.info == nullptr) return detail::refusal(errc::out_of_budget, "no memory is left to start libpng");
  bitmap picture{.width = found.width, .height = found.height, .rgb = {}};
  picture.rgb.resize(found.width * found.height * (found.interlaced ? 4 : 3));
  reading.canvas = picture.rgb.data();
  reading.width = found.width;
  reading.height = found.height;
  reading.interlaced = found.interlaced;
  if (!detail::read_png(reading, bytes) || !reading.complete)
    return detail::refusal(errc::corrupt_image, reading.message);
  if (found.interlaced) {
    detail::blend_on_white(reading.canvas, found.width * found.height, reading.canvas);
    picture.rgb.resize(found.width * found.height * 3);
  }
  return picture;
}

} // namespace eucv::image
#endif
#endif

// ---- eucv/image/encode.hpp: implementation -------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <cstddef>
#include <cstdint>
#include <utility>

#ifdef EUCV_WITH_TURBO
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE and size_t
#include <cstdlib>

#include <jpeglib.h>
#include <png.h>
#else
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image_write.h>
#pragma GCC diagnostic pop
#endif

namespace eucv::image {
namespace detail {

// No encoder here copes with an array that is shorter than its sides say.
static void check_encodable(const bitmap& picture, std::size_t longest) {
  const auto refuse = [](std::string why, std::string advice) {
    throw error(errc::invalid_argument, {"encode a picture", "", std::move(why), std::move(advice)});
  };
  if (picture.width == 0 || picture.height == 0) refuse("it is empty", "encode at least one pixel");
  if (picture.width > longest || picture.height > longest)
    refuse("a side is longer than " + std::to_string(longest) + " pixels", "shrink it first");
  if (picture.rgb.size() != picture.width * picture.height * 3)
    refuse("its array does not fit its sides", "give width * height * 3 bytes");
}

static void check_quality(int quality) {
  if (quality < 1 || quality > 100)
    throw error(errc::invalid_argument, {"encode a JPEG", "", "the quality " + std::to_string(quality) + " is no such",
                                         "choose one from 1 to 100"});
}

static constexpr std::size_t longest_jpeg_side = 65500;
static constexpr std::size_t longest_png_side = 1'000'000; // libpng's own limit

} // namespace detail
} // namespace eucv::image

#ifdef EUCV_WITH_TURBO
namespace eucv::image {
namespace detail {

// libjpeg leaves by longjmp, see turbo_jpeg.hpp: whatever has a destructor lies in the caller.
struct jpeg_writing {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  char message[JMSG_LENGTH_MAX] = {};

  jpeg_writing() = default;
  jpeg_writing(const jpeg_writing&) = delete;
  jpeg_writing& operator=(const jpeg_writing&) = delete;
  ~jpeg_writing() {
    jpeg_destroy_compress(&codec);
    std::free(bytes);
  }

  [[noreturn]] static void leave(j_common_ptr codec) {
    auto& self = *static_cast<jpeg_writing*>(codec->client_data);
    codec->err->format_message(codec, self.message);
    std::longjmp(self.jump, 1);
  }
};

// False after an error.
static bool write_jpeg(jpeg_writing& writing, const bitmap& picture, int quality) {
  jpeg_compress_struct& codec = writing.codec;
  codec.err = jpeg_std_error(&writing.errors);
  writing.errors.error_exit = jpeg_writing::leave;
  codec.client_data = &writing;
  if (setjmp(writing.jump) != 0) return false;
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &writing.bytes, &writing.size);
  codec.image_width = static_cast<JDIMENSION>(picture.width);
  codec.image_height = static_cast<JDIMENSION>(picture.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.row(codec.next_scanline));
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  return true;
}

} // namespace detail

std::string encode_jpeg(const bitmap& picture, int quality) {
  detail::check_encodable(picture, detail::longest_jpeg_side);
  detail::check_quality(quality);
  detail::jpeg_writing writing;
  if (!detail::write_jpeg(writing, picture, quality))
    throw error(errc::out_of_budget, {"encode a JPEG", "", writing.message, "free some memory"});
  return {reinterpret_cast<const char*>(writing.bytes), static_cast<std::size_t>(writing.size)};
}

std::string encode_png(const bitmap& picture) {
  detail::check_encodable(picture, detail::longest_png_side);
  png_image about{};
  about.version = PNG_IMAGE_VERSION;
  about.width = static_cast<png_uint_32>(picture.width);
  about.height = static_cast<png_uint_32>(picture.height);
  about.format = PNG_FORMAT_RGB;
  // The upper bound spares compressing twice, once for the size.
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(about), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&about, bytes.data(), &size, 0, picture.rgb.data(), 0, nullptr) == 0)
    throw error(errc::out_of_budget, {"encode a PNG", "", about.message, "free some memory"});
  bytes.resize(size);
  return bytes;
}

} // namespace eucv::image
#else
namespace eucv::image {
namespace detail {

static void append_bytes(void* to, void* data, int size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

} // namespace detail

std::string encode_jpeg(const bitmap& picture, int quality) {
  detail::check_encodable(picture, detail::longest_jpeg_side);
  detail::check_quality(quality);
  std::string bytes;
  if (stbi_write_jpg_to_func(detail::append_bytes, &bytes, static_cast<int>(picture.width),
                             static_cast<int>(picture.height), 3, picture.rgb.data(), quality) == 0)
    throw error(errc::out_of_budget, {"encode a JPEG", "", "stb_image_write gave up", "free some memory"});
  return bytes;
}

std::string encode_png(const bitmap& picture) {
  detail::check_encodable(picture, detail::longest_png_side);
  std::string bytes;
  if (stbi_write_png_to_func(detail::append_bytes, &bytes, static_cast<int>(picture.width),
                             static_cast<int>(picture.height), 3, picture.rgb.data(),
                             static_cast<int>(picture.width * 3)) == 0)
    throw error(errc::out_of_budget, {"encode a PNG", "", "stb_image_write gave up", "free some memory"});
  return bytes;
}

} // namespace eucv::image
#endif
#endif

// ---- eucv/dataset/tar.hpp: implementation --------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <unordered_set>

#include <fcntl.h>

namespace eucv::dataset {
namespace detail {

// Empty where the name of an entry leads to a place below the archive, else the reason.
static std::string fault_of_entry_name(std::string_view name) {
  if (name.empty()) return "has no name";
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\')
      return "has a name with a control character or \\";
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return "has a name that leaves the archive";
    begin = end + 1;
  }
  return {};
}

// The sum of all bytes of a header, its own field counted as blanks.
static unsigned tar_sum(std::string_view header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i)
    sum += i >= 148 && i < 156 ? 0x20U : static_cast<unsigned char>(header[i]);
  return sum;
}

static std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 3) text[i] = static_cast<char>('0' + (value & 7));
  return text;
}

// A field of octal digits, ended by NUL or blank or by its own end.
static std::optional<std::uint64_t> octal_of(std::string_view field) {
  std::uint64_t value = 0;
  std::size_t i = 0;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i)
    value = value << 3 | static_cast<std::uint64_t>(field[i] - '0');
  if (i == 0 || field.find_first_not_of(std::string_view("\0 ", 2), i) != std::string_view::npos) return std::nullopt;
  return value;
}

static std::string_view text_of(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

} // namespace detail

std::string tar_header(std::string_view name, std::uint64_t size) {
  const auto refuse = [&](std::string why) {
    return error(errc::invalid_argument, {"write a shard", std::string(name), std::move(why), "name it otherwise"});
  };
  if (name.size() > 100) throw refuse("its name is longer than 100 bytes");
  if (const std::string fault = detail::fault_of_entry_name(name); !fault.empty()) throw refuse("it " + fault);
  if (size >= std::uint64_t{1} << 33) throw refuse("it has 8 GiB or more");
  std::string header(tar_block, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, detail::octal(size, 11));
  put(136, "00000000000");
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  put(329, "0000000");
  put(337, "0000000");
  put(148, detail::octal(detail::tar_sum(header), 6) + std::string("\0 ", 2));
  return header;
}

std::vector<tar_entry> read_tar(const std::filesystem::path& path, std::uint64_t limit) {
  file input(path, O_RDONLY | O_NOFOLLOW);
  const std::uint64_t total = input.size();
  std::uint64_t place = 0;
  const auto refuse = [&](std::string why, errc code = errc::bad_format) {
    return error(code, {"read the shard", path.string() + " at byte " + std::to_string(place), std::move(why),
                        "write the shards anew, or get them again"});
  };
  std::vector<tar_entry> entries;
  std::unordered_set<std::string> names;
  std::array<char, tar_block> block{};
  const auto next_block = [&] {
    input.seek(place);
    std::size_t filled = 0;
    while (filled < block.size()) {
      const std::size_t count = input.read(std::span(block).subspan(filled));
      if (count == 0) throw refuse("it breaks off");
      filled += count;
    }
    return std::string_view(block.data(), block.size());
  };
  while (true) {
    const std::string_view header = next_block();
    if (header.find_first_not_of('\0') == std::string_view::npos) break;
    if (detail::octal_of(header.substr(148, 8)) != detail::tar_sum(header)) throw refuse("a check sum is wrong");
    if (!header.substr(257).starts_with("ustar")) throw refuse("an entry is not of the ustar format");
    if (header[156] != '0' && header[156] != '\0')
      throw refuse("an entry is no regular file but of type '" +
                   std::string(1, header[156] >= ' ' && header[156] <= '~' ? header[156] : '?') + "'");
    const auto size = detail::octal_of(header.substr(124, 12));
    if (!size) throw refuse("the size of an entry is no number");
    const std::string_view prefix = detail::text_of(header.substr(345, 155));
    const std::string name =
        (prefix.empty() ? "" : std::string(prefix) + "/") + std::string(detail::text_of(header.substr(0, 100)));
    if (const std::string fault = detail::fault_of_entry_name(name); !fault.empty()) throw refuse("an entry " + fault);
    if (*size > limit)
      throw refuse("an entry has " + std::to_string(*size) + " bytes of " + std::to_string(limit) + " allowed",
                   errc::too_large);
    if (!names.insert(name).second) throw refuse("the name " + name + " stands there twice");
    const std::uint64_t padded = (*size + tar_block - 1) / tar_block * tar_block;
    if (padded > total - place - tar_block) throw refuse("it breaks off");
    entries.push_back({name, place + tar_block, *size});
    place += tar_block + padded;
  }
  if (total - place > 1 << 20) throw refuse("more follows its end than padding");
  for (bool second = false; place + tar_block < total || !second; second = true) {
    place += tar_block;
    if (next_block().find_first_not_of('\0') != std::string_view::npos) throw refuse("something follows its end");
  }
  return entries;
}

} // namespace eucv::dataset
#endif

// ---- eucv/dataset/shards.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace eucv::dataset {
namespace detail {

static std::string six_digits(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06zu", number);
  return text;
}

// One run of write_shards().
class shard_writer {
public:
  using facts = std::map<std::filesystem::path, std::map<std::string, std::string>>;

  shard_writer(const image_folder& pictures, const std::filesystem::path& folder, const shard_options& options,
               const facts& about)
      : pictures_(pictures), folder_(folder), options_(options), about_(about) {}

  shard_summary run() {
    if (options_.per_shard == 0) throw refuse("a shard of 0 pictures holds none", "choose at least 1");
    make_folder(folder_);
    const folder_lock lock(folder_);
    begin();
    const std::size_t total = pictures_.files.size();
    const std::size_t count = (total + options_.per_shard - 1) / options_.per_shard;
    std::string list;
    for (std::size_t number = 0; number < count; ++number) {
      if (options_.stop.stop_requested())
        throw error(errc::interrupted,
                    {"write the shards", folder_.string(), "asked to stop", "run the same command again to go on"});
      const auto path = folder_ / (six_digits(number) + ".tar");
      const std::size_t first = number * options_.per_shard, last = std::min(first + options_.per_shard, total);
      std::error_code ignored;
      if (std::filesystem::exists(path, ignored))
        ++summary_.kept;
      else
        write_shard(path, first, last);
      const std::size_t held = read_tar(path, options_.limits.bytes).size() / 3;
      summary_.pictures += held;
      list += (number == 0 ? "\n    " : ",\n    ") + std::string("{\"file\": ") +
              json_string(path.filename().string()) + ", \"pictures\": " + std::to_string(held) + ", \"sha256\": \"" +
              digest_of(path) + "\"}";
      if (options_.progress) options_.progress({"shards", last, total, ""});
    }
    summary_.shards = count;
    std::string labels;
    for (const auto& label : pictures_.labels) labels += (labels.empty() ? "" : ", ") + json_string(label);
    const std::string index = "{\n  \"version\": 1,\n  \"per_shard\": " + std::to_string(options_.per_shard) +
                              ",\n  \"pictures\": " + std::to_string(summary_.pictures) + ",\n  \"labels\": [" +
                              labels + "],\n  \"shards\": [" + list + "\n  ]\n}\n";
    write_file_atomically(folder_ / shard_index, index);
    return summary_;
  }

private:
  [[nodiscard]] error refuse(const std::string& why, const std::string& advice) const {
    return {errc::invalid_argument, {"write the shards", folder_.string(), why, advice}};
  }

  // Shards that are there already must be of the same pictures.
  void begin() {
    sha256_digest digest;
    for (const auto& label : pictures_.labels) digest.update(label + "\n");
    for (const auto& each : pictures_.files)
      digest.update(std::to_string(each.label) + ' ' + name_of(each) + ' ' + each.group + ' ' +
                    std::to_string(stored_size(each)) + '\n');
    const std::string wanted = "{\"version\":1,\"per_shard\":" + std::to_string(options_.per_shard) +
                               ",\"pictures\":\"" + digest.text() + "\"}\n";
    const auto settings = folder_ / ".shards.json";
    if (std::filesystem::exists(settings) && read_file(settings) != wanted)
      throw refuse("it was begun with other pictures, or another number a shard",
                   "give the same as before, or another folder");
    if (!std::filesystem::exists(settings)) write_file_atomically(settings, wanted);
  }

  static std::string name_of(const labelled_file& each) {
    return each.file.parent_path().filename().string() + "/" + each.file.filename().string();
  }

  void write_shard(const std::filesystem::path& path, std::size_t first, std::size_t last) {
    std::filesystem::path part = path;
    part += ".part";
    try {
      file output(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
      for (std::size_t i = first; i < last; ++i) write_sample(output, i);
      output.write(tar_end());
      output.sync();
      if (::rename(part.c_str(), path.c_str()) != 0) throw file_error("rename to", path, errno);
    } catch (const error&) {
      ::unlink(part.c_str());
      throw;
    }
    sync_folder(folder_);
  }

  void write_sample(file& output, std::size_t number) {
    const labelled_file& each = pictures_.files[number];
    std::string bytes;
    try {
      bytes = read_bytes(each, options_.limits.bytes);
    } catch (const error& failure) { // of this file alone; the disk's failures come back when writing
      ++summary_.reasons[failure.reason()];
      return;
    }
    const auto found = image::inspect(bytes, options_.limits);
    if (!found) {
      ++summary_.reasons[found.error().reason()];
      return;
    }
    std::string known = "{\"label\": " + json_string(pictures_.labels[each.label]) +
                        ", \"group\": " + json_string(each.group) + ", \"file\": " + json_string(name_of(each)) +
                        ", \"sha256\": \"" + sha256_text(bytes) + "\"";
    if (const auto more = about_.find(each.file); more != about_.end())
      for (const auto& [name, value] : more->second) known += ", " + json_string(name) + ": " + json_string(value);
    const std::string key = six_digits(number);
    const auto write = [&](const std::string& name, std::string_view content) {
      output.write(tar_header(name, content.size()));
      output.write(content);
      output.write(tar_padding(content.size()));
    };
    write(key + (found->kind == image::format::png ? ".png" : ".jpg"), bytes);
    write(key + ".cls", std::to_string(each.label));
    write(key + ".json", known + "}\n");
  }

  static std::string digest_of(const std::filesystem::path& path) {
    file input(path, O_RDONLY);
    std::string piece(1 << 20, '\0');
    sha256_digest digest;
    while (const std::size_t count = input.read(piece)) digest.update(std::string_view(piece).substr(0, count));
    return digest.text();
  }

  const image_folder& pictures_;
  const std::filesystem::path& folder_;
  const shard_options& options_;
  const facts& about_;
  shard_summary summary_;
};

static error shard_error(const std::filesystem::path& on, std::string why) {
  return {errc::bad_format,
          {"read the shards", on.string(), std::move(why), "write the shards anew, or get them again"}};
}

// The three entries of one picture.
static labelled_file sample_of(const std::filesystem::path& shard, const tar_entry* entries,
                               const std::vector<std::string>& labels) {
  const std::string key = entries[0].name.substr(0, entries[0].name.find('.'));
  const std::string suffix = entries[0].name.substr(key.size());
  if ((suffix != ".jpg" && suffix != ".png") || entries[1].name != key + ".cls" || entries[2].name != key + ".json")
    throw shard_error(shard, entries[0].name + " is not followed by its class and its facts");
  if (entries[0].size == 0) throw shard_error(shard, entries[0].name + " is empty");
  const auto text = [&](const tar_entry& entry) {
    return read_file_part(shard, {entry.offset, entry.size}, std::uint64_t{1} << 20);
  };
  const std::string place = text(entries[1]);
  const bool is_number = !place.empty() && place.size() < 10 && place.find_first_not_of("0123456789") == place.npos;
  labelled_file made;
  made.label = is_number ? static_cast<std::size_t>(std::atol(place.c_str())) : labels.size();
  if (made.label >= labels.size()) throw shard_error(shard, entries[1].name + " names no class");
  const std::string on = (shard / entries[2].name).string();
  const boost::json::value facts = parse_json(text(entries[2]), on);
  const auto* const group = facts.is_object() ? facts.get_object().if_contains("group") : nullptr;
  if (group == nullptr || !group->is_string()) throw shard_error(on, "it holds no group");
  made.group.assign(group->get_string().data(), group->get_string().size());
  made.file = shard / entries[0].name;
  made.offset = entries[0].offset;
  made.size = entries[0].size;
  return made;
}

} // namespace detail

shard_summary write_shards(const image_folder& pictures, const std::filesystem::path& folder,
                           const shard_options& options,
                           const std::map<std::filesystem::path, std::map<std::string, std::string>>& about) {
  return detail::shard_writer(pictures, folder, options, about).run();
}

image_folder read_shards(const std::filesystem::path& folder) {
  const auto index = folder / shard_index;
  const boost::json::value document = parse_json(read_file(index, std::uint64_t{1} << 26), index.string());
  const auto list = [&](const char* name) -> const boost::json::array& {
    const auto* const found = document.is_object() ? document.get_object().if_contains(name) : nullptr;
    if (found == nullptr || !found->is_array()) throw detail::shard_error(index, std::string("it has no list ") + name);
    return found->get_array();
  };
  image_folder result;
  for (const auto& label : list("labels")) {
    if (!label.is_string()) throw detail::shard_error(index, "a label is no text");
    result.labels.emplace_back(label.get_string().data(), label.get_string().size());
  }
  if (!std::is_sorted(result.labels.begin(), result.labels.end()) || result.labels.empty())
    throw detail::shard_error(index, "its labels are not in order");
  for (std::size_t number = 0; number < list("shards").size(); ++number) {
    const auto shard = folder / (detail::six_digits(number) + ".tar");
    const auto entries = read_tar(shard, image::decode_limits{}.bytes);
    if (entries.size() % 3 != 0) throw detail::shard_error(shard, "its entries are not three a picture");
    for (std::size_t i = 0; i < entries.size(); i += 3)
      result.files.push_back(detail::sample_of(shard, &entries[i], result.labels));
  }
  for (std::size_t label = 0; label < result.labels.size(); ++label)
    if (std::none_of(result.files.begin(), result.files.end(), [&](const auto& each) { return each.label == label; }))
      throw error(errc::empty_class, {"read the shards", folder.string(),
                                      "the class \"" + result.labels[label] + "\" has no picture", "write them anew"});
  return result;
}

} // namespace eucv::dataset
#endif

// ---- eucv/dataset/card.hpp: implementation -------------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <array>
#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>

namespace eucv::dataset {
namespace detail {

// Columns of ATTRIBUTION.csv and where they come from, in order.
static constexpr std::array<std::pair<const char*, std::string card_entry::*>, 12> card_columns{{
    {"file", &card_entry::file},
    {"category", &card_entry::category},
    {"title", &card_entry::title},
    {"creator", &card_entry::creator},
    {"data_provider", &card_entry::data_provider},
    {"provider", &card_entry::provider},
    {"country", &card_entry::country},
    {"rights", &card_entry::rights},
    {"landing_page", &card_entry::landing_page},
    {"URL", &card_entry::url},
    {"ID", &card_entry::id},
    {"sha256", &card_entry::sha256},
}};

// Text of others inside of a table of Markdown: one line, and no character that means something there or in HTML.
static std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += ' ';
    } else if (c == '<' || c == '>' || c == '&') {
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+-.!|~:").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

static table table_of(const card& about) {
  table made;
  for (const auto& [name, member] : card_columns) made.columns.emplace_back(name);
  for (const auto& each : about.entries) {
    auto& row = made.rows.emplace_back();
    for (const auto& [name, member] : card_columns) row.push_back(each.*member);
  }
  return made;
}

// "Title, by Creator, from Data provider": what a licence wants to be said.
static std::string credit_of(const card_entry& each) {
  std::string credit = each.title.empty() ? each.id : each.title;
  if (!each.creator.empty()) credit += ", by " + each.creator;
  if (!each.data_provider.empty()) credit += ", from " + each.data_provider;
  return credit;
}

static bool is_web_address(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

// An address relative to the data set (RFC 3986): what is no plain letter of a path is encoded.
static std::string relative_url(std::string_view file) {
  std::string out;
  for (const char c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      ((out += '%') += "0123456789ABCDEF"[byte >> 4]) += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

} // namespace detail

std::vector<card_entry> entries_of(const table& table) {
  (void)table.column("category"), (void)table.column("ID");
  std::vector<card_entry> entries(table.rows.size());
  for (const auto& [name, member] : detail::card_columns) {
    // `file` and `sha256` are said of files on disk, never taken from a table that may be about others.
    if (!table.has(name) || member == &card_entry::file || member == &card_entry::sha256) continue;
    const std::size_t column = table.column(name);
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i].*member = table.rows[i][column];
  }
  return entries;
}

std::vector<card_entry> entries_of(const std::filesystem::path& images, const table& facts) {
  std::unordered_map<std::string, card_entry> known;
  if (!facts.columns.empty())
    for (auto& each : entries_of(facts)) {
      std::string id = each.id;
      known.try_emplace(std::move(id), std::move(each));
    }
  std::unordered_map<std::string, std::string> rights;
  std::error_code absent;
  if (const auto list = images / "downloads.csv"; std::filesystem::exists(list, absent)) {
    const table rows = read_table(list);
    if (rows.has("rights"))
      for (const auto& row : rows.rows) rights.try_emplace(row[rows.column("ID")], row[rows.column("rights")]);
  }
  const image_folder pictures = read_image_folder(images);
  std::vector<card_entry> entries;
  for (const auto& each : pictures.files) {
    card_entry entry;
    if (const auto found = known.find(each.group); found != known.end()) entry = found->second;
    if (const auto found = rights.find(each.group); found != rights.end()) entry.rights = found->second;
    entry.id = each.group;
    entry.category = pictures.labels[each.label];
    entry.file = each.file.lexically_relative(images).generic_string();
    entry.sha256 = sha256_text(read_bytes(each, std::uint64_t{1} << 32));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string attribution_csv(const card& about) {
  return to_csv(detail::table_of(about));
}

std::string card_readme(const card& about) {
  const table all = detail::table_of(about);
  std::size_t stored = 0;
  for (const auto& each : about.entries) stored += each.file.empty() ? 0 : 1;
  std::string text = "# " + detail::markdown_text(about.name) + "\n\n" + std::to_string(about.entries.size()) +
                     " pictures of cultural heritage, " + std::to_string(stored) + " of them with their files.\n\n" +
                     detail::markdown_text(about.made) +
                     "\n\n`ATTRIBUTION.csv` names the source, creator and licence of each picture, `croissant.json` "
                     "says it to machines (Croissant 1.0).\nEach picture keeps its own licence: credit it as that asks "
                     "for.\n";
  for (const auto& [title, column] : {std::pair{"Classes", "category"},
                                      {"Licences", "rights"},
                                      {"Institutions", "data_provider"},
                                      {"Aggregators", "provider"},
                                      {"Countries", "country"}}) {
    text += std::string("\n## ") + title + "\n\n| " + column + " | pictures | share |\n|---|---:|---:|\n";
    for (const auto& [value, rows] : count_values(all, column).values) {
      const std::size_t tenths = (2000 * rows + about.entries.size()) / (2 * about.entries.size());
      text += "| " + (value.empty() ? "not known" : detail::markdown_text(value)) + " | " + std::to_string(rows) +
              " | " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "% |\n";
    }
  }
  return text + "\nWritten by eucv " EUCV_VERSION ".\n";
}

std::string croissant_json(const card& about) {
  const auto pair = [](const char* name, std::string_view value) {
    return "\"" + std::string(name) + "\": " + json_string(value);
  };
  std::set<std::string> licences;
  for (const auto& each : about.entries)
    if (detail::is_web_address(each.rights)) licences.insert(each.rights);
  std::string licence_list;
  for (const auto& each : licences) licence_list += (licence_list.empty() ? "" : ", ") + json_string(each);
  std::string text = R"({
  "@context": {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform"
  },
  "@type": "sc:Dataset",
  )" + pair("name", about.name) +
                     ",\n  " + pair("description", about.made) +
                     ",\n  \"conformsTo\": \"http://mlcommons.org/croissant/1.0\",\n  " +
                     (about.published.empty() ? "" : pair("datePublished", about.published) + ",\n  ") +
                     (about.url.empty() ? "" : pair("url", about.url) + ",\n  ") +
                     (about.creator.empty()
                          ? ""
                          : "\"creator\": {\"@type\": \"sc:Organization\", " + pair("name", about.creator) + "},\n  ") +
                     "\"license\": [" + licence_list +
                     "],\n  \"distribution\": [\n    {\"@type\": \"cr:FileObject\", \"@id\": \"attribution\", "
                     "\"name\": \"attribution\", \"contentUrl\": \"ATTRIBUTION.csv\", \"encodingFormat\": "
                     "\"text/csv\", " +
                     pair("sha256", sha256_text(attribution_csv(about))) + "}";
  for (const auto& each : about.entries) {
    if (each.file.empty()) continue;
    const std::string address = detail::relative_url(each.file);
    text += ",\n    {\"@type\": \"cr:FileObject\", " + pair("@id", address) + ", " + pair("name", each.file) + ", " +
            pair("contentUrl", address) + ", \"encodingFormat\": \"" +
            (each.file.ends_with(".png") ? "image/png" : "image/jpeg") + "\", " + pair("sha256", each.sha256) + ", " +
            pair("creditText", detail::credit_of(each));
    if (!each.rights.empty()) text += ", " + pair("license", each.rights);
    if (detail::is_web_address(each.landing_page)) text += ", " + pair("isBasedOn", each.landing_page);
    text += "}";
  }
  text += "\n  ],\n  \"recordSet\": [\n    {\"@type\": \"cr:RecordSet\", \"@id\": \"pictures\", \"name\": "
          "\"pictures\", \"field\": [";
  const char* gap = "\n      ";
  for (const auto& [name, member] : detail::card_columns) {
    text += std::string(gap) + "{\"@type\": \"cr:Field\", " + pair("@id", std::string("pictures/") + name) + ", " +
            pair("name", name) +
            ", \"dataType\": \"sc:Text\", \"source\": {\"fileObject\": {\"@id\": "
            "\"attribution\"}, \"extract\": {" +
            pair("column", name) + "}}}";
    gap = ",\n      ";
  }
  return text + "\n    ]}\n  ]\n}\n";
}

void write_card(const card& about, const std::filesystem::path& folder) {
  make_folder(folder);
  write_file_atomically(folder / "ATTRIBUTION.csv", attribution_csv(about));
  write_file_atomically(folder / "croissant.json", croissant_json(about));
  write_file_atomically(folder / "README.md", card_readme(about));
}

} // namespace eucv::dataset
#endif

// ---- eucv/dataset/vocabulary.hpp: implementation -------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

namespace eucv::dataset {
namespace detail {

// Empty where the label may name a folder, else the reason.
static std::string fault_of_label(std::string_view label) {
  if (label.empty()) return "is empty";
  if (label.front() == '.') return "begins with a dot";
  if (label.find_first_of("/\\") != std::string_view::npos) return "holds a slash";
  if (std::any_of(label.begin(), label.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    return "holds a control character";
  if (label.front() == ' ' || label.back() == ' ') return "begins or ends with a space";
  return {};
}

static bool is_concept_uri(std::string_view uri) {
  const bool web = uri.starts_with("http://") || uri.starts_with("https://");
  const std::size_t host = uri.find("//") + 2;
  return web && host < uri.size() && uri[host] != '/' &&
         std::none_of(uri.begin(), uri.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '"'; });
}

static std::string aat_of(const std::string& uri) {
  if (uri.starts_with("http://vocab.getty.edu/aat/")) return uri;
  for (const subject& each : pilot_vocabulary())
    if (each.uri == uri) return each.aat;
  return {};
}

} // namespace detail

vocabulary parse_vocabulary(std::string_view text, const std::string& on) {
  const auto refuse = [&](const std::string& why) {
    return error(errc::bad_format, {"read the vocabulary", on, why,
                                    "write a JSON object such as {\"map\": \"http://data.europeana.eu/concept/43\"}"});
  };
  const boost::json::value document = parse_json(text, on);
  if (!document.is_object()) throw refuse("it is JSON, but no object {label: concept URI}");
  vocabulary subjects;
  for (const auto& [key, value] : document.get_object()) {
    const std::string label(key.data(), key.size());
    if (const std::string fault = detail::fault_of_label(label); !fault.empty())
      throw refuse("the label \"" + label + "\" " + fault);
    if (!value.is_string()) throw refuse("the value of \"" + label + "\" is no text");
    const std::string uri = normalise_concept_uri(std::string_view(value.get_string()));
    if (!detail::is_concept_uri(uri)) throw refuse("the value of \"" + label + "\" is no http URI: " + uri);
    for (const subject& other : subjects)
      if (other.uri == uri) throw refuse("\"" + other.label + "\" and \"" + label + "\" have the same URI, " + uri);
    subjects.push_back({label, uri, detail::aat_of(uri)});
  }
  if (subjects.empty()) throw refuse("it holds no label");
  return subjects;
}

vocabulary read_vocabulary(const std::filesystem::path& path) {
  return parse_vocabulary(read_file(path), path.string());
}

} // namespace eucv::dataset
#endif

// ---- eucv/europeana/record.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace eucv::europeana {

namespace detail {

bool is_web_address(std::string_view text) {
  std::string head(text.substr(0, 8));
  std::ranges::transform(head, head.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const bool web = head.starts_with("http://") || head.starts_with("https://");
  return web && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The strings of a field. Thrown and caught inside parse_record(), where each field would else need its own check.
std::vector<std::string> strings(const boost::json::object& item, std::string_view name) {
  const auto fault = [&](std::string_view why) {
    return error(errc::bad_record, {"read an item of the Search API", std::string(name), std::string(why),
                                    "leave the item out; report it to Europeana where it stays so"});
  };
  std::vector<std::string> values;
  const auto* const member = item.if_contains({name.data(), name.size()});
  if (member == nullptr || member->is_null()) return values;
  if (!member->is_array()) throw fault("it is no array");
  for (const auto& element : member->get_array()) {
    if (!element.is_string()) throw fault("it holds something that is no string");
    const auto& text = element.get_string();
    if (!text.empty()) values.emplace_back(text.data(), text.size());
  }
  return values;
}

std::string first_line(const boost::json::object& item, std::string_view name) {
  const auto values = strings(item, name);
  return values.empty() ? std::string() : one_line(values.front());
}

std::string first_address(const boost::json::object& item, std::string_view name) {
  const auto values = strings(item, name);
  const auto found = std::ranges::find_if(values, is_web_address);
  return found == values.end() ? std::string() : without_key(*found);
}

std::string single(const boost::json::object& item, std::string_view name) {
  const auto* const member = item.if_contains({name.data(), name.size()});
  if (member == nullptr || !member->is_string())
    throw error(errc::bad_record, {"read an item of the Search API", std::string(name),
                                   member == nullptr ? "it is missing" : "it is no string", "leave the item out"});
  return {member->get_string().data(), member->get_string().size()};
}

} // namespace detail

std::string one_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      gap = !line.empty();
      continue;
    }
    if (std::exchange(gap, false)) line += ' ';
    line += c;
  }
  return line;
}

std::string without_key(std::string_view address) {
  const std::size_t question = address.find('?');
  if (question == std::string_view::npos) return std::string(address);
  const std::size_t end = std::min(address.find('#', question), address.size());
  std::string clean(address.substr(0, question));
  char separator = '?';
  for (std::size_t begin = question + 1; begin <= end;) {
    const std::size_t stop = std::min(address.find('&', begin), end);
    const std::string_view parameter = address.substr(begin, stop - begin);
    std::string name(parameter.substr(0, parameter.find('=')));
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    if (name != "wskey" && name != "utm_campaign") (clean += std::exchange(separator, '&')) += parameter;
    begin = stop + 1;
  }
  return clean.append(address.substr(end));
}

result<record> parse_record(const boost::json::value& item) {
  try {
    if (!item.is_object())
      throw error(errc::bad_record, {"read an item of the Search API", {}, "it is no object", "leave the item out"});
    const auto& fields = item.get_object();
    record found;
    found.id = detail::single(fields, "id");
    if (!is_record_id(found.id))
      throw error(errc::bad_record,
                  {"read an item of the Search API", "id", "it does not read /DATASET/LOCAL", "leave the item out"});
    found.type = one_line(detail::single(fields, "type"));
    found.image = detail::first_address(fields, "edmIsShownBy");
    const auto statements = detail::strings(fields, "rights");
    if (!statements.empty()) {
      found.rights = one_line(statements.front());
      found.reuse = reusability_of(found.rights);
      for (const auto& statement : statements) found.reuse = std::max(found.reuse, reusability_of(statement));
    }
    found.title = detail::first_line(fields, "title");
    const auto creators = detail::strings(fields, "dcCreator");
    const auto named = std::ranges::find_if_not(creators, detail::is_web_address);
    if (!creators.empty()) found.creator = one_line(named == creators.end() ? creators.front() : *named);
    found.data_provider = detail::first_line(fields, "dataProvider");
    found.provider = detail::first_line(fields, "provider");
    found.country = detail::first_line(fields, "country");
    found.landing_page = detail::first_address(fields, "edmIsShownAt");
    if (found.landing_page.empty()) found.landing_page = "https://www.europeana.eu/item" + found.id;
    found.preview = detail::first_address(fields, "edmPreview");
    for (const auto& uri : detail::strings(fields, "edmConcept")) found.concepts.push_back(one_line(uri));
    return found;
  } catch (const error& failure) {
    return failure;
  }
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/page.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace eucv::europeana {

namespace detail {

// False where it is no array of {"name", "fields": [{"label", "count"}]}.
bool read_facets(const boost::json::value& facets, page& into) {
  const auto member = [](const boost::json::value& of, const char* name) {
    return of.is_object() ? of.get_object().if_contains(name) : nullptr;
  };
  if (!facets.is_array()) return false;
  for (const auto& facet : facets.get_array()) {
    const auto *const name = member(facet, "name"), *const values = member(facet, "fields");
    if (name == nullptr || !name->is_string()) return false;
    auto& found = into.facets[std::string(name->get_string().data(), name->get_string().size())];
    if (values == nullptr) continue; // empty arrays are left out
    if (!values->is_array()) return false;
    for (const auto& value : values->get_array()) {
      const auto *const label = member(value, "label"), *const count = member(value, "count");
      if (label == nullptr || !label->is_string() || count == nullptr || !count->is_int64() || count->get_int64() < 0)
        return false;
      found.push_back({one_line({label->get_string().data(), label->get_string().size()}),
                       static_cast<std::uint64_t>(count->get_int64())});
    }
  }
  return true;
}

} // namespace detail

page parse_page(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response, {"read a page of the search", address, failure.text().why,
                                     "check the endpoint; run the same command again later"});
  }
  const auto fault = [&](const char* name, const char* why) {
    return error(errc::bad_record, {"read a page of the search", address, std::string("\"") + name + "\" " + why,
                                    "check that the endpoint is that of the Search API"});
  };
  if (!whole.is_object()) throw fault("items", "is missing: the reply is no object");
  const auto& fields = whole.get_object();
  if (const auto* success = fields.if_contains("success"); success != nullptr && *success != true)
    throw error(errc::bad_response, {"read a page of the search", address, "the service reports no success",
                                     "run the same command again later"});
  page found;
  const auto* const total = fields.if_contains("totalResults");
  if (total == nullptr) throw fault("totalResults", "is missing");
  if (!total->is_int64() || total->get_int64() < 0) throw fault("totalResults", "is no count");
  found.total = static_cast<std::uint64_t>(total->get_int64());
  const auto* const items = fields.if_contains("items");
  if (items == nullptr) throw fault("items", "is missing");
  if (!items->is_array()) throw fault("items", "is no array");
  found.items.reserve(items->get_array().size());
  for (const auto& item : items->get_array()) found.items.push_back(parse_record(item));
  if (const auto* next = fields.if_contains("nextCursor"); next != nullptr && !next->is_null()) {
    if (!next->is_string()) throw fault("nextCursor", "is no string");
    found.next.assign(next->get_string().data(), next->get_string().size());
  }
  if (const auto* facets = fields.if_contains("facets"); facets != nullptr && !facets->is_null()) {
    if (!detail::read_facets(*facets, found)) throw fault("facets", "are none");
  }
  return found;
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/failure.hpp: implementation --------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace eucv::europeana {

namespace detail {

struct error_body {
  std::string code;  // "400-SC", "429_limit_personal"; empty where the reply has none
  std::string words; // for people
  bool html = false;
};

error_body read_error_body(std::string_view body) {
  error_body found;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    found.words = "an empty reply";
    return found;
  }
  if (body[body.find_first_not_of(" \t\r\n")] == '<') {
    found.words = "a page of HTML, as a gateway sends it";
    found.html = true;
    return found;
  }
  try {
    const boost::json::value whole = parse_json(body, "the reply");
    const auto text = [&](const char* name) {
      const auto* const member = whole.is_object() ? whole.get_object().if_contains(name) : nullptr;
      return member != nullptr && member->is_string()
                 ? std::string(member->get_string().data(), member->get_string().size())
                 : std::string();
    };
    found.code = text("code");
    found.words = text("error");
    if (const std::string more = text("message"); !more.empty() && more != found.words)
      found.words += (found.words.empty() ? "" : ": ") + more;
  } catch (const error&) {
    found.words = "a reply that is no JSON";
  }
  return found;
}

} // namespace detail

std::string quoted_words(std::string_view text, std::size_t limit) {
  std::string line = one_line(net::redact(text.substr(0, 4 * limit)));
  if (line.size() <= limit) return line;
  line.resize(limit);
  while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80) line.pop_back(); // whole UTF-8
  if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xc0) line.pop_back();
  return line + "...";
}

failure classify(const net::response& reply, std::string_view on, std::string_view tried) {
  const detail::error_body body = detail::read_error_body(reply.body);
  std::string why = "HTTP " + std::to_string(reply.status);
  if (!body.code.empty()) why += ", code " + quoted_words(body.code, 40);
  if (!body.words.empty()) why += ", " + quoted_words(body.words);
  const refusal kind = refusal_of(reply.status, body.code, body.html);
  const refusal_facts& facts = facts_of(kind);
  error_text text{std::string(tried), net::redact(on), std::move(why), std::string(facts.advice)};
  if (facts.code == errc::http_status) return {{reply.status, std::move(text)}, facts.cure, kind};
  return {{facts.code, std::move(text)}, facts.cure, kind};
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/client.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <algorithm>
#include <cstdlib>

namespace eucv::europeana {

net::secret_string api_key_from_environment() {
  const char* const name = "EUROPEANA_API_KEY";
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw error(errc::no_api_key, {"read the API key", name, "the environment variable is not set",
                                   "get a free key at https://apis.europeana.eu and export EUROPEANA_API_KEY=..."});
  const std::string_view key = value;
  if (!std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; }))
    throw error(errc::invalid_api_key,
                {"read the API key", name, "it holds blanks or characters that no key has", "copy the key again"});
  return net::secret_string(std::string(key));
}

net::url search_endpoint(std::string_view text) {
  net::url address = net::parse_url(text).value();
  if (address.target.find('?') != std::string::npos)
    throw error(errc::bad_url, {"read the endpoint", address.origin(), "it holds a query",
                                "give the address of search.json alone, or only https://host"});
  if (address.target == "/") address.target = "/record/v2/search.json";
  return address;
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/entity.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace eucv::europeana {

std::string entity::aat() const {
  for (const std::string& match : exact_matches) {
    const auto at = match.find("://vocab.getty.edu/aat/");
    if (at != std::string::npos && at <= 5) return "http" + match.substr(at);
  }
  return {};
}

std::string entity::label(std::span<const std::string> languages) const {
  for (const auto& language : languages)
    if (const auto found = labels.find(language); found != labels.end()) return found->second;
  if (const auto found = labels.find("en"); found != labels.end()) return found->second;
  return labels.empty() ? std::string() : labels.begin()->second;
}

entity parse_entity(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response,
                {"read a concept", address, failure.text().why, "run the same command again later"});
  }
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_record, {"read a concept", address, why, "check that the URI is that of a concept"});
  };
  if (!whole.is_object()) throw fault("the reply is no object");
  const auto& fields = whole.get_object();
  const auto text = [&](const boost::json::value& value, const char* name) {
    if (!value.is_string()) throw fault(std::string("\"") + name + "\" holds something that is no text");
    return one_line({value.get_string().data(), value.get_string().size()});
  };
  const auto list = [&](const boost::json::value& value, const char* name) {
    std::vector<std::string> values;
    if (!value.is_array()) return std::vector{text(value, name)};
    for (const auto& element : value.get_array()) values.push_back(text(element, name));
    return values;
  };
  // The members of a map from languages.
  const auto by_language = [&](const char* name, auto&& keep) {
    const auto* const member = fields.if_contains(name);
    if (member == nullptr || member->is_null()) return;
    if (!member->is_object()) throw fault(std::string("\"") + name + "\" is no map of languages");
    for (const auto& [language, value] : member->get_object())
      keep(std::string(language.data(), language.size()), value);
  };
  if (const auto* success = fields.if_contains("success"); success != nullptr && *success == false)
    throw error(errc::bad_response,
                {"read a concept", address, "the service reports no success", "run the same command again later"});
  const auto *const id = fields.if_contains("id"), *const type = fields.if_contains("type");
  if (id == nullptr || type == nullptr || text(*type, "type") != "Concept") throw fault("it is no concept");
  entity found;
  found.uri = dataset::normalise_concept_uri(text(*id, "id"));
  by_language("prefLabel", [&](std::string language, const boost::json::value& value) {
    if (auto labels = list(value, "prefLabel"); !labels.empty())
      found.labels.emplace(std::move(language), labels.front());
  });
  by_language("altLabel", [&](std::string language, const boost::json::value& value) {
    found.other_labels.emplace(std::move(language), list(value, "altLabel"));
  });
  if (const auto* const matches = fields.if_contains("exactMatch"); matches != nullptr && !matches->is_null())
    found.exact_matches = list(*matches, "exactMatch");
  return found;
}

std::string_view concept_number(std::string_view address) noexcept {
  for (const std::string_view head : {"/concept/base/", "/concept/"}) {
    const auto at = address.rfind(head);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = address.substr(at + head.size());
    const std::string_view number = rest.substr(0, rest.find_first_not_of("0123456789"));
    const std::string_view tail = rest.substr(number.size());
    if (!number.empty() && (tail.empty() || tail.front() == '.' || tail.front() == '?')) return number;
  }
  return {};
}

net::url entity_address(const net::url& endpoint, std::string_view concept_uri) {
  const std::string uri = dataset::normalise_concept_uri(concept_uri);
  const std::string_view number =
      uri.starts_with("http://data.europeana.eu/") ? concept_number(uri) : std::string_view();
  net::url address = endpoint;
  address.target = number.empty() ? "/entity/resolve?uri=" + net::percent_encode(uri)
                                  : "/entity/concept/" + std::string(number) + ".json";
  return address;
}

dataset::subject subject_of(const entity& found, std::string_view concept_uri, std::span<const std::string> languages) {
  dataset::subject made;
  made.uri = dataset::normalise_concept_uri(concept_uri);
  made.label = dataset::as_label(found.label(languages));
  made.aat = made.uri.starts_with("http://vocab.getty.edu/aat/") ? made.uri : found.aat();
  if (made.label.empty())
    throw error(errc::bad_record, {"name a subject", made.uri, "the concept has no label",
                                   "write the label into the vocabulary by hand"});
  return made;
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/harvest_report.hpp: implementation -------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace eucv::europeana {

namespace detail {

// Reads what to_json() wrote; anything else is damage.
class state_reader {
public:
  state_reader(const boost::json::value& whole, std::string on) : on_(std::move(on)) {
    if (!whole.is_object()) throw damage();
    fields_ = &whole.get_object();
  }
  [[nodiscard]] std::string text(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_string()) throw damage();
    return {member->get_string().data(), member->get_string().size()};
  }
  [[nodiscard]] std::uint64_t number(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_int64() || member->get_int64() < 0) throw damage();
    return static_cast<std::uint64_t>(member->get_int64());
  }
  [[nodiscard]] const boost::json::array& array(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_array()) throw damage();
    return member->get_array();
  }
  [[nodiscard]] state_reader object(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr) throw damage();
    return {*member, on_};
  }
  [[nodiscard]] subject_state state() const {
    subject_state found;
    found.mark = text("mark");
    const std::string end = text("end");
    for (const auto word : {cursor_end::no_mark, cursor_end::empty_page, cursor_end::repeated_mark, cursor_end::loop,
                            cursor_end::overrun})
      if (to_string(word) == end) found.end = word;
    if (!found.finished() && end != "none") throw damage();
    found.length = number("length");
    found.candidates = number("candidates");
    found.total = number("total");
    found.first_total = number("first_total");
    found.malformed = number("malformed");
    found.without_image = number("without_image");
    found.refused_rights = number("refused_rights");
    return found;
  }
  [[nodiscard]] error damage() const {
    return {errc::bad_format,
            {"read the state of a harvest", on_, "it is not what eucv wrote", "remove its folder to harvest anew"}};
  }

private:
  std::string on_;
  const boost::json::object* fields_ = nullptr;
};

} // namespace detail

std::string to_json(const subject_state& state) {
  const auto number = [](const char* name, std::uint64_t value) {
    return std::string(",\"") + name + "\":" + std::to_string(value);
  };
  return "{\"mark\":" + json_string(state.mark) + ",\"end\":" + json_string(to_string(state.end)) +
         number("length", state.length) + number("candidates", state.candidates) + number("total", state.total) +
         number("first_total", state.first_total) + number("malformed", state.malformed) +
         number("without_image", state.without_image) + number("refused_rights", state.refused_rights) + "}";
}

subject_state parse_subject_state(std::string_view text, const std::string& on) {
  const boost::json::value whole = parse_json(text, on);
  return detail::state_reader(whole, on).state();
}

std::string to_json(const harvest_report& report) {
  std::string text = "{\"subjects\":[";
  for (const auto& subject : report.subjects)
    text += std::string(&subject == report.subjects.data() ? "\n" : ",\n") +
            "{\"label\":" + json_string(subject.label) + ",\"uri\":" + json_string(subject.uri) +
            ",\"rows\":" + std::to_string(subject.rows) + ",\"duplicates\":" + std::to_string(subject.duplicates) +
            ",\"several\":" + std::to_string(subject.several) + ",\"state\":" + to_json(subject.state) + "}";
  return text + "]}\n";
}

harvest_report parse_harvest_report(std::string_view text, const std::string& on) {
  const boost::json::value whole = parse_json(text, on);
  harvest_report report;
  for (const auto& element : detail::state_reader(whole, on).array("subjects")) {
    const detail::state_reader fields(element, on);
    subject_report& subject = report.subjects.emplace_back();
    subject.label = fields.text("label");
    subject.uri = fields.text("uri");
    subject.rows = fields.number("rows");
    subject.duplicates = fields.number("duplicates");
    subject.several = fields.number("several");
    subject.state = fields.object("state").state();
  }
  return report;
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/harvest_state.hpp: implementation --------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <set>
#include <span>
#include <system_error>
#include <utility>

namespace eucv::europeana {

namespace detail {

// The lines in the first `length` bytes of a file, read in pieces.
template <class LineSink>
void for_each_line(const std::filesystem::path& path, std::uint64_t length, LineSink&& sink) {
  if (length == 0) return;
  file input(path, O_RDONLY);
  std::string buffer;
  std::vector<char> piece(std::size_t{1} << 18);
  while (length > 0) {
    const std::size_t count =
        input.read(std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), length))));
    if (count == 0) break;
    length -= count;
    buffer.append(piece.data(), count);
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (!sink(std::string_view(buffer).substr(begin, end - begin))) return;
    buffer.erase(0, begin);
  }
  if (length > 0 || !buffer.empty())
    throw error(errc::bad_format, {"read the candidates of a harvest", path.string(), "the file was changed or cut",
                                   "remove its folder to harvest anew"});
}

std::string to_json(const harvest_plan& plan, std::string_view endpoint) {
  // One line a parameter, so that a difference can be named.
  std::string text = "{\"version\":2,\n\"mode\":" + json_string(to_string(plan.mode)) +
                     ",\n\"endpoint\":" + json_string(endpoint) + ",\n\"per-class\":" + std::to_string(plan.per_class) +
                     ",\n\"seed\":" + std::to_string(plan.seed) +
                     ",\n\"reusability\":" + json_string(to_string(plan.reuse)) +
                     ",\n\"query\":" + json_string(plan.text) + ",\n\"vocabulary\":[";
  for (std::size_t i = 0; i < plan.subjects.size(); ++i)
    text += (i == 0 ? "[" : ",[") + json_string(plan.subjects[i].label) + "," +
            json_string(dataset::normalise_concept_uri(plan.subjects[i].uri)) + "]";
  return text + "]}\n";
}

// The first line in which two texts differ, cut down to a name and a value for people.
std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto line = [](std::string_view& text) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string found(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      return found;
    };
    std::string from_a = line(a), from_b = line(b);
    if (from_a == from_b) continue;
    for (auto* text : {&from_a, &from_b}) {
      if (text->ends_with(',')) text->pop_back();
      if (text->starts_with("\"vocabulary\"")) *text = "another vocabulary";
    }
    return {std::move(from_a), std::move(from_b)};
  }
  return {"another plan", "this plan"};
}

void check(const harvest_plan& plan) {
  const auto fault = [&](std::string on, const char* why, const char* advice) {
    return error(errc::invalid_argument, {"harvest", std::move(on), why, advice});
  };
  if (plan.table.empty() || !plan.table.has_filename()) throw fault("the table", "it has no name", "name a .csv file");
  if (plan.subjects.empty()) throw fault("the vocabulary", "it holds no subject", "name at least one");
  if (plan.per_class == 0) throw fault("per-class", "it is 0", "ask for at least one row a subject");
  std::set<std::string_view> labels;
  for (const auto& subject : plan.subjects) {
    if (subject.label.empty() || one_line(subject.label) != subject.label)
      throw fault(quoted_words(subject.label), "a label is empty, or holds line breaks or blanks at its ends",
                  "mend the vocabulary");
    if (plan.mode == harvest_mode::multi_label && subject.label.find(' ') != std::string::npos)
      throw fault(subject.label, "a label holds a blank, which stands between labels in the mode multi-label",
                  "write it with '_'");
    if (!labels.insert(subject.label).second)
      throw fault(subject.label, "the label stands twice", "mend the vocabulary");
  }
}

} // namespace detail

std::string candidate_line(const std::vector<std::size_t>& labels, const record& item) {
  const std::array<std::string, harvest_columns.size() - 2> cells{
      item.uri(),   item.id,    item.image,   item.rights,       item.data_provider, item.provider,
      item.country, item.title, item.creator, item.landing_page, item.preview};
  std::string line = item.id + '\t';
  for (const std::size_t label : labels) line.append(line.ends_with('\t') ? "" : " ").append(std::to_string(label));
  return line + '\t' + dataset::csv_row(cells);
}

harvest_state::harvest_state(const harvest_plan& plan, std::string_view endpoint)
    : plan_(plan), folder_(plan.table.string() + ".harvest"),
      states_(plan.subjects.size() * (plan.mode == harvest_mode::multi_label ? 2 : 1)) {
  detail::check(plan);
  const bool has_table = std::filesystem::exists(plan.table);
  const bool has_state = std::filesystem::exists(folder_ / "plan.json");
  if (has_table && !has_state)
    throw error(errc::invalid_argument,
                {"harvest into", plan.table.string(), "the file is there, but no state of a harvest beside it",
                 "choose another name, or move the file away"});
  std::error_code failure;
  if (std::filesystem::create_directory(folder_, failure); failure)
    throw file_error("make the folder", folder_, failure.value());
  lock_.emplace(folder_);
  const std::string wanted = detail::to_json(plan, endpoint);
  if (!has_state) {
    write_file_atomically(folder_ / "plan.json", wanted);
    return;
  }
  load(read_file(folder_ / "plan.json"), wanted);
  if (!done_) return;
  remove_candidates(); // a run that was killed between its last steps left them
  if (has_table) return;
  // The table was moved away since: harvest anew.
  std::filesystem::remove(folder_ / "done.json");
  sync_folder(folder_);
  done_.reset();
  states_.assign(states_.size(), {});
}

std::filesystem::path harvest_state::file_of(std::size_t search, std::string_view suffix) const {
  return folder_ / (std::to_string(search) + std::string(suffix));
}

void harvest_state::load(const std::string& found, const std::string& wanted) {
  if (found != wanted) {
    const auto [before, now] = detail::first_difference(found, wanted);
    throw error(errc::invalid_argument,
                {"go on with the harvest", plan_.table.string(), "it was begun with " + before + ", not with " + now,
                 "give the same parameters, choose another table, or remove " + folder_.string() + " and the table"});
  }
  if (const auto path = folder_ / "done.json"; std::filesystem::exists(path)) {
    done_ = parse_harvest_report(read_file(path), path.string());
    return;
  }
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (const auto path = file_of(i, ".json"); std::filesystem::exists(path))
      states_[i] = parse_subject_state(read_file(path), path.string());
}

void harvest_state::append(std::size_t search, std::string_view candidates, subject_state after) {
  subject_state& state = states_.at(search);
  after.length = state.length + candidates.size();
  if (!candidates.empty()) {
    file output(file_of(search, ".rows"), O_WRONLY | O_CREAT | O_NOFOLLOW);
    output.truncate(state.length);
    output.write(candidates);
    output.sync();
  }
  // Its fsync of the folder covers the name of a new .rows file too, before the new state can be seen.
  if (state.length == 0 && !candidates.empty()) sync_folder(folder_);
  write_file_atomically(file_of(search, ".json"), to_json(after));
  state = std::move(after);
}

template <class RowSink>
std::vector<subject_report> harvest_state::merge_into(RowSink&& sink) const {
  std::vector<subject_report> reports;
  std::uint64_t candidates = 0;
  for (const auto& state : states_) candidates += state.candidates;
  id_set taken(candidates);
  for (std::size_t i = 0; i < plan_.subjects.size(); ++i) {
    subject_report& report = reports.emplace_back();
    report.label = plan_.subjects[i].label;
    report.uri = dataset::normalise_concept_uri(plan_.subjects[i].uri);
    report.state = states_[i];
    std::vector<std::size_t> searches{i};
    if (plan_.mode == harvest_mode::multi_label) {
      searches.insert(searches.begin(), several(i)); // these are rare, so they come first
      const subject_state& more = states_[several(i)];
      report.state.malformed += more.malformed;
      report.state.without_image += more.without_image;
      report.state.refused_rights += more.refused_rights;
    }
    std::string previous, cells; // of one set of labels; the next row mostly has the same
    for (const std::size_t search : searches) {
      if (report.rows >= plan_.per_class) break;
      detail::for_each_line(file_of(search, ".rows"), states_[search].length, [&](std::string_view line) {
        const std::size_t id = line.find('\t'), labels = line.find('\t', id + 1);
        if (id == std::string_view::npos || labels == std::string_view::npos) throw changed(search);
        if (!taken.insert(line.substr(0, id))) return ++report.duplicates, true;
        const std::string_view numbers = line.substr(id + 1, labels - id - 1);
        if (numbers != previous) cells = label_cells(previous.assign(numbers), search);
        if (numbers.find(' ') != std::string_view::npos) ++report.several;
        sink(cells, line.substr(labels + 1));
        return ++report.rows < plan_.per_class;
      });
    }
  }
  return reports;
}

// The first two cells of a row, from the numbers of its labels.
std::string harvest_state::label_cells(std::string_view numbers, std::size_t search) const {
  std::array<std::string, 2> cells;
  while (!numbers.empty()) {
    std::size_t label = 0;
    const auto [end, fault] = std::from_chars(numbers.data(), numbers.data() + numbers.size(), label);
    if (fault != std::errc{} || label >= plan_.subjects.size()) throw changed(search);
    numbers.remove_prefix(static_cast<std::size_t>(end - numbers.data()));
    numbers.remove_prefix(numbers.empty() ? 0 : 1);
    const char* const gap = cells[0].empty() ? "" : " ";
    cells[0].append(gap).append(plan_.subjects[label].label);
    cells[1].append(gap).append(dataset::normalise_concept_uri(plan_.subjects[label].uri));
  }
  std::string row = dataset::csv_row(cells);
  row.back() = ','; // instead of the end of the line
  return row;
}

error harvest_state::changed(std::size_t search) const {
  return {errc::bad_format,
          {"read the candidates of a harvest", file_of(search, ".rows").string(), "the file was changed",
           "remove its folder to harvest anew"}};
}

std::vector<subject_report> harvest_state::merge() const {
  return merge_into([](std::string_view, std::string_view) {});
}

harvest_report harvest_state::finish() {
  harvest_report report;
  std::filesystem::path temporary = plan_.table;
  temporary += ".part";
  {
    file output(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    std::string buffer = dataset::csv_row(std::vector<std::string>(harvest_columns.begin(), harvest_columns.end()));
    report.subjects = merge_into([&](std::string_view labels, std::string_view row) {
      buffer.append(labels).append(row).append("\n");
      if (buffer.size() < std::size_t{1} << 18) return;
      output.write(buffer);
      buffer.clear();
    });
    output.write(buffer);
    output.sync();
  }
  if (::rename(temporary.c_str(), plan_.table.c_str()) != 0) throw file_error("rename to", plan_.table, errno);
  sync_folder(plan_.table.parent_path());
  write_file_atomically(folder_ / "done.json", to_json(report));
  remove_candidates();
  done_ = report;
  return report;
}

void harvest_state::remove_candidates() const {
  std::error_code ignored; // what stays behind is removed by the next run
  for (std::size_t i = 0; i < states_.size(); ++i) {
    std::filesystem::remove(file_of(i, ".json"), ignored);
    std::filesystem::remove(file_of(i, ".rows"), ignored);
  }
}

} // namespace eucv::europeana
#endif

// ---- eucv/europeana/harvest.hpp: implementation --------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
namespace eucv::europeana::detail {

std::string sort_page(const page& found, const harvest_plan& plan, std::size_t subject, const label_numbers& labels,
                      subject_state& after) {
  std::string lines;
  std::vector<std::size_t> numbers;
  after.total = found.total;
  for (const auto& item : found.items) {
    if (!item)
      ++after.malformed;
    else if (item->type != "IMAGE" || item->image.empty())
      ++after.without_image;
    else if (!plan.reuse.empty() && !plan.reuse.contains(item->reuse))
      ++after.refused_rights;
    else {
      numbers.assign(1, subject);
      if (!labels.empty())
        for (const auto& uri : item->concepts)
          if (const auto label = labels.find(dataset::normalise_concept_uri(uri)); label != labels.end())
            numbers.push_back(label->second);
      std::ranges::sort(numbers);
      numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
      lines += candidate_line(numbers, *item);
      ++after.candidates;
    }
  }
  return lines;
}

} // namespace eucv::europeana::detail
#endif

// ---- eucv/europeana/web_resource.hpp: implementation ---------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace eucv::europeana {

std::vector<web_resource> parse_web_resources(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response, {"read a record", address, failure.text().why, "run the same command again later"});
  }
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_record, {"read a record", address, why, "leave the item out"});
  };
  const auto object = [&](const boost::json::value& value, const char* name) -> const boost::json::object& {
    if (!value.is_object()) throw fault(std::string("\"") + name + "\" is no object");
    return value.get_object();
  };
  // The elements of a list that may be left out.
  const auto each = [&](const boost::json::object& of, const char* name, auto&& use) {
    const auto* const member = of.if_contains(name);
    if (member == nullptr || member->is_null()) return;
    if (!member->is_array()) throw fault(std::string("\"") + name + "\" is no list");
    for (const auto& element : member->get_array()) use(element);
  };
  const auto text = [&](const boost::json::value& value, const char* name) {
    if (!value.is_string()) throw fault(std::string("\"") + name + "\" is no text");
    return one_line({value.get_string().data(), value.get_string().size()});
  };
  const auto number = [&](const boost::json::object& of, const char* name) -> std::uint64_t {
    const auto* const member = of.if_contains(name);
    if (member == nullptr || member->is_null()) return 0;
    if (!member->is_int64() || member->get_int64() < 0) throw fault(std::string("\"") + name + "\" is no count");
    return static_cast<std::uint64_t>(member->get_int64());
  };

  const auto& reply = object(whole, "the reply");
  if (const auto* success = reply.if_contains("success"); success != nullptr && *success == false)
    throw error(errc::bad_response,
                {"read a record", address, "the service reports no success", "run the same command again later"});
  const auto* const record = reply.if_contains("object");
  if (record == nullptr) throw fault("\"object\" is missing");
  std::vector<web_resource> found;
  each(object(*record, "object"), "aggregations", [&](const boost::json::value& aggregation) {
    each(object(aggregation, "aggregations"), "webResources", [&](const boost::json::value& element) {
      const auto& fields = object(element, "webResources");
      const auto* const about = fields.if_contains("about");
      if (about == nullptr) throw fault("\"about\" of a web resource is missing");
      web_resource resource;
      resource.address = without_key(text(*about, "about"));
      if (const auto* type = fields.if_contains("ebucoreHasMimeType"); type != nullptr && !type->is_null())
        resource.mime_type = text(*type, "ebucoreHasMimeType");
      resource.bytes = number(fields, "ebucoreFileByteSize");
      resource.width = number(fields, "ebucoreWidth");
      resource.height = number(fields, "ebucoreHeight");
      for (const char* name : {"svcsHasService", "svcsHasServices"}) // both are seen
        each(fields, name, [&](const boost::json::value& service) { resource.iiif.push_back(text(service, name)); });
      found.push_back(std::move(resource));
    });
  });
  return found;
}

net::url record_address(const net::url& endpoint, std::string_view id) {
  if (!is_record_id(id))
    throw error(errc::invalid_argument, {"ask for a record", one_line(id.substr(0, 200)),
                                         "it does not read /DATASET/LOCAL", "give the ID as it stands in a table"});
  net::url address = endpoint;
  address.target = "/record/v2" + std::string(id) + ".json";
  return address;
}

} // namespace eucv::europeana
#endif

// ---- eucv/download/dispatcher.hpp: implementation ------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eucv::download {

// Lives in the frame of next(), so it leaves the list however that frame ends.
struct dispatcher::waiter {
  waiter(dispatcher& whose, const boost::asio::any_io_executor& executor, host_queue::time_point until)
      : owner(whose), place(whose.idle_.insert(whose.idle_.end(), this)), timer(executor, until),
        watches(until != host_queue::time_point::max()) {
    if (watches) owner.watched_ = until;
  }
  ~waiter() {
    if (watches) owner.watched_ = host_queue::time_point::max();
    if (idle) owner.idle_.erase(place);
  }

  dispatcher& owner;
  std::list<waiter*>::iterator place;
  boost::asio::steady_timer timer;
  bool watches, idle = true;
};

void dispatcher::wake() {
  if (idle_.empty()) return;
  waiter& last = *idle_.back(); // the one whose memory is still warm
  idle_.pop_back();
  last.idle = false;
  last.timer.cancel();
}

net::task<std::optional<host_queue::ticket>> dispatcher::next() {
  const auto executor = co_await boost::asio::this_coro::executor;
  while (true) {
    const auto taken = queue_.take(std::chrono::steady_clock::now());
    const auto next_start = queue_.next_start();
    if (taken) {
      if (next_start && *next_start < watched_) wake(); // to take it, or to watch the clock for it
      co_return taken;
    }
    if (queue_.waiting() == 0 && queue_.open() == 0) {
      while (!idle_.empty()) wake();
      co_return std::nullopt;
    }
    const bool watch = next_start && *next_start < watched_;
    waiter self(*this, executor, watch ? *next_start : host_queue::time_point::max());
    boost::system::error_code woken;
    co_await self.timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    if (woken && self.idle) throw boost::system::system_error(woken, "wait for a turn"); // cancelled
  }
}

} // namespace eucv::download
#endif

// ---- eucv/download/sha256.hpp: implementation ----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace eucv::download {

namespace detail {

std::string digest_of(std::string_view bytes, const EVP_MD* kind, const char* name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, kind, nullptr) != 1)
    throw std::runtime_error("OpenSSL computes no " + std::string(name) + " on this machine");
  std::string digits;
  for (unsigned i = 0; i < length; ++i)
    (digits += "0123456789abcdef"[digest[i] >> 4]) += "0123456789abcdef"[digest[i] & 15];
  return digits;
}

} // namespace detail

std::string sha256(std::string_view bytes) {
  return detail::digest_of(bytes, EVP_sha256(), "SHA-256");
}

std::string md5(std::string_view bytes) {
  return detail::digest_of(bytes, EVP_md5(), "MD5");
}

} // namespace eucv::download
#endif

// ---- eucv/download/store.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <cerrno>

#include <unistd.h>

namespace eucv::download {

std::string file_stem(std::string_view id) {
  std::string stem;
  for (const char c : id.substr(0, 512)) {
    if (stem.size() == 80) break;
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (plain && !(stem.empty() && c == '-'))
      stem += c;
    else if (!stem.empty() && stem.back() != '_') // "/1/a" is "1_a"
      stem += '_';
  }
  return stem + (stem.empty() ? "" : "-") + sha256(id).substr(0, 12);
}

void place_file(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::path part = path;
  part += ".part";
  try {
    file output(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    output.write(bytes);
    if (output.size() != bytes.size()) throw file_error("write all of", part, EIO);
    output.sync();
    if (::rename(part.c_str(), path.c_str()) != 0) throw file_error("rename to", path, errno);
  } catch (const error&) {
    ::unlink(part.c_str());
    throw;
  }
}

void store_file(const std::filesystem::path& path, std::string_view bytes) {
  place_file(path, bytes);
  sync_folder(path.parent_path());
}

void remove_stored(const std::filesystem::path& path) noexcept {
  std::error_code ignored;
  std::filesystem::path part = path;
  part += ".part";
  std::filesystem::remove(path, ignored);
  std::filesystem::remove(part, ignored);
}

} // namespace eucv::download
#endif

// ---- eucv/download/items.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <map>
#include <unordered_set>

namespace eucv::download {

namespace detail {

bool has_control_characters(const std::string& text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace detail

std::vector<item> items_of(const dataset::table& table) {
  const std::size_t category = table.column("category"), id = table.column("ID"), url = table.column("URL");
  const bool has_rights = table.has("rights");
  const std::size_t rights = has_rights ? table.column("rights") : 0;
  std::vector<item> items;
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    item found{row[category], row[id], row[url], has_rights ? row[rights] : std::string()};
    if (found.category.empty() && found.id.empty() && found.url.empty()) continue;
    const auto fault = [&](const std::string& why, const char* advice) {
      return error(errc::bad_format, {"read the table", "row " + std::to_string(i + 1), why, advice});
    };
    if (!is_safe_component(found.category))
      throw fault("its category is no safe name of a folder",
                  "take '/', '\\', leading '.' and '-', and blanks at the ends out of it");
    if (found.id.empty() || detail::has_control_characters(found.id))
      throw fault("its ID is empty or holds control characters", "give it an ID, such as its line number");
    std::ranges::replace_if(
        found.rights, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    if (keys.insert(found.category + '\n' + found.id).second) items.push_back(std::move(found));
  }
  return items;
}

void write_labels(const dataset::table& table, const std::filesystem::path& path) {
  if (!table.has("skos_concept") || !table.has("category")) return;
  const std::size_t concepts = table.column("skos_concept"), categories = table.column("category");
  std::map<std::string, std::string> labels; // empty: several concepts
  for (const auto& row : table.rows) {
    if (row[categories].empty() || row[concepts].empty()) continue;
    const std::string uri = dataset::normalise_concept_uri(row[concepts]);
    const auto [place, is_new] = labels.try_emplace(row[categories], uri);
    if (!is_new && place->second != uri) place->second.clear();
  }
  std::map<std::string, int> uses;
  for (const auto& [label, uri] : labels) ++uses[uri];
  dataset::vocabulary subjects;
  for (const auto& [label, uri] : labels)
    if (uri.starts_with("http") && uri.find(' ') == std::string::npos && uses[uri] == 1)
      subjects.push_back({label, uri, {}});
  if (subjects.empty()) return;
  if (std::filesystem::exists(path) && read_file(path) == dataset::to_json(subjects)) return;
  dataset::write_vocabulary(path, subjects);
}

} // namespace eucv::download
#endif

// ---- eucv/download/outcome.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <charconv>
#include <cstdio>
#include <system_error>

namespace eucv::download {

std::vector<std::string> cells_of(const outcome& row) {
  const bool stored = row.status != download_status::failed;
  const auto number = [&](std::uint64_t value) { return stored ? std::to_string(value) : std::string(); };
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", row.seconds);
  return {row.id,     row.category,      row.file,          std::string(to_string(row.status)),
          row.reason, number(row.bytes), number(row.width), number(row.height),
          row.sha256, row.dhash,         seconds,           std::to_string(row.attempts),
          row.rights};
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

// ---- eucv/download/journal.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace eucv::download {

namespace detail {

std::string key_of(std::string_view category, std::string_view id) {
  return (std::string(category) += '\n') += id;
}

std::filesystem::path made(std::filesystem::path folder) {
  make_folder(folder);
  return folder;
}

std::string header_line() {
  return dataset::csv_row(std::vector<std::string>(download_columns.begin(), download_columns.end()));
}

} // namespace detail

journal::journal(std::filesystem::path folder, std::string_view kind)
    : folder_(detail::made(std::move(folder))), table_(folder_ / "downloads.csv"), lock_(folder_) {
  const std::string wanted = "{\"version\":1,\"kind\":" + json_string(kind) + "}\n";
  const auto settings = folder_ / ".download.json";
  const bool begun = std::filesystem::exists(table_);
  if (begun && std::filesystem::exists(settings) && read_file(settings) != wanted)
    throw error(errc::invalid_argument,
                {"download into", folder_.string(), "its images are stored in another way than " + std::string(kind),
                 "give the same size as before, or another folder"});
  if (!begun) {
    write_file_atomically(settings, wanted);
    write_file_atomically(table_, detail::header_line());
  }
  repair();
}

void journal::repair() {
  log_ = file(table_, O_RDWR | O_NOFOLLOW);
  const std::string text = read_file(table_);
  const std::string header = detail::header_line();
  // No cell holds a line break, so the last one ends the last whole row.
  const std::size_t whole = text.rfind('\n') + 1; // npos + 1 is 0
  if (!text.starts_with(header))
    throw error(errc::bad_format, {"go on with the downloads in", table_.string(), "its columns are not those of eucv",
                                   "choose another folder, or move the file away"});
  log_.truncate(whole);
}

std::vector<outcome> journal::read() const {
  const dataset::table table = dataset::read_table(table_);
  std::vector<outcome> rows;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& cells : table.rows) {
    outcome row = outcome_of(cells, table_.string());
    const auto [place, is_new] = places.try_emplace(detail::key_of(row.category, row.id), rows.size());
    if (is_new)
      rows.push_back(std::move(row));
    else
      rows[place->second] = std::move(row); // the later outcome counts
  }
  return rows;
}

std::string journal::file_of(const outcome& row, std::string_view suffix) {
  return (row.category + '/' + file_stem(row.id)).append(suffix);
}

bool journal::is_stored(const outcome& row) const {
  std::error_code failure;
  const auto size = std::filesystem::file_size(folder_ / row.file, failure);
  return !failure && size == row.bytes && !row.file.empty();
}

std::vector<std::size_t> journal::open_items(std::span<const item> items, failures failed) const {
  const std::vector<outcome> rows = read();
  std::unordered_set<std::string> stored; // contents that are there
  for (const auto& row : rows)
    if (row.status == download_status::ok && is_stored(row)) stored.insert(row.sha256);
  std::unordered_set<std::string> final;
  for (const auto& row : rows) {
    const bool there = row.status == download_status::ok ? is_stored(row) : stored.contains(row.sha256);
    if (row.status == download_status::failed ? failed == failures::keep : there)
      final.insert(detail::key_of(row.category, row.id));
  }
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!final.contains(detail::key_of(items[i].category, items[i].id))) open.push_back(i);
  return open;
}

void journal::append(const outcome& row) {
  if (row.status == download_status::failed) // a run that was killed before its row may have left one
    for (const char* suffix : {".jpg", ".png"}) remove_stored(folder_ / file_of(row, suffix));
  log_.write(dataset::csv_row(cells_of(row)));
}

fetch_summary journal::finish(std::span<const item> items) {
  std::vector<outcome> rows = read();
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(detail::key_of(rows[i].category, rows[i].id), i);
  std::vector<std::size_t> order;
  std::vector<bool> listed(rows.size());
  for (const auto& wanted : items)
    if (const auto place = places.find(detail::key_of(wanted.category, wanted.id)); place != places.end())
      if (!listed[place->second]) listed[place->second] = true, order.push_back(place->second);
  const std::size_t known = order.size();
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!listed[i]) order.push_back(i);

  std::unordered_map<std::string_view, std::size_t> kept; // the first stored row of each content
  for (const std::size_t i : order)
    if (rows[i].status == download_status::ok) kept.try_emplace(rows[i].sha256, i);
  fetch_summary summary;
  summary.items = items.size();
  std::string text = detail::header_line();
  std::vector<std::string> unneeded;
  for (std::size_t k = 0; k < order.size(); ++k) {
    outcome& row = rows[order[k]];
    if (row.status != download_status::failed) {
      const auto first = kept.find(row.sha256);
      if (first == kept.end()) continue; // its twin is gone: the next run on its table fetches it
      if (first->second != order[k]) {
        unneeded.push_back(file_of(row, std::filesystem::path(rows[first->second].file).extension().string()));
        row.status = download_status::duplicate;
        row.reason = "same_bytes";
        row.file = rows[first->second].file;
      }
    }
    text += dataset::csv_row(cells_of(row));
    if (k >= known) continue;
    summary.ok += row.status == download_status::ok ? 1 : 0;
    summary.duplicates += row.status == download_status::duplicate ? 1 : 0;
    if (row.status == download_status::failed) ++summary.failed, ++summary.reasons[row.reason];
  }
  if (text != read_file(table_)) {
    write_file_atomically(table_, text);
    log_ = file(table_, O_RDWR | O_NOFOLLOW);
    log_.truncate(text.size()); // and so to its end
  }
  for (const auto& name : unneeded) remove_stored(folder_ / name); // after the table, which named them
  return summary;
}

} // namespace eucv::download
#endif

// ---- eucv/download/picture.hpp: implementation ---------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <utility>

namespace eucv::download {

result<picture> make_picture(std::string body, const picture_options& options) {
  const auto found = image::inspect(body, options.limits);
  if (!found) return found.error();
  image::decode_options decoding;
  decoding.limits = options.limits;
  // An original is decoded to see that it is whole, and for its hash, which a small picture serves as well.
  decoding.shorter_side = options.size != 0 ? options.size : 64;
  auto decoded = image::decode(std::string_view(body), decoding);
  if (!decoded) return decoded.error();
  picture made;
  if (options.size == 0) {
    const bool lies = found->orientation >= 5; // turned by 90 degrees when shown
    made.bytes = std::move(body);
    made.suffix = found->kind == image::format::png ? ".png" : ".jpg";
    made.width = lies ? found->height : found->width;
    made.height = lies ? found->width : found->height;
    made.dhash = image::hash_text(image::dhash(*decoded));
  } else {
    std::string().swap(body); // the file as it came and the picture need not lie in memory side by side
    const image::bitmap small = image::shrink_shorter_side(std::move(*decoded), options.size);
    made.bytes = image::encode_jpeg(small, options.quality);
    made.suffix = ".jpg";
    made.width = small.width;
    made.height = small.height;
    made.dhash = image::hash_text(image::dhash(small));
  }
  made.sha256 = sha256(made.bytes);
  return made;
}

} // namespace eucv::download
#endif

// ---- eucv/download/robots.hpp: implementation ----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <charconv>
#include <system_error>
#include <utility>

namespace eucv::download {

namespace detail {

constexpr int hexadecimal_value(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : -1;
}

// One spelling of each octet, so that patterns and addresses compare byte by byte: letters, digits and "-._~" as they
// are, other escapes in upper case; blanks, bytes beyond ASCII, and what means something in a pattern, escaped
// (RFC 9309, 2.2.2 and 2.2.3).
std::string normalised(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto unreserved = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
  };
  std::string same;
  const auto escape = [&](unsigned byte) { ((same += '%') += digits[byte >> 4]) += digits[byte & 15]; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int high = i + 2 < text.size() ? hexadecimal_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hexadecimal_value(text[i + 2]) : -1;
    if (text[i] == '%' && low >= 0) {
      const auto value = static_cast<unsigned>(16 * high + low);
      i += 2;
      if (unreserved(static_cast<char>(value)))
        same += static_cast<char>(value);
      else
        escape(value);
    } else if (byte <= 0x20 || byte >= 0x7f || text[i] == '*' || text[i] == '$') {
      escape(byte);
    } else {
      same += text[i];
    }
  }
  return same;
}

// The same for a pattern, in which each '*' and a '$' at the end keep their meaning.
std::string normalised_pattern(std::string_view text) {
  const bool whole = text.ends_with('$');
  if (whole) text.remove_suffix(1);
  std::string same;
  for (std::size_t star; (star = text.find('*')) != std::string_view::npos; text.remove_prefix(star + 1))
    same.append(normalised(text.substr(0, star))).append("*");
  return same.append(normalised(text)).append(whole ? "$" : "");
}

// Each part between two '*' is looked for behind the part before it: the leftmost place leaves the most to the others.
bool matches(std::string_view pattern, std::string_view target) {
  const bool whole = pattern.ends_with('$');
  if (whole) pattern.remove_suffix(1);
  for (bool first = true;; first = false) {
    const std::size_t star = pattern.find('*');
    const std::string_view part = pattern.substr(0, star);
    const bool last = star == std::string_view::npos;
    if (last && whole) return first ? target == part : target.ends_with(part);
    const std::size_t place = first ? (target.starts_with(part) ? 0 : std::string_view::npos) : target.find(part);
    if (place == std::string_view::npos) return false;
    if (last) return true;
    target.remove_prefix(place + part.size());
    pattern.remove_prefix(star + 1);
  }
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "eucv" of "eucv/1.0 (x)".
std::string_view product_token(std::string_view value) {
  std::size_t length = 0;
  while (length < value.size()) {
    const char c = value[length];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-')) break;
    ++length;
  }
  return value.substr(0, length);
}

std::optional<std::chrono::milliseconds> seconds_of(std::string_view text) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || !(seconds >= 0) || seconds > 1e6) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
}

} // namespace detail

bool robots::allows(std::string_view target) const {
  if (target == "/robots.txt") return true;
  const std::string address = detail::normalised(target);
  std::size_t longest = 0;
  bool allowed = true;
  for (const auto& [pattern, allow] : rules)
    if ((pattern.size() > longest || (pattern.size() == longest && allow)) && detail::matches(pattern, address)) {
      longest = pattern.size();
      allowed = allow;
    }
  return allowed;
}

robots parse_robots(std::string_view text, std::string_view agent) {
  const bool cut = text.size() > robots_limit;
  text = text.substr(0, robots_limit);
  if (cut) text = text.substr(0, text.find_last_of("\r\n") + 1); // npos + 1 is 0
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  robots own, everyone;
  bool named = false;                   // by any group
  bool for_us = false, for_all = false; // the group at hand
  bool in_rules = false;                // so the next user-agent begins another group
  const auto add = [&](auto&& change) {
    if (for_us) change(own);
    if (for_all) change(everyone);
  };
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find('#'));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = detail::without_blanks(line.substr(0, colon));
    const std::string_view value = detail::without_blanks(line.substr(colon + 1));
    const auto is = [&](std::string_view name) { return net::detail::equal_ignoring_case(key, name); };
    if (is("user-agent")) {
      if (std::exchange(in_rules, false)) for_us = for_all = false;
      if (value == "*")
        for_all = true;
      else if (net::detail::equal_ignoring_case(detail::product_token(value), agent))
        for_us = named = true;
    } else if (is("allow") || is("disallow")) {
      in_rules = true;
      if (value.empty()) continue;
      add([&](robots& group) { group.rules.push_back({detail::normalised_pattern(value), is("allow")}); });
    } else if (is("crawl-delay")) { // no end of the group's head: other records must not interfere (2.2.4)
      if (const auto delay = detail::seconds_of(value)) add([&](robots& group) { group.crawl_delay = delay; });
    }
  }
  return named ? own : everyone;
}

} // namespace eucv::download
#endif

// ---- eucv/download/robots_gate.hpp: implementation -----------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
namespace eucv::download {

void robots_gate::settle(int status, std::string_view body) {
  state_ = state::known;
  if (status >= 200 && status < 300) rules_ = parse_robots(body, robots_agent);
  if (status >= 500 || status == 429)
    failure_.emplace(errc::robots_unreachable, error_text{"read the robots.txt",
                                                          {},
                                                          "HTTP " + std::to_string(status),
                                                          "try again later; until then the host is left alone"});
}

void robots_gate::settle(const error& failure, std::string_view body) {
  state_ = state::known;
  switch (failure.code()) {
  case errc::too_many_redirects:
  case errc::bad_redirect: return;
  case errc::too_large: rules_ = parse_robots(body, robots_agent); return;
  default: failure_.emplace(failure);
  }
}

std::optional<error> robots_gate::refusal(std::string_view target, const std::string& address) const {
  if (failure_) return failure_;
  if (rules_.allows(target)) return std::nullopt;
  return error(errc::robots_disallowed,
               {"download", address, "the robots.txt of its host forbids it", "ask the owner of the host"});
}

} // namespace eucv::download
#endif

// ---- eucv/download/robots_tag.hpp: implementation ------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <algorithm>
#include <array>
#include <cstddef>

namespace eucv::download {

namespace detail {

bool field_forbids(std::string_view value, std::string_view agent) {
  static constexpr std::array<std::string_view, 3> refusals{"noai", "noimageai", "noml"};
  // Words that have a value behind a colon of their own, and so are no names of programs.
  static constexpr std::array<std::string_view, 4> settings{"unavailable_after", "max-snippet", "max-image-preview",
                                                            "max-video-preview"};
  const auto is_among = [](const auto& words, std::string_view word) {
    return std::ranges::any_of(words,
                               [&](std::string_view own) { return net::detail::equal_ignoring_case(own, word); });
  };
  const auto trimmed = [](std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
  };
  bool for_us = true;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    std::string_view word = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
      const std::string_view name = trimmed(word.substr(0, colon));
      if (is_among(settings, name)) continue;
      for_us = name == "*" || net::detail::equal_ignoring_case(name, agent);
      word = trimmed(word.substr(colon + 1));
    }
    if (for_us && is_among(refusals, word)) return true;
  }
  return false;
}

} // namespace detail

bool forbids_learning(std::span<const net::header> headers, std::string_view agent) {
  return std::ranges::any_of(headers, [&](const net::header& field) {
    return net::detail::equal_ignoring_case(field.name, "X-Robots-Tag") && detail::field_forbids(field.value, agent);
  });
}

} // namespace eucv::download
#endif

// ---- eucv/download/spool.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace eucv::download {

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

} // namespace eucv::download
#endif

// ---- eucv/download/workshop.hpp: implementation --------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

namespace eucv::download::detail {

struct workshop::pools {
  explicit pools(std::size_t threads) : decoders(threads), writers(16) {}
  boost::asio::thread_pool decoders;
  boost::asio::thread_pool writers; // mostly asleep in fsync, and a journal of the file system serves many at once
};

workshop::workshop(std::size_t threads)
    : pools_(std::make_unique<pools>(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))) {}

workshop::~workshop() {
  pools_->decoders.join();
  pools_->writers.join();
}

// Both share what they work on, since offload() wants a function that can be copied, and megabytes must not be.
net::task<result<picture>> workshop::make(spool body, picture_options options) {
  std::function<result<picture>()> work = [shared = std::make_shared<spool>(std::move(body)), options] {
    return make_picture(shared->take(), options);
  };
  return net::offload(pools_->decoders, std::move(work));
}

net::task<void> workshop::store(std::filesystem::path path, std::string bytes) {
  shelf& place = shelves_[path.parent_path()];
  std::function<void()> write = [path, shared = std::make_shared<std::string>(std::move(bytes))] {
    place_file(path, *shared);
  };
  co_await net::offload(pools_->writers, std::move(write));
  const std::uint64_t own = ++place.placed;
  const auto permit = co_await place.syncing.acquire();
  if (place.synced >= own) co_return;
  const std::uint64_t all = place.placed;
  std::function<void()> sync = [folder = path.parent_path()] { sync_folder(folder); };
  co_await net::offload(pools_->writers, std::move(sync));
  place.synced = all;
}

} // namespace eucv::download::detail
#endif

// ---- eucv/download/fetch.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION
#include <set>

namespace eucv::download::detail {

std::string host_of(const std::string& address) {
  const auto parsed = net::parse_url(address);
  return parsed ? parsed->host : std::string();
}

journal open_journal(const fetch_job& job, const std::vector<item>& items) {
  const std::size_t size = job.options.picture.size;
  journal log(job.folder, size == 0 ? "original" : "size " + std::to_string(size));
  std::set<std::string_view> categories;
  for (const auto& wanted : items)
    if (categories.insert(wanted.category).second) make_folder(job.folder / wanted.category);
  write_labels(job.table, job.folder / "vocabulary.json");
  return log;
}

} // namespace eucv::download::detail
#endif

// ---- eucv/download/source.hpp: implementation ----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <array>
#include <vector>

namespace eucv::download {

namespace detail {

// What stands between two '/', from the end: the last part first.
std::vector<std::string_view> last_parts(std::string_view path, std::size_t count) {
  std::vector<std::string_view> parts;
  while (parts.size() < count) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) break;
    parts.push_back(path.substr(slash + 1));
    path = path.substr(0, slash);
  }
  return parts;
}

std::string percent_decoded(std::string_view text) {
  const auto value = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && value(text[i + 1]) >= 0 && value(text[i + 2]) >= 0;
    plain += escape ? static_cast<char>(16 * value(text[i + 1]) + value(text[i + 2])) : text[i];
    i += escape ? 2 : 0;
  }
  return plain;
}

} // namespace detail

std::string iiif_sized(const std::string& address, std::size_t longest) {
  if (address.find_first_of("?#") != std::string::npos) return address;
  const auto parts = detail::last_parts(address, 4); // {region}/{size}/{rotation}/{quality}.{format}, backwards
  if (parts.size() != 4 || parts[3] != "full" || (parts[2] != "full" && parts[2] != "max") || parts[1] != "0")
    return address;
  const std::string_view quality = parts[0].substr(0, parts[0].find('.'));
  if (quality != "default" && quality != "native" && quality != "color") return address;
  const std::string limit = std::to_string(longest);
  const std::string base = address.substr(0, static_cast<std::size_t>(parts[2].data() - address.data()));
  return base + "!" + limit + "," + limit + "/0/" + std::string(quality) + ".jpg";
}

std::string thumbnail_of(const std::string& address, const std::string& preview, std::size_t width) {
  std::string origin = "https://api.europeana.eu", resource = address;
  if (const auto shown = net::parse_url(preview); shown && shown->target.find("/thumbnail") != std::string::npos) {
    const std::size_t begin = shown->target.find("uri=");
    if (begin != std::string::npos) {
      const std::string_view value = std::string_view(shown->target).substr(begin + 4);
      resource = detail::percent_decoded(value.substr(0, value.find('&')));
    }
    if (shown->target.starts_with("/thumbnail/")) origin = shown->origin();
  }
  return origin + "/thumbnail/v3/" + std::to_string(width) + "/" + md5(resource);
}

void choose_source(dataset::table& table, picture_source source, std::size_t size) {
  if (source == picture_source::original) return;
  if (size == 0)
    throw error(errc::invalid_argument, {"choose a source", "original bytes", "only the original source has them",
                                         "give a size in pixels, or the source original"});
  const std::size_t url = table.column("URL");
  const bool has_preview = table.has("preview");
  const std::size_t preview = has_preview ? table.column("preview") : 0;
  for (auto& row : table.rows) {
    if (row[url].empty()) continue;
    row[url] = source == picture_source::iiif
                   ? iiif_sized(row[url], 2 * size)
                   : thumbnail_of(row[url], has_preview ? row[preview] : std::string(), size <= 128 ? 200 : 400);
  }
}

} // namespace eucv::download
#endif

// ---- eucv/download/verify.hpp: implementation ----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

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
    return bytes.size() == row.bytes && sha256(bytes) == row.sha256 ? "" : "changed";
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

// ---- eucv/classify/architecture.hpp: implementation ----------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

namespace eucv::classify {

network make_network(const architecture& wanted, random& engine, thread_pool& pool) {
  const auto build = [&](auto layers) -> network {
    return nn::model(std::move(layers), nn::shape{1, 3, wanted.size, wanted.size}, engine, nn::host<float>(pool));
  };
  if (wanted.name == "small") return build(zoo::small({.classes = wanted.classes}));
  if (wanted.name == "resnet18") return build(zoo::resnet18({.classes = wanted.classes}));
  if (wanted.name == "resnet34") return build(zoo::resnet34({.classes = wanted.classes}));
  if (wanted.name == "resnet50") return build(zoo::resnet50({.classes = wanted.classes}));
  std::string known;
  for (const auto name : architectures()) known += (known.empty() ? "" : ", ") + std::string(name);
  throw error(errc::invalid_argument,
              {"build a network", std::string(wanted.name), "there is no such architecture", "choose one of " + known});
}

} // namespace eucv::classify
#endif

// ---- eucv/classify/description.hpp: implementation -----------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <cmath>
#include <cstdint>
#include <set>

namespace eucv::classify {

std::string to_json(const description& about) {
  const auto three = [](const std::array<double, 3>& values) {
    return "[" + json_number(values[0]) + ", " + json_number(values[1]) + ", " + json_number(values[2]) + "]";
  };
  std::string out = "{\n  \"format\": \"eucv classifier\",\n  \"format_version\": " + std::to_string(format_version) +
                    ",\n  \"architecture\": " + json_string(about.architecture) + ",\n  \"labels\": [";
  const char* gap = "\n    ";
  for (const auto& each : about.labels) {
    out += gap + ("{\"label\": " + json_string(each.name)) + ", \"concept\": " + json_string(each.uri) + "}";
    gap = ",\n    ";
  }
  out += "],\n  \"preprocessing\": {\"size\": " + std::to_string(about.pictures.size) +
         ", \"mean\": " + three(about.pictures.mean) + ", \"deviation\": " + three(about.pictures.deviation) +
         "},\n  \"provenance\": {";
  gap = "\n    ";
  for (const auto& [name, value] : about.provenance) {
    out += gap + json_string(name) + ": " + json_string(value);
    gap = ",\n    ";
  }
  return out + "}\n}\n";
}

namespace detail {

/// A JSON value with what its messages need. Each way down checks the type.
class model_json {
public:
  model_json(const boost::json::value& value, const std::string& on, std::string name)
      : value_(value), on_(on), name_(std::move(name)) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::bad_format, {"read the model", on_, "\"" + name_ + "\" " + why,
                                   "take the folder as eucv wrote it, or train the model anew"});
  }
  [[nodiscard]] model_json at(const char* key) const {
    const auto* const object = value_.if_object();
    const auto* const member = object == nullptr ? nullptr : object->if_contains(key);
    if (member == nullptr) refuse(std::string("has no \"") + key + "\"");
    return {*member, on_, key};
  }
  [[nodiscard]] std::string text() const {
    const auto* const string = value_.if_string();
    if (string == nullptr) refuse("is no text");
    return {string->data(), string->size()};
  }
  [[nodiscard]] double number() const {
    if (!value_.is_number()) refuse("is no number");
    return value_.to_number<double>();
  }
  template <class Function>
  void for_each(Function&& function) const {
    const auto* const array = value_.if_array();
    if (array == nullptr) refuse("is no list");
    for (const auto& each : *array) function(model_json(each, on_, name_));
  }
  template <class Function>
  void for_each_member(Function&& function) const {
    const auto* const object = value_.if_object();
    if (object == nullptr) refuse("is no object");
    for (const auto& [key, value] : *object) function(std::string(key), model_json(value, on_, std::string(key)));
  }

private:
  const boost::json::value& value_;
  const std::string& on_;
  std::string name_;
};

} // namespace detail

description parse_description(std::string_view text, const std::string& on) {
  const boost::json::value value = parse_json(text, on);
  const detail::model_json document(value, on, "model.json");
  if (document.at("format").text() != "eucv classifier") document.at("format").refuse("is not that of a classifier");
  const double version = document.at("format_version").number();
  if (version != format_version)
    throw error(errc::wrong_version, {"read the model", on,
                                      "its format version is " + json_number(version) + ", and this program reads " +
                                          std::to_string(format_version),
                                      "use the version of eucv that wrote it, or train the model anew"});
  description about;
  about.architecture = document.at("architecture").text();
  std::set<std::string> names;
  document.at("labels").for_each([&](const detail::model_json& each) {
    about.labels.push_back({each.at("label").text(), each.at("concept").text()});
    if (!names.insert(about.labels.back().name).second) each.refuse("holds a label twice");
  });
  if (about.labels.empty()) document.at("labels").refuse("is empty");
  const auto pictures = document.at("preprocessing");
  const double size = pictures.at("size").number();
  if (!(size >= 1 && size <= 4096) || size != std::floor(size)) pictures.at("size").refuse("is no number of pixels");
  about.pictures.size = static_cast<std::size_t>(size);
  const auto three = [&](const char* key, std::array<double, 3>& values, double least) {
    std::size_t count = 0;
    pictures.at(key).for_each([&](const detail::model_json& each) {
      if (count == 3 || !(each.number() >= least)) each.refuse("holds no three fitting numbers");
      values[count++] = each.number();
    });
    if (count != 3) pictures.at(key).refuse("holds no three fitting numbers");
  };
  three("mean", about.pictures.mean, -1e3);
  three("deviation", about.pictures.deviation, 1e-6);
  document.at("provenance").for_each_member([&](const std::string& name, const detail::model_json& each) {
    about.provenance[name] = each.text();
  });
  return about;
}

description read_description(const std::filesystem::path& folder) {
  const auto path = folder / "model.json";
  if (!std::filesystem::exists(path))
    throw error(errc::not_found, {"read the model", path.string(), "there is no such file",
                                  "name a folder that a finished training wrote"});
  return parse_description(read_file(path, std::uint64_t{1} << 26), path.string());
}

} // namespace eucv::classify
#endif

// ---- eucv/classify/classifier.hpp: implementation ------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <numeric>
#include <utility>

namespace eucv::classify {

struct classifier::parts {
  description about;
  thread_pool pool;
  network net;
  dataset::pixel_writer writer;

  parts(description facts, std::size_t threads, random engine)
      : about(std::move(facts)), pool(threads),
        net(make_network({about.architecture, about.labels.size(), about.pictures.size}, engine, pool)),
        writer({about.pictures.mean, about.pictures.deviation}) {}

  /// Logits of pictures that have been prepared, in rows.
  std::vector<float> logits(const std::vector<float>& pixels, std::size_t count) {
    auto images = net.backend().make({count, 3, about.pictures.size, about.pictures.size});
    net.backend().assign(images, pixels, nn::order::channels_last);
    return net.backend().values(net.forward(std::move(images), nn::mode::eval), nn::order::channels_last);
  }

  [[nodiscard]] std::vector<ranked_label> rank(std::span<const float> row, std::size_t top) const {
    const auto probabilities = nn::softmax(row);
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    if (top != 0 && top < order.size()) order.resize(top);
    std::vector<ranked_label> ranked;
    for (const std::size_t each : order)
      ranked.push_back({about.labels[each].name, about.labels[each].uri, probabilities[each]});
    return ranked;
  }
};

classifier::classifier(std::unique_ptr<parts> built) noexcept : parts_(std::move(built)) {}
classifier::classifier(classifier&&) noexcept = default;
classifier& classifier::operator=(classifier&&) noexcept = default;
classifier::~classifier() = default;

const description& classifier::about() const noexcept {
  return parts_->about;
}

classifier classifier::load(const std::filesystem::path& folder, const classifier_options& options) {
  auto built = std::make_unique<parts>(read_description(folder), options.threads, random(1));
  nn::load_weights(built->net, nn::read_safetensors(folder / "weights.safetensors"));
  return classifier(std::move(built));
}

void classifier::save(const std::filesystem::path& folder) {
  make_folder(folder);
  nn::tensor_file content{.source = (folder / "weights.safetensors").string()};
  content.metadata["architecture"] = parts_->about.architecture;
  content.metadata["format"] = "pt";
  nn::save_weights(parts_->net, content);
  nn::write_safetensors(folder / "weights.safetensors", content);
  write_file_atomically(folder / "model.json", to_json(parts_->about));
}

std::vector<ranked_label> classifier::predict(const image::bitmap& picture, std::size_t top) {
  return std::move(predict(std::span(&picture, 1), top).front());
}

std::vector<std::vector<ranked_label>> classifier::predict(std::span<const image::bitmap> pictures, std::size_t top) {
  constexpr std::size_t most = 32; // activations of so many pictures are held at a time
  std::vector<std::vector<ranked_label>> ranked;
  const std::size_t size = parts_->about.pictures.size, classes = parts_->about.labels.size();
  for (std::size_t first = 0; first < pictures.size(); first += most) {
    const auto some = pictures.subspan(first, std::min(most, pictures.size() - first));
    std::vector<image::bitmap> squares(some.size());
    parts_->pool.for_each(some.size(), [&](std::size_t i) {
      squares[i] = dataset::middle_square(image::shrink_shorter_side(some[i], size), size);
    });
    std::vector<float> pixels;
    for (const auto& square : squares) parts_->writer.append(square, pixels);
    const auto logits = parts_->logits(pixels, some.size());
    for (std::size_t i = 0; i < some.size(); ++i)
      ranked.push_back(parts_->rank(std::span(logits).subspan(i * classes, classes), top));
  }
  return ranked;
}

void classifier::predict_files(const std::function<std::optional<std::filesystem::path>()>& next,
                               const std::function<void(const file_prediction&)>& sink,
                               const predict_options& options) {
  const std::size_t batch = std::max<std::size_t>(1, options.batch);
  while (true) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"classify", "files", "asked to stop", "run the same command again"});
    std::vector<std::filesystem::path> files;
    while (files.size() < batch) {
      auto file = next();
      if (!file) break;
      files.push_back(std::move(*file));
    }
    if (files.empty()) return;
    std::vector<std::optional<result<image::bitmap>>> read(files.size());
    parts_->pool.for_each(files.size(), [&](std::size_t i) {
      read[i] = dataset::read_picture(files[i], {.shorter_side = parts_->about.pictures.size});
    });
    std::vector<image::bitmap> pictures;
    for (auto& each : read)
      if (*each) pictures.push_back(std::move(**each));
    auto ranked = predict(pictures, options.top);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < files.size(); ++i)
      sink(*read[i] ? file_prediction{files[i], std::move(ranked[taken++])}
                    : file_prediction{files[i], read[i]->error()});
  }
}

std::vector<file_prediction> classifier::predict_files(std::span<const std::filesystem::path> files,
                                                       const predict_options& options) {
  std::vector<file_prediction> rows;
  std::size_t place = 0;
  predict_files([&] { return place == files.size() ? std::nullopt : std::optional(files[place++]); },
                [&](const file_prediction& row) { rows.push_back(row); }, options);
  return rows;
}

} // namespace eucv::classify
#endif

// ---- eucv/classify/evaluate.hpp: implementation --------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace eucv::classify {

evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images, const evaluate_options& options) {
  const auto data = dataset::read_image_folder(images);
  const auto& labels = model.about().labels;
  std::vector<std::string> names;
  std::map<std::string, std::size_t> place;
  for (const auto& each : labels) {
    place.emplace(each.name, names.size());
    names.push_back(each.name);
  }
  for (const auto& label : data.labels)
    if (!place.contains(label))
      throw error(errc::unknown_label, {"evaluate", images.string(), "the model knows no label \"" + label + "\"",
                                        "remove that folder, or train a model with this label"});
  std::vector<std::filesystem::path> files;
  for (const auto& each : data.files) files.push_back(each.file);
  evaluated result;
  std::vector<std::size_t> truth, predicted;
  std::size_t at = 0, given = 0;
  const auto next = [&] { return given == files.size() ? std::nullopt : std::optional(files[given++]); };
  const auto judge = [&](const file_prediction& row) {
    const std::size_t right = place.at(data.labels[data.files[at++].label]);
    if (row.ranked) {
      const auto& best = row.ranked->front();
      truth.push_back(right);
      predicted.push_back(place.at(best.label));
      result.files.push_back({row.file, right, predicted.back(), best.probability});
      for (const auto& each : *row.ranked)
        if (place.at(each.label) == right)
          result.loss -= std::log(std::max(each.probability, std::numeric_limits<double>::min()));
    } else {
      result.unreadable.push_back({row.file, row.ranked.error().reason()});
    }
    if (options.progress) options.progress({"evaluate", at, files.size(), ""});
  };
  model.predict_files(next, judge, {.top = 0, .batch = options.batch, .stop = options.stop});
  result.loss =
      truth.empty() ? std::numeric_limits<double>::quiet_NaN() : result.loss / static_cast<double>(truth.size());
  result.figures = train::metrics_of(truth, predicted, std::move(names));
  return result;
}

} // namespace eucv::classify
#endif

// ---- eucv/classify/train.hpp: implementation -----------------------------------------------------------------------
#ifdef EUCV_IMPLEMENTATION

#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

namespace eucv::classify {
namespace detail {

/// One call of train_classifier(), step by step.
class training {
public:
  training(const std::filesystem::path& images, std::filesystem::path folder, const train_options& options)
      : options_(options), folder_(std::move(folder)), checkpoints_(folder_ / "checkpoint"),
        pictures_(images, checked(options)) {
    prepare();
  }

  trained run() {
    make_folder(folder_);
    const folder_lock lock(folder_);
    if (const auto& found = pictures_.duplicates(); options_.message && found.exact + found.near != 0)
      options_.message(std::to_string(found.exact) + " pictures are copies of others byte by byte, " +
                       std::to_string(found.near) +
                       " nearly so; copies stay on one side of the split (see: eucv dataset duplicates)");
    if (is_finished()) {
      trained result{.model = classifier::load(folder_, {.threads = options_.threads})};
      const auto history = folder_ / "history.csv";
      result.history = train::parse_history(read_file(history), history.string());
      return complete(std::move(result));
    }
    auto built = std::make_unique<classifier::parts>(about(), options_.threads, random(options_.seed));
    if (!options_.init.empty()) nn::load_pretrained(built->net, nn::read_safetensors(options_.init));
    if (options_.freeze != 0) built->net.freeze_first(options_.freeze);
    trained result{.model = classifier(std::move(built))};
    auto& parts = result.model.inside();
    const train::fit_data data{pictures_.training(), pictures_.validation(), pictures_.labels()};
    auto done = train::fit(parts.net, data, fit_);
    result.history = std::move(done.history);
    result.resumed_at = done.resumed_at;
    parts.about.provenance["best epoch"] = std::to_string(done.best_epoch);
    parts.about.provenance["training pictures"] = std::to_string(pictures_.readable_training());
    parts.about.provenance["validation pictures"] = std::to_string(pictures_.readable_validation());
    result = complete(std::move(result));
    write_file_atomically(folder_ / "history.csv", train::history_csv(result.history));
    write_file_atomically(folder_ / "metrics.json", train::to_json(result.figures));
    result.model.save(folder_);
    train::checkpoint_folder(checkpoints_).clear();
    return result;
  }

private:
  static error refuse(const std::string& on, const std::string& why, const std::string& advice) {
    return {errc::invalid_argument, {"train", on, why, advice}};
  }

  static training_picture_options checked(const train_options& options) {
    if (options.batch == 0 || options.epochs == 0)
      throw refuse("the options", "the batch and the number of epochs are at least 1", "raise them");
    return {options.size, options.batch, options.validation, options.seed, options.threads};
  }

  void prepare() {
    fit_.epochs = options_.epochs;
    fit_.schedule = nn::one_cycle{.peak = rate()};
    fit_.loss.class_weights = pictures_.class_weights();
    fit_.patience = options_.patience;
    // Of a hundred or so pictures F1 is a coarse figure, and its luckiest epoch an early one; the loss is a fine one.
    fit_.best_by = train::watched::validation_loss;
    fit_.checkpoints = checkpoints_;
    fit_.checkpoint_seconds = options_.checkpoint_seconds;
    fit_.progress = options_.progress;
    fit_.message = options_.message;
    fit_.stop = options_.stop;
    fit_.after_epoch = [this](std::span<const train::epoch_figures> history) {
      write_file_atomically(folder_ / "history.csv", train::history_csv(history));
    };
    fit_.identity = {{"architecture", options_.architecture},
                     {"size", std::to_string(options_.size)},
                     {"batch", std::to_string(options_.batch)},
                     {"seed", std::to_string(options_.seed)},
                     {"validation", json_number(options_.validation)},
                     {"init", options_.init.empty() ? "" : digest(read_file(options_.init))},
                     {"freeze", std::to_string(options_.freeze)},
                     {"pictures", digest(pictures_.list())}};
  }

  // Fine-tuning wants smaller steps than learning from nothing, and deep networks smaller ones than flat.
  [[nodiscard]] double rate() const {
    if (options_.rate > 0) return options_.rate;
    if (!options_.init.empty()) return 3e-4;
    return options_.architecture == "small" ? 6e-3 : 1e-3;
  }

  static std::string digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return std::to_string(text.size()) + " bytes, " + std::to_string(hash);
  }

  [[nodiscard]] description about() const {
    description facts;
    facts.architecture = options_.architecture;
    facts.pictures.size = options_.size;
    for (const auto& name : pictures_.labels()) {
      label each{name, ""};
      for (const auto& subject : options_.vocabulary)
        if (subject.label == name) each.uri = subject.uri;
      facts.labels.push_back(std::move(each));
    }
    facts.provenance = train::identity_of(fit_);
    facts.provenance["eucv"] = EUCV_VERSION;
    return facts;
  }

  // A model.json without checkpoints beside it is a training that came to its end.
  [[nodiscard]] bool is_finished() const {
    if (!std::filesystem::exists(folder_ / "model.json") || std::filesystem::exists(checkpoints_)) return false;
    const auto found = read_description(folder_);
    for (const auto& [name, value] : train::identity_of(fit_)) {
      const auto former = found.provenance.find(name);
      if (former == found.provenance.end() || former->second != value)
        throw refuse(folder_.string(),
                     "it holds a finished model that was trained with " + name + " \"" +
                         (former == found.provenance.end() ? "" : former->second) + "\", not \"" + value + "\"",
                     "name another folder, or remove this one");
    }
    return true;
  }

  // What validation says of the weights at hand, and what the provenance says of the pictures.
  trained complete(trained result) {
    result.figures = train::evaluate(result.model.inside().net, pictures_.validation(), pictures_.labels()).figures;
    const auto count = [&](const char* name) {
      const auto found = result.model.about().provenance.find(name);
      return found == result.model.about().provenance.end()
                 ? 0
                 : static_cast<std::size_t>(std::atoll(found->second.c_str()));
    };
    result.training = count("training pictures");
    result.validation = count("validation pictures");
    result.best_epoch = count("best epoch");
    result.unreadable = pictures_.unreadable();
    return result;
  }

  const train_options& options_;
  std::filesystem::path folder_, checkpoints_;
  training_pictures pictures_;
  train::fit_options fit_;
};

} // namespace detail

trained train_classifier(const std::filesystem::path& images, const std::filesystem::path& folder,
                         const train_options& options) {
  return detail::training(images, folder, options).run();
}

} // namespace eucv::classify
#endif
