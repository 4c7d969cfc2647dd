#pragma once

#include <eucv/classify/train.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/learning_curve.hpp>
#include <eucv/judge/metrics.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace eucv::classify {

/// How learning_curve() goes about it.
struct learning_curve_options {
  std::size_t points = 4;  ///< sizes: all pictures for training, a half, a quarter ... at least 3
  std::size_t repeats = 3; ///< trainings at each size, each with a seed of its own
  double test = 0.2;       ///< part of each class that all sizes of a repeat are judged on
  train_options training = {};
};

/// One training of a learning curve.
struct learning_run {
  std::uint64_t seed = 0;
  double part = 1;   ///< of the pictures for training
  std::size_t n = 0; ///< pictures that it got, those included by which it chose its best epoch
  const judge::task_type* task = &judge::single_label;
  judge::metrics figures = {}; ///< on pictures kept aside
};

/// Trains on growing parts of the pictures and judges each training on pictures that it never saw.
///
/// Each repeat divides, draws and trains with its own seed, so that their spread holds the luck of all three. Parts are
/// stratified, groups are never parted. Half the pictures are trained for 1.41 times the epochs, a quarter for twice as
/// many, since learning takes steps as well as pictures. Where a picture may have several labels, each needs two groups
/// of pictures in the smallest part, one to train on and one to choose the epoch by: leave rarer ones out, see
/// dataset::leave_out_rare(). Models lie in `folder`/runs: the same call goes on where it
/// was broken off. Throws what train_classifier() and stratified_split() throw, invalid_argument for fewer than 3
/// points.
[[nodiscard]] std::vector<learning_run> learning_curve(const dataset::picture_set& pictures,
                                                       const std::filesystem::path& folder,
                                                       const learning_curve_options& options = {});

/// How a category would fare with more pictures.
struct category_need {
  double f1 = 0;          ///< with all pictures, in the mean over the repeats
  double gain = 0;        ///< by which F1 rose from half of all pictures to all
  double uncertainty = 0; ///< standard error of that; not a number for one repeat
  /// Whether the gain is at least a hundredth and more than twice its uncertainty.
  [[nodiscard]] bool lacks_pictures() const { return gain >= 0.01 && gain > 2 * uncertainty; }
};

/// What the last doubling of the pictures brought each category, in label order. Throws invalid_argument where no two
/// sizes were trained on.
[[nodiscard]] std::vector<category_need> needs_of(std::span<const learning_run> runs);

/// One figure of the runs as errors, 1 - figure, for judge::fit_learning_curve().
[[nodiscard]] inline std::vector<judge::learning_point> errors_of(std::span<const learning_run> runs,
                                                                  const judge::figure& figure) {
  std::vector<judge::learning_point> points;
  for (const auto& run : runs) points.push_back({static_cast<double>(run.n), 1 - figure.of(run.figures)});
  return points;
}

/// learning_curve.csv: `seed,part,n`, the figures of the task for figure_use::curve, then a column `f1:<label>` for
/// each label.
[[nodiscard]] std::string to_csv(std::span<const learning_run> runs);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/judge.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/split.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/judge/spread.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace eucv::classify {

std::vector<learning_run> learning_curve(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                                         const learning_curve_options& options) {
  if (options.points < 3 || options.repeats == 0)
    throw error(errc::invalid_argument,
                {"measure the learning curve",
                 std::to_string(options.points) + " points, " + std::to_string(options.repeats) + " repeats",
                 "a curve is fitted to at least three sizes", "ask for more"});
  std::vector<learning_run> runs;
  for (std::size_t repeat = 0; repeat < options.repeats; ++repeat) {
    const std::uint64_t seed = options.training.seed + repeat;
    const auto division =
        dataset::stratified_split(pictures.pictures, {.validation = 0, .test = options.test, .seed = seed});
    dataset::check_leakage(pictures.pictures.files, pictures.copies, division);
    const auto available = dataset::subset(pictures, division.train);
    const auto aside = dataset::subset(pictures, division.test).pictures;
    for (std::size_t point = options.points; point-- > 0;) {
      const double part = std::ldexp(1.0, -static_cast<int>(point));
      auto chosen = available;
      if (point != 0)
        chosen = dataset::subset(
            available,
            dataset::stratified_split(available.pictures, {.validation = 0, .test = part, .seed = seed}).test);
      auto how = options.training;
      how.seed = seed;
      how.epochs = static_cast<std::size_t>(std::lround(static_cast<double>(how.epochs) / std::sqrt(part)));
      // What is left after validation must fill a batch.
      how.batch = std::max<std::size_t>(
          1, std::min(how.batch, static_cast<std::size_t>(0.7 * static_cast<double>(chosen.size()))));
      const std::string what =
          "run " + std::to_string(runs.size() + 1) + " of " + std::to_string(options.points * options.repeats);
      if (options.training.progress)
        how.progress = [&](const progress& now) { options.training.progress({what, now.done, now.total, now.note}); };
      auto made = train_classifier(
          chosen, folder / "runs" / ("seed-" + std::to_string(seed) + "-part-" + std::to_string(1U << point)), how);
      const auto judged = judge_pictures(made.model, aside, pictures.folder, {.stop = options.training.stop});
      runs.push_back({.seed = seed,
                      .part = part,
                      .n = chosen.size(),
                      .task = judged.predictions.task,
                      .figures = judge::metrics_of(judged.predictions)});
    }
  }
  return runs;
}

std::vector<category_need> needs_of(std::span<const learning_run> runs) {
  std::map<std::uint64_t, const learning_run*> whole, half;
  for (const auto& run : runs) {
    if (run.part == 1) whole[run.seed] = &run;
    if (run.part == 0.5) half[run.seed] = &run;
  }
  if (whole.empty() || half.size() != whole.size())
    throw error(errc::invalid_argument, {"compare sizes", std::to_string(runs.size()) + " trainings",
                                         "there are none with all pictures and half of them", "train on both"});
  std::vector<category_need> needs(runs.front().figures.per_class.size());
  const auto repeats = static_cast<double>(whole.size());
  for (std::size_t label = 0; label < needs.size(); ++label) {
    std::vector<double> gains;
    for (const auto& [seed, run] : whole) {
      const double all = run->figures.per_class[label].f1;
      needs[label].f1 += all / repeats;
      gains.push_back(all - half.at(seed)->figures.per_class[label].f1);
    }
    const auto gain = judge::spread_of(gains);
    needs[label].gain = gain.mean;
    needs[label].uncertainty = gain.deviation / std::sqrt(repeats);
  }
  return needs;
}

std::string to_csv(std::span<const learning_run> runs) {
  std::vector<std::string> cells{"seed", "part", "n"};
  if (runs.empty()) return dataset::csv_row(cells);
  const auto figures = runs.front().task->figures(judge::figure_use::curve);
  for (const auto& each : figures) cells.emplace_back(each.key);
  for (const auto& label : runs.front().figures.labels) cells.push_back("f1:" + label);
  std::string text = dataset::csv_row(cells);
  for (const auto& run : runs) {
    cells = {std::to_string(run.seed), json_number(run.part), std::to_string(run.n)};
    for (const auto& each : figures) cells.push_back(json_number(each.of(run.figures)));
    for (const auto& one : run.figures.per_class) cells.push_back(json_number(one.f1));
    text += dataset::csv_row(cells);
  }
  return text;
}

} // namespace eucv::classify
#endif
