#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/detail/iterative_stratification.hpp>
#include <eucv/dataset/folder.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace eucv::dataset {

/// Fractions of the files for validation and test; the rest is for training.
struct split_options {
  double validation = 0.1;
  double test = 0;
  std::uint64_t seed = 1;
};

/// Indices into the list of files, each in one part, ascending.
struct split_indices {
  std::vector<std::size_t> train, validation, test;
};

/// Stratified split with groups: each part has its fraction of each class, as nearly as groups allow, and all files of
/// one group are in one part, since pictures of one record on both sides would be leakage.
///
/// Each part that is asked for gets at least one group of each class. The same seed and list give the same split on
/// every machine. Labels are counted from 0. Throws errc::empty_class for a label without file, errc::class_too_small
/// for one with fewer groups than there are parts, errc::invalid_argument for fractions that are none or lists of
/// unequal length.
[[nodiscard]] split_indices stratified_split(std::span<const std::size_t> labels, std::span<const std::string> groups,
                                             const split_options& options = {});

/// The same for a folder of pictures; messages name its classes. Where pictures have several labels: by
/// iterative_parts().
[[nodiscard]] split_indices stratified_split(const image_folder& folder, const split_options& options = {});

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>

namespace eucv::dataset {

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

void check_split(const split_options& options) {
  const bool fine = options.validation >= 0 && options.test >= 0 && options.validation + options.test < 1;
  if (fine) return;
  throw error(errc::invalid_argument,
              {"split the pictures",
               "validation " + std::to_string(options.validation) + " and test " + std::to_string(options.test),
               "these are no fractions that leave something to train on",
               "give two numbers from 0 whose sum is below 1"});
}

} // namespace detail

split_indices stratified_split(std::span<const std::size_t> labels, std::span<const std::string> groups,
                               const split_options& options) {
  detail::check_split(options);
  if (labels.size() != groups.size())
    throw error(errc::invalid_argument,
                {"split the pictures",
                 std::to_string(labels.size()) + " labels and " + std::to_string(groups.size()) + " groups",
                 "each file has one of both", "give lists of one length"});
  return detail::splitter(labels, groups, {}).split(options);
}

split_indices stratified_split(const image_folder& folder, const split_options& options) {
  detail::check_split(options);
  if (folder.multi_label()) {
    const std::array<double, 3> shares{1 - options.validation - options.test, options.validation, options.test};
    split_indices result;
    const auto part_of = iterative_parts(folder, shares, options.seed);
    for (std::size_t i = 0; i < part_of.size(); ++i)
      (part_of[i] == 0 ? result.train : part_of[i] == 1 ? result.validation : result.test).push_back(i);
    return result;
  }
  std::vector<std::size_t> labels;
  std::vector<std::string> groups;
  for (const auto& each : folder.files) {
    labels.push_back(each.label);
    groups.push_back(each.group);
  }
  return detail::splitter(labels, groups, folder.labels).split(options);
}

} // namespace eucv::dataset
#endif
