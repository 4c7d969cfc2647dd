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

/// What models say of pictures that they were not trained on, each picture once.
struct cross_validated {
  judge::prediction_set predictions;                     ///< out of fold, in the order of the pictures
  std::vector<judge::metrics> folds = {};                ///< of each fold the figures on its pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// Trains `folds` models, each on all pictures but those of one fold, and lets each judge that fold.
///
/// Folds are stratified and seeded; a group is never parted, so what must stay together (copies, pictures of a record,
/// and of a provider after join_by()) does; a leak is an error. Each model chooses its best epoch by a part of its own
/// training pictures, never by its fold. Models lie in `folder`/<fold>-of-<folds>: broken off in whatever way, the same
/// call goes on. Throws what train_classifier() and stratified_folds() throw.
[[nodiscard]] cross_validated cross_validate(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                                             std::size_t folds, const train_options& options = {});

/// cross_validation.json: for accuracy, macro F1, macro precision and macro recall the `mean`, the standard `deviation`
/// and the `values` of the folds, and `n`.
[[nodiscard]] std::string to_json(const cross_validated& all);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/judge.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/folds.hpp>
#include <eucv/judge/spread.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace eucv::classify {

namespace detail {

/// Trains a model for each fold and calls judge(model, pictures of the fold, number of the fold), which returns the
/// places of the pictures that it has judged. Returns the order in which all that was judged stands as the pictures do.
template <class Judge>
std::vector<std::size_t> for_each_fold(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                                       std::size_t folds, const train_options& options, Judge&& judge) {
  const auto fold_of = dataset::stratified_folds(pictures.pictures, {.folds = folds, .seed = options.seed});
  dataset::check_leakage(pictures, fold_of);
  std::vector<std::size_t> places;
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
    for (const std::size_t item : judge(made.model, dataset::subset(pictures, parts.held_out).pictures, fold))
      places.push_back(parts.held_out[item]);
  }
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  return order;
}

/// Adds what a model said of the pictures of its fold to what the models before it said of theirs.
template <class Judged, class Predictions, class Unreadable>
void join_fold(Judged& judged, std::size_t fold, Predictions& joined, Unreadable& unreadable) {
  judged.predictions.folds.assign(judged.predictions.size(), fold);
  unreadable.insert(unreadable.end(), judged.unreadable.begin(), judged.unreadable.end());
  if (fold == 0)
    joined = std::move(judged.predictions);
  else
    judge::append(joined, judged.predictions);
}

} // namespace detail

cross_validated cross_validate(const dataset::picture_set& pictures, const std::filesystem::path& folder,
                               std::size_t folds, const train_options& options) {
  cross_validated result;
  judge::prediction_set joined;
  const auto judge = [&](classifier& model, const dataset::image_folder& held_out, std::size_t fold) {
    auto judged = judge_pictures(model, held_out, pictures.folder, {.batch = options.batch, .stop = options.stop});
    result.folds.push_back(
        judge::metrics_of(judged.predictions.truth, judged.predictions.predicted(), judged.predictions.labels));
    detail::join_fold(judged, fold, joined, result.unreadable);
    return judged.items;
  };
  const auto order = detail::for_each_fold(pictures, folder, folds, options, judge);
  result.predictions = judge::subset(joined, order);
  return result;
}

std::string to_json(const cross_validated& all) {
  static constexpr std::array<std::pair<const char*, double judge::metrics::*>, 4> names{
      {{"accuracy", &judge::metrics::accuracy},
       {"macro_f1", &judge::metrics::macro_f1},
       {"macro_precision", &judge::metrics::macro_precision},
       {"macro_recall", &judge::metrics::macro_recall}}};
  std::string out = "{\n";
  for (const auto& [name, member] : names) {
    std::vector<double> values;
    std::string list;
    for (const auto& fold : all.folds) {
      values.push_back(fold.*member);
      list += (list.empty() ? "" : ", ") + json_number(values.back());
    }
    const auto figures = judge::spread_of(values);
    out += "  \"" + std::string(name) + "\": {\"mean\": " + json_number(figures.mean) +
           ", \"deviation\": " + json_number(figures.deviation) + ", \"values\": [" + list + "]},\n";
  }
  return out + "  \"n\": " + std::to_string(all.predictions.size()) + "\n}\n";
}

} // namespace eucv::classify
#endif
