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
  /// Blocks from the input on that keep their weights. Where only the head is left to learn, the others run once over
  /// all pictures, and the epochs learn from what they gave.
  std::size_t freeze = 0;
  /// Epochs in which the head alone learns, in the same way, before all that is not frozen does.
  std::size_t head_epochs = 0;
  double layer_decay = 1; ///< each block learns at so many times the rate of the one behind it; 1: all at the same
  double warm_up = 0.3;   ///< part of all steps in which the learning rate rises to its highest

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

#include <eucv/classify/architecture.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/core/version.hpp>
#include <eucv/nn/blocks.hpp>
#include <eucv/train/features.hpp>
#include <eucv/train/fit.hpp>

#include <algorithm>
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
        weights_(options.init.empty() ? nn::tensor_file{} : nn::read_safetensors(options.init)),
        scale_(preprocessing_of(weights_.metadata, options.size, options.init.string())),
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
    if (!options_.init.empty()) nn::load_pretrained(built->net, weights_);
    trained result{.model = classifier(std::move(built))};
    auto& parts = result.model.inside();
    if (options_.head_epochs != 0) learn_head(parts.net);
    freeze_first(parts.net, options_.freeze);
    nn::decay_rates(parts.net.parameters(), options_.layer_decay);
    auto done = learn(parts.net, fit_);
    done.best_epoch += before_.size();
    result.history = with_epochs_before(done.history);
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

  training_picture_options checked(const train_options& options) const {
    if (options.batch == 0 || options.epochs == 0)
      throw refuse("the options", "the batch and the number of epochs are at least 1", "raise them");
    if (!(options.layer_decay > 0 && options.layer_decay <= 1))
      throw refuse("the options", "the decay of the rate from block to block is not in (0, 1]", "choose 0.8, say");
    if (!(options.warm_up >= 0 && options.warm_up <= 1))
      throw refuse("the options", "the part of the steps that warm up is not in [0, 1]", "choose 0.3, say");
    return {options.size, options.batch,   options.validation,
            options.seed, options.threads, {scale_.mean, scale_.deviation}};
  }

  static void freeze_first(network& net, std::size_t blocks) {
    for (auto& each : net.parameters()) each.frozen = false;
    net.freeze_first(blocks);
  }

  // Fits what is not frozen: where that is the head alone, on features of the pictures, unless they are too many.
  train::fit_result learn(network& net, const train::fit_options& how) {
    const auto parameters = net.parameters();
    const auto first =
        std::find_if(parameters.begin(), parameters.end(), [](const auto& each) { return !each.frozen; });
    if (first != parameters.end() && first != parameters.begin() &&
        nn::block_of(first->name) == nn::block_of(parameters.back().name)) {
      const train::fit_data plain{pictures_.plain_training(), pictures_.validation(), pictures_.labels()};
      if (auto done = train::fit_on_features(net, plain, how, {.batch = options_.batch, .seed = options_.seed}))
        return std::move(*done);
      if (how.message) how.message("the features of the frozen part do not fit into memory: it runs in each epoch");
    }
    return train::fit(net, {pictures_.training(), pictures_.validation(), pictures_.labels()}, how);
  }

  // Kumar et al. (2022, arXiv:2202.10054): a head that fits its features spares them the gradients of one that does
  // not.
  void learn_head(network& net) {
    if (train::checkpoint_folder(checkpoints_).load().which) { // the head is done
      const auto history = folder_ / "history.csv";
      before_ = train::parse_history(read_file(history), history.string());
      before_.resize(std::min(before_.size(), options_.head_epochs));
      return;
    }
    auto how = fit_;
    how.epochs = options_.head_epochs;
    how.schedule = nn::one_cycle{.peak = head_rate, .rise = options_.warm_up};
    how.checkpoints = checkpoints_ / "head";
    freeze_first(net, blocks(net) - 1);
    before_ = learn(net, how).history;
  }

  [[nodiscard]] std::vector<train::epoch_figures>
  with_epochs_before(std::span<const train::epoch_figures> history) const {
    auto all = before_;
    for (auto row : history) {
      row.epoch += before_.size();
      all.push_back(row);
    }
    return all;
  }

  void prepare() {
    fit_.epochs = options_.epochs;
    fit_.schedule = nn::one_cycle{.peak = rate(), .rise = options_.warm_up};
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
      write_file_atomically(folder_ / "history.csv", train::history_csv(with_epochs_before(history)));
    };
    fit_.identity = {{"architecture", options_.architecture},
                     {"size", std::to_string(options_.size)},
                     {"batch", std::to_string(options_.batch)},
                     {"seed", std::to_string(options_.seed)},
                     {"validation", json_number(options_.validation)},
                     {"init", options_.init.empty() ? "" : digest(read_file(options_.init))},
                     {"freeze", std::to_string(options_.freeze)},
                     {"head epochs", std::to_string(options_.head_epochs)},
                     {"layer decay", json_number(options_.layer_decay)},
                     {"pictures", digest(pictures_.list())}};
  }

  // Fine-tuning wants smaller steps than learning from nothing, and deep networks smaller ones than flat.
  [[nodiscard]] double rate() const {
    if (options_.rate > 0) return options_.rate;
    if (!options_.init.empty()) return only_head_learns() ? head_rate : 3e-4;
    return options_.architecture == "small" ? 6e-3 : 1e-3;
  }

  static constexpr double head_rate = 1e-3;

  [[nodiscard]] bool only_head_learns() const {
    if (options_.freeze == 0) return false;
    thread_pool pool(1);
    random engine(1);
    auto net = make_network({options_.architecture, 2, options_.size}, engine, pool);
    return options_.freeze + 1 >= blocks(net);
  }
  static std::size_t blocks(network& net) {
    return nn::blocks_of(std::span<const nn::parameter<network::backend_type>>(net.parameters())).size();
  }

  static std::string digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return std::to_string(text.size()) + " bytes, " + std::to_string(hash);
  }

  [[nodiscard]] description about() const {
    description facts;
    facts.architecture = options_.architecture;
    facts.pictures = scale_;
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
  nn::tensor_file weights_; // to begin with, or empty
  preprocessing scale_;
  training_pictures pictures_;
  train::fit_options fit_;
  std::vector<train::epoch_figures> before_; // of the head alone
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
