#pragma once

#include <eucv/core/error.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

namespace detail {

/// The metrics of items that are drawn again and again, as bootstrap() does: what does not depend on the draw, above
/// all the order of the scores, is found once. Refers to the predictions, which must outlive it.
class drawn_metrics {
public:
  drawn_metrics(const predictions& set, const metric_options& options)
      : set_(set), options_(options), decided_(set.decisions()), wrong_(set.size()), times_(set.size()),
        item_values_(set.size() * set.task->item_figures().size()) {
    const std::size_t classes = set.labels.size(), figures = set.task->item_figures().size();
    for (std::size_t i = 0; i < set.size(); ++i) {
      const judged_item item{set.row(i), std::span(decided_).subspan(i * classes, classes), set.truth_row(i)};
      if (const auto given = std::ranges::count(item.truth, 1); set.task->exclusive() && given != 1)
        throw error(errc::invalid_argument, {"compute metrics", "item " + std::to_string(i),
                                             "it has " + std::to_string(given) + " labels, and they exclude each other",
                                             "give each item one label, or take another task"});
      for (std::size_t c = 0; c < classes; ++c) wrong_[i] += item.decided[c] != item.truth[c] ? 1 : 0;
      set.task->judge(item, std::span(item_values_).subspan(i * figures, figures));
    }
    if (set.task->exclusive()) return;
    for (std::size_t c = 0; c < classes; ++c) {
      auto& order = orders_.emplace_back(set.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::sort(order.begin(), order.end(),
                [&](std::size_t a, std::size_t b) { return set.row(a)[c] > set.row(b)[c]; });
    }
  }

  /// The metrics of the items with these numbers; one that comes twice counts twice.
  metrics operator()(std::span<const std::size_t> items) {
    const std::size_t classes = set_.labels.size(), figures = set_.task->item_figures().size();
    metrics result{.n = items.size()};
    std::size_t right = 0, wrong = 0;
    result.item_means.resize(figures);
    for (const std::size_t i : items) {
      right += wrong_[i] == 0 ? 1 : 0;
      wrong += wrong_[i];
      for (std::size_t f = 0; f < figures; ++f) result.item_means[f] += item_values_[i * figures + f];
    }
    for (double& mean : result.item_means) mean /= static_cast<double>(items.size());
    result.accuracy = quotient(right, items.size());
    result.hamming_loss = quotient(wrong, items.size() * classes);
    std::vector<class_counts> counts(classes);
    std::vector<double> average_precisions;
    if (set_.task->exclusive())
      count_confusions(items, counts, result);
    else
      average_precisions = count_answers(items, counts);
    const macro_over which = options_.average.value_or(set_.task->exclusive() ? macro_over::present : macro_over::all);
    add_class_figures(result, counts, which, options_.zero_division);
    std::size_t averaged = 0;
    for (std::size_t c = 0; c < average_precisions.size(); ++c) {
      result.per_class[c].average_precision = average_precisions[c];
      if (!counts_in(counts[c], which)) continue;
      ++averaged;
      result.mean_average_precision += average_precisions[c];
    }
    if (averaged != 0) result.mean_average_precision /= static_cast<double>(averaged);
    return result;
  }

private:
  [[nodiscard]] double quotient(std::size_t part, std::size_t whole) const noexcept {
    return whole == 0 ? options_.zero_division : static_cast<double>(part) / static_cast<double>(whole);
  }

  // Items with one label: each is a cell of the confusion matrix.
  void count_confusions(std::span<const std::size_t> items, std::span<class_counts> counts, metrics& result) const {
    const std::size_t classes = counts.size();
    result.confusion_matrix.assign(classes, std::vector<std::size_t>(classes));
    for (const std::size_t i : items) {
      const auto decided = std::span(decided_).subspan(i * classes, classes);
      const auto guess = static_cast<std::size_t>(std::ranges::find(decided, 1) - decided.begin());
      const std::size_t truth = set_.label_of(i);
      ++result.confusion_matrix[truth][guess];
      ++counts[truth].actual;
      ++counts[guess].called;
      counts[truth].hits += truth == guess ? 1 : 0;
    }
  }

  // Counts of each label by itself, and its average precision: the sum over the scores, from the highest down, of
  // (recall gained) x precision.
  std::vector<double> count_answers(std::span<const std::size_t> items, std::span<class_counts> counts) {
    const std::size_t classes = counts.size();
    std::fill(times_.begin(), times_.end(), std::size_t{0});
    for (const std::size_t i : items) ++times_[i];
    std::vector<double> average_precisions;
    for (std::size_t c = 0; c < classes; ++c) {
      std::size_t taken = 0, found = 0, counted = 0; // items from the surest on, those with the label, and before a tie
      double sum = 0;
      const auto& order = orders_[c];
      for (std::size_t at = 0; at < order.size(); ++at) {
        const std::size_t i = order[at], times = times_[i];
        const bool is = set_.is(i, c), called = decided_[i * classes + c] != 0;
        taken += times;
        found += is ? times : 0;
        counts[c].called += called ? times : 0;
        counts[c].hits += called && is ? times : 0;
        if (at + 1 < order.size() && set_.row(order[at + 1])[c] == set_.row(i)[c]) continue;
        sum += static_cast<double>(found - counted) * quotient(found, taken);
        counted = found;
      }
      counts[c].actual = found;
      average_precisions.push_back(found == 0 ? options_.zero_division : sum / static_cast<double>(found));
    }
    return average_precisions;
  }

  const predictions& set_;
  metric_options options_;
  std::vector<std::uint8_t> decided_;            // {N, C}
  std::vector<std::size_t> wrong_, times_;       // of each item: wrong answers, and how often it was drawn
  std::vector<double> item_values_;              // {N, item figures}
  std::vector<std::vector<std::size_t>> orders_; // of each label the items, surest first
};

} // namespace detail

/// The metrics of predictions. Items with one label are counted in a confusion matrix, and macro averages are over the
/// labels that are true or predicted somewhere; where labels do not exclude each other they are over all labels. A
/// quotient 0 / 0 counts as `zero_division`. Throws invalid_argument where the lists do not fit together, and where
/// labels exclude each other and an item has not exactly one.
[[nodiscard]] inline metrics metrics_of(const predictions& set, const metric_options& options = {}) {
  const std::size_t classes = set.labels.size();
  if (classes == 0 || set.truth.size() % classes != 0 || set.scores.size() != set.truth.size() ||
      (!set.thresholds.empty() && set.thresholds.size() != classes))
    throw error(errc::invalid_argument,
                {"compute metrics", std::to_string(classes) + " labels",
                 std::to_string(set.truth.size()) + " true values, " + std::to_string(set.scores.size()) +
                     " scores and " + std::to_string(set.thresholds.size()) + " thresholds do not fit them",
                 "give one of each an item and label"});
  std::vector<std::size_t> items(set.size());
  std::iota(items.begin(), items.end(), std::size_t{0});
  metrics result = detail::drawn_metrics(set, options)(items);
  result.labels = set.labels;
  return result;
}

} // namespace eucv::judge
