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
#include <eucv/judge/audit.hpp>
#include <eucv/judge/predictions.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iostream>
#include <numeric>
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
}
inline void describe_labels(CLI::App& command, labels_options& options) {
  command.add_option("from", options.from, "Export of Label Studio, in its format JSON")
      ->type_name("EXPORT.json")
      ->required();
  command.add_flag("--multi-label", options.several, "Images may have several labels");
  command.add_option("--out", options.out, "The table to write, for train --labels")->required();
}

namespace detail {

/// Labels with blanks between.
inline std::string joined(const std::vector<std::string>& labels) {
  std::string text;
  for (const auto& label : labels) text += (text.empty() ? "" : " ") + label;
  return text;
}
inline std::vector<std::string> names_of(const eucv::judge::predictions& set, const std::vector<std::size_t>& labels) {
  std::vector<std::string> names;
  for (const std::size_t label : labels) names.push_back(set.labels[label]);
  return names;
}
inline std::vector<std::string> given_labels(const eucv::judge::predictions& set, std::size_t item) {
  std::vector<std::string> names;
  for (std::size_t label = 0; label < set.labels.size(); ++label)
    if (set.is(item, label)) names.push_back(set.labels[label]);
  return names;
}

/// AUDIT.csv, a row a picture: file,label,suggested,probability,rank, and where a picture may have several labels
/// missing,wrong. Labels have blanks between.
inline std::string audit_csv(const eucv::judge::predictions& set, const eucv::judge::label_audit& audit) {
  const bool several = !set.task->exclusive();
  std::string text = "file,label,suggested,probability,rank" + std::string(several ? ",missing,wrong" : "") + "\n";
  std::size_t rank = 0;
  for (const auto& each : audit.items) {
    std::vector<std::string> cells{set.files[each.item], joined(given_labels(set, each.item)),
                                   joined(names_of(set, each.suggested)), eucv::json_number(each.probability),
                                   std::to_string(++rank)};
    if (several) cells.insert(cells.end(), {joined(names_of(set, each.missing)), joined(names_of(set, each.wrong))});
    text += eucv::dataset::csv_row(cells);
  }
  return text;
}

/// Writes what was found for Label Studio, if that is wanted: with all labels that a picture should have suggested.
inline void write_tasks(const audit_options& options, const eucv::judge::predictions& set,
                        const eucv::judge::label_audit& audit) {
  if (options.tasks.empty()) return;
  std::vector<eucv::dataset::labelling_task> tasks;
  for (const auto& each : audit.items) {
    const auto& file = set.files[each.item];
    tasks.push_back({file, options.address + file, joined(given_labels(set, each.item)), names_of(set, each.suggested),
                     each.probability});
  }
  using eucv::dataset::label_choice;
  eucv::write_file_atomically(options.tasks, eucv::dataset::label_studio_tasks(tasks));
  eucv::write_file_atomically(options.tasks + ".xml",
                              eucv::dataset::label_studio_config(
                                  set.labels, set.task->exclusive() ? label_choice::single : label_choice::multiple));
}

/// The pairs of classes between which most labels seem to be wrong.
inline aligned_table confusion_table(const eucv::judge::predictions& set, const eucv::judge::label_audit& audit,
                                     const std::vector<std::size_t>& given) {
  auto pairs = audit.confusions;
  std::ranges::sort(pairs, [](const auto& a, const auto& b) {
    return std::tuple(b.items, b.given, b.likely) < std::tuple(a.items, a.given, a.likely);
  });
  if (pairs.size() > 10) pairs.resize(10);
  aligned_table table({"labelled", "seems to be", ">pictures", ">of that label"});
  for (const auto& each : pairs)
    table.add({set.labels[each.given], set.labels[each.likely], fixed(each.items, 1),
               fixed(100 * each.items / static_cast<double>(given[each.given]), 1) + " %"});
  return table;
}

/// On how many pictures each label seems to be wrong, the most doubtful first.
inline aligned_table doubt_table(const eucv::judge::predictions& set, const eucv::judge::label_audit& audit,
                                 const std::vector<std::size_t>& given) {
  const std::size_t none = set.labels.size();
  std::vector<double> missing(none), wrong(none);
  for (const auto& each : audit.confusions)
    (each.given == none ? missing[each.likely] : wrong[each.given]) += each.items;
  std::vector<std::size_t> order(none);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t label) { return missing[label] + wrong[label]; });
  aligned_table table({"label", ">pictures given it", ">seem to lack it", ">seem to have it wrongly"});
  for (const std::size_t label : order)
    table.add({set.labels[label], std::to_string(given[label]), fixed(missing[label], 1), fixed(wrong[label], 1)});
  return table;
}

/// Writes and prints what the predictions say of the labels.
inline void conclude_audit(const audit_options& options, const eucv::judge::predictions& set) {
  const auto found = eucv::judge::audit_labels(set);
  eucv::write_file_atomically(options.out, audit_csv(set, found));
  write_tasks(options, set, found);
  std::vector<std::size_t> given(set.labels.size());
  for (std::size_t i = 0; i < set.truth.size(); ++i) given[i % given.size()] += set.truth[i];
  if (set.task->exclusive()) {
    std::cout << "about " << fixed(100 * found.noise, 1) << " % of " << counted(set.size(), "label")
              << " seem wrong; the " << found.items.size() << " likeliest are in " << options.out << '\n';
    if (!found.confusions.empty()) std::cout << '\n' << confusion_table(set, found, given);
  } else {
    double missing = 0, wrong = 0;
    std::size_t doubts = 0;
    for (const auto& each : found.confusions) (each.given == set.labels.size() ? missing : wrong) += each.items;
    for (const auto& each : found.items) doubts += each.missing.size() + each.wrong.size();
    std::cout << "about " << fixed(missing, 0) << " labels seem to be missing and " << fixed(wrong, 0)
              << " to be wrong on " << counted(set.size(), "picture") << "; the " << doubts << " likeliest, on "
              << counted(found.items.size(), "picture") << ", are in " << options.out << "\n\n"
              << doubt_table(set, found, given);
  }
  if (const auto models = eucv::judge::reliability_of_audit(set); !models.enough())
    warn("the models behind the audit have " +
         (set.task->exclusive() ? "an accuracy of " : std::string("a macro F1 of ")) +
         fixed(std::floor(100 * models.figure) / 100, 2) + " out of fold; below " + fixed(models.wanted, 2) +
         " most of what they doubt is their own error: trust the first rows alone, or audit with pretrained weights "
         "(--init) or longer training");
}

} // namespace detail

/// `eucv audit`: likely wrong labels, most likely first; run again to resume. Judges each picture by models that have
/// not seen it and keeps what they say, or takes what was kept before.
inline status audit(const audit_options& options) {
  if (!options.from.empty()) {
    detail::conclude_audit(options, eucv::judge::read_predictions(options.from));
    return status::done;
  }
  progress_display display(options.progress());
  const interrupt signals;
  const auto folder = std::filesystem::path(options.out + ".folds");
  const auto folds = eucv::classify::cross_validate(detail::read_pictures(options), folder, options.folds,
                                                    detail::how_to_fit(options, display, signals));
  display.clear();
  detail::print_folds(std::cout, folds);
  const auto end = detail::report_unreadable(folds.unreadable);
  eucv::write_file_atomically(folder / "out_of_fold.csv", eucv::judge::to_csv(folds.predictions));
  detail::conclude_audit(options, folds.predictions);
  return end;
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
