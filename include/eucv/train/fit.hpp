#pragma once

#include <eucv/core/error.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/weights.hpp>
#include <eucv/train/checkpoint.hpp>
#include <eucv/train/detail/run_state.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/objective.hpp>
#include <eucv/train/source.hpp>
#include <eucv/train/step.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::train {

/// What fit() learns from and is judged by.
struct fit_data {
  source training;
  source validation = {};          ///< of no batches: the last epoch counts as the best
  std::vector<std::string> labels; ///< as many as the network has logits
};

namespace detail {

template <nn::network Network>
class trainer {
public:
  using bound = objective_for<Network>;

  trainer(Network& net, const fit_data& data, const bound& wanted, const fit_options& options)
      : net_(net), data_(data), validated_(wanted.for_validation()), options_(options),
        identity_(training_identity(options, wanted)), stepper_(net, wanted, options), folder_(options.checkpoints),
        total_(options.epochs * data.training.batches),
        updates_((data.training.batches + options.accumulate - 1) / options.accumulate) {
    identity_["batches"] = std::to_string(data.training.batches);
  }

  fit_result run() {
    fit_result result;
    if (!options_.checkpoints.empty()) resume();
    result.resumed_at = state_.steps;
    saved_at_ = started_ = options_.clock();
    while (!finished()) {
      train_epoch();
      finish_epoch();
      save();
      if (options_.after_epoch) options_.after_epoch(state_.history);
    }
    {
      const auto average = stepper_.average().lend(net_);
      result.last.source = "the last weights";
      nn::save_weights(net_, result.last);
    }
    if (state_.best_epoch != 0) nn::load_weights(net_, best_);
    result.history = std::move(state_.history);
    result.best_epoch = state_.best_epoch;
    return result;
  }

private:
  [[nodiscard]] bool finished() const {
    return state_.epoch >= options_.epochs ||
           (options_.patience != 0 && state_.epochs_without_gain >= options_.patience);
  }
  [[nodiscard]] bool validates() const { return data_.validation.batches != 0; }
  // Whether the weights stand after all batches so far: only then can the training be broken off.
  [[nodiscard]] bool up_to_date() const {
    return state_.batch % options_.accumulate == 0 || state_.batch == data_.training.batches;
  }
  [[nodiscard]] double rate(std::uint64_t batch) const {
    return nn::rate(options_.schedule, state_.epoch * updates_ + batch / options_.accumulate,
                    options_.epochs * updates_);
  }
  [[nodiscard]] std::string place() const {
    return "step " + std::to_string(state_.steps + 1) + " (epoch " + std::to_string(state_.epoch + 1) + ")";
  }

  void train_epoch() {
    const reader next = data_.training.open(state_.epoch, state_.batch);
    while (state_.batch < data_.training.batches) {
      if (options_.stop.stop_requested() && up_to_date()) interrupt();
      auto pictures = next();
      if (!pictures)
        throw error(errc::invalid_argument, {"train", place(), "the source ended after fewer batches than it announced",
                                             "make source::batches the number that its readers give"});
      const auto here = place();
      if (pictures->n != 0) count(stepper_.add(std::move(*pictures), here));
      const std::uint64_t batch = state_.batch++;
      if (up_to_date()) stepper_.update(rate(batch), here);
      ++state_.steps;
      report();
      if (!options_.checkpoints.empty() && state_.batch < data_.training.batches && up_to_date() &&
          options_.clock() - saved_at_ >= options_.checkpoint_seconds)
        save();
    }
    if (options_.stop.stop_requested()) interrupt();
  }

  void count(const batch_figures& figures) {
    state_.loss_sum += figures.loss * figures.weight;
    state_.weight_sum += figures.weight;
    state_.right += figures.right;
    state_.seen += figures.seen;
  }

  void finish_epoch() {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const auto mean = [&](double sum, double count) { return count > 0 ? sum / count : none; };
    epoch_figures row{.epoch = static_cast<std::size_t>(state_.epoch) + 1,
                      .rate = rate(data_.training.batches - 1),
                      .train_loss = mean(state_.loss_sum, state_.weight_sum),
                      .train_accuracy = mean(static_cast<double>(state_.right), static_cast<double>(state_.seen)),
                      .validation_loss = none,
                      .validation_accuracy = none,
                      .validation_macro_f1 = none};
    const auto average = stepper_.average().lend(net_);
    if (validates()) {
      const auto judged = evaluate(net_, data_.validation, data_.labels, validated_);
      const auto figures = judge::metrics_of(judged.predictions);
      row.validation_loss = judged.loss;
      row.validation_accuracy = figures.accuracy;
      row.validation_macro_f1 = figures.macro.f1;
      if (!validated_.task().exclusive()) row.validation_mean_average_precision = figures.mean_average_precision;
    }
    spend_time();
    row.seconds = state_.seconds;
    compare(row);
    state_.history.push_back(row);
    ++state_.epoch;
    state_.batch = 0;
    state_.loss_sum = state_.weight_sum = state_.seconds = 0;
    state_.right = state_.seen = 0;
  }

  // Of two epochs with one macro F1, as small validation sets often have them, the one with the smaller loss is better.
  void compare(const epoch_figures& row) {
    const double score = options_.monitor == monitored::macro_f1          ? row.validation_macro_f1
                         : options_.monitor == monitored::accuracy        ? row.validation_accuracy
                         : options_.monitor == monitored::validation_loss ? -row.validation_loss
                                                                          : row.validation_mean_average_precision;
    const bool better = state_.best_epoch == 0 || !validates() || options_.monitor == monitored::last_epoch ||
                        score > state_.best_score ||
                        (score == state_.best_score && row.validation_loss < state_.best_loss);
    state_.epochs_without_gain = better ? 0 : state_.epochs_without_gain + 1;
    if (!better) return;
    state_.best_epoch = row.epoch;
    state_.best_score = score;
    state_.best_loss = row.validation_loss;
    best_ = {.source = "the best weights"};
    nn::save_weights(net_, best_);
  }

  // Adds to the seconds of the epoch what went by since the last call.
  void spend_time() {
    const double now = options_.clock();
    state_.seconds += now - started_;
    started_ = now;
  }

  void report() {
    if (!options_.progress) return;
    note_ = "epoch " + std::to_string(state_.epoch + 1) + "/" + std::to_string(options_.epochs);
    if (state_.weight_sum > 0)
      note_ += " loss " + json_number(std::round(1e3 * state_.loss_sum / state_.weight_sum) / 1e3);
    if (!state_.history.empty() && validates())
      note_ += " validation " + json_number(std::round(1e3 * state_.history.back().validation_accuracy) / 1e3);
    options_.progress({"train", state_.steps, total_, note_});
  }

  [[noreturn]] void interrupt() {
    save();
    const bool saved = !options_.checkpoints.empty();
    throw error(errc::interrupted,
                {"train", "after " + std::to_string(state_.steps) + " of " + std::to_string(total_) + " steps",
                 saved ? "asked to stop; the state is saved" : "asked to stop",
                 saved ? "train with the same folder of checkpoints to go on"
                       : "name a folder for checkpoints to be able to go on"});
  }

  void save() {
    if (options_.checkpoints.empty()) return;
    spend_time();
    nn::tensor_file content{.source = folder_.path().string()};
    state_.random = net_.random().state();
    train::save(state_, content.metadata);
    for (const auto& [name, value] : identity_) content.metadata["option." + name] = value;
    nn::save_weights(net_, content, "model.");
    stepper_.save(content);
    if (state_.best_epoch != 0) folder_.save_best(state_.best_epoch, best_);
    folder_.save({state_.steps, state_.best_epoch}, content);
    saved_at_ = options_.clock();
  }

  void resume() {
    auto found = folder_.load();
    if (options_.message)
      for (const auto& message : found.messages) options_.message(message);
    if (!found.which) return;
    for (const auto& [name, value] : identity_) {
      const auto begun = found.state.metadata.find("option." + name);
      if (begun == found.state.metadata.end() || begun->second != value)
        throw error(errc::invalid_argument,
                    {"go on with the training", found.state.source,
                     begun == found.state.metadata.end()
                         ? "it says nothing of the option " + name +
                               ": it was begun by another version of eucv, or for "
                               "another task"
                         : "it was begun with " + name + " \"" + begun->second + "\", and now it is \"" + value + "\"",
                     "give the same options and data, or remove the folder to begin anew"});
    }
    state_ = load_run_state(found.state.metadata, found.state.source);
    nn::load_weights(net_, found.state, "model.");
    stepper_.load(found.state);
    net_.random(eucv::random(state_.random));
    best_ = std::move(found.best);
  }

  Network& net_;
  const fit_data& data_;
  bound validated_; // the objective that validation is judged by
  const fit_options& options_;
  std::map<std::string, std::string> identity_;
  stepper<Network> stepper_;
  checkpoint_folder folder_;
  run_state state_;
  nn::tensor_file best_;
  std::uint64_t total_, updates_; // steps in all, and changes of the weights an epoch
  double started_ = 0, saved_at_ = 0;
  std::string note_;
};

} // namespace detail

/// Trains a network: in mode::train over the batches of each epoch, then in mode::eval over those of validation.
///
/// Ends with the weights of the best epoch; an average of weights is judged and kept in their place. With a folder for
/// checkpoints, a call that finds a state there goes on from it, and comes to the same bits as one that was never
/// broken off, on any number of threads; the folder is left in place. With frozen parameters, freeze before each call.
///
/// Throws interrupted when asked to stop, after saving; non_finite, naming step and place, when the loss or a gradient
/// is infinite or not a number, with the checkpoints left as they were; shape_mismatch where labels and logits differ
/// in number; invalid_argument where a checkpoint was begun with other options, the mean average precision is to be
/// monitored of items with one label each, or patience is asked for where nothing is monitored; and what source and
/// files throw.
template <nn::network Network, objective Objective>
fit_result fit(Network& net, const fit_data& data, const Objective& wanted, const fit_options& options) {
  if (data.labels.size() != net.output_shape().c)
    throw error(errc::shape_mismatch, {"train", "the network",
                                       "it has " + std::to_string(net.output_shape().c) + " logits for " +
                                           std::to_string(data.labels.size()) + " labels",
                                       "build it with as many classes as there are labels"});
  check_options(options, "train");
  if (data.training.batches == 0)
    throw error(errc::invalid_argument, {"train", "the source", "it has no batches", "give at least one picture"});
  if (options.monitor == monitored::last_epoch && options.patience != 0)
    throw error(errc::invalid_argument, {"train", "the options", "patience needs a figure by which epochs are compared",
                                         "watch the loss, say, or leave the patience at 0"});
  if (options.monitor == monitored::mean_average_precision && wanted.task().exclusive())
    throw error(errc::invalid_argument, {"train", "the options", "mean average precision is a figure of several labels",
                                         "compare epochs by macro F1 or the loss"});
  return detail::trainer<Network>(net, data, objective_for<Network>(wanted), options).run();
}
/// The same for the objective of the options.
template <nn::network Network>
fit_result fit(Network& net, const fit_data& data, const fit_options& options = {}) {
  return std::visit([&](const auto& wanted) { return fit(net, data, wanted, options); }, options.objective);
}

} // namespace eucv::train
