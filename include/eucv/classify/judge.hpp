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
#include <vector>

namespace eucv::classify {

/// How pictures are judged.
struct judge_options {
  std::size_t batch = 32;      ///< pictures in memory at a time
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< asked for between batches; then errc::interrupted is thrown
};

/// What a model thinks of labelled pictures.
struct judged_pictures {
  judge::prediction_set predictions;                     ///< under the model's labels; names as `names` says
  std::vector<std::size_t> items = {};                   ///< of each its place in the list of pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, in no list else
};

/// Runs a model over labelled pictures, from files or shards, in their order. `below` is the folder that their names in
/// the result begin under. Probabilities have the bits that classifier::predict() gives. Throws unknown_label for a
/// class that the model has not, and invalid_argument for a model or pictures with several labels.
[[nodiscard]] judged_pictures judge_pictures(classifier& model, const dataset::image_folder& pictures,
                                             const std::filesystem::path& below, const judge_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <algorithm>
#include <map>
#include <string>

namespace eucv::classify {
namespace detail {

/// Calls f(place of the picture, probabilities) for each picture that can be read, in their order; returns the others.
template <class Function>
std::vector<dataset::unreadable_file> for_each_judged(classifier::parts& parts, const dataset::image_folder& pictures,
                                                      const std::filesystem::path& below, const judge_options& options,
                                                      Function&& f) {
  const auto& about = parts.about;
  dataset::batches next(pictures.files, {.size = about.pictures.size,
                                         .batch = std::max<std::size_t>(1, options.batch),
                                         .scale = {about.pictures.mean, about.pictures.deviation},
                                         .threads = parts.pool.size()});
  std::size_t done = 0, lost = 0;
  const std::size_t classes = about.labels.size();
  while (true) {
    if (options.stop.stop_requested())
      throw error(errc::interrupted, {"evaluate", below.string(), "asked to stop", "run the same command again"});
    const auto batch = next.next();
    if (!batch) break;
    const auto logits = batch->n == 0 ? std::vector<float>{} : parts.logits(batch->pixels, batch->n);
    for (std::size_t i = 0; i < batch->n; ++i)
      f(batch->items[i], parts.probabilities(std::span(logits).subspan(i * classes, classes)));
    const std::size_t fresh = batch->n + next.unreadable().size() - lost;
    lost = next.unreadable().size();
    for (std::size_t i = 0; i < fresh; ++i)
      if (++done; options.progress) options.progress({"evaluate", done, pictures.files.size(), ""});
  }
  return next.unreadable();
}

} // namespace detail

judged_pictures judge_pictures(classifier& model, const dataset::image_folder& pictures,
                               const std::filesystem::path& below, const judge_options& options) {
  auto& parts = model.inside();
  if (parts.about.mode != label_mode::single_label || pictures.multi_label())
    throw error(errc::invalid_argument,
                {"evaluate", below.string(), "pictures or model have several labels", "use judge_multi_label()"});
  judged_pictures result;
  auto& made = result.predictions;
  std::map<std::string, std::size_t> places;
  for (const auto& each : parts.about.labels) {
    places.emplace(each.name, made.labels.size());
    made.labels.push_back(each.name);
  }
  std::vector<std::size_t> place_of; // of each label of the pictures that of the model
  for (const auto& label : pictures.labels) {
    const auto found = places.find(label);
    if (found == places.end())
      throw error(errc::unknown_label, {"evaluate", below.string(), "the model knows no label \"" + label + "\"",
                                        "remove that folder, or train a model with this label"});
    place_of.push_back(found->second);
  }
  result.unreadable = detail::for_each_judged(
      parts, pictures, below, options, [&](std::size_t item, const std::vector<double>& probabilities) {
        const auto& from = pictures.files[item];
        made.probabilities.insert(made.probabilities.end(), probabilities.begin(), probabilities.end());
        made.truth.push_back(place_of[from.label]);
        made.files.push_back(from.file.lexically_relative(below).generic_string());
        made.groups.push_back(from.group);
        result.items.push_back(item);
      });
  return result;
}

} // namespace eucv::classify
#endif
