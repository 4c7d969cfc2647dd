#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/train/metrics.hpp>

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::classify {

/// A labelled picture and what a model takes it for, as indices of the model's labels.
struct judged_file {
  std::filesystem::path file;
  std::size_t truth = 0, predicted = 0;
  double probability = 0; ///< of the predicted label
};

struct evaluate_options {
  std::size_t batch = 32;      ///< pictures in memory at a time
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< asked for between batches; then errc::interrupted is thrown
};

/// What a model made of labelled pictures.
struct evaluated {
  train::metrics figures = {};                           ///< over all labels of the model
  double loss = 0;                                       ///< mean cross-entropy
  std::vector<judged_file> files;                        ///< in the order of the data set
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, counted nowhere else
};

/// Judges a model on labelled pictures: a folder for each class, or what a download wrote. Each picture that can be
/// read counts once. Throws unknown_label for a class that the model has not, and what reading the folder throws.
[[nodiscard]] evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images,
                                            const evaluate_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION

#include <eucv/dataset/folder.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace eucv::classify {

evaluated evaluate_classifier(classifier& model, const std::filesystem::path& images, const evaluate_options& options) {
  const auto data = dataset::read_image_folder(images);
  const auto& labels = model.about().labels;
  std::vector<std::string> names;
  std::map<std::string, std::size_t> place;
  for (const auto& each : labels) {
    place.emplace(each.name, names.size());
    names.push_back(each.name);
  }
  for (const auto& label : data.labels)
    if (!place.contains(label))
      throw error(errc::unknown_label, {"evaluate", images.string(), "the model knows no label \"" + label + "\"",
                                        "remove that folder, or train a model with this label"});
  std::vector<std::filesystem::path> files;
  for (const auto& each : data.files) files.push_back(each.file);
  evaluated result;
  std::vector<std::size_t> truth, predicted;
  std::size_t at = 0, given = 0;
  const auto next = [&] { return given == files.size() ? std::nullopt : std::optional(files[given++]); };
  const auto judge = [&](const file_prediction& row) {
    const std::size_t right = place.at(data.labels[data.files[at++].label]);
    if (row.ranked) {
      const auto& best = row.ranked->front();
      truth.push_back(right);
      predicted.push_back(place.at(best.label));
      result.files.push_back({row.file, right, predicted.back(), best.probability});
      for (const auto& each : *row.ranked)
        if (place.at(each.label) == right)
          result.loss -= std::log(std::max(each.probability, std::numeric_limits<double>::min()));
    } else {
      result.unreadable.push_back({row.file, row.ranked.error().reason()});
    }
    if (options.progress) options.progress({"evaluate", at, files.size(), ""});
  };
  model.predict_files(next, judge, {.top = 0, .batch = options.batch, .stop = options.stop});
  result.loss =
      truth.empty() ? std::numeric_limits<double>::quiet_NaN() : result.loss / static_cast<double>(truth.size());
  result.figures = train::metrics_of(truth, predicted, std::move(names));
  return result;
}

} // namespace eucv::classify
#endif
