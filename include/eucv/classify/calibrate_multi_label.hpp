#pragma once

#include <eucv/classify/calibrate.hpp>
#include <eucv/classify/classifier.hpp>
#include <eucv/train/multi_label_calibration.hpp>
#include <eucv/train/multi_label_predictions.hpp>
#include <eucv/train/multi_label_thresholds.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace eucv::classify {

/// calibrate() for a model with several labels a picture: Platt's sigmoid, or with `Fit` train::isotonic the steps of
/// isotonic regression, and a threshold for each label. In the result `error_before` and `error_after` are means over
/// the labels, and `plan` counts statements.
///
/// The thresholds are found with probabilities that each fold has from the others' fits. `out_of_fold` holds the
/// probabilities of models that have none of their own. Throws invalid_argument where the labels are others, the folds
/// fewer than two, or the options no fractions.
template <class Fit = train::sigmoid>
[[nodiscard]] calibration calibrate(description& about, const train::multi_label_predictions& out_of_fold,
                                    const train::threshold_options& options = {}) {
  detail::check_labels(about, out_of_fold.labels);
  const auto fair = train::cross_calibrated<Fit>(out_of_fold);
  calibration result{.error_before = train::calibration_error(out_of_fold),
                     .error_after = train::calibration_error(fair),
                     .plan = train::plan_enrichment(fair, options)};
  about.decisions = {.target_precision = options.target_precision, .confidence = options.confidence};
  if constexpr (std::is_same_v<Fit, train::isotonic>)
    about.decisions.steps = train::fit_isotonics(out_of_fold);
  else
    about.decisions.sigmoids = train::fit_sigmoids(out_of_fold);
  for (const auto& each : result.plan.categories)
    about.decisions.categories.push_back({each.decision, each.accepted == 0 ? 0 : each.threshold});
  return result;
}

/// The same for a model itself, which is calibrated from then on; save() keeps it.
template <class Fit = train::sigmoid>
calibration calibrate(classifier& model, const train::multi_label_predictions& out_of_fold,
                      const train::threshold_options& options = {}) {
  description about = model.about();
  auto result = calibrate<Fit>(about, out_of_fold, options);
  model.decide_by(std::move(about.decisions));
  return result;
}

/// enrichment.json, as for one label a picture; `n`, `automatic`, `review` and `never` count statements, and coverage
/// is the part of the labels to be found.
[[nodiscard]] inline std::string to_json(const train::enrichment_plan& plan,
                                         const train::multi_label_predictions& set) {
  return detail::plan_json(plan, set.labels, train::precision_over_recall(set),
                           [&](std::size_t label) { return train::precision_over_recall(set, label); });
}

} // namespace eucv::classify
