#pragma once

#include <eucv/classify/description.hpp>
#include <eucv/classify/network.hpp>
#include <eucv/classify/train_options.hpp>
#include <eucv/classify/training_pictures.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/epoch_order.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/schedule.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/objectives.hpp>

#include <cstddef>

namespace eucv::classify::detail {

/// How train_options are carried out: what they mean for pictures, for fit() and for the weights of a network.

/// Throws invalid_argument for options that make no sense.
[[nodiscard]] training_picture_options picture_options(const train_options& options, const preprocessing& scale);

/// For fit(), but for where it keeps checkpoints and whom it tells of epochs. The identity holds all of the options
/// that change what is learned, and the pictures.
[[nodiscard]] train::fit_options fit_options_of(const train_options& options, training_pictures& pictures);

/// What is to be learned from the pictures: one label, or where they may have several a row of targets for each set of
/// labels.
///
/// Balanced by weights, pictures of a class count by the root of what would make all classes count the same; of several
/// labels the "yes" answers of each, by the root of how many times as heavy its "no" answers are. The asymmetric loss
/// has its own way with the many labels that a picture has not. Where missing labels are unknown they are the weak
/// negatives of Cole et al. (2021, arXiv:2106.09708): each counts 1 / (C - 1).
[[nodiscard]] train::any_objective objective_of(const train_options& options, const training_pictures& pictures);

/// The order in which pictures are trained on.
[[nodiscard]] dataset::epoch_order order_of(const train_options& options);

/// The optimizer, with the weight decay of the options.
[[nodiscard]] nn::any_optimizer optimizer_of(const train_options& options);

/// The schedule with this highest rate over so many changes of the weights.
[[nodiscard]] nn::any_schedule schedule_of(const train_options& options, double peak, std::size_t updates);

/// Changes of the weights in an epoch.
[[nodiscard]] std::size_t updates(const train_options& options, training_pictures& pictures);

/// Freezes what is to be frozen, and gives each block its share of the learning rate.
void set_rates(classifier_network& net, const train_options& options);

/// The learning rate for a head alone.
inline constexpr double head_rate = 1e-3;

} // namespace eucv::classify::detail

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/options.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/nn/blocks.hpp>
#include <eucv/zoo/registry.hpp>

#include <cmath>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace eucv::classify::detail {

training_picture_options picture_options(const train_options& options, const preprocessing& scale) {
  check_options(options, "train");
  if (options.rate == 0 && std::visit([](const auto& method) { return method.needs_rate; }, optimizer_of(options)))
    throw error(errc::invalid_argument,
                {"train", "the options",
                 "what learning rate suits " + options.optimizer + " depends on network and batch",
                 "name one: 0.1 for sgd, say"});
  auto variation = options.augmentation;
  variation.size = options.size;
  return {.size = options.size,
          .batch = options.batch,
          .validation = options.validation,
          .seed = options.seed,
          .threads = options.threads,
          .scale = {scale.mean, scale.deviation},
          .order = order_of(options),
          .variation = variation};
}

nn::any_optimizer optimizer_of(const train_options& options) {
  auto chosen = nn::optimizer_for_pictures(options.optimizer);
  if (options.weight_decay) std::visit([&](auto& method) { method.weight_decay = *options.weight_decay; }, chosen);
  return chosen;
}

dataset::epoch_order order_of(const train_options& options) {
  return options.balance == class_balance::sampling ? dataset::epoch_order::balanced : dataset::epoch_order::shuffled;
}

std::size_t updates(const train_options& options, training_pictures& pictures) {
  return (pictures.training().batches + options.accumulate - 1) / options.accumulate;
}

nn::any_schedule schedule_of(const train_options& options, double peak, std::size_t updates) {
  const auto warm_up = static_cast<std::size_t>(std::lround(options.warm_up * static_cast<double>(updates)));
  if (options.schedule == rate_schedule::cosine) return nn::cosine{.peak = peak, .warm_up = warm_up};
  if (options.schedule == rate_schedule::constant) return nn::constant_rate{.peak = peak, .warm_up = warm_up};
  return nn::one_cycle{.peak = peak, .rise = options.warm_up};
}

void set_rates(classifier_network& net, const train_options& options) {
  net.freeze_only_first(options.freeze);
  net.decay_rates(options.layer_decay);
}

inline bool only_head_learns(const train_options& options) {
  if (options.freeze == 0) return false;
  thread_pool pool(1);
  random engine(1);
  const auto net = host_device(pool).build({options.architecture, 2, options.size}, engine);
  return options.freeze + 1 >= net->blocks();
}

// Fine-tuning wants smaller steps than learning from nothing, and deep networks smaller ones than flat.
inline double peak_rate(const train_options& options) {
  if (options.rate > 0) return options.rate;
  if (!options.init.empty()) return only_head_learns(options) ? head_rate : 3e-4;
  return zoo::registry::facts_of(options.architecture).learning_rate;
}

inline train::single_label one_label(const train_options& options, const training_pictures& pictures) {
  train::single_label wanted{.loss = {.label_smoothing = options.label_smoothing}};
  if (options.balance != class_balance::weights) return wanted;
  auto& weights = wanted.loss.class_weights;
  weights.resize(pictures.labels().size());
  for (const auto& each : pictures.training_files()) ++weights[each.label];
  const double even = static_cast<double>(pictures.training_files().size()) / static_cast<double>(weights.size());
  for (double& weight : weights) weight = std::sqrt(even / weight);
  return wanted;
}

inline train::multi_label several_labels(const train_options& options, const training_pictures& pictures) {
  if (options.balance == class_balance::sampling)
    throw error(errc::invalid_argument,
                {"train", "the options",
                 "a picture comes with all of its labels: drawing those with a rare label more often draws the "
                 "frequent labels beside it too",
                 "choose class_balance::weights, by which each label has its own"});
  const auto& sets = pictures.folder().label_sets;
  const std::size_t classes = pictures.labels().size();
  const bool unknown = options.missing == missing_labels::are_unknown;
  train::multi_label wanted;
  wanted.targets.assign(sets.size() * classes, unknown ? nn::target::unknown : nn::target::no);
  for (std::size_t set = 0; set < sets.size(); ++set)
    for (const std::size_t label : sets[set]) wanted.targets[set * classes + label] = nn::target::yes;
  if (options.loss == multi_label_loss::asymmetric) wanted.loss = nn::asymmetric_loss();
  if (options.loss == multi_label_loss::focal) wanted.loss = nn::focal_loss();
  if (unknown && classes > 1) wanted.loss.unknown_weight = 1 / static_cast<double>(classes - 1);
  if (options.loss == multi_label_loss::asymmetric || options.balance != class_balance::weights) return wanted;
  std::vector<double> yes(classes), no(classes);
  for (const auto& file : pictures.training_files())
    for (std::size_t label = 0; label < classes; ++label) {
      const nn::target answer = wanted.targets[file.label * classes + label];
      (answer == nn::target::yes ? yes : no)[label] += answer == nn::target::unknown ? wanted.loss.unknown_weight : 1;
    }
  wanted.loss.positive_weights.assign(classes, 1);
  for (std::size_t label = 0; label < classes; ++label)
    if (yes[label] > 0 && no[label] > 0) wanted.loss.positive_weights[label] = std::sqrt(no[label] / yes[label]);
  return wanted;
}

train::any_objective objective_of(const train_options& options, const training_pictures& pictures) {
  if (pictures.folder().multi_label()) return several_labels(options, pictures);
  return one_label(options, pictures);
}

train::fit_options fit_options_of(const train_options& options, training_pictures& pictures) {
  train::fit_options fit;
  fit.epochs = options.epochs;
  fit.optimizer = optimizer_of(options);
  fit.schedule = schedule_of(options, peak_rate(options), options.epochs * updates(options, pictures));
  fit.objective = objective_of(options, pictures);
  fit.clip_norm = options.clip_norm;
  fit.accumulate = options.accumulate;
  fit.mixup = options.mixup;
  fit.weight_average_decay = options.weight_average_decay;
  fit.patience = options.patience;
  fit.monitor = options.monitor;
  fit.progress = options.progress;
  fit.message = options.message;
  fit.stop = options.stop;
  fit.identity = identity_of(options);
  const auto digest = [](const std::string& text) {
    return std::to_string(text.size()) + " bytes, SHA-256 " + sha256_text(text);
  };
  fit.identity["init"] = options.init.empty() ? "" : digest(read_file(options.init));
  fit.identity["pictures"] = digest(pictures.list());
  return fit;
}

} // namespace eucv::classify::detail
#endif
