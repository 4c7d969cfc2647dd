#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// Splits the labels in a cell or in the name of a folder at blanks, as the harvest writes them in the mode
/// multi-label. `whole` names labels that hold blanks themselves: the longest run of words that is one stays together.
[[nodiscard]] std::set<std::string> split_labels(std::string_view text, const std::set<std::string>& whole = {});

/// Gives each picture a set of labels: the folder gets their names as `labels`, and the sets that occur as
/// `label_sets`. A picture without label gets the empty set. Precondition: one set a picture.
void assign_labels(image_folder& pictures, std::span<const std::set<std::string>> labels_of);

/// The label names of each picture, as assign_labels() takes them, for changing some.
[[nodiscard]] std::vector<std::set<std::string>> label_names(const image_folder& pictures);

/// Reads a folder of pictures as read_image_folder() does, each with the labels that the name of its class holds:
/// split_labels(). A row of status `duplicate` in downloads.csv adds its labels to the file that was kept. `pool`
/// decodes each picture once, to find copies. Throws as read_image_folder(), but for combinations without picture.
[[nodiscard]] picture_set read_multi_label_set(const std::filesystem::path& folder, thread_pool& pool,
                                               const std::set<std::string>& whole = {});

/// Merges the copies of each picture into the first, with the labels of all. So a folder for each class serves too,
/// with one picture in several of them. Returns the number of pictures removed.
std::size_t join_copies(picture_set& set);

/// Gives pictures the labels that a table has in its column `category` for their ID, those of all its rows together,
/// instead of the ones that they had; pictures whose ID it does not know keep theirs. Throws missing_column.
void label_by_table(picture_set& set, const table& rows, const std::set<std::string>& whole = {});

/// Gives named pictures, and the copies of them, other labels, also such as are new here. Throws not_found for a name
/// that no picture has.
void relabel_multi(picture_set& set, const std::map<std::string, std::set<std::string>>& labels);

/// Removes labels that fewer than `least` groups of pictures have, too few to learn or to judge, and returns their
/// names, sorted. The pictures stay, at worst without label.
std::vector<std::string> leave_out_rare(picture_set& set, std::size_t least);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>

namespace eucv::dataset {

std::set<std::string> split_labels(std::string_view text, const std::set<std::string>& whole) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::set<std::string> labels;
  for (std::size_t at = 0; at < words.size();) {
    std::string run = words[at], label = run;
    std::size_t next = at + 1;
    for (std::size_t i = at + 1; i < words.size(); ++i)
      if (run += " " + words[i]; whole.contains(run)) {
        label = run;
        next = i + 1;
      }
    labels.insert(std::move(label));
    at = next;
  }
  return labels;
}

void assign_labels(image_folder& pictures, std::span<const std::set<std::string>> labels_of) {
  std::map<std::string_view, std::size_t> places;
  for (const auto& labels : labels_of)
    for (const auto& label : labels) places.emplace(label, 0);
  pictures.labels.clear();
  for (auto& [label, place] : places) {
    place = pictures.labels.size();
    pictures.labels.emplace_back(label);
  }
  std::map<std::vector<std::size_t>, std::size_t> numbers;
  std::vector<std::vector<std::size_t>> set_of;
  for (const auto& labels : labels_of) {
    auto& label_set = set_of.emplace_back();
    for (const auto& label : labels) label_set.push_back(places.at(label)); // a set is sorted, as the places are
    numbers.emplace(label_set, 0);
  }
  pictures.label_sets.clear();
  for (auto& [label_set, number] : numbers) {
    number = pictures.label_sets.size();
    pictures.label_sets.push_back(label_set);
  }
  for (std::size_t i = 0; i < pictures.files.size(); ++i) pictures.files[i].label = numbers.at(set_of[i]);
}

std::vector<std::set<std::string>> label_names(const image_folder& pictures) {
  std::vector<std::set<std::string>> sets;
  for (const auto& file : pictures.files) {
    auto& set = sets.emplace_back();
    for (const std::size_t label : pictures.labels_of(file)) set.insert(pictures.labels[label]);
  }
  return sets;
}

picture_set read_multi_label_set(const std::filesystem::path& folder, thread_pool& pool,
                                 const std::set<std::string>& whole) {
  picture_set set{
      .folder = folder, .pictures = read_image_folder(folder, without_picture::is_left_out), .copies = {}, .ids = {}};
  std::map<std::string, std::set<std::string>> more; // of files, what duplicates of them say
  if (const auto list = folder / "downloads.csv"; std::filesystem::exists(list)) {
    const table rows = read_table(list);
    const std::size_t category = rows.column("category"), file = rows.column("file"), status = rows.column("status");
    for (const auto& row : rows.rows)
      if (row[status] == "duplicate") more[row[file]].merge(split_labels(row[category], whole));
  }
  std::vector<std::set<std::string>> labels;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto& file = set.pictures.files[i];
    set.ids.push_back(file.group);
    labels.push_back(split_labels(set.pictures.labels[file.label], whole));
    if (const auto found = more.find(set.name(i)); found != more.end()) labels.back().merge(found->second);
  }
  set.copies = find_duplicates(fingerprints_of(set.pictures.files, pool));
  join_groups(set.pictures.files, set.copies);
  assign_labels(set.pictures, labels);
  return set;
}

std::size_t join_copies(picture_set& set) {
  auto labels = label_names(set.pictures);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::size_t first = set.copies.first[i];
    if (first == i)
      kept.push_back(i);
    else
      labels[first].insert(labels[i].begin(), labels[i].end());
  }
  assign_labels(set.pictures, labels);
  const std::size_t joined = set.size() - kept.size();
  set = subset(set, kept);
  return joined;
}

void label_by_table(picture_set& set, const table& rows, const std::set<std::string>& whole) {
  const std::size_t id = rows.column("ID"), category = rows.column("category");
  std::map<std::string_view, std::set<std::string>> known;
  for (const auto& row : rows.rows) known[row[id]].merge(split_labels(row[category], whole));
  auto labels = label_names(set.pictures);
  for (std::size_t i = 0; i < set.size(); ++i)
    if (const auto found = known.find(set.ids[i]); found != known.end()) labels[i] = found->second;
  assign_labels(set.pictures, labels);
}

void relabel_multi(picture_set& set, const std::map<std::string, std::set<std::string>>& labels) {
  const auto places = detail::places_by_name(set);
  std::map<std::size_t, std::set<std::string>> given; // of the first of each group of copies
  for (const auto& [name, some] : labels) {
    const auto found = places.find(name);
    if (found == places.end()) throw detail::no_such_picture(set, name);
    given[set.copies.first[found->second]].insert(some.begin(), some.end());
  }
  auto all = label_names(set.pictures);
  for (std::size_t i = 0; i < set.size(); ++i)
    if (const auto found = given.find(set.copies.first[i]); found != given.end()) all[i] = found->second;
  assign_labels(set.pictures, all);
}

std::vector<std::string> leave_out_rare(picture_set& set, std::size_t least) {
  auto labels = label_names(set.pictures);
  std::map<std::string, std::set<std::string_view>> groups;
  for (std::size_t i = 0; i < set.size(); ++i)
    for (const auto& label : labels[i]) groups[label].insert(set.pictures.files[i].group);
  std::vector<std::string> rare;
  for (const auto& [label, found] : groups)
    if (found.size() < least) rare.push_back(label);
  for (auto& each : labels)
    for (const auto& label : rare) each.erase(label);
  assign_labels(set.pictures, labels);
  return rare;
}

} // namespace eucv::dataset
#endif
