#pragma once

#include <eucv/dataset/labelled_file.hpp>
#include <eucv/nn/multi_label_loss.hpp>
#include <eucv/train/several_labels.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace eucv::classify {

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

namespace detail {

/// The root of how many times as heavy the "no" answers of each label are as its "yes" answers: between "each answer
/// counts the same" and "both sides count the same".
[[nodiscard]] inline std::vector<double> balanced_weights(const train::several_labels& aim,
                                                          std::span<const dataset::labelled_file> training,
                                                          std::size_t classes) {
  std::vector<double> yes(classes), no(classes);
  for (const auto& file : training)
    for (std::size_t label = 0; label < classes; ++label) {
      const nn::target answer = aim.targets[file.label * classes + label];
      (answer == nn::target::yes ? yes : no)[label] += answer == nn::target::unknown ? aim.loss.unknown_weight : 1;
    }
  std::vector<double> weights(classes, 1);
  for (std::size_t label = 0; label < classes; ++label)
    if (yes[label] > 0 && no[label] > 0) weights[label] = std::sqrt(no[label] / yes[label]);
  return weights;
}

} // namespace detail

/// What to aim at for pictures with several labels: a row of targets for each kind, and the loss.
///
/// Cross-entropy and focal loss weigh the labels by how many of the pictures to train on have them; the asymmetric loss
/// has its own way with the many labels that a picture has not. Where missing labels are unknown they are the weak
/// negatives of Cole et al. (2021): each counts 1 / (C - 1).
[[nodiscard]] inline train::several_labels aim_of(const dataset::image_folder& pictures,
                                                  std::span<const dataset::labelled_file> training,
                                                  const multi_label_options& options) {
  const std::size_t classes = pictures.labels.size();
  const bool unknown = options.missing == missing_labels::are_unknown;
  train::several_labels aim;
  aim.targets.assign(pictures.kinds.size() * classes, unknown ? nn::target::unknown : nn::target::no);
  for (std::size_t kind = 0; kind < pictures.kinds.size(); ++kind)
    for (const std::size_t label : pictures.kinds[kind]) aim.targets[kind * classes + label] = nn::target::yes;
  if (options.loss == multi_label_loss::asymmetric) aim.loss = nn::asymmetric_loss();
  if (options.loss == multi_label_loss::focal) aim.loss = nn::focal_loss();
  if (unknown && classes > 1) aim.loss.unknown_weight = 1 / static_cast<double>(classes - 1);
  if (options.loss != multi_label_loss::asymmetric)
    aim.loss.positive_weights = detail::balanced_weights(aim, training, classes);
  return aim;
}

} // namespace eucv::classify
