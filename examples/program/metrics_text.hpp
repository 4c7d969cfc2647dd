#pragma once

#include "program/table_text.hpp"

#include <eucv/judge/assess.hpp>
#include <eucv/judge/metrics.hpp>

#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// The main figures on one line.
inline void print_summary(std::ostream& out, const eucv::judge::metrics& figures, const eucv::judge::task_type& task) {
  for (const auto& each : task.figures(eucv::judge::figure_use::summary))
    out << each.title << ' ' << fixed(each.of(figures)) << ", ";
  out << "on " << counted(figures.n, "picture") << '\n';
}

/// A range as "0.812 to 0.874"; nothing where there is none.
[[nodiscard]] inline std::string range_text(const eucv::judge::interval& range) {
  return std::isnan(range.low) ? "" : fixed(range.low) + " to " + fixed(range.high);
}

/// The headline figures, each with its interval, and those of probabilities.
inline void print_headline(std::ostream& out, const eucv::judge::assessment& all) {
  aligned_table table({"figure", ">value", fixed(100 * all.level, 0) + " % interval"});
  const auto figures = all.task->figures(eucv::judge::figure_use::headline);
  for (std::size_t i = 0; i < figures.size(); ++i)
    table.add({std::string(figures[i].title), fixed(all.headline[i].value), range_text(all.headline[i])});
  const auto add = [&](const char* name, double value) {
    if (!std::isnan(value)) table.add({name, fixed(value), ""});
  };
  add("among the first three", all.top_3);
  add("calibration error", all.calibration_error);
  add("macro area under ROC", all.macro_roc_area);
  add("macro average precision", all.macro_average_precision);
  out << '\n' << table;
}

/// Figures of each class; where labels exclude each other then the confusion matrix, with true classes as rows.
inline void print_classes(std::ostream& out, const eucv::judge::assessment& all) {
  const auto& figures = all.figures;
  const bool ranks = !all.class_average_precision.empty();
  std::vector<std::string> header{all.task->exclusive() ? "class" : "label", ">precision", ">recall", ">F1",
                                  "interval"};
  if (ranks) header.insert(header.end(), {">average precision", "interval"});
  if (!ranks) header.emplace_back(">specificity");
  header.emplace_back(">pictures");
  aligned_table classes(std::move(header));
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    std::vector<std::string> cells{figures.labels[i], fixed(one.precision), fixed(one.recall), fixed(one.f1),
                                   range_text(all.class_f1[i])};
    if (ranks) cells.insert(cells.end(), {fixed(one.average_precision), range_text(all.class_average_precision[i])});
    if (!ranks) cells.push_back(fixed(one.specificity));
    cells.push_back(std::to_string(one.support));
    classes.add(std::move(cells));
  }
  out << '\n' << classes;
  if (figures.confusion_matrix.empty()) return;
  header = {"true \\ predicted"};
  for (const auto& label : figures.labels) header.push_back(right_header(label));
  aligned_table confusion(std::move(header));
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    std::vector<std::string> cells{figures.labels[i]};
    for (const std::size_t count : figures.confusion_matrix[i])
      cells.push_back(count == 0 ? "." : std::to_string(count));
    confusion.add(std::move(cells));
  }
  out << '\n' << confusion;
}

} // namespace program
