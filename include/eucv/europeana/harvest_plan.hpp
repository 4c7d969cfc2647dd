#pragma once

#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/europeana/rights.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// The columns of a harvested table. The first five, in this order, are those of the 2021 pilot.
inline constexpr std::array<std::string_view, 13> harvest_columns{
    "category", "skos_concept", "URI",   "ID",      "URL",          "rights", "data_provider",
    "provider", "country",      "title", "creator", "landing_page", "preview"};

/// What to harvest, and where to. Give it a name before `co_await harvest(api, plan)`: see net/task.hpp on g++ 12.
struct harvest_plan {
  dataset::vocabulary subjects;             ///< what to look for; rows come in this order
  std::filesystem::path table;              ///< the CSV file to write; its folder must exist
  std::string text;                         ///< a Lucene expression that every item must match as well; empty for none
  std::size_t per_class = 1'000;            ///< rows a subject, at most
  reusability_set reuse{reusability::open}; ///< rights that are asked for, and checked
  std::uint64_t seed = 1;                   ///< which of the matching items, where there are more than wanted
  std::size_t concurrency = 4;              ///< subjects that are searched side by side
};

/// The search for the images of one subject.
///
/// Three filters on three fields, which the service ANDs; the last two and `media` are what production harvesters send
/// to get only items with an image file. The profile is "standard": "minimal" is a tenth of the size, but has no
/// country, which the table needs.
[[nodiscard]] inline query subject_query(const harvest_plan& plan, const dataset::subject& subject) {
  query what;
  what.match(plan.text)
      .filter(field("skos_concept", dataset::normalise_concept_uri(subject.uri)))
      .filter("TYPE:IMAGE")
      .filter("provider_aggregation_edm_isShownBy:*")
      .reuse(plan.reuse)
      .with_media()
      .shuffle(plan.seed)
      .profile("standard")
      .rows(100);
  return what;
}

} // namespace eucv::europeana
