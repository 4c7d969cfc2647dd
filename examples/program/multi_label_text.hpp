#pragma once

#include "program/enrichment_text.hpp"
#include "program/metrics_text.hpp"
#include "program/table_text.hpp"

#include <eucv/judge/multi_label_assess.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/multi_label_thresholds.hpp>
#include <eucv/report/multi_label_facts.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace program {

/// The main figures of several labels a picture on one line.
inline void print_summary(std::ostream& out, const eucv::judge::multi_label_metrics& figures) {
  out << "mean average precision " << fixed(figures.mean_average_precision) << ", macro F1 " << fixed(figures.macro.f1)
      << ", micro F1 " << fixed(figures.micro.f1) << ", all labels right " << fixed(figures.exact_match) << ", on "
      << counted(figures.n, "picture") << '\n';
}

/// The headline figures, each with its interval.
inline void print_headline(std::ostream& out, const eucv::judge::multi_label_assessment& all) {
  aligned_table table({"figure", ">value", fixed(100 * all.level, 0) + " % interval"});
  for (std::size_t i = 0; i < all.headline.size(); ++i)
    table.add({eucv::report::multi_label_figure_name(eucv::judge::multi_label_headline_names[i]),
               fixed(all.headline[i].value), range_text(all.headline[i])});
  table.add({"calibration error", fixed(all.calibration_error), ""});
  out << '\n' << table;
}

/// Figures of each label, called where it is more probable than not.
inline void print_labels(std::ostream& out, const eucv::judge::multi_label_assessment& all,
                         const std::vector<std::string>& labels) {
  aligned_table table(
      {"label", ">precision", ">recall", ">F1", "interval", ">average precision", "interval", ">pictures"});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& one = all.figures.per_label[i];
    table.add({labels[i], fixed(one.precision), fixed(one.recall), fixed(one.f1), range_text(all.f1[i]),
               fixed(all.figures.average_precision[i]), range_text(all.average_precision[i]),
               std::to_string(one.support)});
  }
  out << '\n' << table;
}

/// How precise statements are when only the surest are made.
inline void print_coverage(std::ostream& out, const eucv::judge::multi_label_predictions& set) {
  const auto points = eucv::judge::precision_over_recall(set);
  aligned_table table({">labels found", ">precision", ">from a probability of"});
  for (const double part : {0.1, 0.25, 0.5, 0.75, 0.9})
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
                             const eucv::judge::multi_label_predictions& set) {
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
