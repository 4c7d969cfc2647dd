#pragma once

#include "program/enrichment_text.hpp"
#include "program/fit_options.hpp"
#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/options.hpp"
#include "program/rehearse.hpp"

#include <eucv/classify/calibrate.hpp>
#include <eucv/classify/cross_validate.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/spread.hpp>
#include <eucv/train/event_file.hpp>
#include <eucv/train/suspicions.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace program {

struct train_options : fit_options {
  std::string out, tensorboard;
  bool find_rate = false, check = false;
  std::size_t folds = 0;
  eucv::judge::threshold_options thresholds;
};

inline void describe_train(CLI::App& command, train_options& options) {
  describe_fit(command, options);
  command.add_option("--out", options.out, "Folder for the model")->required();
  command.add_flag("--check", options.check,
                   "Only find out whether the network learns one batch by heart; status 1 if not");
  command.add_flag("--find-rate", options.find_rate,
                   "Only find a learning rate, and draw the curve it is read from to MODEL/rates.svg");
  command.add_option("--tensorboard", options.tensorboard, "Write the history for TensorBoard, too")->type_name("DIR");
  CLI::Option* const folds = command
                                 .add_option("--folds", options.folds,
                                             "Train so many models more, each judged on pictures it never saw, "
                                             "and find thresholds; 0: none")
                                 ->check(CLI::IsMember({0}) | CLI::Range(2, 1000));
  command
      .add_option("--target-precision", options.thresholds.target_precision,
                  "Precision that automatic enrichment must have in each class, for --folds")
      ->check(CLI::Range(0.01, 0.9999))
      ->needs(folds)
      ->capture_default_str();
  describe_calibration(command, options.labels);
}

namespace detail {

/// Prints files that were passed over, the first few by name; the status that they make.
template <class Files>
status report_unreadable(const Files& unreadable) {
  std::size_t shown = 0;
  for (const auto& file : unreadable) {
    if (++shown > 10) break;
    std::cerr << "passed over: " << file.file.string() << " (" << file.reason << ")\n";
  }
  if (unreadable.empty()) return status::done;
  std::cout << counted(unreadable.size(), "file") << " could not be read and were passed over\n";
  return status::incomplete;
}

/// "accuracy 0.871 (deviation 0.012, 0.851 to 0.890)".
inline std::string spread_text(std::string_view name, const std::vector<double>& values) {
  const auto figures = eucv::judge::spread_of(values);
  return std::string(name) + " " + fixed(figures.mean) + " (deviation " + fixed(figures.deviation) + ", " +
         fixed(figures.least) + " to " + fixed(figures.most) + ")";
}

/// What the folds came to.
inline void print_folds(std::ostream& out, const eucv::classify::cross_validated& all) {
  out << "cross-validation, " << counted(all.folds.size(), "fold");
  const char* gap = ": ";
  for (const auto& figure : all.predictions.task->figures(eucv::judge::figure_use::folds).first(2)) {
    std::vector<double> values;
    for (const auto& fold : all.folds) values.push_back(figure.of(fold));
    out << gap << spread_text(figure.title, values);
    gap = ", ";
  }
  out << '\n';
}

/// Judges each picture by a model that has not seen it, and keeps what it says.
inline eucv::classify::cross_validated cross_validate(const eucv::dataset::picture_set& pictures,
                                                      const std::filesystem::path& folder, std::size_t folds,
                                                      const eucv::classify::train_options& fit) {
  auto all = eucv::classify::cross_validate(pictures, folder / "folds", folds, fit);
  eucv::write_file_atomically(folder / "out_of_fold.csv", eucv::judge::to_csv(all.predictions));
  eucv::write_file_atomically(folder / "cross_validation.json", eucv::classify::to_json(all));
  return all;
}

/// Gives the finished model its calibration and thresholds, and says what they mean.
inline void decide_enrichment(const train_options& options, eucv::classify::trained& done,
                              const eucv::classify::cross_validated& folds) {
  const std::filesystem::path folder(options.out);
  const auto found =
      eucv::classify::calibrate(done.model, folds.predictions, options.thresholds, options.labels.calibration);
  done.model.save(folder);
  eucv::write_file_atomically(folder / "enrichment.json", eucv::classify::to_json(found.plan, found.fair));
  print_folds(std::cout, folds);
  const auto& calibration = done.model.about().decisions.calibration;
  std::cout << (!calibration.steps.empty()      ? "isotonic regression"
                : !calibration.sigmoids.empty() ? "Platt's sigmoids"
                                                : "temperature " + fixed(calibration.temperature))
            << ": calibration error " << fixed(found.error_before) << " before, " << fixed(found.error_after)
            << " after\n";
  print_coverage(std::cout, found.fair);
  print_plan(std::cout, found.plan, found.fair);
  if (options.labels.single_positive)
    std::cout << "labels that are true but not known count as wrong here: the true precision is higher\n";
}

/// Says what looks wrong, and which options may mend it.
inline void warn_of(const std::vector<eucv::train::suspicion>& suspicions) {
  using eucv::train::advice;
  for (const auto& each : suspicions)
    warn(each.finding + "; " +
         (each.what == advice::add_pictures
              ? "give such a class more pictures, balance the classes, or join it with another"
          : each.what == advice::check_labels ? "check the labels, and begin with eucv train --check"
          : each.what == advice::find_rate
              ? "begin with eucv train --check, and look for a learning rate with --find-rate"
              : "it needs more pictures, pretrained weights (--init), or --mixup and --erase"));
}

} // namespace detail

/// `eucv train`: trains a network; run again to resume exactly.
inline status train(const train_options& options) {
  detail::advise_on_speed(options);
  progress_display display(options.progress());
  const interrupt signals;
  const auto pictures = detail::read_pictures(options);
  auto fit = detail::how_to_fit(options, display, signals);
  const std::filesystem::path folder(options.out);
  if (options.check) return check_training(pictures, fit, display);
  if (options.find_rate) return find_rate(pictures, fit, folder, display);
  eucv::classify::cross_validated folds;
  if (options.folds != 0) folds = detail::cross_validate(pictures, folder, options.folds, fit);
  std::optional<eucv::train::event_file> events;
  if (!options.tensorboard.empty()) {
    events.emplace(options.tensorboard);
    fit.after_epoch = [&](std::span<const eucv::train::epoch_figures> history) { events->write(history); };
  }
  auto done = eucv::classify::train_classifier(pictures, options.out, fit);
  if (events) events->write(done.history); // of a training that had come to its end before
  display.clear();
  double seconds = 0;
  for (const auto& epoch : done.history) seconds += epoch.seconds;
  std::cout << fit.architecture << ' ' << fit.size << 'x' << fit.size << " trained on "
            << counted(done.training, "picture") << " for " << counted(done.history.size(), "epoch") << " in "
            << clock_text(seconds);
  if (fit.monitor == eucv::train::monitored::last_epoch)
    std::cout << ", the last of which was kept; " << counted(done.validation, "picture") << " were kept aside";
  else
    std::cout << "; epoch " << done.best_epoch << " was the best on the " << counted(done.validation, "picture")
              << " kept aside for that";
  std::cout << "\nvalidation: ";
  print_summary(std::cout, done.figures, *done.model.about().task);
  detail::warn_of(eucv::train::suspicions_of(done.history, done.best_epoch));
  detail::warn_of(eucv::train::suspicions_of(done.figures));
  if (options.folds != 0) detail::decide_enrichment(options, done, folds);
  std::cout << "model in " << options.out << '\n';
  return detail::report_unreadable(done.unreadable);
}

} // namespace program
