#pragma once

#include <eucv/core/progress.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/history.hpp>

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

/// By what gradients become steps: nn::adam_w, or nn::sgd with Nesterov's momentum of 0.9.
enum class step_rule { adam_w, sgd };

/// What is done about classes of which there are fewer pictures.
enum class class_balance {
  none,
  weights, ///< their pictures count more: half way, by the root of what would make up for it
  sampling ///< their pictures come more often, so that each class comes as often as any other
};

/// The losses for pictures with several labels; see nn/multi_label_loss.hpp.
enum class multi_label_loss { binary_cross_entropy, focal, asymmetric };

/// What is known of the labels that a picture is not given.
enum class missing_labels {
  are_false,   ///< it has been looked at with all labels in mind
  are_unknown, ///< any of them may be true as well, as where each picture was found by one label
};

/// How a model learns where pictures may have several labels; for other pictures it has no meaning.
struct multi_label_options {
  multi_label_loss loss = multi_label_loss::binary_cross_entropy;
  missing_labels missing = missing_labels::are_false;
};

/// How train_classifier() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct train_options {
  std::string architecture = "small"; ///< one of architectures()
  std::size_t size = 128;             ///< rows and columns of the network's input, in pixels
  std::size_t epochs = 40;
  std::size_t batch = 32;
  double rate = 0; ///< highest learning rate; 0: what suits the architecture, for adam_w alone
  step_rule rule = step_rule::adam_w;
  std::optional<double> weight_decay =
      {};                   ///< part of each weight that a step of rate 1 takes off; none: 0.05, sgd 5e-4
  std::size_t patience = 0; ///< epochs without gain after which training stops; 0: never before the end
  /// By what epochs are compared. Of a hundred or so pictures kept aside F1 is a coarse figure, and its luckiest epoch
  /// an early one; the loss is a fine one.
  train::watched best_by = train::watched::validation_loss;
  double validation = 0.1; ///< part of the pictures that is kept aside to choose the best epoch by
  std::uint64_t seed = 1;  ///< of weights, split, order and augmentation
  std::size_t threads = 0; ///< 0: one a core; the result does not depend on it

  /// Weights to begin with: a safetensors file of a model of ours, torchvision's or timm's. Its head is taken only
  /// where the number of classes is the same. Empty: fresh weights.
  std::filesystem::path init = {};
  /// Blocks from the input on that keep their weights. Where only the head is left to learn, the others run once over
  /// all pictures, and the epochs learn from what they gave.
  std::size_t freeze = 0;
  /// Epochs in which the head alone learns, in the same way, before all that is not frozen does.
  std::size_t head_epochs = 0;
  double layer_decay = 1; ///< each block learns at so many times the rate of the one behind it; 1: all at the same
  rate_schedule schedule = rate_schedule::one_cycle;
  double warm_up = 0.3; ///< part of all steps in which the learning rate rises to its highest

  class_balance balance = class_balance::weights;
  double label_smoothing = 0.1; ///< part of each label that is spread over all classes
  double mixup = 0;             ///< alpha of train::mix(), 0 to 1; 0: no pictures are mixed
  double crop = 0.4;            ///< least part of a picture's area that a crop takes; 1: pictures are not cropped
  double shift = 0;             ///< most that a picture is moved along each axis, as a part of it: see image::augment()
  double flip = 0.5;            ///< probability of a mirror image
  double colour = 0.2;          ///< most by which brightness, contrast and saturation are changed
  double erase = 0;             ///< probability that a rectangle of a picture is painted over, by image::erase()
  double largest_gradient = 1;  ///< gradients whose norm is above it are scaled down to it; 0: none are
  std::size_t accumulate = 1;   ///< batches whose gradients are added up for one change of the weights
  double average = 0;           ///< decay a change of the train::weight_average that is judged and kept; 0: none is

  /// Where pictures may have several labels, as read_multi_label_set() reads them.
  multi_label_options multi_label = {};

  /// Where labels get their concept URIs from, by name.
  dataset::vocabulary vocabulary = dataset::pilot_vocabulary();

  double checkpoint_seconds = 60; ///< a state is saved after each epoch, and within one after that time
  progress_sink progress = {};    ///< done and total count steps
  /// Told of the history after each epoch, its last row included.
  std::function<void(std::span<const train::epoch_figures>)> after_epoch = {};
  std::function<void(std::string_view)> message = {}; ///< told what is worth a line: a resume, a damaged checkpoint
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown
};

} // namespace eucv::classify
