#pragma once

#include "program/evaluate_options.hpp"
#include "program/interrupt.hpp"
#include "program/multi_label_text.hpp"
#include "program/options.hpp"
#include "program/report.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge_multi_label.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/judge/multi_label_assess.hpp>
#include <eucv/judge/multi_label_calibration.hpp>
#include <eucv/judge/multi_label_predictions_file.hpp>
#include <eucv/judge/multi_label_slices.hpp>
#include <eucv/judge/multi_label_thresholds.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace program {
namespace detail {

inline void print_slices(std::ostream& out, const evaluate_options& options,
                         const eucv::judge::multi_label_predictions& set) {
  for (const auto& column : options.by) {
    const auto keys = keys_of(options, column, set.files, set.groups);
    aligned_table table({column, ">pictures", ">all labels right", "interval", ">micro F1", "interval", ">macro F1",
                         ">mean average precision"});
    for (const auto& each : eucv::judge::slice_by(set, keys, {.replicates = 500, .seed = options.seed}))
      table.add({each.value.empty() ? "(unknown)" : each.value, std::to_string(each.n), fixed(each.exact_match.value),
                 range_text(each.exact_match), fixed(each.micro_f1.value), range_text(each.micro_f1),
                 fixed(each.macro_f1), fixed(each.mean_average_precision)});
    out << '\n' << table;
  }
}

/// What is judged: fresh predictions, or those out of fold, calibrated as the model is, but fairly.
inline eucv::classify::judged_multi_label several_labels_of(eucv::classify::classifier& model,
                                                            const evaluate_options& options,
                                                            const eucv::classify::judge_options& how) {
  if (options.out_of_fold) {
    const auto kept = eucv::judge::read_multi_label_predictions(out_of_fold_file(options));
    const bool steps = !model.about().decisions.steps.empty();
    return {.predictions = steps ? eucv::judge::cross_calibrated<eucv::judge::isotonic>(kept)
                                 : eucv::judge::cross_calibrated(kept)};
  }
  auto judged = eucv::classify::evaluate_multi_label(model, options.images, how);
  warn_of_seen(options, judged.predictions.files);
  return judged;
}

} // namespace detail

/// What `eucv evaluate` does for a model with several labels a picture. Returns the files that were passed over.
inline std::vector<eucv::dataset::unreadable_file> evaluate_multi_label(const evaluate_options& options,
                                                                        eucv::classify::classifier& model) {
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::judge_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = detail::several_labels_of(model, options, how);
  display.clear();
  const auto& set = judged.predictions;
  if (set.size() == 0)
    throw eucv::error(eucv::errc::empty_class, {"evaluate", options.images, "none of its pictures could be read",
                                                "name a folder of JPEG or PNG files"});
  for (const auto& label : judged.unknown_labels)
    std::cerr << "the model knows no label \"" << label << "\": it counts nowhere\n";
  const auto all = eucv::judge::assess(set, {.seed = options.seed});
  print_summary(std::cout, all.figures);
  print_headline(std::cout, all);
  print_labels(std::cout, all, set.labels);
  detail::print_slices(std::cout, options, set);
  if (!model.about().decisions.categories.empty()) print_thresholds(std::cout, model.about().decisions, set);
  if (options.target_precision > 0) {
    print_coverage(std::cout, set);
    print_plan(std::cout, eucv::judge::plan_enrichment(set, {.target_precision = options.target_precision}), set.labels,
               "label");
  }
  if (!options.report.folder.empty()) {
    auto report = options.report;
    report.out_of_fold = options.out_of_fold;
    report_writer(model, options.model, options.images).write(report, judged, all, options.table, options.seed);
    std::cout << "\nreport in " << options.report.folder << "/index.html\n";
  }
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::judge::to_json(all, set.labels));
  return judged.unreadable;
}

} // namespace program
