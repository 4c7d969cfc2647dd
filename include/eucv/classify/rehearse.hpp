#pragma once

#include <eucv/classify/train_options.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/train/find_rate.hpp>
#include <eucv/train/overfit.hpp>

namespace eucv::classify {

/// What can be found out before a training, with its own pictures, options and first weights, in less time than an
/// epoch takes. Nothing is written.

/// The highest learning rate to train with; see train::find_rate(). Throws what train_classifier() throws.
[[nodiscard]] train::rate_search find_rate(dataset::picture_set images, const train_options& options = {},
                                           const train::rate_search_options& search = {});

/// Whether the network learns one batch by heart; see train::overfit_one_batch(). Throws what train_classifier()
/// throws.
[[nodiscard]] train::overfit_report check_training(dataset::picture_set images, const train_options& options = {},
                                                   const train::overfit_options& limits = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/detail/recipe.hpp>
#include <eucv/classify/network.hpp>
#include <eucv/classify/training_pictures.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/safetensors.hpp>

#include <memory>
#include <utility>

namespace eucv::classify {
namespace detail {

/// Pictures, options and network as a training begins with them.
struct rehearsal {
  rehearsal(dataset::picture_set images, const train_options& options)
      : weights(options.init.empty() ? nn::tensor_file{} : nn::read_safetensors(options.init)),
        pictures(std::move(images),
                 picture_options(options, preprocessing_of(weights.metadata, options.size, options.init.string()))),
        fit(fit_options_of(options, pictures)), pool(options.threads), net(build(options)) {
    if (!options.init.empty()) net->load_pretrained(weights);
    set_rates(*net, options);
  }
  std::unique_ptr<classifier_network> build(const train_options& options) {
    random engine(options.seed);
    return device_or_host(options.on, pool)
        .build({options.architecture, pictures.labels().size(), options.size, &train::task_of(fit.objective)}, engine);
  }

  nn::tensor_file weights;
  training_pictures pictures;
  train::fit_options fit;
  thread_pool pool;
  std::unique_ptr<classifier_network> net;
};

} // namespace detail

train::rate_search find_rate(dataset::picture_set images, const train_options& options,
                             const train::rate_search_options& search) {
  detail::rehearsal stage(std::move(images), options);
  return stage.net->find_rate(stage.pictures.training(), stage.fit, search);
}

train::overfit_report check_training(dataset::picture_set images, const train_options& options,
                                     const train::overfit_options& limits) {
  detail::rehearsal stage(std::move(images), options);
  return stage.net->overfit_one_batch(stage.pictures.training(), stage.fit, limits);
}

} // namespace eucv::classify
#endif
