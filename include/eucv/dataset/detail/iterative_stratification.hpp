#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/labelled_file.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace eucv::dataset {

/// Divides pictures with any number of labels into parts with these shares, each with its share of each label as nearly
/// as groups allow, and all pictures of one group in one part. Returns of each picture its part.
///
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): the rarest label first, so that frequent ones can
/// still balance what their combinations with rare ones have changed. Each part gets a picture with each label wherever
/// the labels dealt before leave one. The seed draws the order among groups of one size; same seed and list, same parts
/// on every machine. `shares` add up to 1; a part whose share is 0 gets nothing. Throws empty_class for a label without
/// picture, class_too_small for one with fewer groups than parts.
[[nodiscard]] std::vector<std::size_t> iterative_parts(const image_folder& pictures, std::span<const double> shares,
                                                       std::uint64_t seed);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::dataset {

namespace detail {

// Deals groups of pictures out to parts, label by label, those with the fewest pictures left first: while there is
// still a choice. A label's groups go where most of its pictures are missing.
class label_dealer {
public:
  label_dealer(const image_folder& pictures, std::span<const double> shares, std::uint64_t seed)
      : pictures_(pictures), shares_(shares.begin(), shares.end()) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < pictures.files.size(); ++i) {
      const auto [found, fresh] = places.try_emplace(pictures.files[i].group, groups_.size());
      if (fresh) groups_.emplace_back();
      groups_[found->second].files.push_back(i);
      for (const std::size_t label : pictures.labels_of(pictures.files[i])) ++groups_[found->second].labels[label];
    }
    random engine(seed);
    engine.shuffle(std::span(groups_));
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const group& a, const group& b) { return a.files.size() > b.files.size(); });
    missing_.assign(shares_.size(), std::vector<double>(pictures.labels.size()));
    has_.assign(shares_.size(), std::vector<char>(pictures.labels.size()));
    for (std::size_t part = 0; part < shares_.size(); ++part)
      room_.push_back(shares_[part] * static_cast<double>(pictures.files.size()));
    groups_left_.resize(pictures.labels.size());
    pictures_left_.resize(pictures.labels.size());
    for (const group& each : groups_)
      for (const auto& [label, count] : each.labels) {
        ++groups_left_[label];
        pictures_left_[label] += count;
        for (std::size_t part = 0; part < shares_.size(); ++part)
          missing_[part][label] += shares_[part] * static_cast<double>(count);
      }
  }

  [[nodiscard]] std::vector<std::size_t> deal() {
    check();
    std::vector<std::size_t> part_of(pictures_.files.size());
    std::vector<char> dealt(groups_.size());
    const auto give = [&](std::size_t number, std::size_t part) {
      const group& each = groups_[number];
      dealt[number] = 1;
      room_[part] -= static_cast<double>(each.files.size());
      for (const auto& [label, count] : each.labels) {
        missing_[part][label] -= static_cast<double>(count);
        has_[part][label] = 1;
        --groups_left_[label];
        pictures_left_[label] -= count;
      }
      for (const std::size_t file : each.files) part_of[file] = part;
    };
    while (true) {
      std::size_t rarest = groups_left_.size();
      for (std::size_t label = 0; label < groups_left_.size(); ++label)
        if (groups_left_[label] != 0 &&
            (rarest == groups_left_.size() || pictures_left_[label] < pictures_left_[rarest]))
          rarest = label;
      if (rarest == groups_left_.size()) break;
      for (std::size_t number = 0; number < groups_.size(); ++number)
        if (dealt[number] == 0 && groups_[number].labels.contains(rarest)) give(number, neediest(rarest));
    }
    for (std::size_t number = 0; number < groups_.size(); ++number)
      if (dealt[number] == 0) give(number, roomiest());
    return part_of;
  }

private:
  struct group {
    std::vector<std::size_t> files;
    std::map<std::size_t, std::size_t> labels; // label -> files with it
  };

  void check() const {
    const auto parts =
        static_cast<std::size_t>(std::count_if(shares_.begin(), shares_.end(), [](double x) { return x > 0; }));
    for (std::size_t label = 0; label < groups_left_.size(); ++label)
      if (groups_left_[label] < parts)
        throw error(groups_left_[label] == 0 ? errc::empty_class : errc::class_too_small,
                    {"divide the pictures", "the label \"" + pictures_.labels[label] + "\"",
                     "its pictures make " + std::to_string(groups_left_[label]) +
                         " groups that must not be parted, too few for " + std::to_string(parts) + " parts",
                     "add pictures with it, or leave the label out"});
  }

  // Where most of the label is missing; of equal ones where most room is. Parts that have none of it yet come first
  // when there are no more groups left than such parts.
  [[nodiscard]] std::size_t neediest(std::size_t label) const {
    std::size_t lacking = 0;
    for (std::size_t part = 0; part < shares_.size(); ++part) lacking += shares_[part] > 0 && has_[part][label] == 0;
    const bool urgent = lacking != 0 && groups_left_[label] <= lacking;
    std::size_t best = shares_.size();
    for (std::size_t part = 0; part < shares_.size(); ++part) {
      if (shares_[part] <= 0 || (urgent && has_[part][label] != 0)) continue;
      if (best == shares_.size() ||
          std::pair(missing_[part][label], room_[part]) > std::pair(missing_[best][label], room_[best]))
        best = part;
    }
    return best;
  }

  [[nodiscard]] std::size_t roomiest() const {
    return static_cast<std::size_t>(std::max_element(room_.begin(), room_.end()) - room_.begin());
  }

  const image_folder& pictures_;
  std::vector<double> shares_;
  std::vector<group> groups_;
  std::vector<std::vector<double>> missing_;             // of each part and label, pictures short of its share
  std::vector<std::vector<char>> has_;                   // whether a part has a picture with a label
  std::vector<double> room_;                             // of each part, pictures short of its share
  std::vector<std::size_t> groups_left_, pictures_left_; // of each label
};

} // namespace detail

std::vector<std::size_t> iterative_parts(const image_folder& pictures, std::span<const double> shares,
                                         std::uint64_t seed) {
  return detail::label_dealer(pictures, shares, seed).deal();
}

} // namespace eucv::dataset
#endif
