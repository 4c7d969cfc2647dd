#pragma once

#include <eucv/classify/learning_curve.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/multi_label.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace eucv::classify {

/// One training of a learning curve with several labels a picture.
struct multi_label_run {
  std::uint64_t seed = 0;
  double part = 1;                    ///< of the pictures for training
  std::size_t n = 0;                  ///< pictures that it got, those included by which it chose its best epoch
  std::vector<std::string> labels;    ///< of the model
  judge::multi_label_metrics figures; ///< on pictures kept aside, labels called at one half
};

/// learning_curve() for pictures that may have several labels. Each label needs two groups of pictures in the smallest
/// part, one to train on and one to choose the epoch by: leave rarer ones out, see dataset::leave_out_rare(). Throws
/// the same, and invalid_argument for pictures with one label.
[[nodiscard]] std::vector<multi_label_run> learning_curve_multi_label(const dataset::picture_set& pictures,
                                                                      const std::filesystem::path& folder,
                                                                      const learning_curve_options& options = {});

/// What the last doubling of the pictures brought each label, in label order. Throws as for learning_run.
[[nodiscard]] std::vector<category_need> needs_of(std::span<const multi_label_run> runs);

/// learning_curve.csv: `seed,part,n,accuracy,macro_f1,mean_average_precision`, accuracy being the exact match, then a
/// column `f1:<label>` for each label.
[[nodiscard]] std::string to_csv(std::span<const multi_label_run> runs);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/judge_multi_label.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>

#include <utility>

namespace eucv::classify {

std::vector<multi_label_run> learning_curve_multi_label(const dataset::picture_set& pictures,
                                                        const std::filesystem::path& folder,
                                                        const learning_curve_options& options) {
  if (!pictures.pictures.multi_label())
    throw error(errc::invalid_argument,
                {"measure the learning curve", pictures.folder.string(), "its pictures have one label each",
                 "read them by read_multi_label_set(), or use learning_curve()"});
  std::vector<multi_label_run> runs;
  detail::for_each_run(
      pictures, folder, options,
      [&](const detail::run_place& at, classifier& model, const dataset::image_folder& aside) {
        const auto judged = judge_multi_label(model, aside, pictures.folder, {.stop = options.training.stop});
        runs.push_back({at.seed, at.part, at.n, judged.predictions.labels, judge::metrics_of(judged.predictions)});
      });
  return runs;
}

std::vector<category_need> needs_of(std::span<const multi_label_run> runs) {
  return detail::needs_of_runs(
      runs, runs.empty() ? 0 : runs.front().labels.size(),
      [](const multi_label_run& run, std::size_t label) { return run.figures.per_label[label].f1; });
}

std::string to_csv(std::span<const multi_label_run> runs) {
  std::vector<std::string> cells{"seed", "part", "n", "accuracy", "macro_f1", "mean_average_precision"};
  if (!runs.empty())
    for (const auto& label : runs.front().labels) cells.push_back("f1:" + label);
  std::string text = dataset::csv_row(cells);
  for (const auto& run : runs) {
    const auto& figures = run.figures;
    cells = {std::to_string(run.seed),      json_number(run.part),
             std::to_string(run.n),         json_number(figures.exact_match),
             json_number(figures.macro.f1), json_number(figures.mean_average_precision)};
    for (const auto& one : figures.per_label) cells.push_back(json_number(one.f1));
    text += dataset::csv_row(cells);
  }
  return text;
}

} // namespace eucv::classify
#endif
