#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/description.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/reliability.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::classify {

/// What calibrate() found.
struct calibrated_model {
  double error_before = 0, error_after = 0; ///< calibration errors, the latter of `fair`
  judge::predictions fair = {};             ///< probabilities that each fold has from what the other folds say
  judge::enrichment_plan plan = {};         ///< from them
};

namespace detail {

inline void check_labels(const description& about, const std::vector<std::string>& labels) {
  bool same = about.labels.size() == labels.size();
  for (std::size_t i = 0; same && i < labels.size(); ++i) same = about.labels[i].name == labels[i];
  if (!same)
    throw error(errc::invalid_argument,
                {"calibrate", "the model", "the predictions are of other labels", "predict with the same labels"});
}

/// Points of a curve at 20 evenly spaced coverages, as triples of coverage, precision and threshold.
[[nodiscard]] inline std::string curve_json(const judge::coverage_points& points) {
  std::string out = "[";
  std::size_t at = 0;
  for (int step = 1; step <= 20 && !points.coverage.empty(); ++step) {
    while (at + 1 < points.coverage.size() && points.coverage[at] < step / 20.0) ++at;
    out += (step == 1 ? "[" : ", [") + json_number(points.coverage[at]) + ", " + json_number(points.precision[at]) +
           ", " + json_number(points.thresholds[at]) + "]";
  }
  return out + "]";
}

} // namespace detail

/// Sets the calibration and the thresholds in the description of a model from cross-validation with its own options:
/// `out_of_fold` holds the probabilities of models that were trained like it and are not calibrated, on pictures that
/// they had not seen.
///
/// The thresholds are found with probabilities that each fold has from the others' calibration. Throws invalid_argument
/// where the labels are others, the folds fewer than two, or the options no fractions.
[[nodiscard]] inline calibrated_model
calibrate(description& about, const judge::predictions& out_of_fold, const judge::threshold_options& options = {},
          judge::calibration_method method = judge::calibration_method::parametric) {
  detail::check_labels(about, out_of_fold.labels);
  calibrated_model result{.error_before = judge::calibration_error(out_of_fold),
                          .fair = judge::cross_calibrated(out_of_fold, method)};
  result.error_after = judge::calibration_error(result.fair);
  result.plan = judge::plan_enrichment(result.fair, options);
  about.decisions = {.calibration = judge::fit_calibration(out_of_fold, method),
                     .target_precision = options.target_precision,
                     .confidence = options.confidence};
  for (const auto& each : result.plan.categories)
    about.decisions.categories.push_back({each.decision, each.accepted == 0 ? 0 : each.threshold});
  return result;
}

/// The same for a model itself, which is calibrated from then on; save() keeps it.
inline calibrated_model calibrate(classifier& model, const judge::predictions& out_of_fold,
                                  const judge::threshold_options& options = {},
                                  judge::calibration_method method = judge::calibration_method::parametric) {
  description about = model.about();
  auto result = calibrate(about, out_of_fold, options, method);
  model.decide_by(std::move(about.decisions));
  return result;
}

/// enrichment.json: the target, what goes which way, of each category its `decision` with the counts behind it, and
/// `precision_over_coverage`, of all and by category, at 20 evenly spaced coverages. What is counted are statements.
[[nodiscard]] inline std::string to_json(const judge::enrichment_plan& plan, const judge::predictions& set) {
  const auto count = [](const char* name, std::size_t value) {
    return ", \"" + std::string(name) + "\": " + std::to_string(value);
  };
  std::string out = "{\n  \"target_precision\": " + json_number(plan.options.target_precision) +
                    ", \"confidence\": " + json_number(plan.options.confidence) + count("n", plan.n) +
                    count("automatic", plan.automatic) + count("automatic_right", plan.automatic_right) +
                    count("review", plan.review) + count("never", plan.never) +
                    ",\n  \"precision_over_coverage\": " + detail::curve_json(judge::precision_over_coverage(set)) +
                    ",\n  \"categories\": [";
  for (std::size_t i = 0; i < plan.categories.size(); ++i) {
    const auto& each = plan.categories[i];
    out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(set.labels[i]) + ", \"decision\": \"" +
           std::string(to_string(each.decision)) + "\", \"threshold\": " + json_number(each.threshold) +
           count("suggested", each.suggested) + count("suggested_right", each.suggested_right) +
           count("accepted", each.accepted) + count("accepted_right", each.accepted_right) +
           ", \"precision_bound\": " + json_number(each.bound) +
           ", \"precision_over_coverage\": " + detail::curve_json(judge::precision_over_coverage(set, i)) + "}";
  }
  return out + "]\n}\n";
}

} // namespace eucv::classify
