#pragma once

#include <eucv/core/error.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/train/average.hpp>
#include <eucv/train/detail/non_finite.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/mixup.hpp>
#include <eucv/train/objective.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace eucv::train {

/// Loss and accuracy of one training batch.
struct batch_figures {
  double loss = 0, weight = 0; ///< mean, and the sum of weights behind it
  std::size_t right = 0, seen = 0;
};

/// The steps of a training: add() one batch or several, then update() the weights.
///
/// The gradient of several batches is the one of a batch that holds all their pictures: each counts by the weight of
/// its pictures. With a layer that looks at its whole batch, as batch normalisation does, that is not the same as the
/// large batch. Refers to network and options, which must outlive it.
template <nn::network Network>
class stepper {
public:
  using backend_type = typename Network::backend_type;

  stepper(Network& net, const objective_for<Network>& wanted, const fit_options& options)
      : net_(net), objective_(wanted), options_(options), optimizer_(options.optimizer),
        average_(options.weight_average_decay) {}

  /// Runs the network over a batch of at least one picture, forwards and backwards. `place` names the step in messages.
  /// Throws non_finite where the loss is infinite or not a number, naming the layer; the gradients are then gone.
  batch_figures add(dataset::batch pictures, const std::string& place) {
    auto& backend = net_.backend();
    mixture mixed;
    if (options_.mixup != 0) { // the engine in the network is part of every checkpoint
      eucv::random engine = net_.random();
      mixed = mix(pictures, options_.mixup, engine);
      net_.random(engine);
    }
    const auto output = net_.forward(images_of(net_, pictures), nn::mode::train);
    const auto logits = nn::rows_of(backend, output); // the only copy of a step to the host besides the norm
    auto value = mixed_loss(objective_, logits, pictures, mixed);
    if (!std::isfinite(value.loss)) refuse("the loss is not finite", pictures, place);
    batch_figures figures{.loss = value.loss, .weight = value.weight};
    figures.right = objective_.right(logits, pictures.labels);
    figures.seen = pictures.n;
    if (options_.accumulate > 1) // from the gradient of a mean to that of a sum
      for (auto& each : value.gradient) each *= static_cast<typename backend_type::scalar>(value.weight);
    weight_ += value.weight;
    net_.backward(nn::to_backend(backend, value, output.shape).gradient);
    return figures;
  }

  /// Changes the weights by what was added since the last update; by nothing where nothing was. Throws non_finite where
  /// a gradient is not finite; weights and average are then as they were.
  void update(double rate, const std::string& place) {
    const double weight = std::exchange(weight_, 0.0);
    if (weight == 0) return;
    auto& backend = net_.backend();
    const double scale = options_.accumulate > 1 ? 1 / weight : 1.0;
    const double norm = scale * nn::gradient_norm<backend_type>(backend, parameters());
    if (!std::isfinite(norm)) refuse("a gradient is not finite", {}, place);
    const bool clipped = options_.clip_norm > 0 && norm > options_.clip_norm;
    optimizer_.step(backend, net_.parameters(),
                    {.rate = rate, .gradient_scale = clipped ? scale * (options_.clip_norm / norm) : scale});
    net_.zero_gradients();
    average_.update(net_);
  }

  /// The average of the weights, which is empty unless the options want one.
  [[nodiscard]] weight_average<Network>& average() noexcept { return average_; }

  /// Adds the states of optimizer and average to a checkpoint. Call it between an update() and the next add().
  void save(nn::tensor_file& content) {
    optimizer_.save(net_.backend(), parameters(), content);
    average_.save(net_, content);
  }
  void load(const nn::tensor_file& content) {
    optimizer_.load(net_.backend(), parameters(), content);
    average_.load(net_, content);
  }

private:
  [[nodiscard]] std::span<const nn::parameter<backend_type>> parameters() const { return net_.parameters(); }

  [[noreturn]] void refuse(const std::string& why, const dataset::batch& pictures, const std::string& place) {
    const std::string layer = where_not_finite(net_, pictures);
    net_.zero_gradients();
    throw error(errc::non_finite, {"train", place, why + "; it shows first in " + layer,
                                   "lower the learning rate; the last checkpoint was left as it was"});
  }

  Network& net_;
  objective_for<Network> objective_;
  const fit_options& options_;
  nn::optimizer<backend_type> optimizer_;
  weight_average<Network> average_;
  double weight_ = 0; // of what was added
};

} // namespace eucv::train
