#pragma once

#include "program/audit_multi_label.hpp"
#include "program/fit_options.hpp"
#include "program/metrics_text.hpp"
#include "program/table_text.hpp"
#include "program/train.hpp"
#include "program/train_multi_label.hpp"

#include <eucv/classify/cross_validate.hpp>
#include <eucv/classify/cross_validate_multi_label.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/label_studio.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/confident_learning.hpp>
#include <eucv/judge/multi_label_audit.hpp>
#include <eucv/judge/multi_label_predictions_file.hpp>
#include <eucv/judge/predictions.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace program {

struct audit_options : fit_options {
  std::string out, from, tasks, address = "/data/local-files/?d=";
  std::size_t folds = 5;
  multi_label_options several;
};
struct labels_options : common_options {
  std::string from, out;
  bool several = false;
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
  describe_multi_label(command, options.several);
}
inline void describe_labels(CLI::App& command, labels_options& options) {
  command.add_option("from", options.from, "Export of Label Studio, in its format JSON")
      ->type_name("EXPORT.json")
      ->required();
  command.add_flag("--multi-label", options.several, "Images may have several labels");
  command.add_option("--out", options.out, "The table to write, for train --labels")->required();
}

namespace detail {

/// AUDIT.csv: file,label,suggested,probability,rank.
inline std::string audit_csv(const eucv::judge::prediction_set& set, const eucv::judge::label_audit& audit) {
  std::string text = "file,label,suggested,probability,rank\n";
  std::size_t rank = 0;
  for (const auto& each : audit.issues)
    text += eucv::dataset::csv_row(
        std::vector<std::string>{set.files[each.item], set.labels[set.truth[each.item]], set.labels[each.suggested],
                                 eucv::json_number(each.probability), std::to_string(++rank)});
  return text;
}

/// The pairs of classes between which most labels seem to be wrong.
inline void print_noise(std::ostream& out, const eucv::judge::prediction_set& set,
                        const eucv::judge::label_audit& audit) {
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

namespace detail {

/// Writes what was found for Label Studio, if that is wanted.
inline void write_tasks(const audit_options& options, const std::vector<eucv::dataset::labelling_task>& tasks,
                        const std::vector<std::string>& labels, eucv::dataset::label_choice choice) {
  if (options.tasks.empty()) return;
  eucv::write_file_atomically(options.tasks, eucv::dataset::label_studio_tasks(tasks));
  eucv::write_file_atomically(options.tasks + ".xml", eucv::dataset::label_studio_config(labels, choice));
}

/// The end of an audit of pictures with one label each.
inline void conclude_audit(const audit_options& options, const eucv::judge::prediction_set& set) {
  const auto found = eucv::judge::audit_labels(set);
  eucv::write_file_atomically(options.out, audit_csv(set, found));
  std::vector<eucv::dataset::labelling_task> tasks;
  for (const auto& each : found.issues) {
    const auto& file = set.files[each.item];
    tasks.push_back({file,
                     options.address + file,
                     set.labels[set.truth[each.item]],
                     {set.labels[each.suggested]},
                     each.probability});
  }
  write_tasks(options, tasks, set.labels, eucv::dataset::label_choice::single);
  std::cout << "about " << fixed(100 * found.noise, 1) << " % of " << counted(set.size(), "label")
            << " seem wrong; the " << found.issues.size() << " likeliest are in " << options.out << '\n';
  print_noise(std::cout, set, found);
}

/// And of pictures that may have several.
inline void conclude_audit(const audit_options& options, const eucv::judge::multi_label_predictions& set) {
  const auto found = eucv::judge::audit_labels(set);
  const auto items = eucv::judge::by_item(found, set);
  eucv::write_file_atomically(options.out, audit_csv(set, items));
  write_tasks(options, audit_tasks(set, items, options.address), set.labels, eucv::dataset::label_choice::multiple);
  double missing = 0, wrong = 0;
  for (const auto& each : found.labels) {
    missing += each.missing;
    wrong += each.wrong;
  }
  std::cout << "about " << fixed(missing, 0) << " labels seem to be missing and " << fixed(wrong, 0)
            << " to be wrong on " << counted(set.size(), "picture") << "; the " << found.doubts.size()
            << " likeliest, on " << counted(items.size(), "picture") << ", are in " << options.out << '\n';
  print_noise(std::cout, set, found);
}

/// Judges each picture by models that have not seen it and keeps what they say, or takes what was kept before.
template <class Kept, class Fresh>
status audit_by(const audit_options& options, Kept&& kept, Fresh&& fresh) {
  progress_display display(options.progress());
  const interrupt signals;
  status end = status::done;
  const auto set = [&] {
    if (!options.from.empty()) return kept(options.from);
    auto folds = fresh(options.out + ".folds", how_to_fit(options, display, signals));
    display.clear();
    print_folds(std::cout, folds);
    end = report_unreadable(folds.unreadable);
    eucv::write_file_atomically(std::filesystem::path(options.out + ".folds") / "out_of_fold.csv",
                                eucv::judge::to_csv(folds.predictions));
    return std::move(folds.predictions);
  }();
  conclude_audit(options, set);
  if (const auto doubt = eucv::judge::doubt_about_audit(set); !doubt.empty()) warn(doubt);
  return end;
}

} // namespace detail

/// `eucv audit`: likely wrong labels, most likely first; run again to resume.
inline status audit(const audit_options& options) {
  const bool several =
      options.several.wanted ||
      (!options.from.empty() && eucv::judge::has_several_labels(eucv::dataset::read_table(options.from)));
  if (several)
    return detail::audit_by(options, eucv::judge::read_multi_label_predictions,
                            [&](const std::filesystem::path& folder, eucv::classify::train_options fit) {
                              fit.multi_label = options.several.fit();
                              return eucv::classify::cross_validate_multi_label(
                                  detail::read_multi_label_pictures(options, options.several), folder, options.folds,
                                  fit);
                            });
  return detail::audit_by(options, eucv::judge::read_predictions,
                          [&](const std::filesystem::path& folder, const eucv::classify::train_options& fit) {
                            return eucv::classify::cross_validate(detail::read_pictures(options), folder, options.folds,
                                                                  fit);
                          });
}

/// `eucv dataset labels`: what people said in Label Studio, as a table for train --labels.
inline status labels(const labels_options& options) {
  eucv::dataset::table table{.columns = {"file", "label"}, .rows = {}, .source = {}};
  if (options.several)
    for (const auto& [file, labels] : eucv::dataset::read_label_studio_multi(options.from))
      table.rows.push_back({file, detail::joined(labels)});
  else
    for (const auto& [file, label] : eucv::dataset::read_label_studio(options.from))
      table.rows.push_back({file, label});
  eucv::dataset::write_table(options.out, table);
  std::cout << counted(table.rows.size(), options.several ? "picture" : "label") << " in " << options.out << '\n';
  return status::done;
}

} // namespace program
