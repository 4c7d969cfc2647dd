#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

/// Precision, recall, F1 and specificity: of one class, or averaged over all.
struct averaged_metrics {
  double precision = 0;   ///< TP / (TP + FP)
  double recall = 0;      ///< TP / (TP + FN)
  double f1 = 0;          ///< 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall
  double specificity = 0; ///< TN / (TN + FP)
};

/// How one class fared against all others.
struct class_metrics : averaged_metrics {
  std::size_t support = 0; ///< items that have it: TP + FN
  /// Area under precision over recall; not a number where the task does not rank labels, or no item has the class.
  double average_precision = std::numeric_limits<double>::quiet_NaN();
};

/// The metrics of a classifier on labelled items. Figures equal scikit-learn's.
struct metrics {
  std::vector<std::string> labels = {};
  std::size_t n = 0;                         ///< items
  double accuracy = 0;                       ///< part of the items all of whose labels are right
  double balanced_accuracy = 0;              ///< mean recall of the classes that have items
  averaged_metrics macro = {};               ///< means over the classes
  averaged_metrics weighted = {};            ///< means weighted by support; without specificity
  averaged_metrics micro = {};               ///< of the counts of all classes added up; without specificity
  std::vector<class_metrics> per_class = {}; ///< in label order
  std::vector<std::vector<std::size_t>> confusion_matrix =
      {};                              ///< [true][predicted]; empty unless labels exclude others
  double hamming_loss = 0;             ///< of all N x C answers, the part that is wrong
  double mean_average_precision = 0;   ///< mean of the classes' average precisions
  std::vector<double> item_means = {}; ///< of task_type::item_figures(), in that order
};

/// Which classes a macro average is over.
enum class macro_over {
  all,
  present,   ///< true or predicted somewhere, as in scikit-learn for one label an item
  occurring, ///< true somewhere
};

struct metric_options {
  double zero_division = 0; ///< what a quotient 0 / 0 counts as: the precision of a class that was never called
  /// By default `present` for one label an item, and `all` where labels do not exclude each other.
  std::optional<macro_over> average = {};
};

namespace detail {

/// Counts of one class.
struct class_counts {
  std::size_t hits = 0, called = 0, actual = 0; ///< TP, TP + FP and TP + FN
};

[[nodiscard]] inline bool counts_in(const class_counts& of, macro_over which) noexcept {
  return which == macro_over::all || of.actual != 0 || (which == macro_over::present && of.called != 0);
}

/// Fills in what follows from the counts: per_class and the averages; result.n and result.labels are given.
inline void add_class_figures(metrics& result, std::span<const class_counts> counts, macro_over which,
                              double zero_division) {
  const auto quotient = [&](std::size_t part, std::size_t whole) {
    return whole == 0 ? zero_division : static_cast<double>(part) / static_cast<double>(whole);
  };
  std::size_t averaged = 0, with_items = 0, hits = 0, called = 0, actual = 0;
  for (const auto& each : counts) {
    hits += each.hits;
    called += each.called;
    actual += each.actual;
  }
  for (const auto& each : counts) {
    const std::size_t others = result.n - each.actual, false_alarms = each.called - each.hits;
    auto& figures = result.per_class.emplace_back();
    figures.precision = quotient(each.hits, each.called);
    figures.recall = quotient(each.hits, each.actual);
    figures.f1 = quotient(2 * each.hits, each.called + each.actual);
    figures.specificity = quotient(others - false_alarms, others);
    figures.support = each.actual;
    with_items += each.actual == 0 ? 0 : 1;
    if (each.actual != 0) result.balanced_accuracy += figures.recall;
    const double share = quotient(each.actual, actual);
    result.weighted.precision += share * figures.precision;
    result.weighted.recall += share * figures.recall;
    result.weighted.f1 += share * figures.f1;
    if (!counts_in(each, which)) continue;
    ++averaged;
    result.macro.precision += figures.precision;
    result.macro.recall += figures.recall;
    result.macro.f1 += figures.f1;
    result.macro.specificity += figures.specificity;
  }
  result.micro = {quotient(hits, called), quotient(hits, actual), quotient(2 * hits, called + actual)};
  if (result.n == 0) result.weighted = result.micro;
  result.balanced_accuracy =
      with_items == 0 ? zero_division : result.balanced_accuracy / static_cast<double>(with_items);
  for (double* const mean :
       {&result.macro.precision, &result.macro.recall, &result.macro.f1, &result.macro.specificity})
    *mean = averaged == 0 ? zero_division : *mean / static_cast<double>(averaged);
}

} // namespace detail

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
  std::vector<detail::class_counts> counts(classes);
  metrics result;
  std::size_t right = 0;
  for (std::size_t truth = 0; truth < classes; ++truth) {
    for (std::size_t guess = 0; guess < classes; ++guess) {
      const std::size_t count = confusion_matrix[truth][guess];
      counts[truth].actual += count;
      counts[guess].called += count;
      result.n += count;
    }
    counts[truth].hits = confusion_matrix[truth][truth];
    right += counts[truth].hits;
  }
  result.accuracy = result.n == 0 ? options.zero_division : static_cast<double>(right) / static_cast<double>(result.n);
  detail::add_class_figures(result, counts, options.average.value_or(macro_over::present), options.zero_division);
  result.labels = std::move(labels);
  result.confusion_matrix = std::move(confusion_matrix);
  return result;
}

/// The metrics of predictions with one label an item: `truth` and `predicted` are indices into `labels`. Throws
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

} // namespace eucv::judge
