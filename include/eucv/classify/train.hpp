#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/training_pictures.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/train/history.hpp>
#include <eucv/train/metrics.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::classify {

/// How train_classifier() trains. The defaults suit some hundred to some thousand pictures from scratch.
struct train_options {
  std::string architecture = "small"; ///< one of architectures()
  std::size_t size = 128;             ///< rows and columns of the network's input, in pixels
  std::size_t epochs = 40;
  std::size_t batch = 32;
  double rate = 0;          ///< highest learning rate; 0: what suits the architecture
  std::size_t patience = 0; ///< epochs without gain after which training stops; 0: never before the end
  double validation = 0.1;  ///< part of the pictures that is kept aside to choose the best epoch by
  std::uint64_t seed = 1;   ///< of weights, split, order and augmentation
  std::size_t threads = 0;  ///< 0: one a core; the result does not depend on it

  /// Weights to begin with: a safetensors file of a model of ours, torchvision's or timm's. Its head is taken only
  /// where the number of classes is the same. Empty: fresh weights.
  std::filesystem::path init = {};
  std::size_t freeze = 0; ///< blocks from the input on that keep their weights

  /// Where labels get their concept URIs from, by name.
  dataset::vocabulary vocabulary = dataset::pilot_vocabulary();

  double checkpoint_seconds = 60; ///< a state is saved after each epoch, and within one after that time
  progress_sink progress = {};    ///< done and total count steps
  std::function<void(std::string_view)> message = {}; ///< told what is worth a line: a resume, a damaged checkpoint
  std::stop_token stop = {}; ///< when it asks for the end, the state is saved and errc::interrupted thrown
};

/// A finished training.
struct trained {
  classifier model;                                      ///< with the weights of the best epoch
  train::metrics figures = {};                           ///< on the pictures kept aside for validation
  std::vector<train::epoch_figures> history = {};        ///< one an epoch
  std::size_t best_epoch = 0;                            ///< from 1
  std::size_t resumed_at = 0;                            ///< steps that an earlier run had done
  std::size_t training = 0, validation = 0;              ///< pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// Trains a model on labelled pictures (a folder for each class, or what a download wrote) and writes it to `folder`:
/// weights.safetensors, model.json, history.csv, metrics.json.
///
/// While it trains, `folder`/checkpoint holds states to go on from: broken off in whatever way, the same call goes on,
/// and ends with the bits of an unbroken run. A folder whose training has come to its end with the same options and
/// pictures is only loaded.
///
/// Throws invalid_argument for options that make no sense, or differ from those that the folder was begun with;
/// empty_class, class_too_small and batch_too_large where pictures are too few; interrupted when asked to stop;
/// non_finite, naming step and layer, where the training goes astray; in_use where another process works on the folder.
[[nodiscard]] trained train_classifier(const std::filesystem::path& images, const std::filesystem::path& folder,
                                       const train_options& options = {});
/// The same for pictures that were read before: for some of them, or with other labels or groups.
[[nodiscard]] trained train_classifier(dataset::picture_set images, const std::filesystem::path& folder,
                                       const train_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION

#include <eucv/core/json_text.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/core/version.hpp>
#include <eucv/train/fit.hpp>

#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

namespace eucv::classify {
namespace detail {

/// One call of train_classifier(), step by step.
class training {
public:
  template <class Images>
  training(Images images, std::filesystem::path folder, const train_options& options)
      : options_(options), folder_(std::move(folder)), checkpoints_(folder_ / "checkpoint"),
        pictures_(std::move(images), checked(options)) {
    prepare();
  }

  trained run() {
    make_folder(folder_);
    const folder_lock lock(folder_);
    if (const auto& found = pictures_.duplicates(); options_.message && found.exact + found.near != 0)
      options_.message(std::to_string(found.exact) + " pictures are copies of others byte by byte, " +
                       std::to_string(found.near) +
                       " nearly so; copies stay on one side of the split (see: eucv dataset duplicates)");
    if (is_finished()) {
      trained result{.model = classifier::load(folder_, {.threads = options_.threads})};
      const auto history = folder_ / "history.csv";
      result.history = train::parse_history(read_file(history), history.string());
      return complete(std::move(result));
    }
    auto built = std::make_unique<classifier::parts>(about(), options_.threads, random(options_.seed));
    if (!options_.init.empty()) nn::load_pretrained(built->net, nn::read_safetensors(options_.init));
    if (options_.freeze != 0) built->net.freeze_first(options_.freeze);
    trained result{.model = classifier(std::move(built))};
    auto& parts = result.model.inside();
    const train::fit_data data{pictures_.training(), pictures_.validation(), pictures_.labels()};
    auto done = train::fit(parts.net, data, fit_);
    result.history = std::move(done.history);
    result.resumed_at = done.resumed_at;
    parts.about.provenance["best epoch"] = std::to_string(done.best_epoch);
    parts.about.provenance["training pictures"] = std::to_string(pictures_.readable_training());
    parts.about.provenance["validation pictures"] = std::to_string(pictures_.readable_validation());
    result = complete(std::move(result));
    write_file_atomically(folder_ / "history.csv", train::history_csv(result.history));
    write_file_atomically(folder_ / "metrics.json", train::to_json(result.figures));
    result.model.save(folder_);
    train::checkpoint_folder(checkpoints_).clear();
    return result;
  }

private:
  static error refuse(const std::string& on, const std::string& why, const std::string& advice) {
    return {errc::invalid_argument, {"train", on, why, advice}};
  }

  static training_picture_options checked(const train_options& options) {
    if (options.batch == 0 || options.epochs == 0)
      throw refuse("the options", "the batch and the number of epochs are at least 1", "raise them");
    return {options.size, options.batch, options.validation, options.seed, options.threads};
  }

  void prepare() {
    fit_.epochs = options_.epochs;
    fit_.schedule = nn::one_cycle{.peak = rate()};
    fit_.loss.class_weights = pictures_.class_weights();
    fit_.patience = options_.patience;
    // Of a hundred or so pictures F1 is a coarse figure, and its luckiest epoch an early one; the loss is a fine one.
    fit_.best_by = train::watched::validation_loss;
    fit_.checkpoints = checkpoints_;
    fit_.checkpoint_seconds = options_.checkpoint_seconds;
    fit_.progress = options_.progress;
    fit_.message = options_.message;
    fit_.stop = options_.stop;
    fit_.after_epoch = [this](std::span<const train::epoch_figures> history) {
      write_file_atomically(folder_ / "history.csv", train::history_csv(history));
    };
    fit_.identity = {{"architecture", options_.architecture},
                     {"size", std::to_string(options_.size)},
                     {"batch", std::to_string(options_.batch)},
                     {"seed", std::to_string(options_.seed)},
                     {"validation", json_number(options_.validation)},
                     {"init", options_.init.empty() ? "" : digest(read_file(options_.init))},
                     {"freeze", std::to_string(options_.freeze)},
                     {"pictures", digest(pictures_.list())}};
  }

  // Fine-tuning wants smaller steps than learning from nothing, and deep networks smaller ones than flat.
  [[nodiscard]] double rate() const {
    if (options_.rate > 0) return options_.rate;
    if (!options_.init.empty()) return 3e-4;
    return options_.architecture == "small" ? 6e-3 : 1e-3;
  }

  static std::string digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return std::to_string(text.size()) + " bytes, " + std::to_string(hash);
  }

  [[nodiscard]] description about() const {
    description facts;
    facts.architecture = options_.architecture;
    facts.pictures.size = options_.size;
    for (const auto& name : pictures_.labels()) {
      label each{name, ""};
      for (const auto& subject : options_.vocabulary)
        if (subject.label == name) each.uri = subject.uri;
      facts.labels.push_back(std::move(each));
    }
    facts.provenance = train::identity_of(fit_);
    facts.provenance["eucv"] = EUCV_VERSION;
    return facts;
  }

  // A model.json without checkpoints beside it is a training that came to its end.
  [[nodiscard]] bool is_finished() const {
    if (!std::filesystem::exists(folder_ / "model.json") || std::filesystem::exists(checkpoints_)) return false;
    const auto found = read_description(folder_);
    for (const auto& [name, value] : train::identity_of(fit_)) {
      const auto former = found.provenance.find(name);
      if (former == found.provenance.end() || former->second != value)
        throw refuse(folder_.string(),
                     "it holds a finished model that was trained with " + name + " \"" +
                         (former == found.provenance.end() ? "" : former->second) + "\", not \"" + value + "\"",
                     "name another folder, or remove this one");
    }
    return true;
  }

  // What validation says of the weights at hand, and what the provenance says of the pictures.
  trained complete(trained result) {
    result.figures = train::evaluate(result.model.inside().net, pictures_.validation(), pictures_.labels()).figures;
    const auto count = [&](const char* name) {
      const auto found = result.model.about().provenance.find(name);
      return found == result.model.about().provenance.end()
                 ? 0
                 : static_cast<std::size_t>(std::atoll(found->second.c_str()));
    };
    result.training = count("training pictures");
    result.validation = count("validation pictures");
    result.best_epoch = count("best epoch");
    result.unreadable = pictures_.unreadable();
    return result;
  }

  const train_options& options_;
  std::filesystem::path folder_, checkpoints_;
  training_pictures pictures_;
  train::fit_options fit_;
};

} // namespace detail

trained train_classifier(const std::filesystem::path& images, const std::filesystem::path& folder,
                         const train_options& options) {
  return detail::training(images, folder, options).run();
}
trained train_classifier(dataset::picture_set images, const std::filesystem::path& folder,
                         const train_options& options) {
  return detail::training(std::move(images), folder, options).run();
}

} // namespace eucv::classify
#endif
