#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/train/detail/kept_weights.hpp>
#include <eucv/train/fit_options.hpp>
#include <eucv/train/objective.hpp>
#include <eucv/train/source.hpp>
#include <eucv/train/step.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::train {

struct rate_search_options {
  double lowest = 1e-6, highest = 10; ///< learning rates to try
  std::size_t steps = 100;            ///< from the one to the other, at least 10
};

/// What find_rate() saw.
struct rate_search {
  std::vector<double> rates;    ///< rising, one a step, as far as it came
  std::vector<double> losses;   ///< of the batch at that rate, before the step
  std::vector<double> smoothed; ///< the same without the noise of single batches
  double rate = 0;              ///< the one to train with, as the highest of a schedule
  std::size_t place = 0;        ///< where it stands among rates
};

/// Where to read a rate off a curve of losses: half way between the place where it is half way down and its lowest.
///
/// Half way down is from where on, as far as the lowest, it stays below the middle between that and the mean of its
/// first tenth. A wave at the beginning or one lucky batch does not move it, which the steepest point and the longest
/// fall of noisy curves both let happen. Nothing where the lowest is not a hundredth below the beginning.
[[nodiscard]] inline std::optional<std::size_t> middle_of_fall(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const auto least = static_cast<std::size_t>(std::ranges::min_element(values) - values.begin());
  const auto first = values.first(std::max<std::size_t>(1, values.size() / 10));
  const double start = std::accumulate(first.begin(), first.end(), 0.0) / static_cast<double>(first.size());
  if (!(values[least] < 0.99 * start)) return std::nullopt;
  std::size_t half = least;
  while (half > 0 && values[half - 1] < (start + values[least]) / 2) --half;
  return (half + least) / 2;
}

/// The test of learning rates (Smith, 2017, arXiv:1506.01186): steps at rates that grow from the lowest to the highest,
/// evenly in the logarithm, until the loss is four times its least. The rate to train with is in
/// the middle of the fall of the smoothed loss, see middle_of_fall(): where the steps are long, and the loss still
/// falls.
///
/// The steps are those of fit() with the same options, but for mixup, added gradients and the average of weights. The
/// network is afterwards as it was. Throws invalid_argument for options that make no sense, interrupted when asked to
/// stop, not_found where the loss falls at no rate, non_finite where not even the first ten steps go well, and what the
/// source throws.
template <nn::network Network>
[[nodiscard]] rate_search find_rate(Network& net, const source& training, const fit_options& options,
                                    const rate_search_options& search = {}) {
  const auto refuse = [](const std::string& on, const std::string& why, const std::string& advice) {
    return error(errc::invalid_argument, {"find a learning rate", on, why, advice});
  };
  if (!(search.lowest > 0 && search.highest > search.lowest && std::isfinite(search.highest)) || search.steps < 10)
    throw refuse("the options", "the rates do not rise from above 0 within at least 10 steps", "leave them out");
  if (training.batches == 0) throw refuse("the source", "it has no batches", "give at least one picture");
  fit_options how = options;
  how.mixup = how.weight_average_decay = 0;
  how.accumulate = 1;
  const kept_weights kept(net);
  stepper<Network> steps(
      net, std::visit([](const auto& wanted) { return objective_for<Network>(wanted); }, options.objective), how);
  rate_search found;
  constexpr double memory = 0.9; // of the smoothed loss: over about ten batches
  double mean = 0, part = 0, least = 0;
  reader next;
  std::size_t epoch = 0, idle = 0;
  while (found.rates.size() < search.steps) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"find a learning rate", "after " + std::to_string(found.rates.size()) + " steps",
                                      "asked to stop", "do the same again"});
    auto pictures = next ? next() : std::nullopt;
    if (!pictures || pictures->n == 0) {
      if (++idle > training.batches + 1) throw refuse("the source", "its batches are empty", "check the pictures");
      if (!pictures) next = training.open(epoch++, 0);
      continue;
    }
    idle = 0;
    const auto number = static_cast<double>(found.rates.size());
    const double rate =
        search.lowest * std::pow(search.highest / search.lowest, number / static_cast<double>(search.steps - 1));
    const std::string place = "rate " + std::to_string(rate);
    try {
      const double loss = steps.add(std::move(*pictures), place).loss;
      mean = memory * mean + (1 - memory) * loss;
      part = memory * part + (1 - memory);
      if (found.rates.empty() || mean / part < least) least = mean / part;
      if (found.rates.size() >= 10 && mean / part > 4 * least) break;
      found.rates.push_back(rate);
      found.losses.push_back(loss);
      found.smoothed.push_back(mean / part);
      steps.update(rate, place);
    } catch (const error& failure) {
      if (failure.code() != errc::non_finite || found.rates.size() < 10) throw;
      break; // a rate too high has an infinite loss sooner or later
    }
    if (options.progress) options.progress({"find rate", found.rates.size(), search.steps, ""});
  }
  const auto place = middle_of_fall(found.smoothed);
  if (!place)
    throw error(errc::not_found,
                {"find a learning rate", std::to_string(found.rates.size()) + " steps", "the loss falls at no rate",
                 "see whether one batch can be learned: overfit_one_batch()"});
  found.place = *place;
  found.rate = found.rates[found.place];
  return found;
}

/// rates.csv: a line a step: rate, loss of its batch, smoothed loss.
[[nodiscard]] inline std::string to_csv(const rate_search& found) {
  std::string text = "rate,loss,smoothed_loss\n";
  for (std::size_t i = 0; i < found.rates.size(); ++i)
    text +=
        json_number(found.rates[i]) + "," + json_number(found.losses[i]) + "," + json_number(found.smoothed[i]) + "\n";
  return text;
}

} // namespace eucv::train
