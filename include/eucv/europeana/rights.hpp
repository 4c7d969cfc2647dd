#pragma once

#include <eucv/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// The category of a rights statement, in Europeana's four words.
enum class reusability : std::uint8_t {
  open,          ///< public domain, CC0, CC BY, CC BY-SA
  restricted,    ///< CC with NC or ND, and the statements that allow education or non-commercial use
  permission,    ///< in copyright, or not evaluated: ask the holder
  uncategorized, ///< any other address
};

/// All categories, in the order of their enumerators.
inline constexpr std::array all_reusabilities{reusability::open, reusability::restricted, reusability::permission,
                                              reusability::uncategorized};

/// The word of a category in the Search API.
[[nodiscard]] constexpr std::string_view to_string(reusability word) noexcept {
  switch (word) {
  case reusability::open: return "open";
  case reusability::restricted: return "restricted";
  case reusability::permission: return "permission";
  case reusability::uncategorized: return "uncategorized";
  }
  return "uncategorized";
}

/// A set of reusability words, such as {open, permission}.
class reusability_set {
public:
  /// The empty set.
  constexpr reusability_set() noexcept = default;
  /// The set of those words.
  constexpr reusability_set(std::initializer_list<reusability> words) noexcept {
    for (const reusability word : words) insert(word);
  }

  /// Adds a word.
  constexpr void insert(reusability word) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(word)));
  }
  /// Whether a word is in the set.
  [[nodiscard]] constexpr bool contains(reusability word) const noexcept {
    return (bits_ >> static_cast<unsigned>(word) & 1U) != 0;
  }
  /// Whether the set is empty.
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(reusability_set, reusability_set) noexcept = default;

private:
  std::uint8_t bits_ = 0;
};

/// The words in their fixed order, separated by commas, as the API takes them: "open,permission".
[[nodiscard]] inline std::string to_string(reusability_set words) {
  std::string text;
  for (const reusability word : all_reusabilities) {
    if (!words.contains(word)) continue;
    if (!text.empty()) text += ',';
    text += to_string(word);
  }
  return text;
}

/// Parses words separated by commas, with optional blanks around them. Throws errc::invalid_argument for a word that
/// the API does not know and for an empty list.
[[nodiscard]] inline reusability_set parse_reusability(std::string_view text) {
  const auto fault = [&](std::string why) {
    return error(errc::invalid_argument, {"read the reusability", "\"" + std::string(text) + "\"", std::move(why),
                                          "use open, restricted, permission, uncategorized, with commas between"});
  };
  reusability_set words;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view word = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    const auto* const known = std::ranges::find(all_reusabilities, word, [](reusability r) { return to_string(r); });
    if (known == all_reusabilities.end()) throw fault("\"" + std::string(word) + "\" is none of the four words");
    words.insert(*known);
  }
  if (words.empty()) throw fault("it holds no word");
  return words;
}

/// The category of the rights statement at `address`, by the prefixes of Europeana's RightReusabilityCategorizer.
///
/// http and https are equal; what follows the prefix (version, country) and a missing slash at the end do not matter.
[[nodiscard]] inline reusability reusability_of(std::string_view address) {
  struct entry {
    std::string_view prefix;
    reusability word;
  };
  using enum reusability;
  static constexpr std::array table{
      entry{"creativecommons.org/publicdomain/mark/1.0/", open},
      entry{"creativecommons.org/publicdomain/zero/1.0/", open},
      entry{"creativecommons.org/licenses/by/", open},
      entry{"creativecommons.org/licenses/by-sa/", open},
      entry{"creativecommons.org/licenses/by-nc/", restricted},
      entry{"creativecommons.org/licenses/by-nc-sa/", restricted},
      entry{"creativecommons.org/licenses/by-nc-nd/", restricted},
      entry{"creativecommons.org/licenses/by-nd/", restricted},
      entry{"www.europeana.eu/rights/out-of-copyright-non-commercial/", restricted},
      entry{"rightsstatements.org/vocab/InC-EDU/1.0/", restricted},
      entry{"rightsstatements.org/vocab/NoC-NC/1.0/", restricted},
      entry{"rightsstatements.org/vocab/NoC-OKLR/1.0/", restricted},
      entry{"rightsstatements.org/vocab/InC/1.0/", permission},
      entry{"rightsstatements.org/vocab/InC-OW-EU/1.0/", permission},
      entry{"rightsstatements.org/vocab/CNE/1.0/", permission},
      entry{"www.europeana.eu/rights/rr-f/", permission},
      entry{"www.europeana.eu/rights/rr-p/", permission},
      entry{"www.europeana.eu/rights/rr-r/", permission},
      entry{"www.europeana.eu/rights/unknown/", permission},
      entry{"www.europeana.eu/rights/test-orphan-work-test/", permission},
  };
  for (const std::string_view scheme : {"http://", "https://"})
    if (address.starts_with(scheme)) {
      std::string rest(address.substr(scheme.size()));
      if (!rest.ends_with('/')) rest += '/';
      for (const auto& [prefix, word] : table)
        if (rest.starts_with(prefix)) return word;
    }
  return uncategorized;
}

} // namespace eucv::europeana
