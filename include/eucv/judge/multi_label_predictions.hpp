#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/curves.hpp>
#include <eucv/judge/multi_label.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// What a classifier thinks of N labelled items that may have several of C labels: prediction_set for these. The
/// scores are probabilities; the truth is what is given, and what is not given counts as "no".
struct multi_label_predictions : multi_label_set {
  std::vector<std::string> files = {};  ///< N: names, below the folder of pictures
  std::vector<std::string> groups = {}; ///< N: items of one group show one thing
  std::vector<std::size_t> folds = {};  ///< N: number of the fold that an item was held out in, from 0; or empty

  /// The items as one label sees them.
  [[nodiscard]] std::vector<scored> of_label(std::size_t label) const {
    std::vector<scored> items(size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {scores[i * labels.size() + label], is(i, label)};
    return items;
  }
};

/// The items at the given places, in that order. Precondition: each place is less than size().
[[nodiscard]] multi_label_predictions subset(const multi_label_predictions& set, std::span<const std::size_t> places);

/// Appends the items of another set with the same labels. Throws invalid_argument where the labels differ.
void append(multi_label_predictions& all, const multi_label_predictions& more);

/// out_of_fold.csv of a model with several labels: `file,group,labels,fold`, the labels with blanks between, then a
/// column `p:<label>` for each label.
[[nodiscard]] std::string to_csv(const multi_label_predictions& set);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
namespace eucv::judge {

multi_label_predictions subset(const multi_label_predictions& set, std::span<const std::size_t> places) {
  multi_label_predictions part;
  part.labels = set.labels;
  part.thresholds = set.thresholds;
  const std::size_t classes = set.labels.size();
  for (const std::size_t i : places) {
    if (!set.files.empty()) part.files.push_back(set.files[i]);
    if (!set.groups.empty()) part.groups.push_back(set.groups[i]);
    if (!set.folds.empty()) part.folds.push_back(set.folds[i]);
    for (std::size_t c = i * classes; c < (i + 1) * classes; ++c) {
      part.truth.push_back(set.truth[c]);
      part.scores.push_back(set.scores[c]);
    }
  }
  return part;
}

void append(multi_label_predictions& all, const multi_label_predictions& more) {
  if (all.labels != more.labels)
    throw error(errc::invalid_argument, {"join predictions", std::to_string(more.size()) + " items",
                                         "their labels are not those of the others", "predict with one set of labels"});
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  add(all.truth, more.truth);
  add(all.scores, more.scores);
  add(all.files, more.files);
  add(all.groups, more.groups);
  add(all.folds, more.folds);
}

std::string to_csv(const multi_label_predictions& set) {
  std::vector<std::string> cells{"file", "group", "labels", "fold"};
  for (const auto& label : set.labels) cells.push_back("p:" + label);
  std::string text = dataset::csv_row(cells);
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::string labels;
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      if (set.is(i, c)) labels += (labels.empty() ? "" : " ") + set.labels[c];
    cells = {set.files[i], set.groups[i], labels, set.folds.empty() ? "" : std::to_string(set.folds[i])};
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      cells.push_back(json_number(set.scores[i * set.labels.size() + c]));
    text += dataset::csv_row(cells);
  }
  return text;
}

} // namespace eucv::judge
#endif
