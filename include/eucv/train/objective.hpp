#pragma once

#include <eucv/judge/predictions.hpp>
#include <eucv/judge/task_type.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/loss.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// What a network is to learn: a task with its loss, and what the number that a batch has for each picture stands for.
/// fit(), evaluate() and overfit_one_batch() take any; single_label and multi_label are those of the library. It is
/// called with the logits of a batch, nn::logit_rows<Scalar>, and N such numbers, and returns
/// nn::host_loss<Scalar>, for the scalar type of each backend that it is to work on.
template <class Objective>
concept objective = std::copy_constructible<Objective> &&
    requires(const Objective& wanted, std::size_t number, std::span<std::uint8_t> row,
             const nn::logit_rows<float>& logits, std::span<const std::size_t> numbers) {
  /// What the labels of a picture are to each other.
  { wanted.task() } -> std::convertible_to<const judge::task_type&>;
  { wanted(logits, numbers) } -> std::same_as<nn::host_loss<float>>;
  /// Sets 1 in a row of C zeros for each label that pictures of this number have.
  wanted.set_truth(number, row);
  /// The objective whose loss is reported of validation.
  { wanted.for_validation() } -> std::convertible_to<Objective>;
  /// The objective without what keeps the training loss from falling to zero, such as label smoothing.
  { wanted.without_regularisation() } -> std::convertible_to<Objective>;
  /// What a resumed training must agree on with its beginning: name and value.
  { wanted.identity() } -> std::convertible_to<std::map<std::string, std::string>>;
};

/// An objective whose type is forgotten, for networks of one scalar type: what training and evaluation run on, so that
/// they are compiled once for all objectives. It works on the host, from one copy of the logits.
template <std::floating_point Scalar>
class bound_objective {
public:
  using rows = nn::logit_rows<Scalar>;

  template <class Objective>
  requires(!std::same_as<Objective, bound_objective>) && objective<Objective> explicit bound_objective(
                                                             const Objective& wanted)
      : task_(&wanted.task()),
  loss_([wanted](const rows& logits, std::span<const std::size_t> numbers) { return wanted(logits, numbers); }),
  set_truth_([wanted](std::size_t number, std::span<std::uint8_t> row) { wanted.set_truth(number, row); }),
  for_validation_([wanted] { return bound_objective(wanted.for_validation()); }),
  without_regularisation_([wanted] { return bound_objective(wanted.without_regularisation()); }),
  identity_(wanted.identity()) {}

  [[nodiscard]] const judge::task_type& task() const noexcept { return *task_; }
  [[nodiscard]] nn::host_loss<Scalar> operator()(const rows& logits, std::span<const std::size_t> numbers) const {
    return loss_(logits, numbers);
  }
  void set_truth(std::size_t number, std::span<std::uint8_t> row) const { set_truth_(number, row); }
  [[nodiscard]] bound_objective for_validation() const { return for_validation_(); }
  [[nodiscard]] bound_objective without_regularisation() const { return without_regularisation_(); }
  [[nodiscard]] const std::map<std::string, std::string>& identity() const noexcept { return identity_; }

  /// Appends what a network states of some pictures, and what is true, to predictions that have their task and labels.
  void add_predictions(const rows& logits, std::span<const std::size_t> numbers, judge::predictions& to) const {
    const std::size_t classes = logits.classes, before = to.scores.size();
    for (const auto logit : logits.values) to.scores.push_back(static_cast<double>(logit));
    to.truth.resize(to.scores.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      task_->to_probabilities(std::span(to.scores).subspan(before + i * classes, classes));
      set_truth_(numbers[i], std::span(to.truth).subspan(before + i * classes, classes));
    }
  }

  /// How many pictures have all their labels right.
  [[nodiscard]] std::size_t right(const rows& logits, std::span<const std::size_t> numbers) const {
    judge::predictions some{.task = task_, .labels = std::vector<std::string>(logits.classes)};
    add_predictions(logits, numbers, some);
    const auto decided = some.decisions();
    std::size_t count = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      count += std::ranges::equal(some.truth_row(i), std::span(decided).subspan(i * logits.classes, logits.classes));
    return count;
  }

private:
  const judge::task_type* task_;
  std::function<nn::host_loss<Scalar>(const rows&, std::span<const std::size_t>)> loss_;
  std::function<void(std::size_t, std::span<std::uint8_t>)> set_truth_;
  std::function<bound_objective()> for_validation_, without_regularisation_;
  std::map<std::string, std::string> identity_;
};

/// An objective bound for a type of network.
template <class Network>
using objective_for = bound_objective<typename Network::backend_type::scalar>;

} // namespace eucv::train
