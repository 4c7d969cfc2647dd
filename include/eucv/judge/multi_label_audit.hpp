#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/confident_learning.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace eucv::judge {

/// A label that an item likely has and is not given, or is given and likely has not.
struct label_doubt {
  std::size_t item = 0, label = 0;
  bool missing = false;   ///< it is not given; else it is wrongly given
  double probability = 0; ///< that the doubt is right: of the label, or of its absence
};

/// How many items one label seems to be wrong on.
struct label_noise {
  double missing = 0; ///< estimated number of items that have it and are not given it
  double wrong = 0;   ///< estimated number of items that are given it and have it not
};

/// What out-of-fold probabilities say of the labels of items that may have several.
struct multi_label_audit {
  std::vector<label_doubt> doubts = {}; ///< most likely first
  std::vector<label_noise> labels = {}; ///< in label order
  double noise = 0;                     ///< estimated part of all N x C answers that is wrong
};

/// Finds likely missing and likely wrong labels by confident learning, label by label: for each one, having it and not
/// having it are two classes, see audit_labels(). The lists of all labels are joined by how sure they are. The
/// probabilities must come from models that have not seen the item (cross-validation). Throws invalid_argument for no
/// item.
[[nodiscard]] multi_label_audit audit_labels(const multi_label_predictions& set);

/// The doubts about one item, the likeliest first, and the labels that it has when all are right.
struct doubtful_item {
  std::size_t item = 0;
  std::vector<label_doubt> doubts;
  std::vector<std::size_t> suggested; ///< ascending
};

/// The doubts item by item: for people who look at pictures. The item of the likeliest doubt comes first.
[[nodiscard]] std::vector<doubtful_item> by_item(const multi_label_audit& audit, const multi_label_predictions& set);

/// doubt_about_audit() for several labels: by macro F1, below 0.85. There are many more answers than wrong ones, so it
/// takes a better model: in simulations with a wrong label on 9 % of the items, a macro F1 of 0.84 made lists of which
/// a third were wrong labels, one of 0.92 such of 71 % (4 and 13 labels).
[[nodiscard]] std::string doubt_about_audit(const multi_label_predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <algorithm>
#include <cmath>
#include <map>

namespace eucv::judge {

multi_label_audit audit_labels(const multi_label_predictions& set) {
  if (set.size() == 0)
    throw error(errc::invalid_argument, {"audit labels", "predictions", "there is none", "give some"});
  const auto n = static_cast<double>(set.size()), classes = static_cast<double>(set.labels.size());
  multi_label_audit result;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    prediction_set two{.labels = {"no", "yes"}};
    for (const auto& item : set.of_label(label)) {
      two.truth.push_back(item.positive ? 1 : 0);
      two.probabilities.insert(two.probabilities.end(), {1 - item.score, item.score});
    }
    const auto found = audit_labels(two);
    result.labels.push_back({.missing = n * found.joint[0][1], .wrong = n * found.joint[1][0]});
    result.noise += found.noise / classes;
    for (const auto& issue : found.issues)
      result.doubts.push_back({issue.item, label, issue.suggested == 1, issue.probability});
  }
  std::stable_sort(result.doubts.begin(), result.doubts.end(),
                   [](const label_doubt& a, const label_doubt& b) { return a.probability > b.probability; });
  return result;
}

std::vector<doubtful_item> by_item(const multi_label_audit& audit, const multi_label_predictions& set) {
  std::vector<doubtful_item> items;
  std::map<std::size_t, std::size_t> places;
  for (const auto& doubt : audit.doubts) {
    const auto [found, fresh] = places.try_emplace(doubt.item, items.size());
    if (fresh) items.push_back({.item = doubt.item, .doubts = {}, .suggested = {}});
    items[found->second].doubts.push_back(doubt);
  }
  for (auto& each : items)
    for (std::size_t label = 0; label < set.labels.size(); ++label) {
      const bool doubted =
          std::any_of(each.doubts.begin(), each.doubts.end(), [&](const auto& doubt) { return doubt.label == label; });
      if (set.is(each.item, label) != doubted) each.suggested.push_back(label);
    }
  return items;
}

std::string doubt_about_audit(const multi_label_predictions& set) {
  const double f1 = metrics_of(set).macro.f1;
  if (f1 >= 0.85) return {};
  return "the models behind the audit have a macro F1 of " + json_number(std::floor(100 * f1) / 100) +
         " out of fold; below 0.85 most of what they doubt is their own error: trust the first rows alone, or audit "
         "with pretrained weights (--init) or longer training";
}

} // namespace eucv::judge
#endif
