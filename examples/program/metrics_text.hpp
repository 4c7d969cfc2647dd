#pragma once

#include "program/table_text.hpp"

#include <eucv/judge/assess.hpp>
#include <eucv/judge/metrics.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// The four figures on one line.
inline void print_summary(std::ostream& out, const eucv::judge::metrics& figures) {
  out << "accuracy " << fixed(figures.accuracy) << ", macro F1 " << fixed(figures.macro_f1) << ", macro precision "
      << fixed(figures.macro_precision) << ", macro recall " << fixed(figures.macro_recall) << ", on "
      << counted(figures.n, "picture") << '\n';
}

/// A range as "0.812 to 0.874"; nothing where there is none.
[[nodiscard]] inline std::string range_text(const eucv::judge::interval& range) {
  return std::isnan(range.low) ? "" : fixed(range.low) + " to " + fixed(range.high);
}

/// The headline figures, each with its interval, and those of probabilities.
inline void print_headline(std::ostream& out, const eucv::judge::assessment& all) {
  aligned_table table({"figure", ">value", fixed(100 * all.level, 0) + " % interval"});
  for (std::size_t i = 0; i < all.headline.size(); ++i) {
    std::string name(eucv::judge::headline_names[i]);
    std::replace(name.begin(), name.end(), '_', ' ');
    table.add({name, fixed(all.headline[i].value), range_text(all.headline[i])});
  }
  const auto add = [&](const char* name, double value) {
    if (!std::isnan(value)) table.add({name, fixed(value), ""});
  };
  add("among the first three", all.top_3);
  add("calibration error", all.calibration_error);
  add("macro area under ROC", all.ranking.macro_roc_area);
  add("macro average precision", all.ranking.macro_average_precision);
  out << '\n' << table;
}

/// Figures of each class, then the confusion matrix with true classes as rows.
inline void print_classes(std::ostream& out, const eucv::judge::assessment& all) {
  const auto& figures = all.figures;
  aligned_table classes({"class", ">precision", ">recall", ">F1", "interval", ">specificity", ">pictures"});
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    classes.add({figures.labels[i], fixed(one.precision), fixed(one.recall), fixed(one.f1), range_text(all.class_f1[i]),
                 fixed(one.specificity), std::to_string(one.support)});
  }
  std::vector<std::string> header{"true \\ predicted"};
  for (const auto& label : figures.labels) header.push_back(">" + label);
  aligned_table confusion(std::move(header));
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    std::vector<std::string> cells{figures.labels[i]};
    for (const std::size_t count : figures.confusion_matrix[i])
      cells.push_back(count == 0 ? "." : std::to_string(count));
    confusion.add(std::move(cells));
  }
  out << '\n' << classes << '\n' << confusion;
}

} // namespace program
