#pragma once

#include <eucv/judge/learning_curve.hpp>
#include <eucv/judge/reliability.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/svg.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::report {

/// A text that begins with a capital letter.
[[nodiscard]] inline std::string capital(std::string_view text) {
  std::string made(text);
  if (!made.empty()) made[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(made[0])));
  return made;
}

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

[[nodiscard]] inline axis epochs(std::span<const train::epoch_figures> history) {
  const double last = static_cast<double>(history.back().epoch);
  return {.label = "epoch", .low = std::min(1.0, last - 1), .high = last};
}

/// Where the history of a training holds a figure of this key, taken on validation pictures; or null.
[[nodiscard]] inline double train::epoch_figures::*validation_figure(std::string_view key) {
  using train::epoch_figures;
  return key == "accuracy"                 ? &epoch_figures::validation_accuracy
         : key == "macro_f1"               ? &epoch_figures::validation_macro_f1
         : key == "mean_average_precision" ? &epoch_figures::validation_mean_average_precision
                                           : nullptr;
}

/// Precision over coverage as a line of at most some hundred points: those at which there is more of it.
[[nodiscard]] inline series line_of(const judge::coverage_points& points) {
  series line{.name = "precision"};
  double last = -1;
  for (std::size_t i = 0; i < points.coverage.size(); ++i)
    if (points.coverage[i] >= last + 1.0 / 300 || (points.coverage[i] > last && points.coverage[i] == 1)) {
      last = points.coverage[i];
      line.points.emplace_back(last, points.precision[i]);
    }
  return line;
}

} // namespace detail

/// Losses of a training. Precondition, here and below: there is something to draw.
[[nodiscard]] inline chart loss_chart(const facts& all) {
  const auto& history = all.history;
  const auto words = words_of(*all.predictions.task);
  chart made{.id = "loss",
             .title = "Loss by epoch",
             .description = "Mean " + std::string(words.loss) + " on training and validation pictures; at the end " +
                            number(history.back().train_loss) + " and " + number(history.back().validation_loss) + ".",
             .x = detail::epochs(history),
             .y = {.label = std::string(words.loss_axis)}};
  made.all = {detail::over_epochs("training, augmented", history, &train::epoch_figures::train_loss),
              detail::over_epochs("validation", history, &train::epoch_figures::validation_loss)};
  made.y.high = std::max(1e-3, 1.05 * detail::greatest(made.all));
  return made;
}

/// Figures of a training on validation pictures: those of the task's figure_use::curve that the history holds, and the
/// accuracy on training pictures.
[[nodiscard]] inline chart history_chart(const facts& all) {
  chart made{.id = "history",
             .title = "Figures by epoch",
             .description = "On validation pictures, at the end:",
             .x = detail::epochs(all.history),
             .y = {.label = "figure"}};
  for (const auto& each : all.predictions.task->figures(judge::figure_use::curve)) {
    const auto figure = detail::validation_figure(each.key);
    if (figure == nullptr) continue;
    const std::string title(each.title);
    made.description += (made.all.empty() ? " " : ", ") + title + " " + number(all.history.back().*figure);
    made.all.push_back(detail::over_epochs(title, all.history, figure));
    if (each.key == "accuracy")
      made.all.push_back(
          detail::over_epochs(title + ", training, augmented", all.history, &train::epoch_figures::train_accuracy));
  }
  made.description += ".";
  return made;
}

/// How precise the surest part of the predictions is, all labels together.
[[nodiscard]] inline chart coverage_chart(const judge::predictions& set) {
  const auto words = words_of(*set.task);
  const auto points = judge::precision_over_coverage(set);
  const auto line = detail::line_of(points);
  std::string told;
  double next = 0.25, least = 1;
  for (std::size_t i = 0; i < points.coverage.size(); ++i)
    for (; next <= points.coverage[i]; next += 0.25)
      told += " At " + percent(points.coverage[i], 0) + " " + std::string(words.coverage) + " the precision is " +
              percent(points.precision[i]) + ", with probabilities from " + number(points.thresholds[i]) + " on.";
  for (const auto& [coverage, precision] : line.points) least = std::min(least, precision);
  return {.id = "coverage",
          .title = "Precision over " + std::string(words.coverage),
          .description = "Part that is right among the predictions that the model is surest of." + told,
          .x = {.label = std::string(words.coverage_axis)},
          .y = {.label = "part that is right", .low = std::max(0.0, std::floor(10 * least - 0.5) / 10)},
          .all = {line}};
}

/// The same of one label, where labels do not exclude each other, and where its threshold stands. Precondition: a
/// picture has it.
[[nodiscard]] inline chart label_chart(const facts& all, std::size_t label) {
  const auto points = judge::precision_over_coverage(all.predictions, label);
  const auto& figures = all.figures.figures.per_class[label];
  chart made{.id = "label-" + std::to_string(label),
             .title = all.predictions.labels[label],
             .description = "Average precision " + number(figures.average_precision) + " on the " +
                            std::to_string(figures.support) + " pictures that have it.",
             .x = {.label = "part of its pictures that is found"},
             .y = {.label = "part that is right"},
             .all = {detail::line_of(points)}};
  if (label >= all.thresholds.size() || all.thresholds[label].decision != judge::verdict::automatic) return made;
  series at{.name = "at its threshold", .how = mark::dots};
  for (std::size_t i = 0; i < points.thresholds.size() && points.thresholds[i] >= all.thresholds[label].threshold; ++i)
    at.points = {{points.coverage[i], points.precision[i]}};
  if (at.points.empty()) return made;
  made.description += " At its threshold " + percent(at.points[0].first) + " are found, and " +
                      percent(at.points[0].second) + " of the predictions are right.";
  made.all.push_back(std::move(at));
  return made;
}

/// The reliability diagram: the part that is right beside the probability that was stated.
[[nodiscard]] inline chart reliability_chart(const facts& all) {
  const auto words = words_of(*all.predictions.task);
  const auto bins = judge::reliability(all.predictions, 10);
  series bars{.name = std::string(words.right), .how = mark::bars, .bar_width = 0.9 / static_cast<double>(bins.size())},
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
          .description = std::string(words.reliability) + "; calibration error " +
                         number(all.figures.calibration_error) + std::string(words.calibration_error) + ".",
          .x = {.label = std::string(words.probability)},
          .y = {.label = std::string(words.right)},
          .all = {bars, stated},
          .diagonal = true,
          .details = told};
}

/// The first of the task's figures for figure_use::fitted over the number of pictures, with the law that fits what it
/// lacks of 1. Precondition: three different numbers at least.
[[nodiscard]] inline chart learning_chart(const facts& all) {
  const auto fit = judge::fit_learning_curve(all.learning_curve);
  const std::string figure(all.predictions.task->figures(judge::figure_use::fitted).front().title);
  series dots{.name = "trainings", .how = mark::dots}, line{.name = "fitted law, and twice as many pictures"};
  double least = fit.law.reference, most = 0;
  for (const auto& point : all.learning_curve) {
    dots.points.emplace_back(point.n, 1 - point.error);
    least = std::min(least, point.n);
  }
  for (int i = 0; i <= 40; ++i) {
    const double n = least * std::pow(2 * fit.law.reference / least, i / 40.0);
    line.points.emplace_back(n, 1 - fit.law(n));
  }
  for (const auto* one : {&dots, &line})
    for (const auto& [x, y] : one->points) most = std::max(most, y);
  return {
      .id = "learning",
      .title = capital(figure) + " by number of pictures",
      .description = "With all " + number(fit.law.reference, 0) + " pictures " + figure + " is " +
                     percent(1 - fit.now.value) + "; twice as many would add " + number(100 * fit.gain.value, 1) +
                     " points (" + number(100 * fit.gain.low, 1) + " to " + number(100 * fit.gain.high, 1) + ").",
      .x = {.label = "training pictures", .low = least * 0.95, .high = 2 * fit.law.reference, .ticks = scale::halves},
      .y = {.label = figure, .low = 0, .high = std::min(1.0, most * 1.1)},
      .all = {dots, line}};
}

} // namespace eucv::report
