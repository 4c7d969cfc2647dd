#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eucv::nn::detail {

/// The name of the layer at hand while a network is walked through: the names of its parents and its own, joined by
/// dots as in PyTorch.
class name_path {
public:
  /// Goes into a child of that name until the object dies; an empty name adds no level.
  class [[nodiscard]] scope {
  public:
    scope(name_path& path, std::string_view name) : path_(path), length_(path.text_.size()) {
      if (name.empty()) return;
      if (length_ == 0)
        path_.block_ = name;
      else
        path_.text_ += '.';
      path_.text_ += name;
    }
    ~scope() {
      path_.text_.resize(length_);
      if (length_ == 0) path_.block_.clear();
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

  private:
    name_path& path_;
    std::size_t length_;
  };

  /// Empty for the outermost layer.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// The outermost name of the path, which may have dots itself.
  [[nodiscard]] const std::string& block() const noexcept { return block_; }
  /// The full name of something that the layer at hand calls `name`.
  [[nodiscard]] std::string full(std::string_view name) const {
    return text_.empty() ? std::string(name) : text_ + '.' + std::string(name);
  }

private:
  std::string text_, block_;
};

} // namespace eucv::nn::detail
