#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/sha256.hpp>
#include <eucv/judge/multi_label.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/multi_label_loss.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/source.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// What fit() aims at where items may have several labels: the `labels` of a batch are then kinds of items, rows of
/// `targets`. So batches, features and checkpoints are the same for one label and for many.
struct several_labels {
  nn::multi_label_loss loss = {};
  std::vector<nn::target> targets = {}; ///< {kinds, C}

  /// The targets of items, {N, C}. Throws unknown_label for a kind beyond the rows.
  [[nodiscard]] std::vector<nn::target> targets_of(std::span<const std::size_t> kinds, std::size_t classes) const {
    std::vector<nn::target> rows;
    for (const std::size_t kind : kinds) {
      if ((kind + 1) * classes > targets.size())
        throw error(errc::unknown_label, {"look targets up", "kind " + std::to_string(kind),
                                          "there are " + std::to_string(targets.size()) + " targets for " +
                                              std::to_string(classes) + " labels",
                                          "give one row of targets for each kind"});
      const auto row = targets.begin() + static_cast<std::ptrdiff_t>(kind * classes);
      rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(classes));
    }
    return rows;
  }

  template <nn::backend Backend>
  [[nodiscard]] nn::loss_and_gradient<Backend> operator()(Backend& backend, const nn::tensor<Backend>& logits,
                                                          std::span<const std::size_t> kinds) const {
    return loss(backend, logits, targets_of(kinds, logits.shape.c));
  }

  /// How many items have all their answers right, at a probability of one half; unknown counts as "no".
  template <nn::backend Backend>
  [[nodiscard]] std::size_t right(Backend& backend, const nn::tensor<Backend>& logits,
                                  std::span<const std::size_t> kinds) const {
    const std::size_t classes = logits.shape.c;
    const auto rows = backend.values(logits, nn::order::channels_last);
    const auto wanted = targets_of(kinds, classes);
    std::size_t count = 0;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      bool all = true;
      for (std::size_t c = i * classes; c < (i + 1) * classes; ++c)
        all = all && (rows[c] >= 0) == (wanted[c] == nn::target::yes);
      count += all ? 1 : 0;
    }
    return count;
  }
};

/// A short text that tells one aim from another, for checkpoints.
[[nodiscard]] inline std::string identity_of(const several_labels& aim) {
  std::string text;
  for (const double each : {aim.loss.positive_focus, aim.loss.negative_focus, aim.loss.margin, aim.loss.unknown_weight})
    text += json_number(each) + " ";
  for (const double weight : aim.loss.positive_weights) text += json_number(weight) + " ";
  std::string targets;
  for (const nn::target each : aim.targets)
    targets += each == nn::target::no ? '0' : each == nn::target::yes ? '1' : '?';
  sha256_digest digest;
  digest.update(targets);
  return text + digest.text();
}

/// What a network made of labelled items.
struct several_evaluation {
  judge::multi_label_set answers; ///< scores are probabilities, calls are made at one half; unknown counts as "no"
  double loss = 0;                ///< mean; not a number where there is no item
  std::vector<std::size_t> items; ///< number of each in the data set, in the order of evaluation
};

/// Runs a network in mode::eval over all batches of `data`, as evaluate() does. Throws what the network, the loss and
/// the source throw.
template <nn::network Network>
[[nodiscard]] several_evaluation evaluate(Network& net, const source& data, std::vector<std::string> labels,
                                          const several_labels& aim) {
  several_evaluation result;
  const std::size_t classes = labels.size();
  result.answers.labels = std::move(labels);
  double weight = 0;
  const reader next = data.open(0, 0);
  while (const auto pictures = next()) {
    if (pictures->n == 0) continue;
    const auto logits = net.forward(images_of(net, *pictures), nn::mode::eval);
    const auto wanted = aim.targets_of(pictures->labels, classes);
    const auto value = aim.loss(net.backend(), logits, wanted);
    result.loss += value.loss * value.weight;
    weight += value.weight;
    for (const auto logit : net.backend().values(logits, nn::order::channels_last))
      result.answers.scores.push_back(nn::logistic(static_cast<double>(logit)));
    for (const nn::target each : wanted) result.answers.truth.push_back(each == nn::target::yes ? 1 : 0);
    result.items.insert(result.items.end(), pictures->items.begin(), pictures->items.end());
  }
  result.loss = weight > 0 ? result.loss / weight : std::numeric_limits<double>::quiet_NaN();
  return result;
}

} // namespace eucv::train
