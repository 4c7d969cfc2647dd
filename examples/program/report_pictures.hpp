#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/explain.hpp>
#include <eucv/core/result.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/multi_label_facts.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// What `evaluate --report` is asked for.
struct report_options {
  std::string folder, audit, curve;
  bool out_of_fold = false; ///< whether the predictions are
  eucv::explain::method method = eucv::explain::method::grad_cam;
};

namespace detail {

/// A picture as small as it may be shown: a JPEG whose longer side has at most `longest` pixels.
inline std::string thumbnail(const eucv::image::bitmap& picture, std::size_t longest) {
  const std::size_t longer = std::max(picture.width, picture.height);
  const auto side = [&](std::size_t of) { return std::max<std::size_t>(1, of * longest / longer); };
  return eucv::image::encode_jpeg(
      longer <= longest ? picture : eucv::image::resize(picture, side(picture.width), side(picture.height)), 80);
}

/// The same under the map of one of its labels.
inline std::string map_thumbnail(eucv::classify::classifier& model, const eucv::image::bitmap& picture,
                                 const eucv::classify::explain_options& how, std::size_t longest) {
  const auto found = eucv::classify::explain_picture(model, picture, how);
  return thumbnail(eucv::explain::overlay(picture, found.map, found.seen), longest);
}

/// Which of the judged pictures are worth a look: the surest mistakes, and of each class the surest hit.
struct worth_a_look {
  std::vector<std::size_t> wrong, right;
};
inline worth_a_look choose_pictures(const eucv::judge::prediction_set& set, std::size_t most_wrong) {
  std::vector<std::size_t> order(set.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto sure = [&](std::size_t i) { return set.row(i)[set.predicted(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sure(a) > sure(b); });
  worth_a_look chosen;
  std::set<std::size_t> seen;
  for (const std::size_t i : order) {
    const bool hit = set.predicted(i) == set.truth[i];
    if (hit && seen.insert(set.truth[i]).second) chosen.right.push_back(i);
    if (!hit && chosen.wrong.size() < most_wrong) chosen.wrong.push_back(i);
  }
  return chosen;
}

/// The same where pictures may have several labels: the surest errors, and of each label the surest picture that has
/// all its labels right.
inline worth_a_look choose_pictures(const eucv::judge::multi_label_predictions& set, std::size_t most_wrong) {
  worth_a_look chosen;
  std::vector<std::pair<double, std::size_t>> errors; // how sure the surest one of a picture is, and the picture
  std::vector<std::pair<double, std::size_t>> hits(set.labels.size()); // of each label
  for (std::size_t i = 0; i < set.size(); ++i) {
    double surest = -1;
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      if (set.called(i, c) != set.is(i, c))
        surest = std::max(surest, std::abs(set.scores[i * set.labels.size() + c] - 0.5));
    if (surest >= 0) {
      errors.emplace_back(surest, i);
      continue;
    }
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      if (const double p = set.scores[i * set.labels.size() + c]; set.is(i, c) && p > hits[c].first) hits[c] = {p, i};
  }
  std::ranges::stable_sort(errors, std::ranges::greater{}, &std::pair<double, std::size_t>::first);
  for (const auto& [surest, i] : errors)
    if (chosen.wrong.size() < most_wrong) chosen.wrong.push_back(i);
  std::set<std::size_t> seen;
  for (const auto& [p, i] : hits)
    if (p > 0 && seen.insert(i).second) chosen.right.push_back(i);
  return chosen;
}

/// "Title, by creator, institution, licence".
inline std::string credit_of(const eucv::dataset::card_entry& entry) {
  std::string text;
  for (const auto& part :
       {entry.title, entry.creator.empty() ? "" : "by " + entry.creator, entry.data_provider, entry.rights})
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// The pictures that were judged, by their names, and what is known of them.
class judged_files {
public:
  judged_files(eucv::classify::classifier& model, const std::filesystem::path& images,
               const std::vector<eucv::dataset::card_entry>& records, eucv::explain::method method)
      : model_(model), method_(method) {
    for (const auto& each : records) known_[each.file] = &each;
    for (const auto& each : eucv::dataset::read_image_folder(images, eucv::dataset::without_picture::is_left_out).files)
      files_[each.file.lexically_relative(images).generic_string()] = each;
  }

  static constexpr std::size_t longest = 200; ///< side of what is shown

  [[nodiscard]] eucv::result<eucv::image::bitmap> read(const std::string& name) {
    return eucv::dataset::read_picture(files_[name], {.shorter_side = 2 * longest});
  }
  [[nodiscard]] std::string map(const eucv::image::bitmap& picture, const std::string& label) {
    return map_thumbnail(model_, picture, {.label = label, .method = method_}, longest);
  }
  /// Gives what is shown its credit and the address of its page.
  template <class Shown>
  void credit(Shown& shown) const {
    const auto found = known_.find(shown.file);
    if (found == known_.end()) return;
    shown.credit = credit_of(*found->second);
    shown.address = found->second->landing_page;
  }

private:
  eucv::classify::classifier& model_;
  eucv::explain::method method_;
  std::map<std::string, const eucv::dataset::card_entry*> known_;
  std::map<std::string, eucv::dataset::labelled_file> files_;
};

/// A picture with one label: with the maps of the predicted and of the given one.
inline void show(judged_files& files, const eucv::judge::prediction_set& set, std::size_t i,
                 std::vector<eucv::report::shown_picture>& to) {
  const auto picture = files.read(set.files[i]);
  if (!picture) return;
  const std::size_t best = set.predicted(i), given = set.truth[i];
  eucv::report::shown_picture shown{.file = set.files[i],
                                    .truth = set.labels[given],
                                    .predicted = set.labels[best],
                                    .probability = set.row(i)[best],
                                    .truth_probability = set.row(i)[given],
                                    .picture = thumbnail(*picture, judged_files::longest),
                                    .predicted_map = files.map(*picture, set.labels[best])};
  if (best != given) shown.truth_map = files.map(*picture, set.labels[given]);
  files.credit(shown);
  to.push_back(std::move(shown));
}

/// A picture with several: with the maps of two labels at most, of the surest error and of the surest given one.
inline void show(judged_files& files, const eucv::judge::multi_label_predictions& set, std::size_t i,
                 std::vector<eucv::report::shown_labels>& to) {
  const auto picture = files.read(set.files[i]);
  if (!picture) return;
  eucv::report::shown_labels shown{.file = set.files[i], .picture = thumbnail(*picture, judged_files::longest)};
  const std::size_t none = set.labels.size();
  std::size_t error = none, given = none; // the surest of each
  const auto p = [&](std::size_t label) { return set.scores[i * set.labels.size() + label]; };
  for (std::size_t c = 0; c < set.labels.size(); ++c) {
    const bool is = set.is(i, c), stated = set.called(i, c);
    if (is || stated) shown.labels.push_back({set.labels[c], p(c), is, stated});
    if (is != stated && (error == none || std::abs(p(c) - 0.5) > std::abs(p(error) - 0.5))) error = c;
    if (is && stated && (given == none || p(c) > p(given))) given = c;
  }
  std::ranges::stable_sort(shown.labels, std::ranges::greater{}, &eucv::report::shown_label::probability);
  for (const std::size_t label : {error, given})
    if (label != none) shown.maps.emplace_back(set.labels[label], files.map(*picture, set.labels[label]));
  files.credit(shown);
  to.push_back(std::move(shown));
}

} // namespace detail
} // namespace program
