#pragma once

#include "program/enrichment_text.hpp"
#include "program/evaluate_multi_label.hpp"
#include "program/evaluate_options.hpp"
#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/report.hpp"
#include "program/train.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/core/file.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/slices.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/train/suspicions.hpp>

#include <filesystem>
#include <iostream>
#include <string>

namespace program {
namespace detail {

inline void print_slices(std::ostream& out, const evaluate_options& options,
                         const eucv::judge::prediction_set& predictions) {
  for (const auto& column : options.by) {
    const auto keys = keys_of(options, column, predictions.files, predictions.groups);
    aligned_table table({column, ">pictures", ">accuracy", "interval", ">macro F1"});
    for (const auto& each : eucv::judge::slice_by(predictions, keys, {.replicates = 500, .seed = options.seed}))
      table.add({each.value.empty() ? "(unknown)" : each.value, std::to_string(each.n), fixed(each.accuracy.value),
                 range_text(each.accuracy), fixed(each.macro_f1)});
    out << '\n' << table;
  }
}

/// The predictions that are judged: fresh ones, or those out of fold, calibrated as the model is, but fairly.
inline eucv::classify::evaluated predictions_of(eucv::classify::classifier& model, const evaluate_options& options,
                                                const eucv::classify::judge_options& how) {
  if (options.out_of_fold)
    return {.predictions = eucv::judge::cross_tempered(eucv::judge::read_predictions(out_of_fold_file(options)))};
  auto judged = eucv::classify::evaluate_classifier(model, options.images, how);
  warn_of_seen(options, judged.predictions.files);
  return judged;
}

} // namespace detail

/// `eucv evaluate`: figures with intervals, figures of each class and the confusion matrix.
inline status evaluate(const evaluate_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  if (model.about().mode == eucv::classify::label_mode::multi_label)
    return detail::report_unreadable(evaluate_multi_label(options, model));
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
  const auto all = eucv::judge::assess(judged.predictions, {.seed = options.seed});
  print_summary(std::cout, all.figures);
  print_headline(std::cout, all);
  print_classes(std::cout, all);
  for (const auto& sentence : eucv::train::suspicions_of(all.figures)) warn(sentence);
  detail::print_slices(std::cout, options, judged.predictions);
  if (options.target_precision > 0) {
    print_coverage(std::cout, judged.predictions);
    print_plan(std::cout,
               eucv::judge::plan_enrichment(judged.predictions, {.target_precision = options.target_precision}),
               judged.predictions.labels);
  }
  if (!options.report.folder.empty()) {
    auto report = options.report;
    report.out_of_fold = options.out_of_fold;
    report_writer(model, options.model, options.images).write(report, judged, all, options.table, options.seed);
    std::cout << "\nreport in " << options.report.folder << "/index.html\n";
  }
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::judge::to_json(all));
  return detail::report_unreadable(judged.unreadable);
}

} // namespace program
