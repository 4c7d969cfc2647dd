#pragma once

#include <eucv/core/error.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/train/detail/kept_weights.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/objective.hpp>
#include <eucv/train/source.hpp>
#include <eucv/train/step.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace eucv::train {

struct overfit_options {
  std::size_t steps = 300; ///< after which it has failed
  double near_zero = 0.05; ///< a mean loss below it counts as nothing left to learn
};

/// What to do where a batch is not learned by heart.
enum class overfit_advice {
  none,          ///< it was learned
  remove_copies, ///< some pictures are equal to others with another label
  raise_batch,   ///< what was learned does not hold in mode::eval, as with batch normalisation of few pictures
  raise_rate,    ///< the loss falls slowly: raise the learning rate, or freeze less
  try_rates,     ///< the loss hardly falls: see find_rate(), freeze less, check that labels and pictures fit together
};

/// What overfit_one_batch() came to.
struct overfit_report {
  std::size_t pictures = 0, classes = 0; ///< in the batch
  std::size_t steps = 0;                 ///< taken
  double first_loss = 0, last_loss = 0;  ///< in mode::train, before the first and before the last step
  double loss = 0, accuracy = 0;         ///< in mode::eval, after the last step
  bool passed = false;
  std::string finding;                        ///< where it did not pass: what was seen
  overfit_advice what = overfit_advice::none; ///< and what to do about it
};

namespace detail {

/// How many pictures of a batch are equal to another one with another label, number by number.
[[nodiscard]] inline std::size_t contradictions(const dataset::batch& pictures) {
  const std::size_t size = pictures.n == 0 ? 0 : pictures.pixels.size() / pictures.n;
  const auto of = [&](std::size_t item) { return std::span(pictures.pixels).subspan(item * size, size); };
  std::size_t count = 0;
  for (std::size_t a = 0; a < pictures.n; ++a)
    for (std::size_t b = 0; b < pictures.n; ++b)
      if (pictures.labels[a] != pictures.labels[b] && std::ranges::equal(of(a), of(b))) {
        ++count;
        break;
      }
  return count;
}

} // namespace detail

/// Whether a network learns one batch of pictures by heart: what it cannot do for a handful it will not do for
/// thousands, and it takes seconds to find out.
///
/// The first batch with two classes or more, as it is varied in the first epoch, is learned at the options' highest
/// rate, without label smoothing, class weights, mixup or average, until the loss in mode::eval is near zero. So it
/// goes through what a training goes through: pictures, labels, loss, gradients, optimizer, and both modes. The network
/// is afterwards as it was. Throws invalid_argument where no batch has two classes, interrupted when asked to stop, and
/// what fit() throws.
template <nn::network Network, objective Objective>
[[nodiscard]] overfit_report overfit_one_batch(Network& net, const source& training, const Objective& wanted,
                                               const fit_options& options, const overfit_options& limits = {}) {
  std::optional<dataset::batch> pictures;
  overfit_report report;
  const reader next = training.open(0, 0);
  for (std::size_t number = 0; number < training.batches && report.classes < 2; ++number) {
    pictures = next();
    if (!pictures) break;
    report.classes = std::set(pictures->labels.begin(), pictures->labels.end()).size();
  }
  if (report.classes < 2)
    throw error(errc::invalid_argument, {"check the training", "the source", "no batch has pictures of two classes",
                                         "raise the batch, or check the labels"});
  report.pictures = pictures->n;
  fit_options how = options;
  how.mixup = how.weight_average_decay = 0;
  how.accumulate = 1;
  double rate = 0;
  for (std::size_t step = 0; step < 1000; ++step) rate = std::max(rate, nn::rate(options.schedule, step, 1000));

  const kept_weights kept(net);
  const objective_for<Network> plain(wanted.without_regularisation());
  stepper<Network> steps(net, plain, how);
  const source once{1, [&](std::size_t, std::size_t) -> reader {
                      return [&, left = 1]() mutable { return left-- > 0 ? pictures : std::nullopt; };
                    }};
  std::vector<std::string> labels(net.output_shape().c);
  while (report.steps < limits.steps) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"check the training", "after " + std::to_string(report.steps) + " steps",
                                      "asked to stop", "do the same again"});
    const std::string place = "step " + std::to_string(++report.steps);
    report.last_loss = steps.add(*pictures, place).loss;
    if (report.steps == 1) report.first_loss = report.last_loss;
    steps.update(rate, place);
    if (options.progress) options.progress({"check", report.steps, limits.steps, ""});
    if (report.steps % 10 != 0 && report.steps != limits.steps) continue;
    const auto judged = evaluate(net, once, labels, plain);
    report.loss = judged.loss;
    report.accuracy = judge::metrics_of(judged.predictions).accuracy;
    report.passed = report.loss < limits.near_zero;
    if (report.passed) return report;
  }
  if (const std::size_t count = detail::contradictions(*pictures); count != 0) {
    report.finding = std::to_string(count) + " pictures of the batch are equal to another one with another label";
    report.what = overfit_advice::remove_copies;
  } else if (report.last_loss < 0.5 * report.first_loss && report.loss > 2 * report.last_loss) {
    report.finding = "it learned in training, but what it learned does not hold in use";
    report.what = overfit_advice::raise_batch;
  } else if (report.last_loss < 0.5 * report.first_loss) {
    report.finding = "the loss falls, but slowly";
    report.what = overfit_advice::raise_rate;
  } else {
    report.finding = "the loss hardly falls";
    report.what = overfit_advice::try_rates;
  }
  return report;
}

/// The same for the objective of the options.
template <nn::network Network>
[[nodiscard]] overfit_report overfit_one_batch(Network& net, const source& training, const fit_options& options,
                                               const overfit_options& limits = {}) {
  return std::visit([&](const auto& wanted) { return overfit_one_batch(net, training, wanted, options, limits); },
                    options.objective);
}

} // namespace eucv::train
