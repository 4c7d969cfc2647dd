#pragma once

#include <eucv/core/implementation.hpp>
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

/// How an item is labelled that belongs to several subjects of the vocabulary.
enum class harvest_mode : std::uint8_t {
  single_label, ///< with the first of them
  multi_label,  ///< with all of them: labels and concept URIs separated by blanks
};

/// The word of a mode in options and state files.
[[nodiscard]] constexpr std::string_view to_string(harvest_mode mode) noexcept {
  return mode == harvest_mode::multi_label ? "multi-label" : "single-label";
}

/// Options of a harvest. Give it a name before `co_await harvest(api, plan)`: see net/task.hpp on g++ 12.
struct harvest_plan {
  dataset::vocabulary subjects;             ///< the subjects to search for; rows are in this order
  std::filesystem::path table;              ///< the CSV file to write; its folder must exist
  std::string text;                         ///< a Lucene expression that every item must match too; empty for none
  std::size_t per_class = 1'000;            ///< rows a subject, at most
  reusability_set reuse{reusability::open}; ///< rights that are asked for, and checked for each item
  std::uint64_t seed = 1;                   ///< of the sample, where more items match than are wanted
  std::size_t concurrency = 4;              ///< subjects that are searched at a time
  harvest_mode mode = harvest_mode::single_label; ///< labels of an item that belongs to several subjects
};

namespace detail {

/// The search for the images of a subject, with the other conditions of the plan.
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

/// Throws errc::invalid_argument for an invalid plan: a table without a name, no subjects, no rows, labels that are
/// empty, equal or not on one line.
void check_plan(const harvest_plan& plan);

/// The identity of a plan in the state of its harvest: JSON, one line a parameter.
[[nodiscard]] std::string plan_text(const harvest_plan& plan, std::string_view endpoint);

/// The first lines in which two identities differ, shortened for a message.
[[nodiscard]] std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b);

} // namespace detail

/// The search for the images of one subject.
///
/// Three filters on three fields, which the service ANDs; the last two and `media` select items with an image file. The
/// profile is "standard": "minimal" is a tenth of the size, but lacks the country, which the table needs.
[[nodiscard]] inline query subject_query(const harvest_plan& plan, const dataset::subject& subject) {
  return detail::image_query(plan, detail::concept_filter(subject));
}

/// The search for the images that have a subject and at least one of `others`, which are not empty.
///
/// One search covers all pairs with a subject. With the later subjects as `others`, 20 subjects take 19 searches, where
/// the pilot of 2021 sent 190 for pairs and 1,140 for triples; each item says itself which labels it has. The address
/// may be too long for GET: see query::request().
[[nodiscard]] inline query several_query(const harvest_plan& plan, const dataset::subject& subject,
                                         const dataset::vocabulary& others) {
  std::vector<std::string> any;
  for (const auto& other : others) any.push_back(detail::concept_filter(other));
  const std::vector<std::string> both{detail::concept_filter(subject), any_of(any)};
  return detail::image_query(plan, all_of(both));
}

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/europeana/detail/failure.hpp>
#include <eucv/europeana/record.hpp>

#include <algorithm>
#include <set>

namespace eucv::europeana::detail {

std::string plan_text(const harvest_plan& plan, std::string_view endpoint) {
  // One line a parameter, so that a difference can be named.
  std::string text = "{\"version\":2,\n\"mode\":" + json_string(to_string(plan.mode)) +
                     ",\n\"endpoint\":" + json_string(endpoint) + ",\n\"per-class\":" + std::to_string(plan.per_class) +
                     ",\n\"seed\":" + std::to_string(plan.seed) +
                     ",\n\"reusability\":" + json_string(to_string(plan.reuse)) +
                     ",\n\"query\":" + json_string(plan.text) + ",\n\"vocabulary\":[";
  for (std::size_t i = 0; i < plan.subjects.size(); ++i)
    text += (i == 0 ? "[" : ",[") + json_string(plan.subjects[i].label) + "," +
            json_string(dataset::normalise_concept_uri(plan.subjects[i].uri)) + "]";
  return text + "]}\n";
}

std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto line = [](std::string_view& text) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string found(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      return found;
    };
    std::string from_a = line(a), from_b = line(b);
    if (from_a == from_b) continue;
    for (auto* text : {&from_a, &from_b}) {
      if (text->ends_with(',')) text->pop_back();
      if (text->starts_with("\"vocabulary\"")) *text = "another vocabulary";
    }
    return {std::move(from_a), std::move(from_b)};
  }
  return {"another plan", "this plan"};
}

void check_plan(const harvest_plan& plan) {
  const auto fault = [&](std::string on, const char* why, const char* advice) {
    return error(errc::invalid_argument, {"harvest", std::move(on), why, advice});
  };
  if (plan.table.empty() || !plan.table.has_filename()) throw fault("the table", "it has no name", "name a .csv file");
  if (plan.subjects.empty()) throw fault("the vocabulary", "it holds no subject", "name at least one");
  if (plan.per_class == 0) throw fault("per-class", "it is 0", "ask for at least one row a subject");
  std::set<std::string_view> labels;
  for (const auto& subject : plan.subjects) {
    if (subject.label.empty() || one_line(subject.label) != subject.label)
      throw fault(quoted_words(subject.label), "a label is empty, or holds line breaks or blanks at its ends",
                  "mend the vocabulary");
    if (plan.mode == harvest_mode::multi_label && subject.label.find(' ') != std::string::npos)
      throw fault(subject.label, "a label holds a blank, which stands between labels in the mode multi-label",
                  "write it with '_'");
    if (!labels.insert(subject.label).second)
      throw fault(subject.label, "the label stands twice", "mend the vocabulary");
  }
}

} // namespace eucv::europeana::detail
#endif
