#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::classify {

/// What a model with several labels a picture thinks of labelled pictures.
struct judged_multi_label {
  judge::multi_label_predictions predictions;            ///< under the model's labels
  std::vector<std::size_t> items = {};                   ///< of each its place in the list of pictures
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over, in no list else
  std::vector<std::string> unknown_labels = {}; ///< of the pictures, which the model has not: they count nowhere
};

/// judge_pictures() for a model with several labels a picture; the pictures may have one each or several. Throws
/// unknown_label where the model has none of the pictures' labels, invalid_argument for a model of another kind.
[[nodiscard]] judged_multi_label judge_multi_label(classifier& model, const dataset::image_folder& pictures,
                                                   const std::filesystem::path& below,
                                                   const judge_options& options = {});

/// Judges such a model on a folder of pictures as read_multi_label_set() reads it, where the labels of the model may
/// hold blanks; copies are joined.
[[nodiscard]] judged_multi_label evaluate_multi_label(classifier& model, const std::filesystem::path& images,
                                                      const judge_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/dataset/multi_label.hpp>

#include <algorithm>
#include <set>

namespace eucv::classify {

judged_multi_label judge_multi_label(classifier& model, const dataset::image_folder& pictures,
                                     const std::filesystem::path& below, const judge_options& options) {
  auto& parts = model.inside();
  if (parts.about.mode != label_mode::multi_label)
    throw error(errc::invalid_argument, {"evaluate", below.string(), "the model gives one label to a picture",
                                         "use judge_pictures(), or train with --multi-label"});
  judged_multi_label result;
  auto& made = result.predictions;
  for (const auto& each : parts.about.labels) made.labels.push_back(each.name);
  const std::size_t classes = made.labels.size();
  std::vector<std::size_t> place_of; // of each label of the pictures that of the model, or `classes`
  for (const auto& label : pictures.labels) {
    const auto found = std::find(made.labels.begin(), made.labels.end(), label);
    place_of.push_back(static_cast<std::size_t>(found - made.labels.begin()));
    if (place_of.back() == classes) result.unknown_labels.push_back(label);
  }
  if (result.unknown_labels.size() == pictures.labels.size())
    throw error(errc::unknown_label, {"evaluate", below.string(), "the model knows none of its labels",
                                      "name pictures with labels such as \"" + made.labels.front() + "\""});
  result.unreadable = detail::for_each_judged(
      parts, pictures, below, options, [&](std::size_t item, const std::vector<double>& probabilities) {
        const auto& from = pictures.files[item];
        made.scores.insert(made.scores.end(), probabilities.begin(), probabilities.end());
        made.truth.resize(made.scores.size());
        for (const std::size_t label : pictures.labels_of(from))
          if (place_of[label] != classes) made.truth[made.truth.size() - classes + place_of[label]] = 1;
        made.files.push_back(from.file.lexically_relative(below).generic_string());
        made.groups.push_back(from.group);
        result.items.push_back(item);
      });
  return result;
}

judged_multi_label evaluate_multi_label(classifier& model, const std::filesystem::path& images,
                                        const judge_options& options) {
  std::set<std::string> whole;
  for (const auto& each : model.about().labels) whole.insert(each.name);
  auto set = dataset::read_multi_label_set(images, model.inside().pool, whole);
  dataset::join_copies(set);
  return judge_multi_label(model, set.pictures, images, options);
}

} // namespace eucv::classify
#endif
