#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <vector>

namespace eucv::judge {

/// An item whose label is likely wrong.
struct label_issue {
  std::size_t item = 0;
  std::size_t suggested = 0; ///< the label that it likely should have
  double probability = 0;    ///< of that label
  double margin = 0;         ///< probability of the given label less that of the suggested one: the lower, the likelier
};

/// What confident learning finds in out-of-fold probabilities.
struct confident_labels {
  std::vector<label_issue> issues;        ///< most likely first
  std::vector<std::vector<double>> joint; ///< [given][true]: estimated part of all items; adds up to 1
  double noise = 0;                       ///< estimated part of all items with a wrong label
};

/// Finds likely wrong labels by confident learning (Northcutt, Jiang and Chuang 2021, arXiv 1911.00068).
///
/// An item counts as of class j where its probability of j reaches the mean one of the items labelled j; of several
/// such classes the most probable counts. Counted by given label that is the confident joint, whose rows are then
/// scaled to the given counts: it says how many labels are wrong. So many items are listed, those whose margin is the
/// lowest, as long as another label is the more probable one: which items the joint itself counts as wrong was a
/// shorter list that missed more. The probabilities must come from models that have not seen the item
/// (cross-validation). Throws invalid_argument for no item. Precondition: each item has one label.
[[nodiscard]] confident_labels confident_learning(const predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <cmath>

namespace eucv::judge {

namespace detail {

// Of each label the mean probability that its own items have: what the model takes for typical of it.
std::vector<double> self_confidence(const predictions& set) {
  std::vector<double> sums(set.labels.size()), counts(set.labels.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::size_t label = set.label_of(i);
    sums[label] += set.row(i)[label];
    ++counts[label];
  }
  for (std::size_t c = 0; c < sums.size(); ++c) sums[c] = counts[c] > 0 ? sums[c] / counts[c] : 2; // none is above 2
  return sums;
}

} // namespace detail

confident_labels confident_learning(const predictions& set) {
  if (set.size() == 0)
    throw error(errc::invalid_argument, {"audit labels", "predictions", "there is none", "give some"});
  const std::size_t classes = set.labels.size();
  const auto typical = detail::self_confidence(set);
  confident_labels result;
  std::vector<std::vector<double>> counts(classes, std::vector<double>(classes));
  std::vector<double> given(classes);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto row = set.row(i);
    const std::size_t label = set.label_of(i);
    ++given[label];
    std::size_t best = classes;
    for (std::size_t c = 0; c < classes; ++c)
      if (row[c] >= typical[c] && (best == classes || row[c] > row[best])) best = c;
    if (best == classes) continue; // typical of nothing: says nothing of the noise
    ++counts[label][best];
  }
  const auto n = static_cast<double>(set.size());
  for (std::size_t label = 0; label < classes; ++label) {
    double counted = 0;
    for (const double count : counts[label]) counted += count;
    if (counted == 0) counts[label][label] = counted = 1;
    for (double& count : counts[label]) count *= given[label] / counted / n;
    result.noise += given[label] / n - counts[label][label];
  }
  result.joint = std::move(counts);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::size_t best = set.predicted(i), label = set.label_of(i);
    const auto row = set.row(i);
    if (best != label && row[best] > row[label]) result.issues.push_back({i, best, row[best], row[label] - row[best]});
  }
  std::stable_sort(result.issues.begin(), result.issues.end(),
                   [](const label_issue& a, const label_issue& b) { return a.margin < b.margin; });
  const auto wrong = static_cast<std::size_t>(std::lround(result.noise * n));
  if (wrong < result.issues.size()) result.issues.resize(wrong);
  return result;
}

} // namespace eucv::judge
#endif
