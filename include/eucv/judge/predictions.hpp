#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/curves.hpp>
#include <eucv/judge/multi_label.hpp>
#include <eucv/judge/single_label.hpp>
#include <eucv/judge/task_type.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace eucv::judge {

/// What a classifier states of N labelled items with C labels: all that the figures of this folder are made from. With
/// one label an item, each row of the truth has exactly one 1 and each row of the scores adds up to 1.
struct predictions {
  const task_type* task = &single_label; ///< what the labels of an item are to each other
  std::vector<std::string> labels = {};  ///< C
  std::vector<std::string> files = {};   ///< N: names, below the folder of pictures
  std::vector<std::string> groups = {};  ///< N: items of one group show one thing
  std::vector<std::size_t> folds = {};   ///< N: number of the fold that an item was held out in, from 0; or empty
  std::vector<std::uint8_t> truth = {};  ///< {N, C}: 1 where an item has a label, else 0; what is not given counts as 0
  std::vector<double> scores = {};       ///< {N, C}: probabilities
  std::vector<double> thresholds = {};   ///< C, or empty for 0.5: where labels do not exclude each other

  [[nodiscard]] std::size_t size() const noexcept { return labels.empty() ? 0 : truth.size() / labels.size(); }
  [[nodiscard]] std::span<const double> row(std::size_t item) const noexcept {
    return {scores.data() + item * labels.size(), labels.size()};
  }
  [[nodiscard]] std::span<const std::uint8_t> truth_row(std::size_t item) const noexcept {
    return {truth.data() + item * labels.size(), labels.size()};
  }
  /// Whether an item has a label.
  [[nodiscard]] bool is(std::size_t item, std::size_t label) const noexcept {
    return truth[item * labels.size() + label] != 0;
  }
  /// The first label of an item, or C where it has none.
  [[nodiscard]] std::size_t label_of(std::size_t item) const noexcept {
    const auto row = truth_row(item);
    return static_cast<std::size_t>(std::ranges::find(row, 1) - row.begin());
  }
  /// The labels that each item gets, {N, C}: 1 or 0.
  [[nodiscard]] std::vector<std::uint8_t> decisions() const {
    std::vector<std::uint8_t> decided(truth.size());
    for (std::size_t i = 0; i < size(); ++i)
      task->decide(row(i), thresholds, std::span(decided).subspan(i * labels.size(), labels.size()));
    return decided;
  }
  /// The most probable label of an item, the first of equals.
  [[nodiscard]] std::size_t predicted(std::size_t item) const noexcept { return largest(row(item)); }
  /// One label against all others.
  [[nodiscard]] std::vector<scored> of_label(std::size_t label) const {
    std::vector<scored> items(size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {row(i)[label], is(i, label)};
    return items;
  }
  /// Appends a row to the truth that has this label alone. Precondition: label < C.
  void add_truth(std::size_t label) {
    truth.resize(truth.size() + labels.size());
    truth[truth.size() - labels.size() + label] = 1;
  }
};

/// Appends the items of another set with the same labels. Throws invalid_argument where the labels or tasks differ.
void append(predictions& all, const predictions& more);

/// The items at the given places, in that order. Precondition: each place is less than size().
[[nodiscard]] predictions subset(const predictions& set, std::span<const std::size_t> places);

/// out_of_fold.csv: `file,group,label,fold`, then a column `p:<label>` for each label. Where an item may have several
/// labels, the third column is `labels`, with blanks between. Numbers read back as the same.
[[nodiscard]] std::string to_csv(const predictions& set);

/// Reads what to_csv() wrote; the column `label` or `labels` tells the task. A label that holds blanks stays whole,
/// since it has a column. Throws bad_format, naming the row, for a probability outside of [0, 1], a fold that is no
/// number or a label without column; missing_column; and what read_table() throws.
[[nodiscard]] predictions parse_predictions(const dataset::table& table);

/// parse_predictions() of a file.
[[nodiscard]] inline predictions read_predictions(const std::filesystem::path& path) {
  return parse_predictions(dataset::read_table(path));
}

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/label_sets.hpp>

#include <charconv>
#include <map>
#include <system_error>
#include <utility>

namespace eucv::judge {

void append(predictions& all, const predictions& more) {
  if (all.labels != more.labels || all.task != more.task)
    throw error(errc::invalid_argument, {"join predictions", std::to_string(more.size()) + " items",
                                         "their labels are not those of the others", "predict with one set of labels"});
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  add(all.files, more.files);
  add(all.groups, more.groups);
  add(all.folds, more.folds);
  add(all.truth, more.truth);
  add(all.scores, more.scores);
}

predictions subset(const predictions& set, std::span<const std::size_t> places) {
  predictions part{.task = set.task, .labels = set.labels, .thresholds = set.thresholds};
  for (const std::size_t i : places) {
    if (!set.files.empty()) part.files.push_back(set.files[i]);
    if (!set.groups.empty()) part.groups.push_back(set.groups[i]);
    if (!set.folds.empty()) part.folds.push_back(set.folds[i]);
    const auto truth = set.truth_row(i);
    part.truth.insert(part.truth.end(), truth.begin(), truth.end());
    const auto row = set.row(i);
    part.scores.insert(part.scores.end(), row.begin(), row.end());
  }
  return part;
}

std::string to_csv(const predictions& set) {
  std::vector<std::string> cells{"file", "group", set.task->exclusive() ? "label" : "labels", "fold"};
  for (const auto& label : set.labels) cells.push_back("p:" + label);
  std::string text = dataset::csv_row(cells);
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::string labels;
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      if (set.is(i, c)) labels += (labels.empty() ? "" : " ") + set.labels[c];
    cells = {set.files[i], set.groups[i], labels, set.folds.empty() ? "" : std::to_string(set.folds[i])};
    for (const double p : set.row(i)) cells.push_back(json_number(p));
    text += dataset::csv_row(cells);
  }
  return text;
}

predictions parse_predictions(const dataset::table& table) {
  const bool several = table.has("labels") && !table.has("label");
  const std::size_t file = table.column("file"), group = table.column("group"),
                    given = table.column(several ? "labels" : "label"), fold = table.column("fold");
  predictions set;
  if (several) set.task = &multi_label;
  std::vector<std::size_t> columns; // of the probabilities
  std::map<std::string, std::size_t> places;
  std::set<std::string> whole;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].starts_with("p:")) {
      columns.push_back(i);
      set.labels.push_back(table.columns[i].substr(2));
      places.emplace(set.labels.back(), set.labels.size() - 1);
      whole.insert(set.labels.back());
    }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const auto refuse = [&](const std::string& why) {
      return error(errc::bad_format, {"read predictions", table.source + " row " + std::to_string(i + 1), why,
                                      "take the file as eucv wrote it, or write it anew"});
    };
    const auto number = [&](const std::string& cell, auto value) {
      const auto [end, code] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
      if (code != std::errc{} || end != cell.data() + cell.size()) throw refuse("\"" + cell + "\" is no such number");
      return value;
    };
    for (const std::size_t column : columns) {
      set.scores.push_back(number(row[column], double{}));
      if (!(set.scores.back() >= 0 && set.scores.back() <= 1))
        throw refuse("\"" + row[column] + "\" is no probability");
    }
    set.truth.resize(set.scores.size());
    for (const auto& label : several ? dataset::split_labels(row[given], whole) : std::set<std::string>{row[given]}) {
      const auto found = places.find(label);
      if (found == places.end()) throw refuse("there is no column for its label \"" + label + "\"");
      set.truth[set.truth.size() - set.labels.size() + found->second] = 1;
    }
    set.files.push_back(row[file]);
    set.groups.push_back(row[group]);
    if (!row[fold].empty()) set.folds.push_back(number(row[fold], std::size_t{0}));
  }
  if (!set.folds.empty() && set.folds.size() != table.rows.size())
    throw error(errc::bad_format, {"read predictions", table.source, "some rows have a fold and some have none",
                                   "take the file as eucv wrote it, or write it anew"});
  return set;
}

} // namespace eucv::judge
#endif
