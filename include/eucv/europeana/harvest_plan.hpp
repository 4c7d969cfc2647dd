#pragma once

#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/expression.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/europeana/rights.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// The columns of a harvested table. The first five, in this order, are those of the 2021 pilot.
inline constexpr std::array<std::string_view, 13> harvest_columns{
    "category", "skos_concept", "URI",   "ID",      "URL",          "rights", "data_provider",
    "provider", "country",      "title", "creator", "landing_page", "preview"};

/// What becomes of an item that several subjects of the vocabulary have.
enum class harvest_mode : std::uint8_t {
  single_label, ///< it stands in the table once, at the first of them
  multi_label,  ///< it stands there once, with the labels and concept URIs of all of them, blanks between
};

/// The word for a mode, as the program and state files spell it.
[[nodiscard]] constexpr std::string_view to_string(harvest_mode mode) noexcept {
  return mode == harvest_mode::multi_label ? "multi-label" : "single-label";
}

/// What to harvest, and where to. Give it a name before `co_await harvest(api, plan)`: see net/task.hpp on g++ 12.
struct harvest_plan {
  dataset::vocabulary subjects;             ///< what to look for; rows come in this order
  std::filesystem::path table;              ///< the CSV file to write; its folder must exist
  std::string text;                         ///< a Lucene expression that every item must match as well; empty for none
  std::size_t per_class = 1'000;            ///< rows a subject, at most
  reusability_set reuse{reusability::open}; ///< rights that are asked for, and checked
  std::uint64_t seed = 1;                   ///< which of the matching items, where there are more than wanted
  std::size_t concurrency = 4;              ///< subjects that are searched side by side
  harvest_mode mode = harvest_mode::single_label;
};

namespace detail {

/// A search for images under the plan, but for the subject.
[[nodiscard]] inline query image_query(const harvest_plan& plan, std::string subject) {
  query what;
  what.match(plan.text)
      .filter(std::move(subject))
      .filter("TYPE:IMAGE")
      .filter("provider_aggregation_edm_isShownBy:*")
      .reuse(plan.reuse)
      .with_media()
      .shuffle(plan.seed)
      .profile("standard")
      .rows(100);
  return what;
}

/// The filter for a subject of the vocabulary.
[[nodiscard]] inline std::string concept_filter(const dataset::subject& subject) {
  return field("skos_concept", dataset::normalise_concept_uri(subject.uri));
}

} // namespace detail

/// The search for the images of one subject.
///
/// Three filters on three fields, which the service ANDs; the last two and `media` are what production harvesters send
/// to get only items with an image file. The profile is "standard": "minimal" is a tenth of the size, but has no
/// country, which the table needs.
[[nodiscard]] inline query subject_query(const harvest_plan& plan, const dataset::subject& subject) {
  return detail::image_query(plan, detail::concept_filter(subject));
}

/// The search for the images that have a subject and any of others besides; `others` are not empty.
///
/// One search stands for all pairs with a subject. With each subject's later ones as `others`, 20 subjects take 19
/// searches, where the pilot of 2021 sent 190 for pairs and 1,140 for triples; no two of them find an item at the same
/// subject, and the item itself says which labels it has. Its address may be too long for GET: see query::request().
[[nodiscard]] inline query several_query(const harvest_plan& plan, const dataset::subject& subject,
                                         const dataset::vocabulary& others) {
  std::vector<std::string> any;
  for (const auto& other : others) any.push_back(detail::concept_filter(other));
  const std::vector<std::string> both{detail::concept_filter(subject), any_of(any)};
  return detail::image_query(plan, all_of(both));
}

} // namespace eucv::europeana
