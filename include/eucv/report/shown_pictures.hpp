#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/explain/grad_cam.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/report/facts.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::report {

/// The name of a method as people read it: "Grad-CAM".
[[nodiscard]] constexpr std::string_view method_name(explain::method of) noexcept {
  return of == explain::method::grad_cam ? "Grad-CAM" : "Grad-CAM++";
}

/// A picture as a JPEG whose longer side has at most `longest` pixels.
[[nodiscard]] std::string thumbnail(const image::bitmap& picture, std::size_t longest);

/// Which of the judged items are worth a look, by their places.
struct chosen_items {
  std::vector<std::size_t> wrong = {}; ///< the surest errors, the surest first
  std::vector<std::size_t> right = {}; ///< for each label the most probable item without an error, in label order
};

/// Chooses them. How sure an error is: the probability of the wrong label, where labels exclude each other; else by how
/// much the probability of a label with a wrong answer differs from one half, the largest of an item.
[[nodiscard]] chosen_items choose_items(const judge::predictions& set, std::size_t most_wrong = 12);

/// Where the pictures of a report are, and how they are shown.
struct gallery_options {
  std::filesystem::path images = {};             ///< folder that the names of the items lie below
  std::vector<dataset::card_entry> records = {}; ///< that know titles and licences, by file
  explain::method method = explain::method::grad_cam;
  std::size_t longest = 200;   ///< pixels of the longer side
  std::size_t most_wrong = 12; ///< errors to show
};

/// The pictures of a report.
struct gallery_pictures {
  std::vector<shown_picture> wrong = {}, right = {}; ///< see choose_items()
  std::string layer = {};                            ///< that the maps are of; empty where no picture could be shown
};

/// Reads the pictures that choose_items() names and explains their labels: all that are given or predicted where these
/// are at most two, else the surest error and the surest hit. A picture that is not in the folder, or cannot be read,
/// is left out. Cost: a prediction and a pass back for each map. Throws what read_image_folder() and explain_picture()
/// throw.
[[nodiscard]] gallery_pictures show_pictures(classify::classifier& model, const judge::predictions& set,
                                             const gallery_options& options);

} // namespace eucv::report

#ifdef EUCV_IMPLEMENTATION_REPORT
#include <eucv/classify/explain.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace eucv::report {

std::string thumbnail(const image::bitmap& picture, std::size_t longest) {
  const std::size_t longer = std::max(picture.width, picture.height);
  const auto side = [&](std::size_t of) { return std::max<std::size_t>(1, of * longest / longer); };
  return image::encode_jpeg(
      longer <= longest ? picture : image::resize(picture, side(picture.width), side(picture.height)), 80);
}

namespace detail {

// How sure the model is of its answer about a label.
double sureness(const judge::predictions& set, std::size_t item, std::size_t label) {
  const double p = set.row(item)[label];
  return set.task->exclusive() ? p : std::abs(p - 0.5);
}

} // namespace detail

chosen_items choose_items(const judge::predictions& set, std::size_t most_wrong) {
  const auto decided = set.decisions();
  const std::size_t classes = set.labels.size();
  std::vector<std::pair<double, std::size_t>> errors;        // how sure the surest one of an item is, and the item
  std::vector<std::pair<double, std::size_t>> hits(classes); // the probability of each label, and the item
  for (std::size_t i = 0; i < set.size(); ++i) {
    double surest = -1;
    for (std::size_t c = 0; c < classes; ++c)
      if ((decided[i * classes + c] != 0) != set.is(i, c)) surest = std::max(surest, detail::sureness(set, i, c));
    if (surest >= 0) {
      errors.emplace_back(surest, i);
      continue;
    }
    for (std::size_t c = 0; c < classes; ++c)
      if (const double p = set.row(i)[c]; set.is(i, c) && p > hits[c].first) hits[c] = {p, i};
  }
  std::ranges::stable_sort(errors, std::ranges::greater{}, &std::pair<double, std::size_t>::first);
  if (errors.size() > most_wrong) errors.resize(most_wrong);
  chosen_items chosen;
  for (const auto& [surest, i] : errors) chosen.wrong.push_back(i);
  std::set<std::size_t> seen;
  for (const auto& [p, i] : hits)
    if (p > 0 && seen.insert(i).second) chosen.right.push_back(i);
  return chosen;
}

namespace detail {

// "Title, by creator, institution, licence".
std::string credit_of(const dataset::card_entry& entry) {
  std::string text;
  for (const auto& part :
       {entry.title, entry.creator.empty() ? "" : "by " + entry.creator, entry.data_provider, entry.rights})
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// The labels of an item that are given or predicted, the most probable first.
std::vector<shown_label> labels_to_show(const judge::predictions& set, std::size_t item,
                                        std::span<const std::uint8_t> decided) {
  std::vector<shown_label> labels;
  for (std::size_t c = 0; c < set.labels.size(); ++c)
    if (set.is(item, c) || decided[c] != 0)
      labels.push_back({set.labels[c], set.row(item)[c], set.is(item, c), decided[c] != 0});
  std::ranges::stable_sort(labels, std::ranges::greater{}, &shown_label::probability);
  return labels;
}

// Those of them that get a heat map.
std::vector<std::string> labels_to_explain(const std::vector<shown_label>& labels) {
  std::vector<std::string> names;
  if (labels.size() <= 2) {
    for (const auto& each : labels) names.push_back(each.label);
    return names;
  }
  const shown_label *error = nullptr, *hit = nullptr; // the surest of each
  for (const auto& each : labels) {
    if (each.given && each.predicted) {
      if (hit == nullptr) hit = &each;
    } else if (error == nullptr || std::abs(each.probability - 0.5) > std::abs(error->probability - 0.5)) {
      error = &each;
    }
  }
  for (const auto* each : {error, hit})
    if (each != nullptr) names.push_back(each->label);
  return names;
}

} // namespace detail

gallery_pictures show_pictures(classify::classifier& model, const judge::predictions& set,
                               const gallery_options& options) {
  std::map<std::string, const dataset::card_entry*> records;
  for (const auto& each : options.records) records[each.file] = &each;
  std::map<std::string, dataset::labelled_file> files;
  for (auto& each : dataset::read_image_folder(options.images, dataset::without_picture::is_left_out).files)
    files.emplace(each.file.lexically_relative(options.images).generic_string(), each);
  const auto chosen = choose_items(set, options.most_wrong);
  const auto decided = set.decisions();
  gallery_pictures made;
  const auto show = [&](std::size_t item, std::vector<shown_picture>& to) {
    const auto file = files.find(set.files[item]);
    if (file == files.end()) return;
    const auto picture = dataset::read_picture(file->second, {.shorter_side = 2 * options.longest});
    if (!picture) return;
    const std::size_t classes = set.labels.size();
    shown_picture shown{.file = set.files[item],
                        .labels =
                            detail::labels_to_show(set, item, std::span(decided).subspan(item * classes, classes)),
                        .picture = thumbnail(*picture, options.longest)};
    for (const auto& label : detail::labels_to_explain(shown.labels)) {
      const auto found = classify::explain_picture(model, *picture, {.label = label, .method = options.method});
      made.layer = found.layer;
      shown.maps.emplace_back(label, thumbnail(explain::overlay(*picture, found.map, found.seen), options.longest));
    }
    if (const auto record = records.find(shown.file); record != records.end()) {
      shown.credit = detail::credit_of(*record->second);
      shown.address = record->second->landing_page;
    }
    to.push_back(std::move(shown));
  };
  for (const std::size_t item : chosen.wrong) show(item, made.wrong);
  for (const std::size_t item : chosen.right) show(item, made.right);
  return made;
}

} // namespace eucv::report
#endif
