#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace eucv::download {

/// Whether `name` is safe as one component of a path: not empty, not "." or "..", no '/', '\' or control character, no
/// leading '-' or '.', no blank at the ends, at most 200 bytes.
[[nodiscard]] constexpr bool is_safe_component(std::string_view name) noexcept {
  if (name.empty() || name.size() > 200) return false;
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ' || name.back() == ' ') return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\') return false;
  return true;
}

/// The file name of an item, without suffix: the letters, digits, '_' and '-' of the ID, at most 80 of them, everything
/// else as '_', and 12 digits of the SHA-256 of the whole ID. So the name is safe, readable and unique.
[[nodiscard]] std::string file_stem(std::string_view id);

/// A file that is written but not published: it is stored as `path.part` until publish(), and removed with this object
/// without. Movable.
class written_file {
public:
  /// Writes `bytes` to `path.part` and checks the length. Throws file_error().
  written_file(std::filesystem::path path, std::string_view bytes);
  written_file(written_file&& other) noexcept = default;
  written_file& operator=(written_file&&) = delete;
  ~written_file();

  /// The path that publish() gives it.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// The open file, to be synced before it is published.
  [[nodiscard]] file& output() noexcept { return output_; }
  /// Renames the file to `path`, replacing what is there. Throws file_error().
  void publish();

private:
  std::filesystem::path path_;
  file output_; // closed when published or moved from
};

/// Stores `bytes` at `path`, which holds all of them or what it held before, also after a crash: `path.part`, length
/// checked, fsync, rename, fsync of the folder. Throws file_error(), and removes the `.part`.
void store_file(const std::filesystem::path& path, std::string_view bytes);

/// Removes a file and its `.part` where they exist.
void remove_stored(const std::filesystem::path& path) noexcept;

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/core/digest.hpp>

#include <cerrno>
#include <utility>

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
  return stem + (stem.empty() ? "" : "-") + sha256_text(id).substr(0, 12);
}

namespace detail {

std::filesystem::path part_of(const std::filesystem::path& path) {
  std::filesystem::path part = path;
  part += ".part";
  return part;
}

} // namespace detail

written_file::written_file(std::filesystem::path path, std::string_view bytes) : path_(std::move(path)) {
  output_ = file(detail::part_of(path_), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  try {
    output_.write(bytes);
    if (output_.size() != bytes.size()) throw file_error("write all of", output_.path(), EIO);
  } catch (const error&) {
    ::unlink(output_.path().c_str());
    throw;
  }
}

written_file::~written_file() {
  if (output_.is_open()) ::unlink(output_.path().c_str());
}

void written_file::publish() {
  if (::rename(output_.path().c_str(), path_.c_str()) != 0) throw file_error("rename to", path_, errno);
  output_ = file();
}

void store_file(const std::filesystem::path& path, std::string_view bytes) {
  written_file written(path, bytes);
  written.output().sync();
  written.publish();
  sync_folder(path.parent_path());
}

void remove_stored(const std::filesystem::path& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::filesystem::remove(detail::part_of(path), ignored);
}

} // namespace eucv::download
#endif
