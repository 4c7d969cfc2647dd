#pragma once

#include <eucv/judge/learning_curve.hpp>
#include <eucv/judge/probability_metrics.hpp>
#include <eucv/report/detail/svg.hpp>
#include <eucv/report/facts.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::report {

namespace detail {

[[nodiscard]] inline series over_epochs(std::string name, std::span<const train::epoch_figures> history,
                                        double train::epoch_figures::*figure) {
  series made{.name = std::move(name)};
  for (const auto& epoch : history) made.points.emplace_back(static_cast<double>(epoch.epoch), epoch.*figure);
  return made;
}

[[nodiscard]] inline double greatest(const std::vector<series>& all) {
  double most = 0;
  for (const auto& one : all)
    for (const auto& [x, y] : one.points)
      if (std::isfinite(y)) most = std::max(most, y);
  return most;
}

[[nodiscard]] inline std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

[[nodiscard]] inline axis epochs(std::span<const train::epoch_figures> history) {
  const double last = static_cast<double>(history.back().epoch);
  return {.label = "epoch", .low = std::min(1.0, last - 1), .high = last};
}

} // namespace detail

/// Losses of a training. Precondition, here and below: there is something to draw.
[[nodiscard]] inline chart loss_chart(std::span<const train::epoch_figures> history) {
  chart made{.id = "loss",
             .title = "Loss by epoch",
             .description = "Mean cross-entropy on training and validation pictures; at the end " +
                            number(history.back().train_loss) + " and " + number(history.back().validation_loss) + ".",
             .x = detail::epochs(history),
             .y = {.label = "cross-entropy (nats)"}};
  made.all = {detail::over_epochs("training, augmented", history, &train::epoch_figures::train_loss),
              detail::over_epochs("validation", history, &train::epoch_figures::validation_loss)};
  made.y.high = std::max(1e-3, 1.05 * detail::greatest(made.all));
  return made;
}

/// Accuracy and macro F1 of a training.
[[nodiscard]] inline chart accuracy_chart(std::span<const train::epoch_figures> history) {
  chart made{.id = "accuracy",
             .title = "Accuracy by epoch",
             .description = "Part of the pictures that is right; on validation pictures " +
                            number(history.back().validation_accuracy) + " at the end.",
             .x = detail::epochs(history),
             .y = {.label = "part of the pictures"}};
  made.all = {detail::over_epochs("training, augmented", history, &train::epoch_figures::train_accuracy),
              detail::over_epochs("validation", history, &train::epoch_figures::validation_accuracy),
              detail::over_epochs("validation, macro F1", history, &train::epoch_figures::validation_macro_f1)};
  return made;
}

/// How precise the surest part of the predictions is.
[[nodiscard]] inline chart coverage_chart(const judge::prediction_set& set) {
  const auto points = judge::precision_over_coverage(set);
  series line{.name = "precision"};
  std::string told;
  double next = 0.25, least = 1;
  for (std::size_t i = 0; i < points.coverage.size(); ++i) {
    line.points.emplace_back(points.coverage[i], points.precision[i]);
    least = std::min(least, points.precision[i]);
    for (; next <= points.coverage[i]; next += 0.25)
      told += " The surest " + percent(points.coverage[i], 0) + " are right in " + percent(points.precision[i]) +
              ", from a probability of " + number(points.thresholds[i]) + " on.";
  }
  const double low = std::max(0.0, std::floor(10 * least - 0.5) / 10);
  return {.id = "coverage",
          .title = "Precision over coverage",
          .description = "Part that is right among the predictions that the model is surest of." + told,
          .x = {.label = "part of the pictures, surest first"},
          .y = {.label = "part that is right", .low = low},
          .all = {line}};
}

namespace detail {

/// Of ranges of probabilities the part that is right beside what was stated.
[[nodiscard]] inline chart reliability_of(std::span<const judge::reliability_bin> bins, const std::string& description,
                                          const std::string& probability, const std::string& right_part) {
  series bars{.name = right_part, .how = mark::bars, .bar_width = 0.9 / static_cast<double>(bins.size())},
      stated{.name = "mean of the probabilities", .how = mark::dots};
  std::string told;
  for (const auto& bin : bins) {
    if (bin.n == 0) continue;
    const double right = static_cast<double>(bin.right) / static_cast<double>(bin.n), middle = (bin.low + bin.high) / 2;
    bars.points.emplace_back(middle, right);
    stated.points.emplace_back(middle, bin.confidence);
    told += " " + number(bin.low, 1) + " to " + number(bin.high, 1) + ": " + percent(right, 0) + " of " +
            std::to_string(bin.n) + ".";
  }
  return {.id = "reliability",
          .title = "Reliability",
          .description = description,
          .x = {.label = probability},
          .y = {.label = right_part},
          .all = {bars, stated},
          .diagonal = true,
          .details = told};
}

} // namespace detail

/// Whether stated probabilities are what they say.
[[nodiscard]] inline chart reliability_chart(const judge::prediction_set& set, double error) {
  return detail::reliability_of(judge::reliability(set, 10),
                                "Part that is right by the probability of the predicted label; calibration error " +
                                    number(error) + ".",
                                "probability of the predicted label", "part that is right");
}

/// A figure over the number of pictures, with the law that fits what it lacks of 1. Precondition: three different
/// numbers at least.
[[nodiscard]] inline chart learning_chart(std::span<const judge::learning_point> points,
                                          const judge::learning_curve_fit& fit,
                                          const std::string& figure = "accuracy") {
  series dots{.name = "trainings", .how = mark::dots}, line{.name = "fitted law, and twice as many pictures"};
  double least = fit.law.reference, most = 0;
  for (const auto& point : points) {
    dots.points.emplace_back(point.n, 1 - point.error);
    least = std::min(least, point.n);
  }
  for (int i = 0; i <= 40; ++i) {
    const double n = least * std::pow(2 * fit.law.reference / least, i / 40.0);
    line.points.emplace_back(n, 1 - fit.law(n));
  }
  for (const auto* one : {&dots, &line})
    for (const auto& [x, y] : one->points) most = std::max(most, y);
  return {.id = "learning",
          .title = detail::capital(figure) + " by number of pictures",
          .description = "With all " + number(fit.law.reference, 0) + " pictures " +
                         (figure == "accuracy" ? "an " : "a ") + figure + " of " + percent(1 - fit.now.value) +
                         "; twice as many would add " + number(100 * fit.gain.value, 1) + " points (" +
                         number(100 * fit.gain.low, 1) + " to " + number(100 * fit.gain.high, 1) + ").",
          .x = {.label = "training pictures", .low = least * 0.95, .high = 2 * fit.law.reference, .logarithmic = true},
          .y = {.label = figure, .low = 0, .high = std::min(1.0, most * 1.1)},
          .all = {dots, line}};
}

} // namespace eucv::report
