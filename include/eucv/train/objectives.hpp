#pragma once

#include <eucv/core/digest.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/options.hpp>
#include <eucv/judge/multi_label.hpp>
#include <eucv/judge/single_label.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/multi_label_loss.hpp>
#include <eucv/train/objective.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace eucv::train {

/// Each picture has one label: the number in a batch is the label's.
struct single_label {
  nn::softmax_cross_entropy loss = {};

  [[nodiscard]] static const judge::task_type& task() noexcept { return judge::single_label; }
  template <std::floating_point Scalar>
  [[nodiscard]] nn::host_loss<Scalar> operator()(const nn::logit_rows<Scalar>& logits,
                                                 std::span<const std::size_t> labels) const {
    return loss(logits, labels);
  }
  static void set_truth(std::size_t label, std::span<std::uint8_t> row) { row[label] = 1; }
  /// Plain cross-entropy.
  [[nodiscard]] single_label for_validation() const { return {}; }
  [[nodiscard]] single_label without_regularisation() const { return {}; }
  [[nodiscard]] std::map<std::string, std::string> identity() const { return identity_of(loss); }
};

/// Each picture has any number of labels: the number in a batch is a row of `targets`, one for each set of labels that
/// occurs. So batches, features and checkpoints are the same for one label and for several.
struct multi_label {
  nn::multi_label_loss loss = {};
  std::vector<nn::target> targets = {}; ///< {sets, C}

  [[nodiscard]] static const judge::task_type& task() noexcept { return judge::multi_label; }

  /// The targets of pictures, {N, C}. Throws unknown_label for a number beyond the rows.
  [[nodiscard]] std::vector<nn::target> targets_of(std::span<const std::size_t> sets, std::size_t classes) const {
    std::vector<nn::target> rows;
    for (const std::size_t set : sets) {
      if ((set + 1) * classes > targets.size())
        throw error(errc::unknown_label, {"look targets up", "label set " + std::to_string(set),
                                          "there are " + std::to_string(targets.size()) + " targets for " +
                                              std::to_string(classes) + " labels",
                                          "give one row of targets for each set of labels"});
      const auto row = targets.begin() + static_cast<std::ptrdiff_t>(set * classes);
      rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(classes));
    }
    return rows;
  }
  template <std::floating_point Scalar>
  [[nodiscard]] nn::host_loss<Scalar> operator()(const nn::logit_rows<Scalar>& logits,
                                                 std::span<const std::size_t> sets) const {
    return loss(logits, targets_of(sets, logits.classes));
  }
  /// What is unknown counts as a label that the picture has not.
  void set_truth(std::size_t set, std::span<std::uint8_t> row) const {
    const auto wanted = targets_of(std::span(&set, 1), row.size());
    for (std::size_t c = 0; c < row.size(); ++c) row[c] = wanted[c] == nn::target::yes ? 1 : 0;
  }
  [[nodiscard]] multi_label for_validation() const { return *this; }
  /// Without the weights of the labels.
  [[nodiscard]] multi_label without_regularisation() const {
    multi_label plain = *this;
    plain.loss.positive_weights = {};
    return plain;
  }
  /// The options of the loss, and a digest of the targets.
  [[nodiscard]] std::map<std::string, std::string> identity() const {
    std::string answers;
    for (const nn::target each : targets) answers += each == nn::target::no ? '0' : each == nn::target::yes ? '1' : '?';
    auto texts = identity_of(loss);
    texts["targets"] = sha256_text(answers);
    return texts;
  }
};

/// An objective of the library, chosen at run time.
using any_objective = std::variant<single_label, multi_label>;

/// The task of an objective.
[[nodiscard]] inline const judge::task_type& task_of(const any_objective& wanted) {
  return std::visit([](const auto& each) -> const judge::task_type& { return each.task(); }, wanted);
}

} // namespace eucv::train
