#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// A compact set of record IDs, which stores 64-bit hashes of them.
///
/// An open-addressing hash table that is at most 7/8 full: 9.2 bytes an ID where their number is known, up to twice
/// that where the table has doubled. That any two of a million IDs have the same hash has a probability of 3 in 100
/// million; the later one then counts as contained. For one thread.
class id_set {
public:
  /// A set with memory for `most` IDs; for more the table is doubled.
  explicit id_set(std::uint64_t most = 0) : places_(static_cast<std::size_t>(most + most / 7 + 8)) {}

  /// Inserts `id`; returns whether it was new.
  bool insert(std::string_view id) {
    if (count_ + count_ / 7 + 8 > places_.size()) {
      const std::vector<std::uint64_t> former = std::exchange(places_, std::vector<std::uint64_t>(2 * places_.size()));
      for (const std::uint64_t print : former)
        if (print != 0) places_[place_of(print)] = print;
    }
    const std::uint64_t print = fingerprint(id);
    std::uint64_t& place = places_[place_of(print)];
    if (place == print) return false;
    place = print;
    ++count_;
    return true;
  }

  /// Whether `id` was inserted.
  [[nodiscard]] bool contains(std::string_view id) const noexcept {
    const std::uint64_t print = fingerprint(id);
    return places_[place_of(print)] == print;
  }

  /// Number of IDs.
  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }

private:
  // Where a fingerprint stands, or the free place where it may. The high half of a product spreads it over any number
  // of places (Lemire, 2019).
  [[nodiscard]] std::size_t place_of(std::uint64_t print) const noexcept {
    __extension__ using wide = unsigned __int128;
    auto place = static_cast<std::size_t>(static_cast<wide>(print) * places_.size() >> 64);
    while (places_[place] != 0 && places_[place] != print)
      if (++place == places_.size()) place = 0;
    return place;
  }

  // FNV-1a and the finaliser of MurmurHash3; never 0, which marks a free place.
  static std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t state = 0xcbf29ce484222325;
    for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    state = (state ^ (state >> 33)) * 0xff51afd7ed558ccd;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53;
    return std::max<std::uint64_t>(state ^ (state >> 33), 1);
  }

  std::vector<std::uint64_t> places_;
  std::uint64_t count_ = 0;
};

} // namespace eucv::europeana
