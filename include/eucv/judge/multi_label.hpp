#pragma once

#include <eucv/core/error.hpp>
#include <eucv/judge/curves.hpp>
#include <eucv/judge/metrics.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

/// N items that may have any of C labels, or none, and how sure a classifier is of each. Rows of both are items.
struct multi_label_set {
  std::vector<std::string> labels = {}; ///< C
  std::vector<std::uint8_t> truth = {}; ///< {N, C}: 1 where an item has a label, else 0
  std::vector<double> scores = {};      ///< {N, C}: the greater, the surer
  std::vector<double> thresholds = {};  ///< C: a score at or above it says yes; empty: 0.5 for all

  [[nodiscard]] std::size_t size() const noexcept { return labels.empty() ? 0 : truth.size() / labels.size(); }
  [[nodiscard]] bool called(std::size_t item, std::size_t label) const noexcept {
    return scores[item * labels.size() + label] >= (thresholds.empty() ? 0.5 : thresholds[label]);
  }
  [[nodiscard]] bool is(std::size_t item, std::size_t label) const noexcept {
    return truth[item * labels.size() + label] != 0;
  }
};

/// What a classifier with several labels an item made of labelled items. Figures equal scikit-learn's.
struct multi_label_metrics {
  std::size_t n = 0;       ///< items
  double exact_match = 0;  ///< items all of whose labels are right
  double hamming_loss = 0; ///< of all N x C answers, the part that is wrong
  averaged_metrics macro = {}, micro = {};
  std::vector<class_metrics> per_label = {};  ///< in label order
  std::vector<double> average_precision = {}; ///< of each label; `zero_division` for one that no item has
  double mean_average_precision = 0;          ///< its mean
  double coverage = 0;     ///< how far down the ranked labels one must go to meet all of an item's, in the mean
  double ranking_loss = 0; ///< of an item's pairs (a label it has, one it has not), those in wrong order or equal
  double lrap = 0;         ///< label ranking average precision; 1 for an item with none or all of the labels
};

namespace detail {

struct label_ranking {
  double coverage = 0, loss = 0, lrap = 1;
};

/// Figures of one item from its labels' scores. A label's rank is the number of scores at or above its own.
[[nodiscard]] inline label_ranking rank_labels(const multi_label_set& set, std::size_t item) {
  const std::size_t classes = set.labels.size();
  const double* const row = set.scores.data() + item * classes;
  std::size_t has = 0, wrong = 0;
  label_ranking result;
  double precision = 0;
  for (std::size_t a = 0; a < classes; ++a) {
    if (!set.is(item, a)) continue;
    ++has;
    std::size_t rank = 0, among_own = 0;
    for (std::size_t b = 0; b < classes; ++b) {
      if (row[b] < row[a]) continue;
      ++rank;
      among_own += set.is(item, b) ? 1 : 0;
    }
    wrong += rank - among_own;
    precision += static_cast<double>(among_own) / static_cast<double>(rank);
    result.coverage = std::max(result.coverage, static_cast<double>(rank));
  }
  if (has == 0 || has == classes) return result; // no pair to be ranked
  result.loss = static_cast<double>(wrong) / static_cast<double>(has * (classes - has));
  result.lrap = precision / static_cast<double>(has);
  return result;
}

} // namespace detail

/// The metrics of predictions with several labels an item. A quotient 0 / 0 counts as `zero_division`: the precision of
/// a label that was never given, the recall and average precision of one that no item has. Throws invalid_argument
/// where the lists do not fit together.
[[nodiscard]] inline multi_label_metrics metrics_of(const multi_label_set& set, const metric_options& options = {}) {
  const std::size_t classes = set.labels.size(), items = set.size();
  if (classes == 0 || set.truth.size() != items * classes || set.scores.size() != set.truth.size() ||
      (!set.thresholds.empty() && set.thresholds.size() != classes))
    throw error(errc::invalid_argument,
                {"compute metrics", std::to_string(classes) + " labels",
                 std::to_string(set.truth.size()) + " true values, " + std::to_string(set.scores.size()) +
                     " scores and " + std::to_string(set.thresholds.size()) + " thresholds do not fit them",
                 "give one of each an item and label"});
  const auto quotient = [&](std::size_t part, std::size_t whole) {
    return whole == 0 ? options.zero_division : static_cast<double>(part) / static_cast<double>(whole);
  };
  multi_label_metrics result{.n = items};
  std::size_t exact = 0, wrong = 0, all_hits = 0, all_called = 0, all_actual = 0;
  for (std::size_t i = 0; i < items; ++i) {
    std::size_t errors = 0;
    for (std::size_t c = 0; c < classes; ++c) errors += set.called(i, c) != set.is(i, c) ? 1 : 0;
    exact += errors == 0 ? 1 : 0;
    wrong += errors;
    const auto ranked = detail::rank_labels(set, i);
    result.coverage += ranked.coverage / static_cast<double>(items);
    result.ranking_loss += ranked.loss / static_cast<double>(items);
    result.lrap += ranked.lrap / static_cast<double>(items);
  }
  result.exact_match = quotient(exact, items);
  result.hamming_loss = quotient(wrong, items * classes);
  for (std::size_t c = 0; c < classes; ++c) {
    std::size_t hits = 0, called = 0, actual = 0;
    std::vector<scored> ranked(items);
    for (std::size_t i = 0; i < items; ++i) {
      hits += set.called(i, c) && set.is(i, c) ? 1 : 0;
      called += set.called(i, c) ? 1 : 0;
      actual += set.is(i, c) ? 1 : 0;
      ranked[i] = {set.scores[i * classes + c], set.is(i, c)};
    }
    const std::size_t others = items - actual;
    result.per_label.push_back({.precision = quotient(hits, called),
                                .recall = quotient(hits, actual),
                                .f1 = quotient(2 * hits, called + actual),
                                .specificity = quotient(others - (called - hits), others),
                                .support = actual});
    result.average_precision.push_back(actual == 0 ? options.zero_division
                                                   : precision_recall_curve(std::move(ranked)).average_precision);
    const double count = static_cast<double>(classes);
    const auto& figures = result.per_label.back();
    result.macro.precision += figures.precision / count;
    result.macro.recall += figures.recall / count;
    result.macro.f1 += figures.f1 / count;
    result.mean_average_precision += result.average_precision.back() / count;
    all_hits += hits;
    all_called += called;
    all_actual += actual;
  }
  result.micro = {quotient(all_hits, all_called), quotient(all_hits, all_actual),
                  quotient(2 * all_hits, all_called + all_actual)};
  return result;
}

} // namespace eucv::judge
