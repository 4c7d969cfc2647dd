#pragma once

#include <eucv/classify/calibrate.hpp>
#include <eucv/classify/classifier.hpp>
#include <eucv/judge/multi_label_calibration.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/multi_label_thresholds.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace eucv::classify {

/// calibrate() for a model with several labels a picture: Platt's sigmoid, or with `Fit` judge::isotonic the steps of
/// isotonic regression, and a threshold for each label. In the result `error_before` and `error_after` are means over
/// the labels, and `plan` counts statements.
///
/// The thresholds are found with probabilities that each fold has from the others' fits. `out_of_fold` holds the
/// probabilities of models that have none of their own. Throws invalid_argument where the labels are others, the folds
/// fewer than two, or the options no fractions.
template <class Fit = judge::sigmoid>
[[nodiscard]] calibration calibrate(description& about, const judge::multi_label_predictions& out_of_fold,
                                    const judge::threshold_options& options = {}) {
  detail::check_labels(about, out_of_fold.labels);
  const auto fair = judge::cross_calibrated<Fit>(out_of_fold);
  calibration result{.error_before = judge::calibration_error(out_of_fold),
                     .error_after = judge::calibration_error(fair),
                     .plan = judge::plan_enrichment(fair, options)};
  about.decisions = {.target_precision = options.target_precision, .confidence = options.confidence};
  if constexpr (std::is_same_v<Fit, judge::isotonic>)
    about.decisions.steps = judge::fit_isotonics(out_of_fold);
  else
    about.decisions.sigmoids = judge::fit_sigmoids(out_of_fold);
  for (const auto& each : result.plan.categories)
    about.decisions.categories.push_back({each.decision, each.accepted == 0 ? 0 : each.threshold});
  return result;
}

/// The same for a model itself, which is calibrated from then on; save() keeps it.
template <class Fit = judge::sigmoid>
calibration calibrate(classifier& model, const judge::multi_label_predictions& out_of_fold,
                      const judge::threshold_options& options = {}) {
  description about = model.about();
  auto result = calibrate<Fit>(about, out_of_fold, options);
  model.decide_by(std::move(about.decisions));
  return result;
}

/// enrichment.json, as for one label a picture; `n`, `automatic`, `review` and `never` count statements, and coverage
/// is the part of the labels to be found.
[[nodiscard]] inline std::string to_json(const judge::enrichment_plan& plan,
                                         const judge::multi_label_predictions& set) {
  return detail::plan_json(plan, set.labels, judge::precision_over_recall(set),
                           [&](std::size_t label) { return judge::precision_over_recall(set, label); });
}

} // namespace eucv::classify
