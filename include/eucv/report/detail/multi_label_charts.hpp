#pragma once

#include <eucv/judge/multi_label_calibration.hpp>
#include <eucv/judge/multi_label_thresholds.hpp>
#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/svg.hpp>
#include <eucv/report/multi_label_facts.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace eucv::report {

namespace detail {

/// A curve of statements as a line of at most some hundred points: those at which more labels are found.
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

/// How precise the surest statements of all labels are.
[[nodiscard]] inline chart coverage_chart(const judge::multi_label_predictions& set) {
  const auto points = judge::precision_over_recall(set);
  std::string told;
  double next = 0.25;
  for (std::size_t i = 0; i < points.coverage.size(); ++i)
    for (; next <= points.coverage[i] && next < 1; next += 0.25)
      told += " Where " + percent(points.coverage[i], 0) + " of the labels are found, " + percent(points.precision[i]) +
              " of what is stated is right, from a probability of " + number(points.thresholds[i]) + " on.";
  return {.id = "coverage",
          .title = "Precision over labels found",
          .description =
              "Part that is right among the statements that the model is surest of, all labels together." + told,
          .x = {.label = "part of the given labels that is found"},
          .y = {.label = "part of the statements that is right"},
          .all = {detail::line_of(points)}};
}

/// The same of one label, and where its threshold stands. Precondition: a picture has it.
[[nodiscard]] inline chart label_chart(const multi_label_facts& all, std::size_t label) {
  const auto points = judge::precision_over_recall(all.predictions, label);
  const auto& figures = all.figures.figures;
  chart made{.id = "label-" + std::to_string(label),
             .title = all.predictions.labels[label],
             .description = "Average precision " + number(figures.average_precision[label]) + " on the " +
                            std::to_string(figures.per_label[label].support) + " pictures that have it.",
             .x = {.label = "part of its pictures that is found"},
             .y = {.label = "part of the statements that is right"},
             .all = {detail::line_of(points)}};
  if (label >= all.thresholds.size() || all.thresholds[label].decision != judge::verdict::automatic) return made;
  series at{.name = "at its threshold", .how = mark::dots};
  for (std::size_t i = 0; i < points.thresholds.size() && points.thresholds[i] >= all.thresholds[label].threshold; ++i)
    at.points = {{points.coverage[i], points.precision[i]}};
  if (at.points.empty()) return made;
  made.description += " At its threshold " + percent(at.points[0].first) + " are found, and " +
                      percent(at.points[0].second) + " of the statements are right.";
  made.all.push_back(std::move(at));
  return made;
}

/// Whether the stated probabilities of all labels are what they say.
[[nodiscard]] inline chart reliability_chart(const judge::multi_label_predictions& set, double error) {
  return detail::reliability_of(judge::reliability(set, 10),
                                "Part of the pictures that has a label by the probability of the label, all labels "
                                "together; calibration error " +
                                    number(error) + " in the mean of the labels.",
                                "probability of a label", "part that has it");
}

/// Losses of a training with several labels a picture, whichever loss it was.
[[nodiscard]] inline chart multi_label_loss_chart(std::span<const train::epoch_figures> history) {
  auto made = loss_chart(history);
  made.description = "Mean loss on training and validation pictures; at the end " + number(history.back().train_loss) +
                     " and " + number(history.back().validation_loss) + ".";
  made.y.label = "loss";
  return made;
}

/// Figures of such a training.
[[nodiscard]] inline chart multi_label_history_chart(std::span<const train::epoch_figures> history) {
  using train::epoch_figures;
  chart made{.id = "accuracy",
             .title = "Figures by epoch",
             .description = "On validation pictures, at the end: mean average precision " +
                            number(history.back().validation_mean_average_precision) + ", macro F1 " +
                            number(history.back().validation_macro_f1) + ", all labels right in " +
                            percent(history.back().validation_accuracy) + " of the pictures.",
             .x = detail::epochs(history),
             .y = {.label = "figure"}};
  made.all = {detail::over_epochs("mean average precision", history, &epoch_figures::validation_mean_average_precision),
              detail::over_epochs("macro F1", history, &epoch_figures::validation_macro_f1),
              detail::over_epochs("all labels right", history, &epoch_figures::validation_accuracy),
              detail::over_epochs("all labels right, training, augmented", history, &epoch_figures::train_accuracy)};
  return made;
}

} // namespace eucv::report
