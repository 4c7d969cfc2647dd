#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>

#include <filesystem>
#include <vector>

namespace eucv::classify {

/// What a model made of labelled pictures.
struct evaluated {
  judge::metrics figures = {};                           ///< over all labels of the model
  double loss = 0;                                       ///< mean cross-entropy
  judge::prediction_set predictions = {};                ///< in the order of the data set
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, counted nowhere else
};

/// Judges a model on labelled pictures: a folder for each class, what a download wrote, or shards. Each picture that
/// can be read counts once. Throws unknown_label for a class that the model has not, and what reading the folder
/// throws.
[[nodiscard]] evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images,
                                            const judge_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/dataset/folder.hpp>
#include <eucv/judge/probability_metrics.hpp>

#include <utility>

namespace eucv::classify {

evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images, const judge_options& options) {
  auto judged = judge_pictures(model, dataset::read_image_folder(images), images, options);
  evaluated result{.predictions = std::move(judged.predictions), .unreadable = std::move(judged.unreadable)};
  result.loss = judge::log_loss(result.predictions);
  result.figures =
      judge::metrics_of(result.predictions.truth, result.predictions.predicted(), result.predictions.labels);
  return result;
}

} // namespace eucv::classify
#endif
