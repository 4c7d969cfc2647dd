#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/image/formats.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// The images that a command line names: files as they are, folders as the images in and below them, by name, and "-"
/// as one path a line on an input, read as it comes.
class picture_paths {
public:
  picture_paths(std::vector<std::string> paths, std::istream& input) : paths_(std::move(paths)), input_(&input) {}

  /// The next one, or nothing at the end. Throws errc::not_found for a folder without an image.
  std::optional<std::filesystem::path> next() {
    while (true) {
      if (at_ < found_.size()) return found_[at_++];
      if (std::string line; listing_ && std::getline(*input_, line)) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) expand(line);
        continue;
      }
      listing_ = false;
      if (place_ == paths_.size()) return std::nullopt;
      const std::string& path = paths_[place_++];
      path == "-" ? static_cast<void>(listing_ = true) : expand(path);
    }
  }

private:
  void expand(const std::filesystem::path& path) {
    at_ = 0;
    found_ = {path};
    std::error_code failure;
    if (!std::filesystem::is_directory(path, failure)) return;
    found_.clear();
    for (std::filesystem::recursive_directory_iterator entry(path, failure), end; !failure && entry != end;
         entry.increment(failure))
      if (eucv::image::format_by_ending(entry->path().filename().string()) != nullptr) found_.push_back(entry->path());
    if (failure) throw eucv::file_error("list", path, failure.value());
    if (found_.empty())
      throw eucv::error(eucv::errc::not_found,
                        {"classify", path.string(), "the folder holds no picture (" + eucv::image::format_names() + ")",
                         "name a folder of images, or the files themselves"});
    std::ranges::sort(found_);
  }

  std::vector<std::string> paths_;
  std::istream* input_;
  std::size_t place_ = 0;
  bool listing_ = false;
  std::vector<std::filesystem::path> found_;
  std::size_t at_ = 0;
};

} // namespace program
