#pragma once

#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/options.hpp"
#include "program/train.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/core/file.hpp>
#include <eucv/train/assess.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace program {

struct evaluate_options : common_options {
  std::string model, images, json;
};

inline void describe_evaluate(CLI::App& command, evaluate_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command.add_option("images", options.images, "Labelled images: a folder for each class, or of a download")
      ->type_name("IMAGES")
      ->required();
  command.add_option("--json", options.json, "Write the figures to a file too, as metrics.json has them");
}

/// `eucv evaluate`: figures with intervals, figures of each class and the confusion matrix.
inline status evaluate(const evaluate_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::judge_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = eucv::classify::evaluate_classifier(model, options.images, how);
  display.clear();
  if (judged.predictions.size() == 0)
    throw eucv::error(eucv::errc::empty_class, {"evaluate", options.images, "none of its pictures could be read",
                                                "name a folder of JPEG or PNG files"});
  const auto all = eucv::train::assess(judged.predictions, {.seed = options.seed});
  print_summary(std::cout, all.figures);
  print_headline(std::cout, all);
  print_classes(std::cout, all);
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::train::to_json(all));
  return detail::report_unreadable(judged.unreadable);
}

} // namespace program
