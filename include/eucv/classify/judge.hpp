#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/judge/predictions.hpp>

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::classify {

/// How pictures are judged.
struct judge_options {
  std::size_t batch = 32;      ///< pictures in memory at a time
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< asked for between batches; then errc::interrupted is thrown
};

/// What a model states of labelled pictures.
struct judged_pictures {
  judge::predictions predictions = {};                   ///< under the model's labels; names as `names` says
  std::vector<std::size_t> items = {};                   ///< of each its place in the list of pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, in no list else
  /// Labels of the pictures that the model has not: they count nowhere. Only where a picture may have several.
  std::vector<std::string> unknown_labels = {};
};

/// Runs a model over labelled pictures, from files or shards, in their order. `below` is the folder that their names in
/// the result begin under. Probabilities have the bits that classifier::predict() gives. A model with several labels a
/// picture may judge pictures that have one each. Throws unknown_label for a label that a model with one label a
/// picture has not, or where the model has none of the pictures' labels, and invalid_argument for a model with one
/// label and pictures with several.
[[nodiscard]] judged_pictures judge_pictures(classifier& model, const dataset::image_folder& pictures,
                                             const std::filesystem::path& below, const judge_options& options = {});

/// The same for a folder of pictures: a folder for each class, what a download wrote, or shards. A model with several
/// labels a picture reads it as read_multi_label_set() does, where the labels of the model may hold blanks, and joins
/// copies. Throws what reading the folder throws, too.
[[nodiscard]] judged_pictures judge_folder(classifier& model, const std::filesystem::path& images,
                                           const judge_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY
#include <eucv/classify/network.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/label_sets.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace eucv::classify {
namespace detail {

/// The place of each label of the pictures among those of the model, or C where the model has it not.
inline std::vector<std::size_t> places_of(const std::vector<std::string>& labels, judged_pictures& judged,
                                          const std::filesystem::path& below) {
  const auto& known = judged.predictions.labels;
  std::vector<std::size_t> places;
  for (const auto& label : labels) {
    places.push_back(static_cast<std::size_t>(std::ranges::find(known, label) - known.begin()));
    if (places.back() != known.size()) continue;
    if (judged.predictions.task->exclusive())
      throw error(errc::unknown_label, {"evaluate", below.string(), "the model knows no label \"" + label + "\"",
                                        "remove that folder, or train a model with this label"});
    judged.unknown_labels.push_back(label);
  }
  if (judged.unknown_labels.size() == labels.size() && !labels.empty())
    throw error(errc::unknown_label, {"evaluate", below.string(), "the model knows none of its labels",
                                      "name pictures with labels such as \"" + known.front() + "\""});
  return places;
}

} // namespace detail

judged_pictures judge_pictures(classifier& model, const dataset::image_folder& pictures,
                               const std::filesystem::path& below, const judge_options& options) {
  auto& parts = model.inside();
  const auto& about = parts.about;
  if (about.task->exclusive() && pictures.multi_label())
    throw error(errc::invalid_argument,
                {"evaluate", below.string(), "its pictures have several labels, the model gives one",
                 "train a model with several labels a picture"});
  judged_pictures result;
  auto& made = result.predictions;
  made.task = about.task;
  for (const auto& each : about.labels) made.labels.push_back(each.name);
  const std::size_t classes = made.labels.size();
  const auto places = detail::places_of(pictures.labels, result, below);

  dataset::batches next(pictures.files, {.size = about.pictures.size,
                                         .batch = std::max<std::size_t>(1, options.batch),
                                         .scale = {about.pictures.mean, about.pictures.deviation},
                                         .threads = parts.pool.size()});
  std::size_t done = 0, lost = 0;
  while (true) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"evaluate", below.string(), "asked to stop", "do the same again"});
    const auto batch = next.next();
    if (!batch) break;
    const auto logits = batch->n == 0 ? std::vector<float>{} : parts.net->logits(batch->pixels, batch->n);
    for (std::size_t i = 0; i < batch->n; ++i) {
      const auto& from = pictures.files[batch->items[i]];
      const auto probabilities = parts.probabilities(std::span(logits).subspan(i * classes, classes));
      made.scores.insert(made.scores.end(), probabilities.begin(), probabilities.end());
      made.truth.resize(made.scores.size());
      for (const std::size_t label : pictures.labels_of(from))
        if (places[label] != classes) made.truth[made.truth.size() - classes + places[label]] = 1;
      made.files.push_back(from.file.lexically_relative(below).generic_string());
      made.groups.push_back(from.group);
      result.items.push_back(batch->items[i]);
    }
    const std::size_t fresh = batch->n + next.unreadable().size() - lost;
    lost = next.unreadable().size();
    for (std::size_t i = 0; i < fresh; ++i)
      if (++done; options.progress) options.progress({"evaluate", done, pictures.files.size(), ""});
  }
  result.unreadable = next.unreadable();
  return result;
}

judged_pictures judge_folder(classifier& model, const std::filesystem::path& images, const judge_options& options) {
  if (model.about().task->exclusive())
    return judge_pictures(model, dataset::read_image_folder(images), images, options);
  std::set<std::string> whole;
  for (const auto& each : model.about().labels) whole.insert(each.name);
  auto set = dataset::read_multi_label_set(images, model.inside().pool, whole);
  dataset::join_copies(set);
  return judge_pictures(model, set.pictures, images, options);
}

} // namespace eucv::classify
#endif
