#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/multi_label.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <filesystem>

namespace eucv::judge {

/// Reads what to_csv() wrote of predictions with several labels an item. A label that holds blanks stays whole, since
/// it has a column. Throws bad_format, naming the row, for a probability outside of [0, 1], a fold that is no number
/// or a label without column; missing_column; and what read_table() throws.
[[nodiscard]] multi_label_predictions parse_multi_label_predictions(const dataset::table& table);

/// Whether a table holds predictions with several labels an item, and not with one.
[[nodiscard]] inline bool has_several_labels(const dataset::table& predictions) {
  return predictions.has("labels") && !predictions.has("label");
}

/// parse_multi_label_predictions() of a file.
[[nodiscard]] inline multi_label_predictions read_multi_label_predictions(const std::filesystem::path& path) {
  return parse_multi_label_predictions(dataset::read_table(path));
}

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace eucv::judge {

multi_label_predictions parse_multi_label_predictions(const dataset::table& table) {
  const std::size_t file = table.column("file"), group = table.column("group"), labels = table.column("labels");
  multi_label_predictions set;
  std::set<std::string> whole;
  std::map<std::string, std::size_t> places;
  detail::for_each_prediction(
      table,
      [&](std::vector<std::string> names) {
        set.labels = std::move(names);
        for (std::size_t c = 0; c < set.labels.size(); ++c) places.emplace(set.labels[c], c);
        whole.insert(set.labels.begin(), set.labels.end());
      },
      [&](const auto& row, const auto& probabilities, const auto& fold, const auto& refuse) {
        set.files.push_back(row[file]);
        set.groups.push_back(row[group]);
        if (fold) set.folds.push_back(*fold);
        set.scores.insert(set.scores.end(), probabilities.begin(), probabilities.end());
        set.truth.resize(set.scores.size());
        for (const auto& label : dataset::split_labels(row[labels], whole)) {
          const auto found = places.find(label);
          if (found == places.end()) throw refuse("there is no column for its label \"" + label + "\"");
          set.truth[set.truth.size() - set.labels.size() + found->second] = 1;
        }
      });
  return set;
}

} // namespace eucv::judge
#endif
