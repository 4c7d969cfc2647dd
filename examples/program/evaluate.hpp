#pragma once

#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/options.hpp"
#include "program/train.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/core/file.hpp>

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

/// `eucv evaluate`: accuracy, figures of each class and the confusion matrix.
inline status evaluate(const evaluate_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  progress_display display(options.progress());
  const interrupt signals;
  eucv::classify::evaluate_options how;
  how.progress = display.sink();
  how.stop = signals.token();
  const auto judged = eucv::classify::evaluate_classifier(model, options.images, how);
  display.clear();
  print_summary(std::cout, judged.figures);
  print_classes(std::cout, judged.figures);
  if (!options.json.empty()) eucv::write_file_atomically(options.json, eucv::train::to_json(judged.figures));
  return detail::report_unreadable(judged.unreadable);
}

} // namespace program
