#pragma once

#include <eucv/core/json_text.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/schedule.hpp>
#include <eucv/train/history.hpp>
#include <eucv/train/objectives.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::train {

/// By what epochs are compared: to keep the best, and to stop when none is better any more. There is a mean average
/// precision only where items may have several labels; their accuracy is the part that has them all right.
///
/// Of few validation pictures the best epoch is often a lucky one, in the midst of a schedule that ends in small steps:
/// `last_epoch` compares none, and keeps the weights of the last.
enum class watched { macro_f1, accuracy, validation_loss, mean_average_precision, last_epoch };

/// Its name, as in a checkpoint.
[[nodiscard]] inline std::string to_string(watched which) {
  return which == watched::macro_f1          ? "macro_f1"
         : which == watched::accuracy        ? "accuracy"
         : which == watched::validation_loss ? "validation_loss"
         : which == watched::last_epoch      ? "last_epoch"
                                             : "mean_average_precision";
}

/// Seconds on the system's steady clock.
[[nodiscard]] inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// How fit() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct fit_options {
  std::size_t epochs = 40;
  nn::any_optimizer rule = nn::adam_w{.weight_decay = 0.05};
  nn::any_schedule schedule = nn::one_cycle{.peak = 3e-3};                  ///< over all changes of the weights
  any_objective objective = single_label{.loss = {.label_smoothing = 0.1}}; ///< unless fit() gets one of another type
  double largest_gradient = 1; ///< gradients whose norm is above it are scaled down to it; 0: none are
  std::size_t accumulate = 1;  ///< batches whose gradients are added up for one change of the weights
  double mixup = 0;            ///< alpha of mix(), 0 to 1; 0: nothing is mixed
  double average = 0;          ///< decay of weight_average at each change of the weights; 0: no average is kept
  std::size_t patience = 0;    ///< epochs without gain after which training stops; 0: never before the end
  watched best_by = watched::macro_f1;

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
};

/// What fit() did.
struct fit_result {
  std::vector<epoch_figures> history; ///< one an epoch, those before a resume included
  std::size_t best_epoch = 0;         ///< the epoch whose weights the network has now
  std::size_t resumed_at = 0;         ///< steps that were done before; 0: began anew
  nn::tensor_file last = {};          ///< the weights after the last epoch
};

/// The options that change what is learned, as text: what a checkpoint must agree on. `objective` is the identity of
/// what is learned.
[[nodiscard]] inline std::map<std::string, std::string>
identity_of(const fit_options& options, const std::map<std::string, std::string>& objective) {
  const auto words = [](std::string name, std::initializer_list<double> numbers) {
    for (const double number : numbers) (name += ' ') += json_number(number);
    return name;
  };
  auto identity = options.identity;
  identity["epochs"] = std::to_string(options.epochs);
  identity["patience"] = std::to_string(options.patience);
  identity["best_by"] = to_string(options.best_by);
  identity.insert(objective.begin(), objective.end());
  identity["accumulate"] = std::to_string(options.accumulate);
  identity["mixup"] = json_number(options.mixup);
  identity["average"] = json_number(options.average);
  identity["largest_gradient"] = json_number(options.largest_gradient);
  const auto adaptive = [&](const std::string& name, const auto& rule) {
    return words(name, {rule.beta1, rule.beta2, rule.epsilon, rule.weight_decay});
  };
  if (const auto* const sgd = std::get_if<nn::sgd>(&options.rule))
    identity["optimizer"] = words(sgd->nesterov ? "nesterov" : "sgd", {sgd->momentum, sgd->weight_decay});
  if (const auto* const adam = std::get_if<nn::adam>(&options.rule)) identity["optimizer"] = adaptive("adam", *adam);
  if (const auto* const adam = std::get_if<nn::adam_w>(&options.rule))
    identity["optimizer"] = adaptive("adam_w", *adam);
  if (const auto* const lamb = std::get_if<nn::lamb>(&options.rule)) identity["optimizer"] = adaptive("lamb", *lamb);
  std::string& schedule = identity["schedule"];
  if (const auto* const flat = std::get_if<nn::constant_rate>(&options.schedule))
    schedule = words("constant", {flat->peak, static_cast<double>(flat->warm_up)});
  if (const auto* const cosine = std::get_if<nn::cosine>(&options.schedule))
    schedule = words("cosine", {cosine->peak, cosine->last, static_cast<double>(cosine->warm_up)});
  if (const auto* const cycle = std::get_if<nn::one_cycle>(&options.schedule))
    schedule = words("one_cycle", {cycle->peak, cycle->rise, cycle->start_divisor, cycle->end_divisor});
  return identity;
}
/// The same for the objective of the options.
[[nodiscard]] inline std::map<std::string, std::string> identity_of(const fit_options& options) {
  return identity_of(options, std::visit([](const auto& wanted) { return wanted.identity(); }, options.objective));
}

} // namespace eucv::train
