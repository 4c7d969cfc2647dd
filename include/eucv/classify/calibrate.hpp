#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/description.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/probability_metrics.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::classify {

/// What calibrate() found.
struct calibration {
  double error_before = 0, error_after = 0; ///< expected calibration errors, the latter of cross_tempered()
  judge::enrichment_plan plan;              ///< from calibrated probabilities of pictures that no model had seen
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

template <class Curve>
[[nodiscard]] std::string plan_json(const judge::enrichment_plan& plan, const std::vector<std::string>& labels,
                                    const judge::coverage_points& all, Curve&& curve_of) {
  const auto count = [](const char* name, std::size_t value) {
    return ", \"" + std::string(name) + "\": " + std::to_string(value);
  };
  std::string out = "{\n  \"target_precision\": " + json_number(plan.options.target_precision) +
                    ", \"confidence\": " + json_number(plan.options.confidence) + count("n", plan.n) +
                    count("automatic", plan.automatic) + count("automatic_right", plan.automatic_right) +
                    count("review", plan.review) + count("never", plan.never) +
                    ",\n  \"precision_over_coverage\": " + curve_json(all) + ",\n  \"categories\": [";
  for (std::size_t i = 0; i < plan.categories.size(); ++i) {
    const auto& each = plan.categories[i];
    out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(labels[i]) + ", \"decision\": \"" +
           std::string(to_string(each.decision)) + "\", \"threshold\": " + json_number(each.threshold) +
           count("suggested", each.suggested) + count("suggested_right", each.suggested_right) +
           count("accepted", each.accepted) + count("accepted_right", each.accepted_right) +
           ", \"precision_bound\": " + json_number(each.bound) +
           ", \"precision_over_coverage\": " + curve_json(curve_of(i)) + "}";
  }
  return out + "]\n}\n";
}

} // namespace detail

/// Sets the temperature and the thresholds in the description of a model from cross-validation with its own options:
/// `out_of_fold` holds the probabilities of models that were trained like it, on pictures that they had not seen.
///
/// The thresholds are found with probabilities that each fold has from the others' temperature. Throws invalid_argument
/// where the labels are others, the folds fewer than two, or the options no fractions.
[[nodiscard]] inline calibration calibrate(description& about, const judge::prediction_set& out_of_fold,
                                           const judge::threshold_options& options = {}) {
  detail::check_labels(about, out_of_fold.labels);
  const auto fair = judge::cross_tempered(out_of_fold);
  calibration result{.error_before = judge::expected_calibration_error(out_of_fold),
                     .error_after = judge::expected_calibration_error(fair),
                     .plan = judge::plan_enrichment(fair, options)};
  about.decisions = {.temperature = judge::fit_temperature(out_of_fold),
                     .target_precision = options.target_precision,
                     .confidence = options.confidence};
  for (const auto& each : result.plan.categories)
    about.decisions.categories.push_back({each.decision, each.accepted == 0 ? 0 : each.threshold});
  return result;
}

/// The same for a model itself, which is calibrated from then on; save() keeps it.
inline calibration calibrate(classifier& model, const judge::prediction_set& out_of_fold,
                             const judge::threshold_options& options = {}) {
  description about = model.about();
  auto result = calibrate(about, out_of_fold, options);
  model.decide_by(std::move(about.decisions));
  return result;
}

/// enrichment.json: the target, what goes which way, of each category its `decision` with the counts behind it, and
/// `precision_over_coverage`, of all and by category, at 20 evenly spaced coverages.
[[nodiscard]] inline std::string to_json(const judge::enrichment_plan& plan, const judge::prediction_set& set) {
  return detail::plan_json(plan, set.labels, judge::precision_over_coverage(set),
                           [&](std::size_t label) { return judge::precision_over_coverage(set, label); });
}

} // namespace eucv::classify
