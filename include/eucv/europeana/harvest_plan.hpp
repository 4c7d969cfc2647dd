#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/detail/expression.hpp>
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

/// Throws errc::invalid_argument, saying why, where a plan cannot be harvested: no name for the table, no subjects or
/// no rows wanted, labels that are no words of one line or stand twice.
void check_plan(const harvest_plan& plan);

/// What the state of a harvest remembers of its plan, to be told from others: JSON, a line a parameter.
[[nodiscard]] std::string plan_text(const harvest_plan& plan, std::string_view endpoint);

/// The first lines in which two such texts differ, cut down to a name and a value for people.
[[nodiscard]] std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b);

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
