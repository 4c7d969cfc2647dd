#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/labelled_file.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// A data set to be split: labelled pictures, with their copies and groups.
struct picture_set {
  std::filesystem::path folder; ///< the root that names are relative to
  image_folder pictures;        ///< with one group for all that must stay on one side of a split
  duplicate_groups copies;
  std::vector<std::string> ids; ///< of each picture the ID of its record, or its own name

  [[nodiscard]] std::size_t size() const noexcept { return pictures.files.size(); }
  /// The name of a picture below the folder, as tables have it: "map/x.jpg".
  [[nodiscard]] std::string name(std::size_t i) const {
    return pictures.files[i].file.lexically_relative(folder).generic_string();
  }
};

/// Reads a folder of pictures and finds the copies in it; `pool` decodes each picture once for that. Pictures of one
/// record and copies of one picture share a group. Throws as read_image_folder().
[[nodiscard]] picture_set read_picture_set(const std::filesystem::path& folder, thread_pool& pool);

/// The subset of the pictures at the given places, which ascend. All labels stay, also those without a picture; the
/// counts of copies are 0, since they describe the whole set. Precondition: each place is less than size().
[[nodiscard]] picture_set subset(const picture_set& set, std::span<const std::size_t> places);

/// Merges the groups of pictures with one key, such as their provider. An empty key joins nothing. Precondition: one
/// key a picture.
void join_by(picture_set& set, std::span<const std::string> keys);

namespace detail {

// Place of each named picture. Throws not_found for a name that no picture has.
[[nodiscard]] inline std::map<std::string, std::size_t> places_by_name(const picture_set& set) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < set.size(); ++i) places.emplace(set.name(i), i);
  return places;
}
[[nodiscard]] inline error no_such_picture(const picture_set& set, const std::string& name) {
  return {errc::not_found,
          {"look a picture up", set.folder.string(), "there is no picture \"" + name + "\"",
           "give a table that was made of this folder, with names below it"}};
}

} // namespace detail

/// Leaves out the named pictures. Throws not_found for a name that no picture has.
[[nodiscard]] picture_set without(const picture_set& set, const std::set<std::string>& names);

/// Gives named pictures other labels. Throws not_found for a name that no picture has, unknown_label for a label that
/// the set has not.
void relabel(picture_set& set, const std::map<std::string, std::string>& labels);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>

namespace eucv::dataset {

picture_set read_picture_set(const std::filesystem::path& folder, thread_pool& pool) {
  picture_set set{.folder = folder, .pictures = read_image_folder(folder), .copies = {}, .ids = {}};
  for (const auto& each : set.pictures.files) set.ids.push_back(each.group);
  set.copies = find_duplicates(fingerprints_of(set.pictures.files, pool));
  join_groups(set.pictures.files, set.copies);
  return set;
}

picture_set subset(const picture_set& set, std::span<const std::size_t> places) {
  picture_set part{.folder = set.folder,
                   .pictures = {set.pictures.labels, pick(set.pictures.files, places), set.pictures.label_sets},
                   .copies = {},
                   .ids = {}};
  std::map<std::size_t, std::size_t> first_of;
  for (std::size_t i = 0; i < places.size(); ++i) {
    part.copies.first.push_back(first_of.try_emplace(set.copies.first[places[i]], i).first->second);
    part.ids.push_back(set.ids[places[i]]);
  }
  return part;
}

void join_by(picture_set& set, std::span<const std::string> keys) {
  duplicate_groups equal;
  std::map<std::string_view, std::size_t> first_of;
  for (std::size_t i = 0; i < keys.size(); ++i)
    equal.first.push_back(keys[i].empty() ? i : first_of.try_emplace(keys[i], i).first->second);
  join_groups(set.pictures.files, equal);
}

picture_set without(const picture_set& set, const std::set<std::string>& names) {
  const auto places = detail::places_by_name(set);
  for (const auto& name : names)
    if (!places.contains(name)) throw detail::no_such_picture(set, name);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < set.size(); ++i)
    if (!names.contains(set.name(i))) kept.push_back(i);
  return subset(set, kept);
}

void relabel(picture_set& set, const std::map<std::string, std::string>& labels) {
  const auto places = detail::places_by_name(set);
  for (const auto& [name, label] : labels) {
    const auto found = places.find(name);
    if (found == places.end()) throw detail::no_such_picture(set, name);
    const auto& known = set.pictures.labels;
    const auto place = std::find(known.begin(), known.end(), label);
    if (place == known.end())
      throw error(errc::unknown_label, {"correct labels", name, "there is no class \"" + label + "\" here",
                                        "add a folder of that name with a picture, or mend the table"});
    set.pictures.files[found->second].label = static_cast<std::size_t>(place - known.begin());
  }
}

} // namespace eucv::dataset
#endif
