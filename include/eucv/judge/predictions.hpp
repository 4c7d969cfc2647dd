#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/curves.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

/// What a classifier thinks of N labelled items with C labels: all that the figures of this folder are made from.
struct prediction_set {
  std::vector<std::string> labels = {};   ///< C
  std::vector<std::string> files = {};    ///< N: names, below the folder of pictures
  std::vector<std::string> groups = {};   ///< N: items of one group show one thing
  std::vector<std::size_t> truth = {};    ///< N: given labels, below C
  std::vector<std::size_t> folds = {};    ///< N: number of the fold that an item was held out in, from 0; or empty
  std::vector<double> probabilities = {}; ///< {N, C}, rows that add up to 1

  [[nodiscard]] std::size_t size() const noexcept { return truth.size(); }
  [[nodiscard]] std::span<const double> row(std::size_t item) const noexcept {
    return {probabilities.data() + item * labels.size(), labels.size()};
  }
  /// The most probable label of an item, the first of equals.
  [[nodiscard]] std::size_t predicted(std::size_t item) const {
    const auto all = row(item);
    return static_cast<std::size_t>(std::max_element(all.begin(), all.end()) - all.begin());
  }
  [[nodiscard]] std::vector<std::size_t> predicted() const {
    std::vector<std::size_t> best(size());
    for (std::size_t i = 0; i < best.size(); ++i) best[i] = predicted(i);
    return best;
  }
  /// One label against all others.
  [[nodiscard]] std::vector<scored> one_against_rest(std::size_t label) const {
    std::vector<scored> items(size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {row(i)[label], truth[i] == label};
    return items;
  }
};

/// Appends the items of another set with the same labels. Throws invalid_argument where the labels differ.
void append(prediction_set& all, const prediction_set& more);

/// The items at the given places, in that order. Precondition: each place is less than size().
[[nodiscard]] prediction_set subset(const prediction_set& set, std::span<const std::size_t> places);

/// out_of_fold.csv: `file,group,label,fold`, then a column `p:<label>` for each label. Numbers read back as the same.
[[nodiscard]] std::string to_csv(const prediction_set& set);

namespace detail {

/// Calls labels(names of the columns of probabilities), then f(row, probabilities, fold or nothing, refuse) for each
/// row of a table of predictions; refuse(why) makes the error to throw.
template <class Labels, class Function>
void for_each_prediction(const dataset::table& table, Labels&& labels, Function&& f) {
  const std::size_t fold = table.column("fold");
  std::vector<std::string> names;
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].starts_with("p:")) {
      names.push_back(table.columns[i].substr(2));
      columns.push_back(i);
    }
  labels(std::move(names));
  std::size_t with_fold = 0;
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
    std::vector<double> probabilities;
    for (const std::size_t column : columns) {
      probabilities.push_back(number(row[column], double{}));
      if (!(probabilities.back() >= 0 && probabilities.back() <= 1))
        throw refuse("\"" + row[column] + "\" is no probability");
    }
    std::optional<std::size_t> held_out;
    if (!row[fold].empty()) held_out = number(row[fold], std::size_t{});
    with_fold += held_out ? 1 : 0;
    f(row, probabilities, held_out, refuse);
  }
  if (with_fold != 0 && with_fold != table.rows.size())
    throw error(errc::bad_format, {"read predictions", table.source, "some rows have a fold and some have none",
                                   "take the file as eucv wrote it, or write it anew"});
}

} // namespace detail

/// The way back. Throws bad_format, naming the row, for a probability outside of [0, 1], a fold that is no number or a
/// label without column; missing_column; and what read_table() throws.
[[nodiscard]] prediction_set parse_predictions(const dataset::table& table);

/// parse_predictions() of a file.
[[nodiscard]] inline prediction_set read_predictions(const std::filesystem::path& path) {
  return parse_predictions(dataset::read_table(path));
}

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <map>

namespace eucv::judge {

void append(prediction_set& all, const prediction_set& more) {
  if (all.labels != more.labels)
    throw error(errc::invalid_argument, {"join predictions", std::to_string(more.size()) + " items",
                                         "their labels are not those of the others", "predict with one set of labels"});
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  add(all.files, more.files);
  add(all.groups, more.groups);
  add(all.truth, more.truth);
  add(all.folds, more.folds);
  add(all.probabilities, more.probabilities);
}

prediction_set subset(const prediction_set& set, std::span<const std::size_t> places) {
  prediction_set part{.labels = set.labels};
  for (const std::size_t i : places) {
    if (!set.files.empty()) part.files.push_back(set.files[i]);
    if (!set.groups.empty()) part.groups.push_back(set.groups[i]);
    if (!set.folds.empty()) part.folds.push_back(set.folds[i]);
    part.truth.push_back(set.truth[i]);
    const auto row = set.row(i);
    part.probabilities.insert(part.probabilities.end(), row.begin(), row.end());
  }
  return part;
}

std::string to_csv(const prediction_set& set) {
  std::vector<std::string> cells{"file", "group", "label", "fold"};
  for (const auto& label : set.labels) cells.push_back("p:" + label);
  std::string text = dataset::csv_row(cells);
  for (std::size_t i = 0; i < set.size(); ++i) {
    cells = {set.files[i], set.groups[i], set.labels[set.truth[i]],
             set.folds.empty() ? "" : std::to_string(set.folds[i])};
    for (const double p : set.row(i)) cells.push_back(json_number(p));
    text += dataset::csv_row(cells);
  }
  return text;
}

prediction_set parse_predictions(const dataset::table& table) {
  const std::size_t file = table.column("file"), group = table.column("group"), label = table.column("label");
  prediction_set set;
  std::map<std::string, std::size_t> places;
  detail::for_each_prediction(
      table,
      [&](std::vector<std::string> names) {
        set.labels = std::move(names);
        for (std::size_t c = 0; c < set.labels.size(); ++c) places.emplace(set.labels[c], c);
      },
      [&](const auto& row, const auto& probabilities, const auto& fold, const auto& refuse) {
        const auto found = places.find(row[label]);
        if (found == places.end()) throw refuse("there is no column for its label \"" + row[label] + "\"");
        set.files.push_back(row[file]);
        set.groups.push_back(row[group]);
        set.truth.push_back(found->second);
        if (fold) set.folds.push_back(*fold);
        set.probabilities.insert(set.probabilities.end(), probabilities.begin(), probabilities.end());
      });
  return set;
}

} // namespace eucv::judge
#endif
