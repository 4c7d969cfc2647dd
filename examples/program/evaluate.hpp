#pragma once

#include "program/enrichment_text.hpp"
#include "program/evaluate_options.hpp"
#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/report.hpp"
#include "program/train.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge.hpp>
#include <eucv/core/file.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/slices.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/train/suspicions.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace program {
namespace detail {

inline void print_slices(std::ostream& out, const evaluate_options& options, const eucv::judge::predictions& set) {
  const auto figures = set.task->figures(eucv::judge::figure_use::slices);
  const std::size_t with_interval = set.task->figures(eucv::judge::figure_use::slice_intervals).size();
  for (const auto& column : options.by) {
    std::vector<std::string> header{column, ">pictures"};
    for (std::size_t i = 0; i < figures.size(); ++i) {
      header.push_back(right_header(figures[i].title));
      if (i < with_interval) header.emplace_back("interval");
    }
    aligned_table table(std::move(header));
    const auto keys = keys_of(options, column, set.files, set.groups);
    for (const auto& each : eucv::judge::slice_by(set, keys, {.replicates = 500, .seed = options.seed})) {
      std::vector<std::string> cells{each.value.empty() ? "(unknown)" : each.value, std::to_string(each.n)};
      for (std::size_t i = 0; i < figures.size(); ++i) {
        cells.push_back(fixed(each.figures[i].value));
        if (i < with_interval) cells.push_back(range_text(each.figures[i]));
      }
      table.add(std::move(cells));
    }
    out << '\n' << table;
  }
}

/// What is judged: fresh predictions, or those out of fold, calibrated as the model is, but fairly.
inline eucv::classify::judged_pictures predictions_of(eucv::classify::classifier& model,
                                                      const evaluate_options& options,
                                                      const eucv::classify::judge_options& how) {
  using eucv::judge::calibration_method;
  if (options.out_of_fold) {
    const bool steps = !model.about().decisions.calibration.steps.empty();
    return {.predictions =
                eucv::judge::cross_calibrated(eucv::judge::read_predictions(out_of_fold_file(options)),
                                              steps ? calibration_method::isotonic : calibration_method::parametric)};
  }
  auto judged = eucv::classify::judge_folder(model, options.images, how);
  warn_of_seen(options, judged.predictions.files);
  return judged;
}

} // namespace detail

/// `eucv evaluate`: figures with intervals, figures of each class, and where each image has one the confusion matrix.
inline status evaluate(const evaluate_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::judge_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = detail::predictions_of(model, options, how);
  display.clear();
  const auto& set = judged.predictions;
  if (set.size() == 0)
    throw eucv::error(eucv::errc::empty_class, {"evaluate", options.images, "none of its pictures could be read",
                                                "name a folder of pictures (" + eucv::image::format_names() + ")"});
  for (const auto& label : judged.unknown_labels)
    std::cerr << "the model knows no label \"" << label << "\": it counts nowhere\n";
  const auto all = eucv::judge::assess(set, {.seed = options.seed});
  print_summary(std::cout, all.figures, *set.task);
  print_headline(std::cout, all);
  print_classes(std::cout, all);
  detail::warn_of(eucv::train::suspicions_of(all.figures));
  detail::print_slices(std::cout, options, set);
  const auto& rule = model.about().decisions;
  if (!set.task->exclusive() && !rule.categories.empty()) print_thresholds(std::cout, rule, set);
  if (options.target_precision > 0) {
    print_coverage(std::cout, set);
    print_plan(std::cout, eucv::judge::plan_enrichment(set, {.target_precision = options.target_precision}), set);
  }
  if (!options.report.folder.empty()) {
    auto report = options.report;
    report.model = options.model;
    report.images = options.images;
    report.table = options.table;
    report.seed = options.seed;
    if (options.out_of_fold) report.predictions_by = eucv::report::origin::out_of_fold;
    report.how = report_commands(report, *set.task);
    for (const auto& sentence : eucv::report::write_report(model, {judged, all}, report)) warn(sentence);
    std::cout << "\nreport in " << options.report.folder.string() << "/index.html\n";
  }
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::judge::to_json(all));
  return detail::report_unreadable(judged.unreadable);
}

} // namespace program
