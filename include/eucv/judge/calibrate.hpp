#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/label_calibration.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace eucv::judge {

/// How probabilities are calibrated.
enum class calibration_method {
  parametric, ///< by one temperature where labels exclude each other, else by Platt's sigmoid for each label
  isotonic,   ///< by isotonic regression for each label, where labels do not exclude each other
};

/// What makes calibrated probabilities of a network's logits: one of the three; none of them leaves all as it is.
struct calibration {
  double temperature = 1;             ///< logits are divided by it, where labels exclude each other
  std::vector<sigmoid> sigmoids = {}; ///< C: of each label's logit
  std::vector<isotonic> steps = {};   ///< C: of each label's logit

  /// The probability of a label that stands by itself.
  [[nodiscard]] double probability(std::size_t label, double logit) const {
    if (!steps.empty()) return steps[label](logit);
    return (sigmoids.empty() ? sigmoid{} : sigmoids[label])(logit);
  }
  friend bool operator==(const calibration&, const calibration&) = default;
};

/// Fits a calibration to items that the model was not trained on. A label whose sigmoid would fall, since the items
/// speak against the model, gets one that is flat. Throws invalid_argument for no item, and for isotonic regression
/// where labels exclude each other.
[[nodiscard]] calibration fit_calibration(const predictions& set,
                                          calibration_method method = calibration_method::parametric);

/// The same items with calibrated probabilities.
[[nodiscard]] predictions calibrated(predictions set, const calibration& by);

/// Each fold calibrated by what the other folds say: what a calibrated model states of items that neither its training
/// nor its calibration has seen. Throws invalid_argument where the items are of fewer than two folds.
[[nodiscard]] predictions cross_calibrated(const predictions& set,
                                           calibration_method method = calibration_method::parametric);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <eucv/core/error.hpp>
#include <eucv/judge/temperature.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace eucv::judge {

namespace detail {

void calibrate_row(std::span<double> row, const task_type& task, const calibration& by) {
  if (task.exclusive()) {
    std::ranges::copy(tempered(row, by.temperature), row.begin());
    return;
  }
  for (std::size_t c = 0; c < row.size(); ++c) row[c] = by.probability(c, logit_of(row[c]));
}

sigmoid fit_rising_sigmoid(const std::vector<scored>& items) {
  const auto fit = fit_sigmoid(items);
  if (fit.slope <= 0) return fit; // the sigmoid rises where its slope is negative
  const auto n = static_cast<double>(items.size()), positive = static_cast<double>(positives(items));
  return {.slope = 0, .offset = std::log((n - positive + 1) / (positive + 1))};
}

} // namespace detail

calibration fit_calibration(const predictions& set, calibration_method method) {
  const bool by_steps = method == calibration_method::isotonic;
  if (set.task->exclusive()) {
    if (by_steps)
      throw error(errc::invalid_argument,
                  {"calibrate", std::to_string(set.size()) + " predictions",
                   "isotonic regression is for labels that do not exclude each other", "calibrate by a temperature"});
    return {.temperature = fit_temperature(set)};
  }
  calibration made;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    auto items = set.of_label(label);
    for (auto& item : items) item.score = logit_of(item.score);
    if (by_steps)
      made.steps.push_back(fit_isotonic(std::move(items)));
    else
      made.sigmoids.push_back(detail::fit_rising_sigmoid(items));
  }
  return made;
}

predictions calibrated(predictions set, const calibration& by) {
  const std::size_t classes = set.labels.size();
  for (std::size_t i = 0; i < set.size(); ++i)
    detail::calibrate_row(std::span(set.scores).subspan(i * classes, classes), *set.task, by);
  return set;
}

predictions cross_calibrated(const predictions& set, calibration_method method) {
  const std::set<std::size_t> folds(set.folds.begin(), set.folds.end());
  if (folds.size() < 2)
    throw error(errc::invalid_argument, {"calibrate", std::to_string(set.size()) + " predictions",
                                         "they are not of two folds or more", "predict with cross-validation"});
  predictions result = set;
  const std::size_t classes = set.labels.size();
  for (const std::size_t fold : folds) {
    std::vector<std::size_t> outside;
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set.folds[i] != fold) outside.push_back(i);
    const auto fit = fit_calibration(subset(set, outside), method);
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set.folds[i] == fold)
        detail::calibrate_row(std::span(result.scores).subspan(i * classes, classes), *set.task, fit);
  }
  return result;
}

} // namespace eucv::judge
#endif
