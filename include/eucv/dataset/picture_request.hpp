#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/picture_set.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::dataset {

/// How many labels a picture may have.
enum class labels_per_picture { one, any };

/// Which labelled pictures to read, and what is known of them besides their folder.
struct picture_request {
  std::filesystem::path images = {}; ///< a folder for each class, or what a download wrote
  labels_per_picture labelling = labels_per_picture::one;
  std::filesystem::path labels = {};  ///< table `file,label`: labels that replace those of the folder; empty: none
  std::filesystem::path exclude = {}; ///< table with a column `file`: pictures to leave out; empty: none
  std::filesystem::path table = {};   ///< table that knows the records of the pictures, by ID; empty: none
  std::string group_by = {};          ///< column of the table: pictures with one value of it belong together
  std::size_t least = 10;             ///< labels that fewer pictures have are left out, where they may have any number
};

/// What read_pictures() read.
struct requested_pictures {
  picture_set pictures;
  std::size_t joined = 0;             ///< pictures left out as copies of others, which have their labels now
  std::vector<std::string> rare = {}; ///< labels left out
};

/// Reads labelled pictures. Where they may have any number of labels, folders are named by all of them with blanks
/// between, the labels of `vocabulary.json` beside the pictures and of the table's column `category` may hold blanks
/// themselves, and copies are joined. Throws what reading the folder and the tables throws.
[[nodiscard]] requested_pictures read_pictures(const picture_request& request, thread_pool& pool);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/dataset/label_sets.hpp>
#include <eucv/dataset/record_facts.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/dataset/vocabulary.hpp>

#include <map>
#include <set>
#include <utility>

namespace eucv::dataset {

namespace detail {

// f(file, label) for each row of a table of labels.
template <class Function>
void for_each_label_row(const std::filesystem::path& path, Function&& f) {
  const auto table = read_table(path);
  const std::size_t file = table.column("file"), label = table.column("label");
  for (const auto& row : table.rows) f(row[file], row[label]);
}

picture_set with_one_label(const picture_request& request, thread_pool& pool) {
  auto set = read_picture_set(request.images, pool);
  if (request.labels.empty()) return set;
  std::map<std::string, std::string> labels;
  for_each_label_row(request.labels, [&](const auto& file, const auto& label) { labels[file] = label; });
  relabel(set, labels);
  return set;
}

picture_set with_any_labels(const picture_request& request, const table& facts, thread_pool& pool) {
  std::set<std::string> whole; // labels that hold blanks themselves
  const auto vocabulary = request.images / "vocabulary.json";
  if (std::filesystem::exists(vocabulary))
    for (const auto& subject : read_vocabulary(vocabulary)) whole.insert(subject.label);
  auto set = read_multi_label_set(request.images, pool, whole);
  if (facts.has("category")) label_by_table(set, facts, whole);
  if (request.labels.empty()) return set;
  std::map<std::string, std::set<std::string>> labels;
  for_each_label_row(request.labels,
                     [&](const auto& file, const auto& label) { labels[file].merge(split_labels(label, whole)); });
  relabel_multi(set, labels);
  return set;
}

} // namespace detail

requested_pictures read_pictures(const picture_request& request, thread_pool& pool) {
  const bool any = request.labelling == labels_per_picture::any;
  const auto facts = request.table.empty() ? table{} : read_table(request.table);
  requested_pictures result{any ? detail::with_any_labels(request, facts, pool)
                                : detail::with_one_label(request, pool)};
  auto& set = result.pictures;
  if (!request.exclude.empty()) {
    const auto excluded = read_table(request.exclude);
    const std::size_t file = excluded.column("file");
    std::set<std::string> names;
    for (const auto& row : excluded.rows) names.insert(row[file]);
    set = without(set, names);
  }
  if (!request.group_by.empty()) join_by(set, values_of(facts, request.group_by, set.ids));
  if (!any) return result;
  result.joined = join_copies(set);
  result.rare = leave_out_rare(set, request.least);
  return result;
}

} // namespace eucv::dataset
#endif
