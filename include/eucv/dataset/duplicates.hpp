#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/detail/fingerprint.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/dataset/split.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/image/dhash.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace eucv::dataset {

/// Thresholds for near-duplicates. Files of equal bytes are always duplicates; others are where both their hashes and
/// their small pictures are near. The hash finds the pairs in less than quadratic time, and the small picture rejects
/// those that only share an outline, such as two coins on white.
struct duplicate_options {
  /// Bits in which the hashes may differ, 0 to 15. Of 300 pictures of museums, stored anew at 100 pixels and quality
  /// 60, 297 were within 6; no two of 858 different ones were, squares considered.
  int distance = 6;
  double difference = 6; ///< levels by which the squares may differ in the mean
};

/// The groups of duplicates among a list of files.
struct duplicate_groups {
  std::vector<std::size_t> first; ///< of each file the first that holds its picture, at times itself
  std::size_t exact = 0;          ///< files whose bytes a file before them has
  std::size_t near = 0;           ///< files of a group with others, for other reasons than their bytes

  /// The files of each group of two and more, ascending; groups by their first file.
  [[nodiscard]] std::vector<std::vector<std::size_t>> groups() const {
    std::map<std::size_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < first.size(); ++i) members[first[i]].push_back(i);
    std::vector<std::vector<std::size_t>> result;
    for (auto& [leader, files] : members)
      if (files.size() > 1) result.push_back(std::move(files));
    return result;
  }
};

/// Finds duplicates and near-duplicates. Duplicates of duplicates are in one group.
///
/// Hashes that differ in at most d bits are equal in at least one of d + 1 stretches, so only files that share a
/// stretch are compared, and of these only pictures of about one brightness. Cost for 100,000 different pictures: less
/// than a second; the worst case, all alike and none equal, is quadratic. Throws errc::invalid_argument for options out
/// of range.
[[nodiscard]] duplicate_groups find_duplicates(std::span<const fingerprint> files,
                                               const duplicate_options& options = {});

/// The fingerprint of each file; one that cannot be read, or is no picture, has an empty sha256. `pool` does the work,
/// which is that of decoding each picture once.
[[nodiscard]] std::vector<fingerprint> fingerprints_of(std::span<const labelled_file> files, thread_pool& pool,
                                                       const image::decode_limits& limits = {});

/// Merges the groups of duplicates, so that a split keeps them on one side. Precondition: `found` is of these files.
void join_groups(std::span<labelled_file> files, const duplicate_groups& found);

/// Throws errc::leakage, naming two files, where a picture or a group stands in two parts of a split.
void check_leakage(std::span<const labelled_file> files, const duplicate_groups& found, const split_indices& split);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>

namespace eucv::dataset {

namespace detail {

// Sets that grow together; the least member stands for each.
class disjoint_sets {
public:
  explicit disjoint_sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t i) noexcept {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) noexcept {
    const std::size_t x = find(a), y = find(b);
    parent_[std::max(x, y)] = std::min(x, y);
  }

private:
  std::vector<std::size_t> parent_;
};

void check_options(const duplicate_options& options) {
  if (options.distance >= 0 && options.distance <= 15 && options.difference >= 0) return;
  throw error(errc::invalid_argument, {"find duplicates", "the distance " + std::to_string(options.distance),
                                       "it is no number of bits from 0 to 15, or the difference is negative",
                                       "choose about 6 bits and 6 levels"});
}

} // namespace detail

duplicate_groups find_duplicates(std::span<const fingerprint> files, const duplicate_options& options) {
  detail::check_options(options);
  duplicate_groups result;
  detail::disjoint_sets sets(files.size());
  std::unordered_map<std::string_view, std::size_t> first_of;
  struct candidate {
    std::uint64_t stretch;
    std::uint32_t brightness; // sum of the squares
    std::size_t file;
  };
  std::vector<candidate> candidates; // one of each content
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].sha256.empty()) continue;
    const auto [found, fresh] = first_of.try_emplace(files[i].sha256, i);
    if (!fresh) {
      sets.join(found->second, i);
      ++result.exact;
    } else if (files[i].has_detail) {
      candidates.push_back({0, std::accumulate(files[i].squares.begin(), files[i].squares.end(), std::uint32_t{0}), i});
    }
  }
  const auto stretches = static_cast<unsigned>(options.distance) + 1;
  const double reach = options.difference * static_cast<double>(fingerprint{}.squares.size());
  for (unsigned stretch = 0; stretch < stretches; ++stretch) {
    const unsigned begin = 64 * stretch / stretches, end = 64 * (stretch + 1) / stretches;
    const std::uint64_t mask = end - begin == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - begin)) - 1;
    for (candidate& each : candidates) each.stretch = files[each.file].dhash >> begin & mask;
    std::sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
      return std::pair(a.stretch, a.brightness) < std::pair(b.stretch, b.brightness);
    });
    for (std::size_t i = 0; i < candidates.size(); ++i)
      for (std::size_t j = i + 1; j < candidates.size() && candidates[j].stretch == candidates[i].stretch &&
                                  candidates[j].brightness - candidates[i].brightness <= reach;
           ++j) {
        const fingerprint &a = files[candidates[i].file], &b = files[candidates[j].file];
        if (image::hash_distance(a.dhash, b.dhash) <= options.distance &&
            sets.find(candidates[i].file) != sets.find(candidates[j].file) &&
            square_difference(a, b) <= options.difference)
          sets.join(candidates[i].file, candidates[j].file);
      }
  }
  for (std::size_t i = 0; i < files.size(); ++i) result.first.push_back(sets.find(i));
  for (const candidate& each : candidates) result.near += result.first[each.file] != each.file ? 1 : 0;
  return result;
}

std::vector<fingerprint> fingerprints_of(std::span<const labelled_file> files, thread_pool& pool,
                                         const image::decode_limits& limits) {
  std::vector<fingerprint> made(files.size());
  pool.for_each(files.size(), [&](std::size_t i) {
    try {
      if (auto found = fingerprint_of(read_bytes(files[i], limits.bytes), limits)) made[i] = *std::move(found);
    } catch (const error&) { // a file that is missing, or too large: whoever reads it counts it
    }
  });
  return made;
}

void join_groups(std::span<labelled_file> files, const duplicate_groups& found) {
  detail::disjoint_sets sets(files.size());
  std::unordered_map<std::string, std::size_t> first_of;
  for (std::size_t i = 0; i < files.size(); ++i) {
    sets.join(found.first[i], i);
    sets.join(first_of.try_emplace(files[i].group, i).first->second, i);
  }
  for (std::size_t i = 0; i < files.size(); ++i)
    if (const std::size_t leader = sets.find(i); leader != i) files[i].group = files[leader].group;
}

void check_leakage(std::span<const labelled_file> files, const duplicate_groups& found, const split_indices& split) {
  constexpr std::string_view names[] = {"training", "validation", "test"};
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> by_picture; // the part and the file that came first
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> by_group;
  const std::vector<std::size_t>* const parts[] = {&split.train, &split.validation, &split.test};
  for (std::size_t part = 0; part < 3; ++part)
    for (const std::size_t file : *parts[part]) {
      const auto picture = by_picture.try_emplace(found.first[file], part, file).first->second;
      const auto group = by_group.try_emplace(files[file].group, part, file).first->second;
      for (const auto& [other, twin] : {picture, group})
        if (other != part)
          throw error(errc::leakage,
                      {"check the split", files[file].file.string(),
                       "it is for " + std::string(names[part]) + ", and shows what " + files[twin].file.string() +
                           " shows, which is for " + std::string(names[other]),
                       "split by groups that join_groups() has joined"});
    }
}

} // namespace eucv::dataset
#endif
