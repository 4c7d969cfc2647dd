#pragma once

#include <eucv/classify/description.hpp>
#include <eucv/classify/device.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::classify {

/// A label and how probable the network takes it to be.
struct ranked_label {
  std::string label;
  std::string uri;        ///< concept URI, or empty
  double probability = 0; ///< softmax of the logits, calibrated where the model is; those of all labels add up to 1,
                          ///< unless pictures may have several: then each is a probability of its own
};

/// The labels of a file, most probable first, or why it could not be read.
struct file_prediction {
  std::filesystem::path file;
  result<std::vector<ranked_label>> ranked;
};

struct classifier_options {
  std::size_t threads = 0; ///< 0: one a core
  device on = {};          ///< where the network computes; empty: on the host, by these threads
};

/// How predict_files() works.
struct predict_options {
  std::size_t top = 3;       ///< labels a file; 0: all
  std::size_t batch = 32;    ///< files decoded and held in memory at a time
  std::stop_token stop = {}; ///< asked for between batches; then errc::interrupted is thrown
};

/// A trained model: a network with its labels and preprocessing, kept as a folder.
///
///     auto model = eucv::classify::classifier::load("model");
///     for (const auto& guess : model.predict(picture, 3)) std::cout << guess.label << '\n';
///
/// The folder holds `weights.safetensors` (PyTorch's names and layout) and `model.json`; on which device it was trained
/// makes no difference to it. The class is no template over the backend, so that what takes a classifier is none
/// either. Move-only; not for two threads at a time. Predictions have the same bits for any number of threads; with the
/// batch the last may differ.
class classifier {
public:
  /// Reads the folder of a finished training. Throws not_found where it holds no model.json, wrong_version for one of
  /// another format, bad_format for files that are damaged, and missing_tensor or shape_mismatch, naming tensor and
  /// shapes, for weights that do not belong to the architecture.
  [[nodiscard]] static classifier load(const std::filesystem::path& folder, const classifier_options& options = {});

  /// Writes the folder, each file whole or not at all, model.json last.
  void save(const std::filesystem::path& folder);

  [[nodiscard]] const description& about() const noexcept;

  /// Calibrates the probabilities by a rule's temperature, sigmoids or steps from now on, and keeps its thresholds;
  /// save() writes both. Throws invalid_argument for a temperature that is not positive, or thresholds, sigmoids or
  /// steps that are not one a label.
  void decide_by(decision_rule rule);

  /// The `top` most probable labels of a picture of any size, most probable first; 0 asks for all.
  [[nodiscard]] std::vector<ranked_label> predict(const image::bitmap& picture, std::size_t top = 0);
  /// The same for many pictures.
  [[nodiscard]] std::vector<std::vector<ranked_label>> predict(std::span<const image::bitmap> pictures,
                                                               std::size_t top = 0);

  /// Classifies the files that `next` names until it gives none, and hands each to `sink` in that order. At most
  /// `batch` pictures are in memory; a file that cannot be read makes a row with its error and nothing else.
  void predict_files(const std::function<std::optional<std::filesystem::path>()>& next,
                     const std::function<void(const file_prediction&)>& sink, const predict_options& options = {});
  /// The same for a list.
  [[nodiscard]] std::vector<file_prediction> predict_files(std::span<const std::filesystem::path> files,
                                                           const predict_options& options = {});

  struct parts; ///< network, threads and description: for the other functions of this folder
  explicit classifier(std::unique_ptr<parts> built) noexcept;
  classifier(classifier&&) noexcept;
  classifier& operator=(classifier&&) noexcept;
  ~classifier();
  [[nodiscard]] parts& inside() noexcept { return *parts_; }

private:
  std::unique_ptr<parts> parts_;
};

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/network.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/batch.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/image/resize.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace eucv::classify {

struct classifier::parts {
  description about;
  thread_pool pool;
  std::unique_ptr<classifier_network> net;
  dataset::pixel_writer writer;

  parts(description facts, const classifier_options& options, random engine)
      : about(std::move(facts)), pool(options.threads),
        net(device_or_host(options.on, pool)
                .build({about.architecture, about.labels.size(), about.pictures.size, about.task}, engine)),
        writer({about.pictures.mean, about.pictures.deviation}) {}

  /// Of one row of logits.
  [[nodiscard]] std::vector<double> probabilities(std::span<const float> row) const {
    const auto& calibration = about.decisions.calibration;
    std::vector<double> values(row.begin(), row.end());
    if (about.task->exclusive()) {
      for (double& logit : values) logit /= calibration.temperature;
      about.task->to_probabilities(values);
    } else {
      for (std::size_t c = 0; c < values.size(); ++c) values[c] = calibration.probability(c, values[c]);
    }
    return values;
  }

  [[nodiscard]] std::vector<ranked_label> rank(std::span<const float> row, std::size_t top) const {
    const auto probabilities = this->probabilities(row);
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    if (top != 0 && top < order.size()) order.resize(top);
    std::vector<ranked_label> ranked;
    for (const std::size_t each : order)
      ranked.push_back({about.labels[each].name, about.labels[each].uri, probabilities[each]});
    return ranked;
  }
};

classifier::classifier(std::unique_ptr<parts> built) noexcept : parts_(std::move(built)) {}
classifier::classifier(classifier&&) noexcept = default;
classifier& classifier::operator=(classifier&&) noexcept = default;
classifier::~classifier() = default;

const description& classifier::about() const noexcept {
  return parts_->about;
}

void classifier::decide_by(decision_rule rule) {
  const auto fits = [&](const auto& list) { return list.empty() || list.size() == about().labels.size(); };
  const auto& by = rule.calibration;
  if (!(by.temperature > 0) || !fits(rule.categories) || !fits(by.sigmoids) || !fits(by.steps))
    throw error(errc::invalid_argument, {"calibrate", "the model",
                                         "a temperature of " + std::to_string(by.temperature) + " and " +
                                             std::to_string(rule.categories.size()) + " thresholds do not fit its " +
                                             std::to_string(about().labels.size()) + " labels",
                                         "take what calibrate() finds"});
  parts_->about.decisions = std::move(rule);
}

classifier classifier::load(const std::filesystem::path& folder, const classifier_options& options) {
  auto built = std::make_unique<parts>(read_description(folder), options, random(1));
  built->net->load_weights(nn::read_safetensors(folder / "weights.safetensors"));
  return classifier(std::move(built));
}

void classifier::save(const std::filesystem::path& folder) {
  make_folder(folder);
  nn::tensor_file content{.source = (folder / "weights.safetensors").string()};
  content.metadata["architecture"] = parts_->about.architecture;
  content.metadata["format"] = "pt";
  content.metadata["mean"] = numbers_text(parts_->about.pictures.mean);
  content.metadata["std"] = numbers_text(parts_->about.pictures.deviation);
  parts_->net->save_weights(content);
  nn::write_safetensors(folder / "weights.safetensors", content);
  write_file_atomically(folder / "model.json", to_json(parts_->about));
}

std::vector<ranked_label> classifier::predict(const image::bitmap& picture, std::size_t top) {
  return std::move(predict(std::span(&picture, 1), top).front());
}

std::vector<std::vector<ranked_label>> classifier::predict(std::span<const image::bitmap> pictures, std::size_t top) {
  constexpr std::size_t most = 32; // activations of so many pictures are held at a time
  std::vector<std::vector<ranked_label>> ranked;
  const std::size_t size = parts_->about.pictures.size, classes = parts_->about.labels.size();
  for (std::size_t first = 0; first < pictures.size(); first += most) {
    const auto some = pictures.subspan(first, std::min(most, pictures.size() - first));
    std::vector<image::bitmap> squares(some.size());
    parts_->pool.for_each(some.size(), [&](std::size_t i) {
      squares[i] = dataset::middle_square(image::shrink_shorter_side(some[i], size), size);
    });
    std::vector<float> pixels;
    for (const auto& square : squares) parts_->writer.append(square, pixels);
    const auto logits = parts_->net->logits(pixels, some.size());
    for (std::size_t i = 0; i < some.size(); ++i)
      ranked.push_back(parts_->rank(std::span(logits).subspan(i * classes, classes), top));
  }
  return ranked;
}

void classifier::predict_files(const std::function<std::optional<std::filesystem::path>()>& next,
                               const std::function<void(const file_prediction&)>& sink,
                               const predict_options& options) {
  const std::size_t batch = std::max<std::size_t>(1, options.batch);
  while (true) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"classify", "files", "asked to stop", "do the same again"});
    std::vector<std::filesystem::path> files;
    while (files.size() < batch) {
      auto file = next();
      if (!file) break;
      files.push_back(std::move(*file));
    }
    if (files.empty()) return;
    std::vector<std::optional<result<image::bitmap>>> read(files.size());
    parts_->pool.for_each(files.size(), [&](std::size_t i) {
      read[i] = dataset::read_picture(files[i], {.shorter_side = parts_->about.pictures.size});
    });
    std::vector<image::bitmap> pictures;
    for (auto& each : read)
      if (*each) pictures.push_back(std::move(**each));
    auto ranked = predict(pictures, options.top);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < files.size(); ++i)
      sink(*read[i] ? file_prediction{files[i], std::move(ranked[taken++])}
                    : file_prediction{files[i], read[i]->error()});
  }
}

std::vector<file_prediction> classifier::predict_files(std::span<const std::filesystem::path> files,
                                                       const predict_options& options) {
  std::vector<file_prediction> rows;
  std::size_t place = 0;
  predict_files([&] { return place == files.size() ? std::nullopt : std::optional(files[place++]); },
                [&](const file_prediction& row) { rows.push_back(row); }, options);
  return rows;
}

} // namespace eucv::classify
#endif
