#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/options.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/schedule.hpp>
#include <eucv/train/history.hpp>
#include <eucv/train/objectives.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace eucv::train {

/// The validation figure by which epochs are compared: to keep the best, and to stop when none is better any more.
/// There is a mean average precision only where pictures may have several labels; their accuracy is the part that has
/// them all right.
///
/// Of few validation pictures the best epoch is often a lucky one, in the midst of a schedule that ends in small steps:
/// `last_epoch` compares none, and keeps the weights of the last.
enum class monitored { macro_f1, accuracy, validation_loss, mean_average_precision, last_epoch };

[[nodiscard]] constexpr auto enumerators(monitored) {
  return std::array{enumerator{monitored::validation_loss, "loss"}, enumerator{monitored::accuracy, "accuracy"},
                    enumerator{monitored::macro_f1, "macro-f1"},
                    enumerator{monitored::mean_average_precision, "mean-average-precision"},
                    enumerator{monitored::last_epoch, "last"}};
}

/// Seconds on the system's steady clock.
[[nodiscard]] inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// How fit() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct fit_options {
  std::size_t epochs = 40;
  nn::any_optimizer optimizer = nn::adam_w{.weight_decay = 0.05};
  nn::any_schedule schedule = nn::one_cycle{.peak = 3e-3};                  ///< over all updates of the weights
  any_objective objective = single_label{.loss = {.label_smoothing = 0.1}}; ///< unless fit() gets one of another type
  double clip_norm = 1;            ///< gradients with a larger norm are scaled down to it; 0: none are
  std::size_t accumulate = 1;      ///< batches whose gradients are added up for one update of the weights
  double mixup = 0;                ///< alpha of mix(), 0 to 1; 0: nothing is mixed
  double weight_average_decay = 0; ///< decay of weight_average at each update; 0: no average is kept
  std::size_t patience = 0;        ///< epochs without gain after which training stops; 0: never before the end
  monitored monitor = monitored::macro_f1;

  std::filesystem::path checkpoints = {}; ///< folder to save states in and to go on from; empty: none are saved
  double checkpoint_seconds = 60;         ///< a state is saved after each epoch, and within one after that time
  /// What else a resumed training must agree on with its beginning, such as the data: name and value.
  std::map<std::string, std::string> identity = {};

  std::function<double()> clock = steady_seconds; ///< seconds; tests bring one of their own
  progress_sink progress = {};                    ///< told after each step; done and total count steps
  /// Told of the history after each epoch, its last row included.
  std::function<void(std::span<const epoch_figures>)> after_epoch = {};
  std::function<void(std::string_view)> message = {}; ///< told of damaged checkpoints
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown

  static constexpr auto fields() {
    using self = fit_options;
    return field_list{
        option("epochs", &self::epochs, "passes over all pictures"),
        option("optimizer", &self::optimizer, "how gradients become updates of the weights"),
        option("schedule", &self::schedule, "how the learning rate goes"),
        runtime_field(&self::objective), // its identity is its own: see objective.hpp
        option("clip-norm", &self::clip_norm, "gradients with a larger norm are scaled down to it; 0: none are",
               at_least(0)),
        option("accumulate", &self::accumulate, "batches whose gradients are added up for one update", at_least(1)),
        option("mixup", &self::mixup, "mix pictures in pairs by Beta(x, x); 0: none", between(0, 1)),
        option("weight-average", &self::weight_average_decay, "decay of the moving average of the weights; 0: none",
               at_least(0).below(1)),
        option("patience", &self::patience, "epochs without gain after which training stops; 0: never"),
        option("monitor", &self::monitor, "validation figure by which epochs are compared"),
        runtime_field(&self::checkpoints),
        runtime_field(&self::checkpoint_seconds),
        runtime_field(&self::identity),
        runtime_field(&self::clock),
        runtime_field(&self::progress),
        runtime_field(&self::after_epoch),
        runtime_field(&self::message),
        runtime_field(&self::stop)};
  }
};

static_assert(describes_all_fields<fit_options>);

/// What fit() did.
struct fit_result {
  std::vector<epoch_figures> history; ///< one an epoch, those before a resume included
  std::size_t best_epoch = 0;         ///< the epoch whose weights the network has now
  std::size_t resumed_at = 0;         ///< steps that were done before; 0: began anew
  nn::tensor_file last = {};          ///< the weights after the last epoch
};

/// What a checkpoint must agree on, as text: the options that change what is learned, the identity of the objective,
/// and options.identity.
template <class Objective>
[[nodiscard]] std::map<std::string, std::string> training_identity(const fit_options& options,
                                                                   const Objective& objective) {
  auto identity = identity_of(options);
  const std::map<std::string, std::string>& own = objective.identity();
  identity.insert(own.begin(), own.end());
  identity.insert(options.identity.begin(), options.identity.end());
  return identity;
}
/// The same for the objective of the options.
[[nodiscard]] std::map<std::string, std::string> training_identity(const fit_options& options);

} // namespace eucv::train

#ifdef EUCV_IMPLEMENTATION_TRAIN
namespace eucv::train {

std::map<std::string, std::string> training_identity(const fit_options& options) {
  return std::visit([&](const auto& objective) { return training_identity(options, objective); }, options.objective);
}

} // namespace eucv::train
#endif
