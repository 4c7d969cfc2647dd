#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/dataset/shards.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace eucv::dataset {

namespace detail {

// Of each class its pictures, as pairs of the file's name below the folder and its group.
using named_files = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

} // namespace detail

/// What becomes of a class that has no picture.
enum class without_picture {
  is_refused,  ///< it is an error: a training would never see the class
  is_left_out, ///< for classes that are combinations of labels, each of which occurs elsewhere too
};

/// Lists the pictures of a folder: the rows of its downloads.csv with status `ok` where it has such a table (group: the
/// ID), else the files CLASS/* that end like a format of image::formats() (group: the file itself). Names with a
/// leading dot are skipped. Of a folder that write_shards() wrote: read_shards().
///
/// A picture of the table that is no longer on disk is listed too, so that whoever reads it counts it as missing.
/// Throws not_found, empty_class where there is no class at all or one has no picture, and what read_table() throws.
[[nodiscard]] image_folder read_image_folder(const std::filesystem::path& folder,
                                             without_picture a_class = without_picture::is_refused);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/image/formats.hpp>

#include <algorithm>
#include <system_error>

namespace eucv::dataset {

namespace detail {

named_files files_by_download(const std::filesystem::path& list) {
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

named_files files_by_folder(const std::filesystem::path& folder) {
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
      if (image::format_by_ending(entry.path().filename().string()) == nullptr || !entry.is_regular_file(ignored))
        continue;
      const std::string name = label + "/" + entry.path().filename().string();
      files.emplace_back(name, name);
    }
  }
  return found;
}

} // namespace detail

image_folder read_image_folder(const std::filesystem::path& folder, without_picture a_class) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure))
    throw error(errc::not_found, {"read the pictures", folder.string(), "there is no such folder", "check the path"});
  if (std::filesystem::exists(folder / shard_index, failure)) return read_shards(folder);
  const auto list = folder / "downloads.csv";
  const bool downloaded = std::filesystem::exists(list, failure);
  auto found = downloaded ? detail::files_by_download(list) : detail::files_by_folder(folder);
  if (a_class == without_picture::is_left_out)
    std::erase_if(found, [](const auto& each) { return each.second.empty(); });
  if (found.empty())
    throw error(errc::empty_class,
                {"read the pictures", downloaded ? list.string() : folder.string(), "it holds no class",
                 downloaded
                     ? "download some pictures first"
                     : "put the pictures of each class into a folder of its own in there, named like the class"});
  image_folder result;
  for (auto& [label, files] : found) {
    if (files.empty())
      throw error(errc::empty_class,
                  {"read the pictures", (folder / label).string(), "this class has no picture",
                   downloaded ? "retry its failed downloads, or take its rows out of downloads.csv"
                              : "add pictures to it (" + image::format_names() + "), or remove the folder"});
    std::sort(files.begin(), files.end());
    for (auto& [name, group] : files)
      result.files.push_back({.file = folder / name, .label = result.labels.size(), .group = std::move(group)});
    result.labels.push_back(label);
  }
  return result;
}

} // namespace eucv::dataset
#endif
