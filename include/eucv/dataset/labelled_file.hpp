#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace eucv::dataset {

/// A picture on disk and its class.
struct labelled_file {
  std::filesystem::path file; ///< of a picture in a shard: the path of the shard, then the name in it
  std::size_t label = 0;      ///< place of its class among the labels, or of its label set: see image_folder
  std::string group = {}; ///< files of one group show one thing, so a split keeps them together: the ID of their record
  std::uint64_t offset = 0, size = 0; ///< bytes of a picture in a shard; size 0: it is a file of its own

  friend bool operator==(const labelled_file&, const labelled_file&) = default;
};

/// A list of labelled pictures. Its order depends on names alone, never on the file system, so that it holds on every
/// machine.
struct image_folder {
  std::vector<std::string> labels;  ///< sorted
  std::vector<labelled_file> files; ///< by label, then by name; those of shards as they stand in there
  /// The label sets that occur, where pictures may have several labels: of each the places of its labels, ascending.
  /// The `label` of a file is then the place of its set in here. Empty: a picture has one label. See assign_labels().
  std::vector<std::vector<std::size_t>> label_sets = {};

  [[nodiscard]] bool multi_label() const noexcept { return !label_sets.empty(); }
  /// The places of a file's labels: exactly one, or any number where there are label sets.
  [[nodiscard]] std::span<const std::size_t> labels_of(const labelled_file& file) const noexcept {
    return multi_label() ? std::span<const std::size_t>(label_sets[file.label]) : std::span(&file.label, 1);
  }
  /// The names of a file's labels, with blanks between.
  [[nodiscard]] std::string label_text(const labelled_file& file) const {
    std::string text;
    for (const std::size_t label : labels_of(file)) text += (text.empty() ? "" : " ") + labels[label];
    return text;
  }
};

/// The files at the given places, in that order. Precondition: each place is less than files.size().
[[nodiscard]] std::vector<labelled_file> pick(std::span<const labelled_file> files,
                                              std::span<const std::size_t> places);

/// The bytes of a picture, from its file or its shard. Throws as read_file().
[[nodiscard]] inline std::string read_bytes(const labelled_file& from, std::uint64_t limit) {
  return from.size == 0 ? read_file(from.file, limit)
                        : read_file_part(from.file.parent_path(), {from.offset, from.size}, limit);
}

/// The size of a picture in bytes, without reading it: 0 where the file is missing.
[[nodiscard]] std::uint64_t stored_size(const labelled_file& of);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <system_error>

namespace eucv::dataset {

std::vector<labelled_file> pick(std::span<const labelled_file> files, std::span<const std::size_t> places) {
  std::vector<labelled_file> picked;
  picked.reserve(places.size());
  for (const std::size_t place : places) picked.push_back(files[place]);
  return picked;
}

std::uint64_t stored_size(const labelled_file& of) {
  if (of.size != 0) return of.size;
  std::error_code missing;
  const auto size = std::filesystem::file_size(of.file, missing);
  return missing ? 0 : size;
}

} // namespace eucv::dataset
#endif
