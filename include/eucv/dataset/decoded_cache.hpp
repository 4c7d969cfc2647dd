#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/image/bitmap.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace eucv::dataset {

/// A cache of decoded pictures for later epochs, limited in bytes.
///
/// What does not fit is not kept, and nothing is evicted for it: an epoch reads every file once, so evicting the oldest
/// would remove each picture just before it is needed. A file that changes on disk is not noticed. Thread safe; several
/// `batches`, of training and validation say, may share one.
class decoded_cache {
public:
  explicit decoded_cache(std::size_t byte_limit) : limit_(byte_limit) {}

  /// The picture of `file` as it was kept with this shorter side, or nullptr.
  [[nodiscard]] std::shared_ptr<const image::bitmap> find(const std::filesystem::path& file,
                                                          std::size_t shorter_side) const;

  /// Keeps a picture where room is left. Of two for one key, the first stays.
  void keep(const std::filesystem::path& file, std::size_t shorter_side, std::shared_ptr<const image::bitmap> picture);

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

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <utility>

namespace eucv::dataset {

std::shared_ptr<const image::bitmap> decoded_cache::find(const std::filesystem::path& file,
                                                         std::size_t shorter_side) const {
  std::lock_guard lock(mutex_);
  const auto found = pictures_.find(key(file, shorter_side));
  return found == pictures_.end() ? nullptr : found->second;
}

void decoded_cache::keep(const std::filesystem::path& file, std::size_t shorter_side,
                         std::shared_ptr<const image::bitmap> picture) {
  std::string name = key(file, shorter_side);
  const std::size_t cost = picture->rgb.capacity() + name.capacity() + overhead;
  std::lock_guard lock(mutex_);
  if (cost > limit_ - bytes_) return;
  if (pictures_.try_emplace(std::move(name), std::move(picture)).second) bytes_ += cost;
}

} // namespace eucv::dataset
#endif
