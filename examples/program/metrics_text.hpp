#pragma once

#include "program/table_text.hpp"

#include <eucv/train/metrics.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// The four figures on one line.
inline void print_summary(std::ostream& out, const eucv::train::metrics& figures) {
  out << "accuracy " << fixed(figures.accuracy) << ", macro F1 " << fixed(figures.macro_f1) << ", macro precision "
      << fixed(figures.macro_precision) << ", macro recall " << fixed(figures.macro_recall) << ", on "
      << counted(figures.n, "picture") << '\n';
}

/// Figures of each class, then the confusion matrix with true classes as rows.
inline void print_classes(std::ostream& out, const eucv::train::metrics& figures) {
  aligned_table classes({"class", ">precision", ">recall", ">F1", ">specificity", ">pictures"});
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    classes.add({figures.labels[i], fixed(one.precision), fixed(one.recall), fixed(one.f1), fixed(one.specificity),
                 std::to_string(one.support)});
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
