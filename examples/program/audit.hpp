#pragma once

#include "program/fit_options.hpp"
#include "program/metrics_text.hpp"
#include "program/table_text.hpp"
#include "program/train.hpp"

#include <eucv/classify/cross_validate.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/label_studio.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/train/confident_learning.hpp>
#include <eucv/train/predictions.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <tuple>
#include <vector>

namespace program {

struct audit_options : fit_options {
  std::string out, from, tasks, address = "/data/local-files/?d=";
  std::size_t folds = 5;
};
struct labels_options : common_options {
  std::string from, out;
};

inline void describe_audit(CLI::App& command, audit_options& options) {
  describe_fit(command, options);
  command.add_option("--folds", options.folds, "Folds of the cross-validation behind it")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  command.add_option("--from", options.from, "Take predictions from here instead of training")
      ->type_name("OUT_OF_FOLD.csv");
  command.add_option("--out", options.out, "The table to write")->type_name("AUDIT.csv")->required();
  CLI::Option* const tasks = command.add_option("--tasks", options.tasks,
                                                "Write tasks for Label Studio too, and its "
                                                "configuration beside them (.xml)");
  command.add_option("--address", options.address, "What Label Studio finds an image under, before its name")
      ->needs(tasks)
      ->capture_default_str();
}
inline void describe_labels(CLI::App& command, labels_options& options) {
  command.add_option("from", options.from, "Export of Label Studio, in its format JSON")
      ->type_name("EXPORT.json")
      ->required();
  command.add_option("--out", options.out, "The table to write, for train --labels")->required();
}

namespace detail {

/// AUDIT.csv: file,label,suggested,probability,rank.
inline std::string audit_csv(const eucv::train::prediction_set& set, const eucv::train::label_audit& audit) {
  std::string text = "file,label,suggested,probability,rank\n";
  std::size_t rank = 0;
  for (const auto& each : audit.issues)
    text += eucv::dataset::csv_row(
        std::vector<std::string>{set.files[each.item], set.labels[set.truth[each.item]], set.labels[each.suggested],
                                 eucv::json_number(each.probability), std::to_string(++rank)});
  return text;
}

/// The pairs of classes between which most labels seem to be wrong.
inline void print_noise(std::ostream& out, const eucv::train::prediction_set& set,
                        const eucv::train::label_audit& audit) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
  std::vector<double> given(set.labels.size());
  for (std::size_t i = 0; i < audit.joint.size(); ++i)
    for (std::size_t j = 0; j < audit.joint.size(); ++j) {
      given[i] += audit.joint[i][j];
      if (i != j && audit.joint[i][j] > 0) pairs.emplace_back(audit.joint[i][j], i, j);
    }
  std::sort(pairs.rbegin(), pairs.rend());
  if (pairs.size() > 10) pairs.resize(10);
  aligned_table table({"labelled", "seems to be", ">pictures", ">of that label"});
  for (const auto& [share, i, j] : pairs)
    table.add({set.labels[i], set.labels[j], fixed(share * static_cast<double>(set.size()), 1),
               fixed(100 * share / given[i], 1) + " %"});
  if (!pairs.empty()) out << '\n' << table;
}

} // namespace detail

/// `eucv audit`: likely wrong labels, most likely first; run again to resume.
inline status audit(const audit_options& options) {
  progress_display display(options.progress());
  const interrupt signals;
  eucv::train::prediction_set set;
  status end = status::done;
  if (!options.from.empty()) {
    set = eucv::train::read_predictions(options.from);
  } else {
    const auto folds = eucv::classify::cross_validate(detail::read_pictures(options), options.out + ".folds",
                                                      options.folds, detail::how_to_fit(options, display, signals));
    display.clear();
    detail::print_folds(std::cout, folds);
    end = detail::report_unreadable(folds.unreadable);
    set = folds.predictions;
    eucv::write_file_atomically(std::filesystem::path(options.out + ".folds") / "out_of_fold.csv",
                                eucv::train::to_csv(set));
  }
  const auto found = eucv::train::audit_labels(set);
  eucv::write_file_atomically(options.out, detail::audit_csv(set, found));
  if (!options.tasks.empty()) {
    std::vector<eucv::dataset::labelling_task> tasks;
    for (const auto& each : found.issues) {
      const auto& file = set.files[each.item];
      tasks.push_back({file, options.address + file, set.labels[set.truth[each.item]], set.labels[each.suggested],
                       each.probability});
    }
    eucv::write_file_atomically(options.tasks, eucv::dataset::label_studio_tasks(tasks));
    eucv::write_file_atomically(options.tasks + ".xml", eucv::dataset::label_studio_config(set.labels));
  }
  std::cout << "about " << fixed(100 * found.noise, 1) << " % of " << counted(set.size(), "label")
            << " seem wrong; the " << found.issues.size() << " likeliest are in " << options.out << '\n';
  detail::print_noise(std::cout, set, found);
  return end;
}

/// `eucv dataset labels`: what people said in Label Studio, as a table for train --labels.
inline status labels(const labels_options& options) {
  eucv::dataset::table table{.columns = {"file", "label"}, .rows = {}, .source = {}};
  for (const auto& [file, label] : eucv::dataset::read_label_studio(options.from)) table.rows.push_back({file, label});
  eucv::dataset::write_table(options.out, table);
  std::cout << counted(table.rows.size(), "label") << " in " << options.out << '\n';
  return status::done;
}

} // namespace program
