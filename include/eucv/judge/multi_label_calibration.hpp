#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/binary_calibration.hpp>
#include <eucv/judge/curves.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/probability_metrics.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace eucv::judge {

/// The logit whose logistic is p: log(p / (1 - p)), within +-34, where double has no more to say.
[[nodiscard]] inline double logit_of(double p) noexcept {
  constexpr double least = 2e-15;
  p = std::clamp(p, least, 1 - least);
  return std::log(p) - std::log1p(-p);
}

/// Platt's sigmoid over the logits of each label, from items that the model was not trained on. A label whose sigmoid
/// would fall, since the items speak against the model, gets one that is flat. Throws as fit_sigmoid().
[[nodiscard]] std::vector<sigmoid> fit_sigmoids(const multi_label_predictions& set);

/// Isotonic regression over the logits of each label, from items that the model was not trained on. Throws as
/// fit_isotonic().
[[nodiscard]] std::vector<isotonic> fit_isotonics(const multi_label_predictions& set);

/// One or the other, by its type: fit_labels<isotonic>(set).
template <class Fit = sigmoid>
[[nodiscard]] std::vector<Fit> fit_labels(const multi_label_predictions& set) {
  if constexpr (std::is_same_v<Fit, isotonic>)
    return fit_isotonics(set);
  else
    return fit_sigmoids(set);
}

/// The same items with the probabilities that the fits give. Precondition: one a label.
template <class Fit>
[[nodiscard]] multi_label_predictions calibrated(multi_label_predictions set, const std::vector<Fit>& fits) {
  for (std::size_t i = 0; i < set.scores.size(); ++i) set.scores[i] = fits[i % fits.size()](logit_of(set.scores[i]));
  return set;
}

/// Each fold calibrated by what the other folds say, by sigmoids or as `Fit` says: what a calibrated model states of
/// items that neither its training nor its calibration has seen. Throws invalid_argument where the items are of fewer
/// than two folds.
template <class Fit = sigmoid>
[[nodiscard]] multi_label_predictions cross_calibrated(const multi_label_predictions& set) {
  const std::set<std::size_t> folds(set.folds.begin(), set.folds.end());
  if (folds.size() < 2)
    throw error(errc::invalid_argument, {"calibrate", std::to_string(set.size()) + " predictions",
                                         "they are not of two folds or more", "predict with cross-validation"});
  auto result = set;
  const std::size_t classes = set.labels.size();
  for (const std::size_t fold : folds) {
    std::vector<std::size_t> outside;
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set.folds[i] != fold) outside.push_back(i);
    const auto fits = fit_labels<Fit>(subset(set, outside));
    for (std::size_t i = 0; i < set.size(); ++i)
      for (std::size_t c = 0; set.folds[i] == fold && c < classes; ++c)
        result.scores[i * classes + c] = fits[c](logit_of(set.scores[i * classes + c]));
  }
  return result;
}

/// Expected calibration error of one label's probabilities: by how much they miss the part of the items that has the
/// label, in the mean over the items, in `bins` ranges of equal width. Not a number for no item.
[[nodiscard]] double binary_calibration_error(const std::vector<scored>& items, std::size_t bins = 15);

/// Its mean over the labels.
[[nodiscard]] inline double calibration_error(const multi_label_predictions& set) {
  double sum = 0;
  for (std::size_t label = 0; label < set.labels.size(); ++label) sum += binary_calibration_error(set.of_label(label));
  return sum / static_cast<double>(set.labels.size());
}

/// The reliability diagram of all N x C probabilities together, in `bins` ranges of equal width: `right` counts those
/// whose item has the label.
[[nodiscard]] std::vector<reliability_bin> reliability(const multi_label_predictions& set, std::size_t bins = 15);

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <limits>
#include <utility>

namespace eucv::judge {

std::vector<sigmoid> fit_sigmoids(const multi_label_predictions& set) {
  std::vector<sigmoid> fits;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    auto items = set.of_label(label);
    for (auto& item : items) item.score = logit_of(item.score);
    auto fit = fit_sigmoid(items);
    if (fit.slope > 0) { // the sigmoid rises where its slope is negative
      const auto n = static_cast<double>(items.size()), positives = static_cast<double>(detail::positives(items));
      fit = {.slope = 0, .offset = std::log((n - positives + 1) / (positives + 1))};
    }
    fits.push_back(fit);
  }
  return fits;
}

std::vector<isotonic> fit_isotonics(const multi_label_predictions& set) {
  std::vector<isotonic> fits;
  for (std::size_t label = 0; label < set.labels.size(); ++label) {
    auto items = set.of_label(label);
    for (auto& item : items) item.score = logit_of(item.score);
    fits.push_back(fit_isotonic(std::move(items)));
  }
  return fits;
}

double binary_calibration_error(const std::vector<scored>& items, std::size_t bins) {
  std::vector<double> gaps(bins);
  for (const auto& item : items) {
    const auto bin = static_cast<std::size_t>(item.score * static_cast<double>(bins));
    gaps[std::min(bin, bins - 1)] += item.score - (item.positive ? 1 : 0);
  }
  double sum = 0;
  for (const double gap : gaps) sum += std::abs(gap);
  return items.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(items.size());
}

std::vector<reliability_bin> reliability(const multi_label_predictions& set, std::size_t bins) {
  std::vector<reliability_bin> result(bins);
  const auto count = static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    result[b].low = static_cast<double>(b) / count;
    result[b].high = static_cast<double>(b + 1) / count;
  }
  for (std::size_t i = 0; i < set.scores.size(); ++i) {
    auto& bin = result[std::min(static_cast<std::size_t>(set.scores[i] * count), bins - 1)];
    ++bin.n;
    bin.right += set.truth[i] != 0 ? 1 : 0;
    bin.confidence += set.scores[i];
  }
  for (auto& bin : result)
    if (bin.n != 0) bin.confidence /= static_cast<double>(bin.n);
  return result;
}

} // namespace eucv::judge
#endif
