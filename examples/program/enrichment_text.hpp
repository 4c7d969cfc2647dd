#pragma once

#include "program/table_text.hpp"

#include <eucv/classify/decision_rule.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace program {

/// A part of a whole as "82.1 %".
[[nodiscard]] inline std::string percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

/// Which categories may be enriched automatically, and how many pictures, or labels of pictures, go which way.
inline void print_plan(std::ostream& out, const eucv::judge::enrichment_plan& plan,
                       const eucv::judge::predictions& set) {
  const auto& labels = set.labels;
  const std::string target = fixed(100 * plan.options.target_precision, 1) + " %";
  aligned_table table({"class", "decision", ">threshold", ">suggested", ">right", ">accepted", ">right",
                       ">at least (" + fixed(100 * plan.options.confidence, 0) + " %)"});
  std::size_t few = 0, least = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& each = plan.categories[i];
    const bool automatic = each.decision == eucv::judge::verdict::automatic;
    few += !automatic && each.suggested < each.least_n ? 1 : 0;
    least = each.least_n;
    table.add({labels[i], std::string(to_string(each.decision)), automatic ? fixed(each.threshold) : "",
               std::to_string(each.suggested), percent(each.suggested_right, each.suggested),
               automatic ? std::to_string(each.accepted) : "",
               automatic ? percent(each.accepted_right, each.accepted) : "", fixed(100 * each.bound, 1) + " %"});
  }
  out << '\n'
      << table << "\nfor a precision of " << target << ": of "
      << counted(plan.n, set.task->exclusive() ? "picture" : "label") << ", " << plan.automatic << " ("
      << percent(plan.automatic, plan.n) << ") may be enriched automatically, of which "
      << percent(plan.automatic_right, plan.automatic) << " are right; " << plan.review << " need review; "
      << plan.never << " should not be suggested\n";
  if (few != 0)
    out << counted(few, "category", "categories") << " had fewer than the " << least
        << " suggestions that could prove it: more pictures may change the verdict\n";
}

/// How precise statements are when only the surest are made.
inline void print_coverage(std::ostream& out, const eucv::judge::predictions& set) {
  const auto points = eucv::judge::precision_over_coverage(set);
  aligned_table table({set.task->exclusive() ? ">coverage" : ">labels found", ">precision", ">from a probability of"});
  for (const double part : {0.1, 0.25, 0.5, 0.75, 0.9, 1.0})
    for (std::size_t i = 0; i < points.coverage.size(); ++i)
      if (points.coverage[i] >= part) {
        table.add({fixed(100 * points.coverage[i], 1) + " %", fixed(100 * points.precision[i], 1) + " %",
                   fixed(points.thresholds[i])});
        break;
      }
  out << '\n' << table;
}

/// How a model's own thresholds do on pictures that it may never have seen.
inline void print_thresholds(std::ostream& out, const eucv::classify::decision_rule& rule,
                             const eucv::judge::predictions& set) {
  aligned_table table({"label", "decision", ">threshold", ">stated", ">right", ">found"});
  std::size_t stated = 0, right = 0;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    const auto& each = rule.categories[label];
    const bool automatic = each.decision == eucv::judge::verdict::automatic;
    std::size_t said = 0, hits = 0, there = 0;
    for (const auto& item : set.of_label(label)) {
      const bool says = automatic && item.score >= each.threshold;
      said += says ? 1 : 0;
      hits += says && item.positive ? 1 : 0;
      there += item.positive ? 1 : 0;
    }
    stated += said;
    right += hits;
    table.add({set.labels[label], std::string(to_string(each.decision)), automatic ? fixed(each.threshold) : "",
               automatic ? std::to_string(said) : "", automatic ? percent(hits, said) : "",
               automatic ? percent(hits, there) : ""});
  }
  out << '\n'
      << table << "\nthe model's thresholds, made for a precision of " << fixed(100 * rule.target_precision, 1)
      << " %: " << counted(stated, "label") << " stated, " << percent(right, stated) << " of them right\n";
}

} // namespace program
