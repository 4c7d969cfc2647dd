#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/detail/iterative_stratification.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/dataset/split.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace eucv::dataset {

/// Options of stratified_folds().
struct fold_options {
  std::size_t folds = 5; ///< at least 2
  std::uint64_t seed = 1;
};

/// Stratified k-fold with groups: each fold has its share of each class as nearly as groups allow, and all pictures of
/// one group are in one fold. Returns of each picture the number of its fold, from 0.
///
/// Groups go, large ones first and in an order that the seed draws, to the fold that lacks most of their classes; with
/// a picture a group the folds have each class to within one picture. Where pictures have several labels: by
/// iterative_parts(). Same seed and list, same folds on every machine.
/// Throws invalid_argument for fewer than two folds, empty_class for a class without picture, class_too_small for one
/// with fewer groups than folds.
[[nodiscard]] std::vector<std::size_t> stratified_folds(const image_folder& pictures, const fold_options& options = {});

/// Indices of the pictures in a fold, and in all others, ascending.
struct fold_parts {
  std::vector<std::size_t> held_out, rest;
};
/// Divides pictures by their fold: those of `fold` are held out.
[[nodiscard]] inline fold_parts parts_of(std::span<const std::size_t> fold_of, std::size_t fold) {
  fold_parts parts;
  for (std::size_t i = 0; i < fold_of.size(); ++i) (fold_of[i] == fold ? parts.held_out : parts.rest).push_back(i);
  return parts;
}

/// Throws errc::leakage, naming two files, where a picture or a group stands in two folds.
void check_leakage(const picture_set& set, std::span<const std::size_t> fold_of);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::dataset {

std::vector<std::size_t> stratified_folds(const image_folder& pictures, const fold_options& options) {
  if (options.folds < 2)
    throw error(errc::invalid_argument, {"divide into folds", std::to_string(options.folds) + " folds",
                                         "it takes one to judge and one to train on", "ask for at least 2"});
  if (pictures.multi_label()) {
    const std::vector<double> shares(options.folds, 1 / static_cast<double>(options.folds));
    return iterative_parts(pictures, shares, options.seed);
  }
  struct group {
    std::vector<std::size_t> files;
    std::map<std::size_t, double> classes; // label -> files with it
  };
  std::vector<group> groups;
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < pictures.files.size(); ++i) {
    const auto [found, fresh] = places.try_emplace(pictures.files[i].group, groups.size());
    if (fresh) groups.emplace_back();
    groups[found->second].files.push_back(i);
    ++groups[found->second].classes[pictures.files[i].label];
  }
  const std::size_t classes = pictures.labels.size();
  std::vector<std::size_t> groups_of(classes);
  std::vector<double> share(classes);
  for (const group& each : groups)
    for (const auto& [label, count] : each.classes) {
      ++groups_of[label];
      share[label] += count / static_cast<double>(options.folds);
    }
  for (std::size_t label = 0; label < classes; ++label)
    if (groups_of[label] < options.folds)
      throw error(groups_of[label] == 0 ? errc::empty_class : errc::class_too_small,
                  {"divide into folds", "the class \"" + pictures.labels[label] + "\"",
                   "its pictures make " + std::to_string(groups_of[label]) +
                       " groups that must not be parted, too few for " + std::to_string(options.folds) + " folds",
                   "ask for fewer folds, add pictures, or remove the class"});
  random engine(options.seed);
  engine.shuffle(std::span(groups));
  std::stable_sort(groups.begin(), groups.end(),
                   [](const group& a, const group& b) { // of equal size class by class, so that what is over evens out
                     return std::pair(b.files.size(), a.classes.begin()->first) <
                            std::pair(a.files.size(), b.classes.begin()->first);
                   });
  std::vector<std::vector<double>> missing(options.folds, share); // of each fold and class
  std::vector<std::size_t> sizes(options.folds), fold_of(pictures.files.size());
  for (const group& each : groups) {
    std::size_t best = 0;
    std::pair<double, double> most;
    for (std::size_t fold = 0; fold < options.folds; ++fold) {
      std::pair<double, double> need{0, -static_cast<double>(sizes[fold])}; // of equal ones the smaller fold
      for (const auto& [label, count] : each.classes) need.first += missing[fold][label] * count;
      if (fold != 0 && need <= most) continue;
      best = fold;
      most = need;
    }
    for (const auto& [label, count] : each.classes) missing[best][label] -= count;
    sizes[best] += each.files.size();
    for (const std::size_t file : each.files) fold_of[file] = best;
  }
  return fold_of;
}

void check_leakage(const picture_set& set, std::span<const std::size_t> fold_of) {
  const std::set<std::size_t> folds(fold_of.begin(), fold_of.end());
  for (const std::size_t fold : folds) {
    auto parts = parts_of(fold_of, fold);
    check_leakage(set.pictures.files, set.copies, {std::move(parts.rest), {}, std::move(parts.held_out)});
  }
}

} // namespace eucv::dataset
#endif
