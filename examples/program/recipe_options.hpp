#pragma once

#include "program/options.hpp"

#include <eucv/classify/train_options.hpp>

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace program {

/// The options of a training that are its recipe: how pictures, labels and gradients become weights.
inline void describe_recipe(CLI::App& command, eucv::classify::train_options& fit) {
  using eucv::classify::class_balance, eucv::classify::rate_schedule, eucv::classify::step_rule, eucv::train::watched;
  const auto one_of = [](const auto& names) { return CLI::CheckedTransformer(names).description(""); };
  command.add_option("--optimizer", fit.rule, "How gradients become steps: adamw, or sgd with Nesterov's momentum")
      ->transform(one_of(std::map<std::string, step_rule>{{"adamw", step_rule::adam_w}, {"sgd", step_rule::sgd}}))
      ->default_str("adamw");
  command
      .add_option("--weight-decay", fit.weight_decay,
                  "Part of each weight that a step of rate 1 takes off; otherwise 0.05, with sgd 0.0005")
      ->check(at_least(0));
  command.add_option("--schedule", fit.schedule, "How the learning rate goes: one-cycle, cosine or constant")
      ->transform(one_of(std::map<std::string, rate_schedule>{{"one-cycle", rate_schedule::one_cycle},
                                                              {"cosine", rate_schedule::cosine},
                                                              {"constant", rate_schedule::constant}}))
      ->default_str("one-cycle");
  command.add_option("--warm-up", fit.warm_up, "Part of all steps in which the learning rate rises")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--balance", fit.balance,
                  "What rare classes get: weights (their pictures count more), sampling (they come more often) or none")
      ->transform(one_of(std::map<std::string, class_balance>{
          {"weights", class_balance::weights}, {"sampling", class_balance::sampling}, {"none", class_balance::none}}))
      ->default_str("weights");
  command
      .add_option("--watch", fit.best_by,
                  "Figure by which epochs are compared: loss, accuracy, macro-f1 or, with several labels, "
                  "mean-average-precision; last: none, the last epoch is kept")
      ->transform(one_of(std::map<std::string, watched>{{"loss", watched::validation_loss},
                                                        {"accuracy", watched::accuracy},
                                                        {"macro-f1", watched::macro_f1},
                                                        {"mean-average-precision", watched::mean_average_precision},
                                                        {"last", watched::last_epoch}}))
      ->default_str("loss");
  command.add_option("--label-smoothing", fit.label_smoothing, "Part of each label that is spread over all classes")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  command.add_option("--mixup", fit.mixup, "Mix pictures in pairs, by Beta(x, x): 0.2, say; 0: none")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--crop", fit.crop, "Least part of an image's area that a random crop takes; 1: no crops")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command
      .add_option("--shift", fit.shift,
                  "Most that an image is moved along each axis, as a part of it: 0.125, say; what moves in is mirrored")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  command.add_option("--flip", fit.flip, "Probability of a mirror image; 0 where left and right differ, as in maps")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--colour", fit.colour, "Most by which brightness, contrast and saturation are changed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--erase", fit.erase, "Probability that a rectangle of a picture is painted over: 0.25, say")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--average", fit.average, "Judge and keep a moving average of the weights: decay a step, 0.99, say")
      ->check(CLI::Range(0.0, 0.99999))
      ->capture_default_str();
  command.add_option("--accumulate", fit.accumulate, "Batches whose gradients are added up for one step")
      ->check(at_least(1))
      ->capture_default_str();
  command.add_option("--clip", fit.largest_gradient, "Largest norm of the gradient; 0: any")
      ->check(at_least(0))
      ->capture_default_str();
}

} // namespace program
