#pragma once

#include "program/enrichment_text.hpp"
#include "program/evaluate_multi_label.hpp"
#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/options.hpp"
#include "program/report.hpp"
#include "program/train.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/record_facts.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/image/gate.hpp>
#include <eucv/train/assess.hpp>
#include <eucv/train/calibrate.hpp>
#include <eucv/train/predictions.hpp>
#include <eucv/train/slices.hpp>
#include <eucv/train/suspicions.hpp>
#include <eucv/train/thresholds.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace program {

struct evaluate_options : common_options {
  std::string model, images, json, table;
  std::vector<std::string> by;
  double target_precision = 0;
  bool out_of_fold = false;
  report_options report;
};

inline void describe_evaluate(CLI::App& command, evaluate_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command.add_option("images", options.images, "Labelled images: a folder for each class, or of a download")
      ->type_name("IMAGES")
      ->required();
  command
      .add_option("--by", options.by,
                  "Figures also by provider, country, rights or another column of the table, or by "
                  "size")
      ->type_name("COLUMN,...")
      ->delimiter(',');
  command
      .add_option("--table", options.table,
                  "Table that knows the records of the images, by ID; without one: "
                  "downloads.csv")
      ->type_name("DATASET.csv");
  command
      .add_option("--target-precision", options.target_precision,
                  "Show which classes reach this precision on these images, and from which probability on")
      ->check(CLI::Range(0.01, 0.9999));
  command.add_flag("--out-of-fold", options.out_of_fold,
                   "Judge what train --folds kept: each image by a model that had not seen it");
  CLI::Option* const report =
      command.add_option("--report", options.report.folder, "Write a report there: index.html and MODEL_CARD.md")
          ->type_name("DIR");
  command.add_option("--audit", options.report.audit, "Show the first rows of this audit in the report")
      ->type_name("AUDIT.csv")
      ->needs(report);
  command.add_option("--curve", options.report.curve, "Show the learning curve of this folder in the report")
      ->type_name("DIR")
      ->needs(report);
  command.add_option("--json", options.json, "Write the figures to a file too, as metrics.json has them");
}

namespace detail {

/// The range in which the shorter side of a picture lies.
inline std::string size_range(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) return "unknown"; // a picture in a shard
  const auto found = eucv::image::inspect(eucv::read_file(file));
  if (!found) return "unknown";
  const std::size_t side = std::min(found->width, found->height);
  for (const std::size_t end : {128U, 256U, 512U, 1024U})
    if (side < end) return "shorter side below " + std::to_string(end) + " pixels";
  return "shorter side of 1024 pixels or more";
}

inline void print_slices(std::ostream& out, const evaluate_options& options,
                         const eucv::train::prediction_set& predictions) {
  for (const auto& column : options.by) {
    std::vector<std::string> keys;
    if (column == "size") {
      for (const auto& file : predictions.files)
        keys.push_back(size_range(std::filesystem::path(options.images) / file));
    } else {
      const auto facts = options.table.empty() ? std::filesystem::path(options.images) / "downloads.csv"
                                               : std::filesystem::path(options.table);
      keys = eucv::dataset::values_of(eucv::dataset::read_table(facts), column, predictions.groups);
    }
    aligned_table table({column, ">pictures", ">accuracy", "interval", ">macro F1"});
    for (const auto& each : eucv::train::slice_by(predictions, keys, {.replicates = 500, .seed = options.seed}))
      table.add({each.value.empty() ? "(unknown)" : each.value, std::to_string(each.n), fixed(each.accuracy.value),
                 range_text(each.accuracy), fixed(each.macro_f1)});
    out << '\n' << table;
  }
}

/// The predictions that are judged: fresh ones, or those out of fold, calibrated as the model is, but fairly.
inline eucv::classify::evaluated predictions_of(eucv::classify::classifier& model, const evaluate_options& options,
                                                const eucv::classify::judge_options& how) {
  const auto kept = std::filesystem::path(options.model) / "out_of_fold.csv";
  if (options.out_of_fold) return {.predictions = eucv::train::cross_tempered(eucv::train::read_predictions(kept))};
  auto judged = eucv::classify::evaluate_classifier(model, options.images, how);
  if (!std::filesystem::exists(kept)) return judged;
  const auto seen = eucv::train::read_predictions(kept).files;
  const std::set<std::string> names(seen.begin(), seen.end());
  const auto known =
      std::ranges::count_if(judged.predictions.files, [&](const std::string& file) { return names.contains(file); });
  if (known > 0)
    warn("the model was trained on " + std::to_string(known) +
         " of these images, or on others of the same names: the figures flatter it; see --out-of-fold");
  return judged;
}

} // namespace detail

/// `eucv evaluate`: figures with intervals, figures of each class and the confusion matrix.
inline status evaluate(const evaluate_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  const bool several = model.about().mode == eucv::classify::label_mode::multi_label;
  if (several && (!options.by.empty() || options.out_of_fold || !options.report.folder.empty()))
    throw eucv::error(eucv::errc::invalid_argument,
                      {"evaluate", options.model,
                       "figures by column, the report and figures out of fold are made for one label a picture alone",
                       "leave --by, --report and --out-of-fold out"});
  if (several)
    return detail::report_unreadable(
        evaluate_multi_label(options, model, options.images, options.json, options.target_precision));
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::judge_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = detail::predictions_of(model, options, how);
  display.clear();
  if (judged.predictions.size() == 0)
    throw eucv::error(eucv::errc::empty_class, {"evaluate", options.images, "none of its pictures could be read",
                                                "name a folder of JPEG or PNG files"});
  const auto all = eucv::train::assess(judged.predictions, {.seed = options.seed});
  print_summary(std::cout, all.figures);
  print_headline(std::cout, all);
  print_classes(std::cout, all);
  for (const auto& sentence : eucv::train::suspicions_of(all.figures)) warn(sentence);
  detail::print_slices(std::cout, options, judged.predictions);
  if (options.target_precision > 0) {
    print_coverage(std::cout, judged.predictions);
    print_plan(std::cout,
               eucv::train::plan_enrichment(judged.predictions, {.target_precision = options.target_precision}),
               judged.predictions.labels);
  }
  if (!options.report.folder.empty()) {
    auto report = options.report;
    report.out_of_fold = options.out_of_fold;
    report_writer(model, options.model, options.images).write(report, judged, all, options.table, options.seed);
    std::cout << "\nreport in " << options.report.folder << "/index.html\n";
  }
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::train::to_json(all));
  return detail::report_unreadable(judged.unreadable);
}

} // namespace program
