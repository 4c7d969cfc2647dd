#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// Which items were taken, for a table in which each stands once.
///
/// 64 bits stand for an ID, in a table of its own with one place in eight free: 9.2 bytes an ID, all of them taken at
/// the beginning. Two of a million IDs coincide with a chance of 3 in 100 million; the later one would be left out.
class id_set {
public:
  /// Room for `most` IDs.
  explicit id_set(std::uint64_t most) : places_(static_cast<std::size_t>(most + most / 7 + 8)) {}

  /// Whether `id` is new; it is taken now. Not more than `most` times with a new one.
  bool insert(std::string_view id) noexcept {
    const std::uint64_t print = fingerprint(id);
    // The high half of a product spreads the fingerprint over any number of places (Lemire, 2019).
    __extension__ using wide = unsigned __int128;
    auto place = static_cast<std::size_t>(static_cast<wide>(print) * places_.size() >> 64);
    while (places_[place] != 0) {
      if (places_[place] == print) return false;
      if (++place == places_.size()) place = 0;
    }
    places_[place] = print;
    return true;
  }

private:
  // FNV-1a, its bits mixed as by MurmurHash3's finaliser; never 0, which marks a free place.
  static std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t state = 0xcbf29ce484222325;
    for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    state = (state ^ (state >> 33)) * 0xff51afd7ed558ccd;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53;
    return std::max<std::uint64_t>(state ^ (state >> 33), 1);
  }

  std::vector<std::uint64_t> places_;
};

} // namespace eucv::europeana
