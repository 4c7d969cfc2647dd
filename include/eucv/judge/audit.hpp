#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <vector>

namespace eucv::judge {

/// An item with a label that is likely missing or likely wrong.
struct doubtful_item {
  std::size_t item = 0;
  std::vector<std::size_t> missing = {};   ///< labels that it likely has and is not given, the likeliest first
  std::vector<std::size_t> wrong = {};     ///< labels that it is given and likely has not, the likeliest first
  std::vector<std::size_t> suggested = {}; ///< the labels that it has when all doubts are right, ascending
  double probability = 0;                  ///< that the likeliest doubt is right
};

/// How many items seem to be given one label and to have another. C in place of a label stands for none, where labels
/// do not exclude each other.
struct label_confusion {
  std::size_t given = 0, likely = 0;
  double items = 0; ///< estimated number
};

/// What out-of-fold probabilities say of the labels.
struct label_audit {
  std::vector<doubtful_item> items = {};        ///< most likely first
  std::vector<label_confusion> confusions = {}; ///< by `given`, then by `likely`; only those that occur
  double noise = 0; ///< estimated part of the N items with a wrong label, or of the N x C answers that is wrong
};

/// Finds items whose labels are likely wrong, by confident_learning(). Where labels do not exclude each other it is
/// done label by label, having it and not having it being two classes, and the lists are joined by how sure they are.
/// The probabilities must come from models that have not seen the item (cross-validation). Throws invalid_argument for
/// no item.
[[nodiscard]] label_audit audit_labels(const predictions& set);

/// How good the models behind an audit must be for its list to hold more wrong labels than errors of their own.
///
/// In simulations with 9 % of wrong labels, an accuracy of 0.71 out of fold made lists of which 37 to 48 % were wrong
/// labels, one of 0.80 such of 57 to 72 % (3 and 13 classes): an accuracy of 0.75 is wanted. Where labels do not
/// exclude each other there are many more answers than wrong ones, so it takes better models: with a wrong label on 9 %
/// of the items, a macro F1 of 0.84 made lists of which a third were wrong labels, one of 0.92 such of 71 % (4 and 13
/// labels): a macro F1 of 0.85 is wanted.
struct audit_reliability {
  double figure = 0, wanted = 0; ///< accuracy, or macro F1
  [[nodiscard]] bool enough() const noexcept { return figure >= wanted; }
};
[[nodiscard]] audit_reliability reliability_of_audit(const predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/error.hpp>
#include <eucv/judge/confident_learning.hpp>
#include <eucv/judge/figures.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace eucv::judge {

namespace detail {

label_audit audit_exclusive(const predictions& set) {
  const auto found = confident_learning(set);
  label_audit result{.noise = found.noise};
  for (const auto& issue : found.issues)
    result.items.push_back({.item = issue.item,
                            .missing = {issue.suggested},
                            .wrong = {set.label_of(issue.item)},
                            .suggested = {issue.suggested},
                            .probability = issue.probability});
  for (std::size_t i = 0; i < found.joint.size(); ++i)
    for (std::size_t j = 0; j < found.joint.size(); ++j)
      if (i != j && found.joint[i][j] > 0)
        result.confusions.push_back({i, j, found.joint[i][j] * static_cast<double>(set.size())});
  return result;
}

// One label as a task of its own: to have it or not.
predictions one_label(const predictions& set, std::size_t label) {
  predictions two{.labels = {"no", "yes"}};
  for (const auto& item : set.of_label(label)) {
    two.add_truth(item.positive ? 1 : 0);
    two.scores.insert(two.scores.end(), {1 - item.score, item.score});
  }
  return two;
}

label_audit audit_each_label(const predictions& set) {
  struct doubt {
    std::size_t item, label;
    bool missing;
    double probability;
  };
  const auto n = static_cast<double>(set.size()), classes = static_cast<double>(set.labels.size());
  const std::size_t none = set.labels.size();
  label_audit result;
  std::vector<doubt> doubts;
  for (std::size_t label = 0; label < none; ++label) {
    const auto found = confident_learning(one_label(set, label));
    result.confusions.push_back({none, label, n * found.joint[0][1]});
    result.confusions.push_back({label, none, n * found.joint[1][0]});
    result.noise += found.noise / classes;
    for (const auto& issue : found.issues)
      doubts.push_back({issue.item, label, issue.suggested == 1, issue.probability});
  }
  std::erase_if(result.confusions, [](const auto& each) { return each.items == 0; });
  std::ranges::sort(result.confusions, {}, [](const auto& each) { return std::pair(each.given, each.likely); });
  std::stable_sort(doubts.begin(), doubts.end(),
                   [](const doubt& a, const doubt& b) { return a.probability > b.probability; });
  std::map<std::size_t, std::size_t> places;
  for (const auto& each : doubts) {
    const auto [found, fresh] = places.try_emplace(each.item, result.items.size());
    if (fresh) result.items.push_back({.item = each.item, .probability = each.probability});
    auto& item = result.items[found->second];
    (each.missing ? item.missing : item.wrong).push_back(each.label);
  }
  for (auto& each : result.items)
    for (std::size_t label = 0; label < none; ++label) {
      const bool doubted = std::ranges::count(each.missing, label) + std::ranges::count(each.wrong, label) != 0;
      if (set.is(each.item, label) != doubted) each.suggested.push_back(label);
    }
  return result;
}

} // namespace detail

label_audit audit_labels(const predictions& set) {
  if (set.size() == 0)
    throw error(errc::invalid_argument, {"audit labels", "predictions", "there is none", "give some"});
  return set.task->exclusive() ? detail::audit_exclusive(set) : detail::audit_each_label(set);
}

audit_reliability reliability_of_audit(const predictions& set) {
  const auto figures = metrics_of(set);
  if (set.task->exclusive()) return {figures.accuracy, 0.75};
  return {figures.macro.f1, 0.85};
}

} // namespace eucv::judge
#endif
