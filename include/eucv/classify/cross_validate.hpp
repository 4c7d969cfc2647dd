#pragma once

#include <eucv/classify/train.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::classify {

/// What models state of pictures that they were not trained on, each picture once.
struct cross_validated {
  judge::predictions predictions = {};                   ///< out of fold, in the order of the pictures
  std::vector<judge::metrics> folds = {};                ///< of each fold the figures on its pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// Trains `folds` models, each on all pictures but those of one fold, and lets each judge that fold.
///
/// Folds are stratified and seeded; a group is never parted, so what must stay together (copies, pictures of a record,
/// and of a provider after join_by()) does; a leak is an error. Each model chooses its best epoch by a part of its own
/// training pictures, never by its fold. Models lie in `folder`/FOLD-of-FOLDS: broken off in whatever way, the same
/// call goes on. Throws what train_classifier() and stratified_folds() throw.
[[nodiscard]] cross_validated cross_validate(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                                             std::size_t folds, const train_options& options = {});

/// cross_validation.json: for each figure of the task for figure_use::folds the `mean`, the standard `deviation` and
/// the `values` of the folds, and `n`.
[[nodiscard]] std::string to_json(const cross_validated& all);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/judge.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/folds.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/judge/spread.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace eucv::classify {

cross_validated cross_validate(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                               std::size_t folds, const train_options& options) {
  const auto fold_of = dataset::stratified_folds(pictures.pictures, {.folds = folds, .seed = options.seed});
  dataset::check_leakage(pictures, fold_of);
  cross_validated result;
  judge::predictions joined;
  std::vector<std::size_t> places; // of what was judged among the pictures
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const std::string name = std::to_string(fold + 1) + " of " + std::to_string(folds);
    auto how = options;
    if (options.progress)
      how.progress = [&, what = "fold " + name](const progress& now) {
        options.progress({what, now.done, now.total, now.note});
      };
    const auto parts = dataset::parts_of(fold_of, fold);
    auto made = train_classifier(dataset::subset(pictures, parts.rest),
                                 folder / (std::to_string(fold + 1) + "-of-" + std::to_string(folds)), how);
    auto judged = judge_pictures(made.model, dataset::subset(pictures, parts.held_out).pictures, pictures.folder,
                                 {.batch = options.batch, .stop = options.stop});
    result.folds.push_back(judge::metrics_of(judged.predictions));
    result.unreadable.insert(result.unreadable.end(), judged.unreadable.begin(), judged.unreadable.end());
    for (const std::size_t item : judged.items) places.push_back(parts.held_out[item]);
    judged.predictions.folds.assign(judged.predictions.size(), fold);
    if (fold == 0)
      joined = std::move(judged.predictions);
    else
      judge::append(joined, judged.predictions);
  }
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  result.predictions = judge::subset(joined, order);
  return result;
}

std::string to_json(const cross_validated& all) {
  std::string out = "{\n";
  for (const auto& figure : all.predictions.task->figures(judge::figure_use::folds)) {
    std::vector<double> values;
    std::string list;
    for (const auto& fold : all.folds) {
      values.push_back(figure.of(fold));
      list += (list.empty() ? "" : ", ") + json_number(values.back());
    }
    const auto spread = judge::spread_of(values);
    out += "  \"" + std::string(figure.key) + "\": {\"mean\": " + json_number(spread.mean) +
           ", \"deviation\": " + json_number(spread.deviation) + ", \"values\": [" + list + "]},\n";
  }
  return out + "  \"n\": " + std::to_string(all.predictions.size()) + "\n}\n";
}

} // namespace eucv::classify
#endif
