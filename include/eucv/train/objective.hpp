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
/// fit(), evaluate() and overfit_one_batch() take any; single_label and multi_label are those of the library. On a
/// backend B it is called with the logits {N, C} and N such numbers, and returns nn::loss_and_gradient<B>.
template <class Objective>
concept objective = std::copy_constructible<Objective> &&
    requires(const Objective& wanted, std::size_t number, std::span<std::uint8_t> row) {
  /// What the labels of a picture are to each other.
  { wanted.task() } -> std::convertible_to<const judge::task_type&>;
  /// Sets 1 in a row of C zeros for each label that pictures of this number have.
  wanted.set_truth(number, row);
  /// The objective whose loss is reported of validation.
  { wanted.for_validation() } -> std::convertible_to<Objective>;
  /// The objective without what keeps the training loss from falling to zero, such as label smoothing.
  { wanted.without_regularisation() } -> std::convertible_to<Objective>;
  /// What a resumed training must agree on with its beginning: name and value.
  { wanted.identity() } -> std::convertible_to<std::map<std::string, std::string>>;
};

/// An objective whose type is forgotten, for networks on one backend: what training and evaluation run on, so that they
/// are compiled once for all objectives.
template <nn::backend Backend>
class bound_objective {
public:
  using tensor_type = nn::tensor<Backend>;

  template <class Objective>
  requires(!std::same_as<Objective, bound_objective>) && objective<Objective> explicit bound_objective(
                                                             const Objective& wanted)
      : task_(&wanted.task()),
  loss_([wanted](Backend& backend, const tensor_type& logits, std::span<const std::size_t> numbers) {
    return wanted(backend, logits, numbers);
  }),
  set_truth_([wanted](std::size_t number, std::span<std::uint8_t> row) { wanted.set_truth(number, row); }),
  for_validation_([wanted] { return bound_objective(wanted.for_validation()); }),
  without_regularisation_([wanted] { return bound_objective(wanted.without_regularisation()); }),
  identity_(wanted.identity()) {}

  [[nodiscard]] const judge::task_type& task() const noexcept { return *task_; }
  [[nodiscard]] nn::loss_and_gradient<Backend> operator()(Backend& backend, const tensor_type& logits,
                                                          std::span<const std::size_t> numbers) const {
    return loss_(backend, logits, numbers);
  }
  void set_truth(std::size_t number, std::span<std::uint8_t> row) const { set_truth_(number, row); }
  [[nodiscard]] bound_objective for_validation() const { return for_validation_(); }
  [[nodiscard]] bound_objective without_regularisation() const { return without_regularisation_(); }
  [[nodiscard]] const std::map<std::string, std::string>& identity() const noexcept { return identity_; }

  /// Appends what a network states of some pictures, and what is true, to predictions that have their task and labels.
  void add_predictions(Backend& backend, const tensor_type& logits, std::span<const std::size_t> numbers,
                       judge::predictions& to) const {
    const std::size_t classes = logits.shape.c, before = to.scores.size();
    for (const auto logit : backend.values(logits, nn::order::channels_last))
      to.scores.push_back(static_cast<double>(logit));
    to.truth.resize(to.scores.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      task_->to_probabilities(std::span(to.scores).subspan(before + i * classes, classes));
      set_truth_(numbers[i], std::span(to.truth).subspan(before + i * classes, classes));
    }
  }

  /// How many pictures have all their labels right.
  [[nodiscard]] std::size_t right(Backend& backend, const tensor_type& logits,
                                  std::span<const std::size_t> numbers) const {
    judge::predictions some{.task = task_, .labels = std::vector<std::string>(logits.shape.c)};
    add_predictions(backend, logits, numbers, some);
    const auto decided = some.decisions();
    std::size_t count = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      count += std::ranges::equal(some.truth_row(i), std::span(decided).subspan(i * logits.shape.c, logits.shape.c));
    return count;
  }

private:
  const judge::task_type* task_;
  std::function<nn::loss_and_gradient<Backend>(Backend&, const tensor_type&, std::span<const std::size_t>)> loss_;
  std::function<void(std::size_t, std::span<std::uint8_t>)> set_truth_;
  std::function<bound_objective()> for_validation_, without_regularisation_;
  std::map<std::string, std::string> identity_;
};

} // namespace eucv::train
