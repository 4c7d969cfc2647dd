#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::judge {

/// What may be done with a category's predictions without a person looking at each.
enum class verdict {
  automatic, ///< at or above its threshold they may be written into records; below it they need review
  review,    ///< a person must confirm each
  never,     ///< more of them are wrong than a reviewer's time is worth
};

/// The stable word of a verdict.
[[nodiscard]] constexpr std::string_view to_string(verdict of) noexcept {
  return of == verdict::automatic ? "automatic" : of == verdict::review ? "review" : "never";
}

struct threshold_options {
  double target_precision = 0.95; ///< of what is enriched automatically, category by category
  double confidence = 0.95;       ///< with which each threshold holds it
  double review_precision = 0.5;  ///< a category less precise than that is not worth a review
};

/// P(X >= right) for X binomial(n, p). Cost: n - right terms.
[[nodiscard]] double binomial_tail(std::size_t right, std::size_t n, double p);

/// The least precision that `right` of `n` do not contradict: Clopper and Pearson's exact lower bound (1934), which a
/// precision below it would reach in at most 1 - confidence of all samples. 0 for n = 0.
[[nodiscard]] double precision_bound(std::size_t right, std::size_t n, double confidence = 0.95);

/// What out-of-fold predictions say of one category. What is counted are statements (an item has a label): each item
/// has one where labels exclude each other, else any number of them.
struct category_rule {
  verdict decision = verdict::never;
  double threshold = std::numeric_limits<double>::infinity(); ///< probability from which on it is automatic
  /// Statements that the model makes: the label that it decides on; else those whose probability is one half, or
  /// reaches the threshold of their label.
  std::size_t suggested = 0, suggested_right = 0;
  std::size_t accepted = 0, accepted_right = 0; ///< those at or above the threshold
  double bound = 0;        ///< precision_bound() of the accepted, or of all suggested where none is
  std::size_t least_n = 0; ///< so many suggestions, all right, would do to prove the wanted precision
};

/// Which predictions may enrich records, category by category.
struct enrichment_plan {
  threshold_options options;
  std::vector<category_rule> categories;                                 ///< in label order
  std::size_t n = 0;                                                     ///< statements judged
  std::size_t automatic = 0, automatic_right = 0, review = 0, never = 0; ///< where they go; these add up to n
};

namespace detail {

// Finds a threshold by fixed-sequence testing (Angelopoulos et al. 2021, arXiv 2110.01052): sets of items are fixed by
// their probabilities alone, the most probable first, from the least number that could prove the precision on, each a
// quarter larger than the one before; each is tested, and the first that fails ends it. So the chance that a threshold
// is found whose precision is below the target stays below 1 - confidence, however many sets are tested. Taking the
// largest set whose bound suffices would be to look for luck.
void find_threshold(category_rule& rule, const std::vector<scored>& items, const threshold_options& options);

// So many statements, all of them right, would do: target^n = 1 - confidence.
[[nodiscard]] inline std::size_t least_provable(const threshold_options& options) {
  return static_cast<std::size_t>(
      std::ceil(std::log(1 - options.confidence) / std::log(options.target_precision) - 1e-9));
}

void check(const threshold_options& options);

// Decides what becomes of a category that has no threshold, proves what can be proved, and counts it all in the plan.
void conclude(category_rule& rule, enrichment_plan& plan);

} // namespace detail

/// Decides from predictions on items that the model was not trained on, category by category. Items are taken as
/// independent: leave copies out.
///
/// The threshold of a category holds the wanted precision with the wanted confidence. What is not given in the truth
/// counts as wrong: where labels are missing there, the true precision is above the one that is proved here. Throws
/// invalid_argument for options that are not between 0 and 1.
[[nodiscard]] enrichment_plan plan_enrichment(const predictions& set, const threshold_options& options = {});

/// How precise statements are when only the surest are made: a point for each different probability.
struct coverage_points {
  std::vector<double> thresholds; ///< from the highest down
  /// Part of all statements that are made, where labels exclude each other; else of all labels that are to be found.
  std::vector<double> coverage;
  std::vector<double> precision; ///< of the statements made
};

/// Over the statements of all labels, or of one.
[[nodiscard]] coverage_points precision_over_coverage(const predictions& set,
                                                      std::size_t label = static_cast<std::size_t>(-1));

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>

namespace eucv::judge {

double binomial_tail(std::size_t right, std::size_t n, double p) {
  if (right == 0 || p >= 1) return 1;
  if (p <= 0) return 0;
  const auto count = static_cast<double>(n);
  double sum = 0;
  for (std::size_t k = right; k <= n; ++k) {
    const auto hits = static_cast<double>(k);
    sum += std::exp(std::lgamma(count + 1) - std::lgamma(hits + 1) - std::lgamma(count - hits + 1) +
                    hits * std::log(p) + (count - hits) * std::log1p(-p));
  }
  return std::min(sum, 1.0);
}

double precision_bound(std::size_t right, std::size_t n, double confidence) {
  if (right == 0) return 0;
  double low = 0, high = 1;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (binomial_tail(right, n, middle) <= 1 - confidence ? low : high) = middle;
  }
  return low;
}

namespace detail {

void find_threshold(category_rule& rule, const std::vector<scored>& items, const threshold_options& options) {
  std::size_t size = rule.least_n, right = 0, at = 0;
  while (at < items.size()) {
    size = std::min(size, items.size());
    while (size < items.size() && items[size].score == items[size - 1].score) ++size; // equal ones go together
    for (; at < size; ++at) right += items[at].positive ? 1 : 0;
    if (size < rule.least_n || binomial_tail(right, size, options.target_precision) > 1 - options.confidence) return;
    rule.decision = verdict::automatic;
    rule.threshold = items[size - 1].score;
    rule.accepted = size;
    rule.accepted_right = right;
    size += std::max<std::size_t>(1, size / 4);
  }
}

void check(const threshold_options& options) {
  const auto fraction = [](double x) { return x > 0 && x < 1; };
  if (!fraction(options.target_precision) || !fraction(options.confidence) ||
      !(options.review_precision >= 0 && options.review_precision <= 1))
    throw error(errc::invalid_argument, {"find thresholds", "the options", "a precision or confidence is not in (0, 1)",
                                         "ask for a precision such as 0.95"});
}

void conclude(category_rule& rule, enrichment_plan& plan) {
  const auto& options = plan.options;
  const double precision = ratio(rule.suggested_right, rule.suggested);
  if (rule.decision != verdict::automatic && precision >= options.review_precision) rule.decision = verdict::review;
  rule.bound = rule.decision == verdict::automatic
                   ? precision_bound(rule.accepted_right, rule.accepted, options.confidence)
                   : precision_bound(rule.suggested_right, rule.suggested, options.confidence);
  plan.automatic += rule.accepted;
  plan.automatic_right += rule.accepted_right;
  (rule.decision == verdict::never ? plan.never : plan.review) += rule.suggested - rule.accepted;
}

// What a model may state, label by label: the one that it decides on for each item, or any of all.
std::vector<std::vector<scored>> statements_of(const predictions& set) {
  const std::size_t classes = set.labels.size();
  std::vector<std::vector<scored>> statements(classes);
  const bool one_each = set.task->exclusive();
  const auto decided = one_each ? set.decisions() : std::vector<std::uint8_t>{};
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t c = 0; c < classes; ++c)
      if (!one_each || decided[i * classes + c] != 0) statements[c].push_back({set.row(i)[c], set.is(i, c)});
  return statements;
}

} // namespace detail

enrichment_plan plan_enrichment(const predictions& set, const threshold_options& options) {
  detail::check(options);
  enrichment_plan plan{options, std::vector<category_rule>(set.labels.size())};
  auto statements = detail::statements_of(set);
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    auto& items = statements[label];
    auto& rule = plan.categories[label];
    rule.least_n = detail::least_provable(options);
    std::sort(items.begin(), items.end(), [](const scored& a, const scored& b) { return a.score > b.score; });
    detail::find_threshold(rule, items, options);
    const double from = set.task->exclusive() ? 0 : std::min(0.5, rule.threshold);
    for (const auto& item : items) {
      rule.suggested += item.score >= from ? 1 : 0;
      rule.suggested_right += item.score >= from && item.positive ? 1 : 0;
    }
    detail::conclude(rule, plan);
    plan.n += rule.suggested;
  }
  return plan;
}

coverage_points precision_over_coverage(const predictions& set, std::size_t label) {
  const auto statements = detail::statements_of(set);
  std::vector<scored> items;
  for (std::size_t c = 0; c < statements.size(); ++c)
    if (c == label || label == static_cast<std::size_t>(-1))
      items.insert(items.end(), statements[c].begin(), statements[c].end());
  const bool all_made = set.task->exclusive();
  const std::size_t whole = all_made ? items.size() : detail::positives(items);
  coverage_points points;
  detail::for_each_threshold(items, [&](double threshold, std::size_t right, std::size_t wrong) {
    points.thresholds.push_back(threshold);
    points.coverage.push_back(detail::ratio(all_made ? right + wrong : right, whole));
    points.precision.push_back(detail::ratio(right, right + wrong));
  });
  return points;
}

} // namespace eucv::judge
#endif
