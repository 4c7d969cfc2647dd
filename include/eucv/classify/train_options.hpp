#pragma once

#include <eucv/classify/architecture.hpp>
#include <eucv/classify/device.hpp>
#include <eucv/core/option_fields.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/image/augment.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/history.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace eucv::classify {

/// How the learning rate goes from its highest to the end: nn::one_cycle, nn::cosine or nn::constant_rate.
enum class rate_schedule { one_cycle, cosine, constant };
[[nodiscard]] constexpr auto enumerators(rate_schedule) {
  return std::array{enumerator{rate_schedule::one_cycle, "one-cycle"}, enumerator{rate_schedule::cosine, "cosine"},
                    enumerator{rate_schedule::constant, "constant"}};
}

/// What is done about classes of which there are fewer pictures.
enum class class_balance {
  none,
  weights, ///< their pictures count more: half way, by the root of what would make up for it
  sampling ///< their pictures come more often, so that each class comes as often as any other
};
[[nodiscard]] constexpr auto enumerators(class_balance) {
  return std::array{enumerator{class_balance::weights, "weights"}, enumerator{class_balance::sampling, "sampling"},
                    enumerator{class_balance::none, "none"}};
}

/// The losses for pictures with several labels; see nn/multi_label_loss.hpp.
enum class multi_label_loss { binary_cross_entropy, focal, asymmetric };
[[nodiscard]] constexpr auto enumerators(multi_label_loss) {
  return std::array{enumerator{multi_label_loss::binary_cross_entropy, "bce"},
                    enumerator{multi_label_loss::focal, "focal"},
                    enumerator{multi_label_loss::asymmetric, "asymmetric"}};
}

/// What is known of the labels that a picture is not given.
enum class missing_labels {
  are_false,   ///< it has been looked at with all labels in mind
  are_unknown, ///< any of them may be true as well, as where each picture was found by one label
};
[[nodiscard]] constexpr auto enumerators(missing_labels) {
  return std::array{enumerator{missing_labels::are_false, "false"}, enumerator{missing_labels::are_unknown, "unknown"}};
}

/// How train_classifier() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct train_options {
  std::string architecture = "small"; ///< one of architectures()
  std::size_t size = 128;             ///< rows and columns of the network's input, in pixels
  std::size_t epochs = 40;
  std::size_t batch = 32;
  double validation = 0.1;  ///< part of the pictures that is kept aside to choose the best epoch by
  double rate = 0;          ///< highest learning rate; 0: what suits the architecture
  std::size_t patience = 0; ///< epochs without gain after which training stops; 0: never before the end
  std::uint64_t seed = 1;   ///< of weights, split, order and augmentation
  std::size_t threads = 0;  ///< 0: one a core; the result does not depend on it

  /// Weights to begin with: a safetensors file of a model of ours, torchvision's or timm's. Its head is taken only
  /// where the number of classes is the same. Empty: fresh weights.
  std::filesystem::path init = {};
  /// Blocks from the input on that keep their weights. Where only the head is left to learn, the others run once over
  /// all pictures, and the epochs learn from what they gave.
  std::size_t freeze = 0;
  /// Epochs in which the head alone learns, in the same way, before all that is not frozen does.
  std::size_t head_epochs = 0;
  double layer_decay = 1; ///< each block learns at so many times the rate of the one behind it; 1: all at the same

  std::string optimizer = "adamw";         ///< one of nn::optimizer_names(), as nn::optimizer_for_pictures() makes it
  std::optional<double> weight_decay = {}; ///< in place of what is usual for the optimizer
  rate_schedule schedule = rate_schedule::one_cycle;
  double warm_up = 0.3; ///< part of all steps in which the learning rate rises to its highest
  class_balance balance = class_balance::weights;
  /// Of a hundred or so pictures kept aside F1 is a coarse figure, and its luckiest epoch an early one; the loss is a
  /// fine one.
  train::monitored monitor = train::monitored::validation_loss;
  double label_smoothing = 0.1;          ///< part of each label that is spread over all classes
  double mixup = 0;                      ///< alpha of train::mix(), 0 to 1; 0: no pictures are mixed
  image::augmentation augmentation = {}; ///< of the pictures to train on; its size is that of above
  double weight_average_decay = 0; ///< decay a step of the train::weight_average that is judged and kept; 0: none is
  std::size_t accumulate = 1;      ///< batches whose gradients are added up for one update of the weights
  double clip_norm = 1;            ///< gradients with a larger norm are scaled down to it; 0: none are

  /// Where pictures may have several labels, as read_multi_label_set() reads them; for others they have no meaning.
  multi_label_loss loss = multi_label_loss::binary_cross_entropy;
  missing_labels missing = missing_labels::are_false;

  /// Where labels get their concept URIs from, by name. Empty: from `vocabulary.json` in the folder of the pictures,
  /// which a download writes, or from nowhere.
  dataset::vocabulary vocabulary = {};

  double checkpoint_seconds = 60; ///< a state is saved after each epoch, and within one after that time
  device on = {};                 ///< where the network computes; empty: on the host, by `threads`
  progress_sink progress = {};    ///< done and total count steps
  /// Told of the history after each epoch, its last row included.
  std::function<void(std::span<const train::epoch_figures>)> after_epoch = {};
  std::function<void(std::string_view)> message = {}; ///< told what is worth a line: a resume, a damaged checkpoint
  /// Told of the pictures that are copies of others, where there are any; they stay on one side of the split.
  std::function<void(const dataset::duplicate_groups&)> duplicates = {};
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown

  static constexpr auto fields() {
    using self = train_options;
    return field_list{
        option("arch", &self::architecture, "architecture of the network", one_of(architectures)),
        option("size", &self::size, "rows and columns of the input, in pixels", between(1, 4096)),
        option("epochs", &self::epochs, "passes over all images", at_least(1)),
        option("batch", &self::batch, "images a step", at_least(1)),
        option("validation", &self::validation, "part of the images that is kept aside to choose the best epoch by",
               between(0.001, 0.9)),
        option("lr", &self::rate, "highest learning rate; 0: what suits the architecture (not for all optimizers)",
               at_least(0)),
        option("patience", &self::patience, "stop after so many epochs without gain; 0: never before the end"),
        option("seed", &self::seed, "seed of everything that is random").internal(),
        option("threads", &self::threads, "threads that compute").internal().outside_identity(),
        option("init", &self::init, "weights to begin with (safetensors)").outside_identity(), // its digest is
        option("freeze", &self::freeze, "blocks from the input on that keep their weights"),
        option("head-epochs", &self::head_epochs, "epochs in which the head alone learns, before all else does"),
        option("layer-decay", &self::layer_decay, "learning rate of each block, as a part of the next one's",
               above(0).at_most(1)),
        option("optimizer", &self::optimizer, "how gradients become updates of the weights",
               one_of(nn::optimizer_names)),
        option("weight-decay", &self::weight_decay,
               "part of each weight that a step of rate 1 takes off; otherwise what is usual for the optimizer",
               at_least(0)),
        option("schedule", &self::schedule, "how the learning rate goes"),
        option("warm-up", &self::warm_up, "part of all steps in which the learning rate rises", between(0, 1)),
        option("balance", &self::balance,
               "what rare classes get: weights (their pictures count more), sampling (they come more often) or none"),
        option("monitor", &self::monitor,
               "figure by which epochs are compared; last: none, the last epoch is kept; mean-average-precision is "
               "for several labels")
            .formerly("watch"),
        option("label-smoothing", &self::label_smoothing, "part of each label that is spread over all classes",
               at_least(0).below(1)),
        option("mixup", &self::mixup, "mix pictures in pairs, by Beta(x, x): 0.2, say; 0: none", between(0, 1)),
        option_group(&self::augmentation),
        option("weight-average", &self::weight_average_decay,
               "judge and keep a moving average of the weights: decay a step, 0.99, say; 0: none", at_least(0).below(1))
            .formerly("average"),
        option("accumulate", &self::accumulate, "batches whose gradients are added up for one step", at_least(1)),
        option("clip-norm", &self::clip_norm, "largest norm of the gradient; 0: any", at_least(0)).formerly("clip"),
        option("loss", &self::loss, "loss for several labels"),
        option("missing", &self::missing, "what is known of labels that a picture is not given").internal(),
        runtime_field(&self::vocabulary),
        runtime_field(&self::checkpoint_seconds),
        runtime_field(&self::on),
        runtime_field(&self::progress),
        runtime_field(&self::after_epoch),
        runtime_field(&self::message),
        runtime_field(&self::duplicates),
        runtime_field(&self::stop)};
  }
};

} // namespace eucv::classify
