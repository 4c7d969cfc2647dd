#pragma once

#include <eucv/judge/task_type.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/make.hpp>

#include <string>

namespace program {

/// The commands of this program that a report names: how to repeat it, and how to get what it lacks.
inline eucv::report::commands report_commands(const eucv::report::report_options& options,
                                              const eucv::judge::task_type& task) {
  const auto name = [](const std::filesystem::path& path) {
    return (path.filename().empty() ? path.parent_path() : path).filename().string();
  };
  const std::string several = task.exclusive() ? "" : " --multi-label";
  std::string repeat = "eucv evaluate " + name(options.model) + " " + name(options.images) + " --report DIR --seed " +
                       std::to_string(options.seed);
  if (options.predictions_by == eucv::report::origin::out_of_fold) repeat += " --out-of-fold";
  if (!options.audit.empty()) repeat += " --audit " + name(options.audit);
  if (!options.curve.empty()) repeat += " --curve " + name(options.curve);
  return {.repeat = repeat,
          .thresholds = "eucv train IMAGES --out MODEL" + several + " --folds 5",
          .learning_curve = "eucv learning-curve IMAGES" + several + " --out DIR",
          .sources = "eucv evaluate MODEL IMAGES --report DIR --table DATASET.csv",
          .credits = "eucv dataset card"};
}

} // namespace program
