#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/train_options.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/train/history.hpp>

#include <cstddef>
#include <filesystem>
#include <vector>

namespace eucv::classify {

/// A finished training.
struct trained {
  classifier model;                                      ///< with the weights of the best epoch
  judge::metrics figures = {};                           ///< on the pictures kept aside for validation
  std::vector<train::epoch_figures> history = {};        ///< one an epoch
  std::size_t best_epoch = 0;                            ///< from 1
  std::size_t resumed_at = 0;                            ///< steps that an earlier run had done
  std::size_t training = 0, validation = 0;              ///< pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// Trains a model on labelled pictures (a folder for each class, or what a download wrote) and writes it to `folder`:
/// weights.safetensors, those of the best epoch; last.safetensors, those of the last; model.json, history.csv,
/// metrics.json.
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

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/detail/recipe.hpp>
#include <eucv/classify/network.hpp>
#include <eucv/classify/training_pictures.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/core/version.hpp>
#include <eucv/judge/assess.hpp>

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>

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
        vocabulary_(vocabulary_of(images, options)), pictures_(std::move(images), picture_options(options, scale_)) {
    prepare();
  }

  trained run() {
    make_folder(folder_);
    const folder_lock lock(folder_);
    if (const auto& found = pictures_.duplicates(); options_.duplicates && found.exact + found.near != 0)
      options_.duplicates(found);
    if (is_finished()) {
      trained result{.model = classifier::load(folder_, on_device())};
      const auto history = folder_ / "history.csv";
      result.history = train::parse_history(read_file(history), history.string());
      return complete(std::move(result));
    }
    auto built = std::make_unique<classifier::parts>(about(), on_device(), random(options_.seed));
    if (!options_.init.empty()) built->net->load_pretrained(weights_);
    trained result{.model = classifier(std::move(built))};
    auto& parts = result.model.inside();
    if (options_.head_epochs != 0) learn_head(*parts.net);
    set_rates(*parts.net, options_);
    auto done = learn(*parts.net, fit_);
    done.best_epoch += before_.size();
    result.history = with_epochs_before(done.history);
    result.resumed_at = done.resumed_at;
    parts.about.provenance["best epoch"] = std::to_string(done.best_epoch);
    parts.about.provenance["training pictures"] = std::to_string(pictures_.readable_training());
    parts.about.provenance["validation pictures"] = std::to_string(pictures_.readable_validation());
    result = complete(std::move(result));
    write_file_atomically(folder_ / "history.csv", train::history_csv(result.history));
    write_file_atomically(folder_ / "metrics.json", judge::to_json(result.figures, train::task_of(fit_.objective)));
    result.model.save(folder_);
    save_last(done.last);
    train::checkpoint_folder(checkpoints_).clear();
    return result;
  }

private:
  template <class Images>
  [[nodiscard]] static dataset::vocabulary vocabulary_of(const Images& images, const train_options& options) {
    if constexpr (std::same_as<Images, std::filesystem::path>)
      if (const auto beside = images / "vocabulary.json"; options.vocabulary.empty() && std::filesystem::exists(beside))
        return dataset::read_vocabulary(beside);
    return options.vocabulary;
  }

  // What did not learn in the last phase is in the best weights as it is in the last.
  void save_last(const nn::tensor_file& last) const {
    auto content = nn::read_safetensors(folder_ / "weights.safetensors");
    for (auto& array : content.arrays)
      if (const auto* const own = last.find(array.name)) array = *own;
    nn::write_safetensors(folder_ / "last.safetensors", content);
  }

  // Fits what is not frozen: where that is the head alone, on features of the pictures, unless they are too many.
  train::fit_result learn(classifier_network& net, const train::fit_options& how) {
    if (net.only_head_learns()) {
      const train::fit_data plain{pictures_.plain_training(), pictures_.validation(), pictures_.labels()};
      if (auto done = net.fit_on_features(plain, how, feature_options())) return std::move(*done);
      if (how.message) how.message("the features of the frozen part do not fit into memory: it runs in each epoch");
    }
    return net.fit({pictures_.training(), pictures_.validation(), pictures_.labels()}, how);
  }

  [[nodiscard]] classifier_options on_device() const { return {.threads = options_.threads, .on = options_.on}; }
  [[nodiscard]] train::feature_options feature_options() const {
    return {.batch = options_.batch, .order = order_of(options_), .seed = options_.seed};
  }

  // Kumar et al. (2022, arXiv:2202.10054): a head that fits its features spares them the gradients of one that does
  // not.
  void learn_head(classifier_network& net) {
    if (train::checkpoint_folder(checkpoints_).load().which) { // the head is done
      const auto history = folder_ / "history.csv";
      before_ = train::parse_history(read_file(history), history.string());
      before_.resize(std::min(before_.size(), options_.head_epochs));
      return;
    }
    auto how = fit_;
    how.epochs = options_.head_epochs;
    how.schedule = schedule_of(options_, head_rate, options_.head_epochs * updates(options_, pictures_));
    how.checkpoints = checkpoints_ / "head";
    net.freeze_only_first(net.blocks() - 1);
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
    fit_ = fit_options_of(options_, pictures_);
    fit_.checkpoints = checkpoints_;
    fit_.checkpoint_seconds = options_.checkpoint_seconds;
    fit_.after_epoch = [this](std::span<const train::epoch_figures> history) {
      const auto all = with_epochs_before(history);
      write_file_atomically(folder_ / "history.csv", train::history_csv(all));
      if (options_.after_epoch) options_.after_epoch(all);
    };
  }

  [[nodiscard]] description about() const {
    description facts;
    facts.architecture = options_.architecture;
    facts.pictures = scale_;
    facts.task = &train::task_of(fit_.objective);
    for (const auto& name : pictures_.labels()) {
      label each{name, ""};
      for (const auto& subject : vocabulary_)
        if (subject.label == name) each.uri = subject.uri;
      facts.labels.push_back(std::move(each));
    }
    facts.provenance = train::training_identity(fit_);
    facts.provenance["eucv"] = EUCV_VERSION;
    return facts;
  }

  // A model.json without checkpoints beside it is a training that came to its end.
  [[nodiscard]] bool is_finished() const {
    if (!std::filesystem::exists(folder_ / "model.json") || std::filesystem::exists(checkpoints_)) return false;
    const auto found = read_description(folder_);
    for (const auto& [name, value] : train::training_identity(fit_)) {
      const auto former = found.provenance.find(name);
      if (former == found.provenance.end() || former->second != value)
        throw error(errc::invalid_argument,
                    {"train", folder_.string(),
                     former == found.provenance.end()
                         ? "it holds a finished model that says nothing of the option " + name +
                               ": it was trained by another version of eucv, or for another task"
                         : "it holds a finished model that was trained with " + name + " \"" + former->second +
                               "\", not \"" + value + "\"",
                     "name another folder, or remove this one"});
    }
    return true;
  }

  // What validation says of the weights at hand, and what the provenance says of the pictures.
  trained complete(trained result) {
    const auto wanted = std::visit(
        [](const auto& each) { return train::bound_objective<float>(each.for_validation()); }, fit_.objective);
    const auto judged = result.model.inside().net->evaluate(pictures_.validation(), pictures_.labels(), wanted);
    result.figures = judge::metrics_of(judged.predictions);
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
  dataset::vocabulary vocabulary_;
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
