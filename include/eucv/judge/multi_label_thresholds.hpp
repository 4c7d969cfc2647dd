#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cstddef>
#include <utility>

namespace eucv::judge {

/// Decides, label by label, from predictions on items that the model was not trained on, as plan_enrichment() does for
/// one label an item. What is counted are statements (an item has a label): a label is suggested for an item where its
/// probability is one half, or reaches its threshold. `n` is the number of suggestions, automatic, review and never
/// say where they go.
///
/// The threshold of a label holds the wanted precision with the wanted confidence over all items: one that has other
/// labels too counts for each. What is not given counts as wrong; where labels are missing from the truth, the true
/// precision is above the one that is proved here. Throws invalid_argument for options that are not between 0 and 1.
[[nodiscard]] enrichment_plan plan_enrichment(const multi_label_predictions& set,
                                              const threshold_options& options = {});

/// Statements of one label, or of all, from the surest down: how precise they are when only those are made. The
/// coverage is the part of what is to be found: of the items that have the label, or of all labels that items have.
[[nodiscard]] coverage_points precision_over_recall(const multi_label_predictions& set,
                                                    std::size_t label = static_cast<std::size_t>(-1));

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <vector>

namespace eucv::judge {

enrichment_plan plan_enrichment(const multi_label_predictions& set, const threshold_options& options) {
  detail::check(options);
  enrichment_plan plan{options, std::vector<category_rule>(set.labels.size())};
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    auto items = set.of_label(label);
    auto& rule = plan.categories[label];
    rule.least_n = detail::least_provable(options);
    std::sort(items.begin(), items.end(), [](const scored& a, const scored& b) { return a.score > b.score; });
    detail::find_threshold(rule, items, options);
    const double from = std::min(0.5, rule.threshold);
    for (const auto& item : items) {
      rule.suggested += item.score >= from ? 1 : 0;
      rule.suggested_right += item.score >= from && item.positive ? 1 : 0;
    }
    detail::conclude(rule, plan);
    plan.n += rule.suggested;
  }
  return plan;
}

coverage_points precision_over_recall(const multi_label_predictions& set, std::size_t label) {
  std::vector<scored> items;
  for (std::size_t c = 0; c < set.labels.size(); ++c)
    if (c == label || label == static_cast<std::size_t>(-1)) {
      const auto some = set.of_label(c);
      items.insert(items.end(), some.begin(), some.end());
    }
  const std::size_t positives = detail::positives(items);
  coverage_points points;
  detail::for_each_threshold(items, [&](double threshold, std::size_t right, std::size_t wrong) {
    points.thresholds.push_back(threshold);
    points.coverage.push_back(detail::ratio(right, positives));
    points.precision.push_back(detail::ratio(right, right + wrong));
  });
  return points;
}

} // namespace eucv::judge
#endif
