#pragma once

#include <eucv/judge/predictions.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/train/objective.hpp>
#include <eucv/train/objectives.hpp>
#include <eucv/train/source.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// The pictures of a batch as a tensor of the network's backend.
template <nn::network Network>
[[nodiscard]] nn::tensor<typename Network::backend_type> images_of(Network& net, const dataset::batch& pictures) {
  using scalar = typename Network::backend_type::scalar;
  auto images = net.backend().make({pictures.n, pictures.channels, pictures.height, pictures.width});
  if (!pictures.rows.empty()) {
    if constexpr (std::same_as<scalar, float> && nn::has_gathering<typename Network::backend_type>) {
      net.backend().assign(images, std::span(pictures.rows));
      return images;
    } else {
      auto gathered = pictures;
      gathered.gather();
      return images_of(net, gathered);
    }
  }
  if constexpr (std::same_as<scalar, float>)
    net.backend().assign(images, pictures.pixels, nn::order::channels_last);
  else
    net.backend().assign(images, std::vector<scalar>(pictures.pixels.begin(), pictures.pixels.end()),
                         nn::order::channels_last);
  return images;
}

/// What a network states of labelled pictures.
struct evaluation {
  judge::predictions predictions; ///< in the order of evaluation, without names
  double loss = 0;                ///< mean over all pictures; not a number where there is none
  std::vector<std::size_t> items; ///< number of each picture in the data set
};

/// Runs a network in mode::eval over all batches of `data`: each picture counts once, those of a partial last batch as
/// well, and nothing of the network changes, its running statistics included.
///
/// The number of `labels` must be that of the network's classes. Throws what the network, the loss and the source
/// throw.
template <nn::network Network>
[[nodiscard]] evaluation evaluate(Network& net, const source& data, std::vector<std::string> labels,
                                  const objective_for<Network>& wanted) {
  evaluation result;
  result.predictions.task = &wanted.task();
  result.predictions.labels = std::move(labels);
  double weight = 0;
  const reader next = data.open(0, 0);
  while (const auto pictures = next()) {
    if (pictures->n == 0) continue;
    const auto logits = nn::rows_of(net.backend(), net.forward(images_of(net, *pictures), nn::mode::eval));
    const auto value = wanted(logits, std::span(pictures->labels));
    result.loss += value.loss * value.weight;
    weight += value.weight;
    wanted.add_predictions(logits, pictures->labels, result.predictions);
    result.items.insert(result.items.end(), pictures->items.begin(), pictures->items.end());
  }
  result.loss = weight > 0 ? result.loss / weight : std::numeric_limits<double>::quiet_NaN();
  return result;
}
/// The same for an objective of any type; by default pictures have one label each.
template <nn::network Network, objective Objective = single_label>
[[nodiscard]] evaluation evaluate(Network& net, const source& data, std::vector<std::string> labels,
                                  const Objective& wanted = {}) {
  return evaluate(net, data, std::move(labels), objective_for<Network>(wanted));
}

} // namespace eucv::train
