#pragma once

#include "program/interrupt.hpp"
#include "program/metrics_text.hpp"
#include "program/options.hpp"

#include <eucv/classify/architecture.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/dataset/vocabulary.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

namespace program {

struct train_options : common_options {
  std::string images, out;
  eucv::classify::train_options fit;
};

inline void describe_train(CLI::App& command, train_options& options) {
  auto& fit = options.fit;
  std::set<std::string> architectures;
  for (const auto name : eucv::classify::architectures()) architectures.emplace(name);
  command.add_option("images", options.images, "Folder of images, a folder for each class, or of a download")
      ->type_name("IMAGES")
      ->required();
  command.add_option("--out", options.out, "Folder for the model")->required();
  command.add_option("--arch", fit.architecture, "Architecture of the network")
      ->check(CLI::IsMember(architectures))
      ->capture_default_str();
  command.add_option("--size", fit.size, "Rows and columns of the input, in pixels")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command.add_option("--epochs", fit.epochs, "Passes over all images")->check(at_least(1))->capture_default_str();
  command.add_option("--batch", fit.batch, "Images a step")->check(at_least(1))->capture_default_str();
  command.add_option("--lr", fit.rate, "Highest learning rate; 0: what suits the architecture")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--patience", fit.patience, "Stop after so many epochs without gain; 0: never before the end")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--init", fit.init, "Weights to begin with (safetensors)")->type_name("WEIGHTS");
  command.add_option("--freeze", fit.freeze, "Blocks from the input on that keep their weights")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--head-epochs", fit.head_epochs, "Epochs in which the head alone learns, before all else does")
      ->check(at_least(0))
      ->capture_default_str();
  command.add_option("--layer-decay", fit.layer_decay, "Learning rate of each block, as a part of the next one's")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--warm-up", fit.warm_up, "Part of all steps in which the learning rate rises")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
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

} // namespace detail

/// `eucv train`: trains a network; run again to resume exactly.
inline status train(const train_options& options) {
  progress_display display(options.progress());
  const interrupt signals;
  auto fit = options.fit;
  // A download keeps the concept URIs of its classes beside them.
  const auto vocabulary = std::filesystem::path(options.images) / "vocabulary.json";
  if (std::filesystem::exists(vocabulary)) fit.vocabulary = eucv::dataset::read_vocabulary(vocabulary);
  fit.seed = options.seed;
  fit.threads = options.threads;
  fit.progress = display.sink();
  fit.message = [&](std::string_view line) {
    display.clear();
    if (!options.quiet) std::cerr << line << std::endl;
  };
  fit.stop = signals.token();
  const auto done = eucv::classify::train_classifier(options.images, options.out, fit);
  display.clear();
  double seconds = 0;
  for (const auto& epoch : done.history) seconds += epoch.seconds;
  std::cout << fit.architecture << ' ' << fit.size << 'x' << fit.size << " trained on "
            << counted(done.training, "picture") << " for " << counted(done.history.size(), "epoch") << " in "
            << clock_text(seconds) << "; epoch " << done.best_epoch << " was the best on the "
            << counted(done.validation, "picture") << " kept aside for that\nvalidation: ";
  print_summary(std::cout, done.figures);
  std::cout << "model in " << options.out << '\n';
  return detail::report_unreadable(done.unreadable);
}

} // namespace program
