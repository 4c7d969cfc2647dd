#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

/// How one class fared against all others.
struct class_metrics {
  double precision = 0;    ///< of those called so, the part that is so
  double recall = 0;       ///< of those that are so, the part called so
  double f1 = 0;           ///< harmonic mean of precision and recall
  double specificity = 0;  ///< of those that are not so, the part not called so
  std::size_t support = 0; ///< number of items that are so
};

/// Precision, recall and F1 of all classes together.
struct averaged_metrics {
  double precision = 0, recall = 0, f1 = 0;
};

/// What a classifier made of labelled items. Figures equal scikit-learn's.
struct metrics {
  std::vector<std::string> labels;
  std::size_t n = 0; ///< items
  double accuracy = 0;
  double balanced_accuracy = 0; ///< mean recall of the classes that have items
  double macro_precision = 0, macro_recall = 0, macro_f1 = 0, macro_specificity = 0; ///< means over the classes
  averaged_metrics weighted;                                                         ///< means weighted by support
  averaged_metrics micro; ///< of the counts of all classes added up; with one label an item each equals the accuracy
  std::vector<class_metrics> per_class;                   ///< in label order
  std::vector<std::vector<std::size_t>> confusion_matrix; ///< [true][predicted]
};

struct metric_options {
  double zero_division = 0; ///< what a quotient 0 / 0 counts as: the precision of a class that was never called
};

/// The metrics of a confusion matrix whose rows are true and whose columns are predicted, in the order of `labels`.
///
/// A class that is neither true nor predicted anywhere has its row in per_class but no part in the macro averages, as
/// in scikit-learn. Throws invalid_argument where the matrix is not square or does not fit the labels.
[[nodiscard]] inline metrics metrics_of(std::vector<std::vector<std::size_t>> confusion_matrix,
                                        std::vector<std::string> labels, const metric_options& options = {}) {
  const std::size_t classes = labels.size();
  bool square = confusion_matrix.size() == classes;
  for (const auto& row : confusion_matrix) square = square && row.size() == classes;
  if (!square)
    throw error(errc::invalid_argument, {"compute metrics", std::to_string(classes) + " classes",
                                         "the confusion matrix has another number of rows or columns", ""});
  std::vector<std::size_t> called(classes), actual(classes);
  metrics result;
  std::size_t right = 0;
  for (std::size_t truth = 0; truth < classes; ++truth) {
    for (std::size_t guess = 0; guess < classes; ++guess) {
      const std::size_t count = confusion_matrix[truth][guess];
      actual[truth] += count;
      called[guess] += count;
      result.n += count;
    }
    right += confusion_matrix[truth][truth];
  }
  const auto quotient = [&](std::size_t part, std::size_t whole) {
    return whole == 0 ? options.zero_division : static_cast<double>(part) / static_cast<double>(whole);
  };
  std::size_t present = 0, with_items = 0;
  for (std::size_t label = 0; label < classes; ++label) {
    const std::size_t hits = confusion_matrix[label][label];
    const std::size_t others = result.n - actual[label], false_alarms = called[label] - hits;
    auto& figures = result.per_class.emplace_back();
    figures.precision = quotient(hits, called[label]);
    figures.recall = quotient(hits, actual[label]);
    figures.f1 = quotient(2 * hits, called[label] + actual[label]);
    figures.specificity = quotient(others - false_alarms, others);
    figures.support = actual[label];
    with_items += actual[label] == 0 ? 0 : 1;
    if (actual[label] != 0) result.balanced_accuracy += figures.recall;
    const double share = quotient(actual[label], result.n);
    result.weighted.precision += share * figures.precision;
    result.weighted.recall += share * figures.recall;
    result.weighted.f1 += share * figures.f1;
    if (called[label] + actual[label] == 0) continue;
    ++present;
    result.macro_precision += figures.precision;
    result.macro_recall += figures.recall;
    result.macro_f1 += figures.f1;
    result.macro_specificity += figures.specificity;
  }
  result.accuracy = quotient(right, result.n);
  result.micro = {result.accuracy, result.accuracy, result.accuracy};
  if (result.n == 0) result.weighted = result.micro;
  result.balanced_accuracy =
      with_items == 0 ? options.zero_division : result.balanced_accuracy / static_cast<double>(with_items);
  for (double* const mean :
       {&result.macro_precision, &result.macro_recall, &result.macro_f1, &result.macro_specificity})
    *mean = present == 0 ? options.zero_division : *mean / static_cast<double>(present);
  result.labels = std::move(labels);
  result.confusion_matrix = std::move(confusion_matrix);
  return result;
}

/// The metrics of predictions: `truth` and `predicted` hold one label an item, as indices into `labels`. Throws
/// invalid_argument where their lengths differ or an index is no label.
[[nodiscard]] inline metrics metrics_of(std::span<const std::size_t> truth, std::span<const std::size_t> predicted,
                                        std::vector<std::string> labels, const metric_options& options = {}) {
  const auto refuse = [](std::string why) {
    return error(errc::invalid_argument, {"compute metrics", "predictions", std::move(why), ""});
  };
  if (truth.size() != predicted.size())
    throw refuse(std::to_string(truth.size()) + " true labels and " + std::to_string(predicted.size()) + " predicted");
  std::vector<std::vector<std::size_t>> matrix(labels.size(), std::vector<std::size_t>(labels.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] >= labels.size() || predicted[i] >= labels.size())
      throw refuse("item " + std::to_string(i) + " has a label beyond the " + std::to_string(labels.size()) + " known");
    ++matrix[truth[i]][predicted[i]];
  }
  return metrics_of(std::move(matrix), std::move(labels), options);
}

/// metrics.json: `accuracy`, `macro_f1`, `macro_precision`, `macro_recall`, `macro_specificity`, `balanced_accuracy`,
/// `weighted`, `per_class`, `confusion_matrix`, `labels`, `n`. `more` is put before the last: further members, each as
/// `"name": value,` on lines of its own.
[[nodiscard]] inline std::string to_json(const metrics& figures, const std::string& more = "") {
  const auto list = [](const auto& items, auto&& text, const std::string& gap) {
    std::string out = "[";
    for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : gap) + text(i);
    return out + "]";
  };
  const auto number = [](const char* name, double value) {
    return "\"" + std::string(name) + "\": " + json_number(value);
  };
  std::string out = "{\n  " + number("accuracy", figures.accuracy) + ",\n  " + number("macro_f1", figures.macro_f1) +
                    ",\n  " + number("macro_precision", figures.macro_precision) + ",\n  " +
                    number("macro_recall", figures.macro_recall) + ",\n  " +
                    number("macro_specificity", figures.macro_specificity) + ",\n  " +
                    number("balanced_accuracy", figures.balanced_accuracy) + ",\n  \"weighted\": {" +
                    number("precision", figures.weighted.precision) + ", " + number("recall", figures.weighted.recall) +
                    ", " + number("f1", figures.weighted.f1) + "},\n  \"per_class\": ";
  out += list(
      figures.per_class,
      [&](std::size_t i) {
        const auto& one = figures.per_class[i];
        return "\n    {\"label\": " + json_string(figures.labels[i]) + ", " + number("precision", one.precision) +
               ", " + number("recall", one.recall) + ", " + number("f1", one.f1) + ", " +
               number("specificity", one.specificity) + ", \"support\": " + std::to_string(one.support) + "}";
      },
      ",");
  out += ",\n  \"confusion_matrix\": ";
  out += list(
      figures.confusion_matrix,
      [&](std::size_t i) {
        const auto& row = figures.confusion_matrix[i];
        return "\n    " + list(
                              row, [&](std::size_t j) { return std::to_string(row[j]); }, ", ");
      },
      ",");
  out += ",\n  \"labels\": ";
  out += list(
      figures.labels, [&](std::size_t i) { return json_string(figures.labels[i]); }, ", ");
  return out + ",\n" + more + "  \"n\": " + std::to_string(figures.n) + "\n}\n";
}

} // namespace eucv::judge
