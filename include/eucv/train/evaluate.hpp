#pragma once

#include <eucv/core/error.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/train/source.hpp>

#include <algorithm>
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

/// The class with the largest logit, for each row; the first of equals.
template <nn::backend Backend>
[[nodiscard]] std::vector<std::size_t> predictions(Backend& backend, const nn::tensor<Backend>& logits) {
  const auto rows = backend.values(logits, nn::order::channels_last);
  std::vector<std::size_t> best(logits.shape.n);
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(i * logits.shape.c);
    best[i] = static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(logits.shape.c)) - row);
  }
  return best;
}

/// How many of them are the labels.
template <nn::backend Backend>
[[nodiscard]] std::size_t right(Backend& backend, const nn::tensor<Backend>& logits,
                                std::span<const std::size_t> labels) {
  const auto best = predictions(backend, logits);
  std::size_t count = 0;
  for (std::size_t i = 0; i < best.size(); ++i) count += best[i] == labels[i] ? 1 : 0;
  return count;
}

/// What a network made of labelled pictures.
struct evaluation {
  judge::metrics figures;
  double loss = 0;                    ///< mean over all pictures; not a number where there is none
  std::vector<std::size_t> items;     ///< number of each picture in the data set, in the order of evaluation
  std::vector<std::size_t> truth;     ///< its label
  std::vector<std::size_t> predicted; ///< what the network takes it for
};

/// Runs a network in mode::eval over all batches of `data`: each picture counts once, those of a partial last batch as
/// well, and nothing of the network changes, its running statistics included.
///
/// The number of `labels` must be that of the network's classes. Throws what the network, the loss and the source
/// throw.
template <nn::network Network>
[[nodiscard]] evaluation evaluate(Network& net, const source& data, std::vector<std::string> labels,
                                  const nn::softmax_cross_entropy& loss = {}) {
  evaluation result;
  double weight = 0;
  const reader next = data.open(0, 0);
  while (const auto pictures = next()) {
    if (pictures->n == 0) continue;
    const auto logits = net.forward(images_of(net, *pictures), nn::mode::eval);
    const auto value = loss(net.backend(), logits, std::span(pictures->labels));
    result.loss += value.loss * value.weight;
    weight += value.weight;
    const auto best = predictions(net.backend(), logits);
    result.items.insert(result.items.end(), pictures->items.begin(), pictures->items.end());
    result.truth.insert(result.truth.end(), pictures->labels.begin(), pictures->labels.end());
    result.predicted.insert(result.predicted.end(), best.begin(), best.end());
  }
  result.loss = weight > 0 ? result.loss / weight : std::numeric_limits<double>::quiet_NaN();
  result.figures = judge::metrics_of(result.truth, result.predicted, std::move(labels));
  return result;
}

} // namespace eucv::train
