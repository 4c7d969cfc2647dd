#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/multi_label_calibration.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::judge {

/// The figures of several labels an item that get an interval, in order. `accuracy` is the exact match: the part of the
/// items all of whose labels are right.
inline constexpr std::array<std::string_view, 10> multi_label_headline_names{
    "accuracy",     "macro_f1",
    "micro_f1",     "macro_precision",
    "macro_recall", "mean_average_precision",
    "hamming_loss", "coverage",
    "ranking_loss", "label_ranking_average_precision"};

/// All figures of predictions with several labels an item.
struct multi_label_assessment {
  multi_label_metrics figures;
  double calibration_error = 0;                ///< see multi_label_calibration.hpp
  double level = 0.95;                         ///< of the intervals
  std::array<interval, 10> headline;           ///< of multi_label_headline_names
  std::vector<interval> f1, average_precision; ///< in label order
};

namespace detail {

// The figures of items that are drawn anew many times: what does not depend on the draw, the order of the scores above
// all, is found once. Each label is as metrics_of() has it, but for a quotient 0 / 0, which counts as 0.
class redrawn_figures {
public:
  explicit redrawn_figures(const multi_label_predictions& set) : set_(set), errors_(set.size()), times_(set.size()) {
    const std::size_t classes = set.labels.size();
    for (std::size_t c = 0; c < classes; ++c) {
      auto& order = orders_.emplace_back(set.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a, c) > score(b, c); });
      for (std::size_t i = 0; i < set.size(); ++i) errors_[i] += set.called(i, c) != set.is(i, c) ? 1 : 0;
    }
    for (std::size_t i = 0; i < set.size(); ++i) rankings_.push_back(rank_labels(set, i));
  }

  std::vector<double> operator()(std::span<const std::size_t> items) {
    std::fill(times_.begin(), times_.end(), std::size_t{0});
    std::size_t exact = 0, wrong = 0, hits = 0, called = 0, actual = 0;
    label_ranking ranked{.lrap = 0};
    for (const std::size_t i : items) {
      ++times_[i];
      exact += errors_[i] == 0 ? 1 : 0;
      wrong += errors_[i];
      ranked.coverage += rankings_[i].coverage;
      ranked.loss += rankings_[i].loss;
      ranked.lrap += rankings_[i].lrap;
    }
    const std::size_t classes = set_.labels.size();
    double f1 = 0, precision = 0, recall = 0, mean_average = 0;
    std::vector<double> of_labels;
    for (std::size_t c = 0; c < classes; ++c) {
      const auto one = of_label(c);
      hits += one.hits;
      called += one.called;
      actual += one.actual;
      precision += quotient(one.hits, one.called);
      recall += quotient(one.hits, one.actual);
      of_labels.push_back(quotient(2 * one.hits, one.called + one.actual));
      of_labels.push_back(one.average_precision);
      f1 += of_labels[2 * c];
      mean_average += one.average_precision;
    }
    const auto count = static_cast<double>(classes), drawn = static_cast<double>(items.size());
    std::vector<double> values{quotient(exact, items.size()),
                               f1 / count,
                               quotient(2 * hits, called + actual),
                               precision / count,
                               recall / count,
                               mean_average / count,
                               quotient(wrong, items.size() * classes),
                               ranked.coverage / drawn,
                               ranked.loss / drawn,
                               ranked.lrap / drawn};
    values.insert(values.end(), of_labels.begin(), of_labels.end());
    return values;
  }

private:
  struct counts {
    std::size_t hits = 0, called = 0, actual = 0;
    double average_precision = 0;
  };

  [[nodiscard]] double score(std::size_t item, std::size_t label) const noexcept {
    return set_.scores[item * set_.labels.size() + label];
  }
  static double quotient(std::size_t part, std::size_t whole) noexcept {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }

  [[nodiscard]] counts of_label(std::size_t c) const {
    counts one;
    std::size_t taken = 0, found = 0, counted = 0; // items from the surest on, those with the label, and before a tie
    double sum = 0;
    const auto& order = orders_[c];
    for (std::size_t at = 0; at < order.size(); ++at) {
      const std::size_t i = order[at], times = times_[i];
      taken += times;
      found += set_.is(i, c) ? times : 0;
      one.called += set_.called(i, c) ? times : 0;
      one.hits += set_.called(i, c) && set_.is(i, c) ? times : 0;
      if (at + 1 < order.size() && score(order[at + 1], c) == score(i, c)) continue;
      sum += static_cast<double>(found - counted) * quotient(found, taken);
      counted = found;
    }
    one.actual = found;
    one.average_precision = found == 0 ? 0 : sum / static_cast<double>(found);
    return one;
  }

  const multi_label_predictions& set_;
  std::vector<std::vector<std::size_t>> orders_; // of each label the items, surest first
  std::vector<std::size_t> errors_;              // of each item, labels that are wrong
  std::vector<label_ranking> rankings_;          // of each item
  std::vector<std::size_t> times_;               // each item was drawn
};

} // namespace detail

/// Computes them. The intervals come from bootstrap(): items of one group are drawn together. Cost: `replicates` times
/// N x C. Throws invalid_argument for no item.
[[nodiscard]] multi_label_assessment assess(const multi_label_predictions& set, const bootstrap_options& options = {});

/// metrics.json of a model with several labels: `accuracy` (exact match), `macro_f1`, `macro_precision`,
/// `macro_recall`, `macro_specificity`, `micro_precision`, `micro_recall`, `micro_f1`, `mean_average_precision`,
/// `hamming_loss`, `coverage`, `ranking_loss`, `label_ranking_average_precision`, `per_class`, `labels`, `n`. `more` is
/// put before the last: further members, each as `"name": value,` on lines of its own.
[[nodiscard]] std::string to_json(const multi_label_metrics& figures, const std::vector<std::string>& labels,
                                  const std::string& more = "");

/// The same, with `calibration_error` and `intervals`: the `level`, each headline figure's pair [low, high],
/// `f1_by_class` and `average_precision_by_class`, such pairs in label order.
[[nodiscard]] std::string to_json(const multi_label_assessment& all, const std::vector<std::string>& labels);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <utility>

namespace eucv::judge {

multi_label_assessment assess(const multi_label_predictions& set, const bootstrap_options& options) {
  multi_label_assessment result{.figures = metrics_of(set),
                                .calibration_error = calibration_error(set),
                                .level = options.level,
                                .headline = {},
                                .f1 = {},
                                .average_precision = {}};
  const auto intervals = bootstrap(set.groups, detail::redrawn_figures(set), options);
  std::copy_n(intervals.begin(), result.headline.size(), result.headline.begin());
  for (std::size_t i = result.headline.size(); i < intervals.size(); i += 2) {
    result.f1.push_back(intervals[i]);
    result.average_precision.push_back(intervals[i + 1]);
  }
  return result;
}

std::string to_json(const multi_label_metrics& figures, const std::vector<std::string>& labels,
                    const std::string& more) {
  const auto number = [](std::string_view name, double value) {
    return "\"" + std::string(name) + "\": " + json_number(value);
  };
  double specificity = 0;
  for (const auto& one : figures.per_label) specificity += one.specificity / static_cast<double>(labels.size());
  std::string out = "{\n";
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, double>>{{"accuracy", figures.exact_match},
                                                             {"macro_f1", figures.macro.f1},
                                                             {"macro_precision", figures.macro.precision},
                                                             {"macro_recall", figures.macro.recall},
                                                             {"macro_specificity", specificity},
                                                             {"micro_f1", figures.micro.f1},
                                                             {"micro_precision", figures.micro.precision},
                                                             {"micro_recall", figures.micro.recall},
                                                             {"mean_average_precision", figures.mean_average_precision},
                                                             {"hamming_loss", figures.hamming_loss},
                                                             {"coverage", figures.coverage},
                                                             {"ranking_loss", figures.ranking_loss},
                                                             {"label_ranking_average_precision", figures.lrap}})
    out += "  " + number(name, value) + ",\n";
  out += "  \"per_class\": [";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& one = figures.per_label[i];
    out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(labels[i]) + ", " +
           number("precision", one.precision) + ", " + number("recall", one.recall) + ", " + number("f1", one.f1) +
           ", " + number("specificity", one.specificity) + ", " +
           number("average_precision", figures.average_precision[i]) + ", \"support\": " + std::to_string(one.support) +
           "}";
  }
  out += "],\n  \"labels\": [";
  for (std::size_t i = 0; i < labels.size(); ++i) out += (i == 0 ? "" : ", ") + json_string(labels[i]);
  return out + "],\n" + more + "  \"n\": " + std::to_string(figures.n) + "\n}\n";
}

std::string to_json(const multi_label_assessment& all, const std::vector<std::string>& labels) {
  const auto pair = [](const interval& range) {
    return "[" + json_number(range.low) + ", " + json_number(range.high) + "]";
  };
  const auto list = [&](const std::vector<interval>& ranges) {
    std::string out = "[";
    for (std::size_t i = 0; i < ranges.size(); ++i) out += (i == 0 ? "" : ", ") + pair(ranges[i]);
    return out + "]";
  };
  std::string more = "  \"calibration_error\": " + json_number(all.calibration_error) +
                     ",\n  \"intervals\": {\n    \"level\": " + json_number(all.level);
  for (std::size_t i = 0; i < multi_label_headline_names.size(); ++i)
    more += ",\n    \"" + std::string(multi_label_headline_names[i]) + "\": " + pair(all.headline[i]);
  more += ",\n    \"f1_by_class\": " + list(all.f1) +
          ",\n    \"average_precision_by_class\": " + list(all.average_precision) + "},\n";
  return to_json(all.figures, labels, more);
}

} // namespace eucv::judge
#endif
