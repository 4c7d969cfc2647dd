#pragma once

#include "program/interrupt.hpp"
#include "program/multi_label_text.hpp"
#include "program/options.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge_multi_label.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/train/multi_label_assess.hpp>
#include <eucv/train/multi_label_thresholds.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace program {

/// What `eucv evaluate` does for a model with several labels a picture. Returns the files that were passed over.
inline std::vector<eucv::dataset::unreadable_file>
evaluate_multi_label(const common_options& options, eucv::classify::classifier& model, const std::string& images,
                     const std::string& json, double target_precision) {
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::judge_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = eucv::classify::evaluate_multi_label(model, images, how);
  display.clear();
  const auto& set = judged.predictions;
  if (set.size() == 0)
    throw eucv::error(eucv::errc::empty_class,
                      {"evaluate", images, "none of its pictures could be read", "name a folder of JPEG or PNG files"});
  for (const auto& label : judged.unknown_labels)
    std::cerr << "the model knows no label \"" << label << "\": it counts nowhere\n";
  const auto all = eucv::train::assess(set, {.seed = options.seed});
  print_summary(std::cout, all.figures);
  print_headline(std::cout, all);
  print_labels(std::cout, all, set.labels);
  if (!model.about().decisions.categories.empty()) print_thresholds(std::cout, model.about().decisions, set);
  if (target_precision > 0) {
    print_coverage(std::cout, set);
    print_plan(std::cout, eucv::train::plan_enrichment(set, {.target_precision = target_precision}), set.labels,
               "label");
  }
  if (!json.empty()) eucv::write_file_atomically(json, eucv::train::to_json(all, set.labels));
  return judged.unreadable;
}

} // namespace program
