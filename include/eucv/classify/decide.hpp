#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/description.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cstddef>
#include <vector>

namespace eucv::classify {

/// What may be done with the labels of a picture, most probable first, as predict() gives them.
///
/// automatic: the first may be written into a record as it is; the model was shown to be right with the wanted
/// precision where it is that sure. review: a person should look first. never: so unreliable is the category that it
/// should not even be suggested. A model without thresholds, or a picture without label, leaves all to review.
[[nodiscard]] inline judge::verdict decide(const description& about, const std::vector<ranked_label>& ranked) {
  const auto& categories = about.decisions.categories;
  if (ranked.empty()) return judge::verdict::review;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    if (about.labels[i].name != ranked.front().label) continue;
    if (categories[i].decision != judge::verdict::automatic) return categories[i].decision;
    return ranked.front().probability >= categories[i].threshold ? judge::verdict::automatic : judge::verdict::review;
  }
  return judge::verdict::review;
}

/// Of the labels of a picture, most probable first and all of them, as predict() gives them without `top`: those to
/// show without human review.
///
/// With thresholds: of a model with one label a picture all, where decide() calls the first automatic, else none; of
/// one with several each that is automatic by itself. Without: all, or each that is more probable than not.
[[nodiscard]] inline std::vector<ranked_label> labels_to_show(const description& about,
                                                              const std::vector<ranked_label>& ranked) {
  const bool decides = !about.decisions.categories.empty();
  if (about.task->exclusive()) {
    if (decides && decide(about, ranked) != judge::verdict::automatic) return {};
    return ranked;
  }
  std::vector<ranked_label> shown;
  for (const auto& each : ranked)
    if (decides ? decide(about, {each}) == judge::verdict::automatic : each.probability >= 0.5) shown.push_back(each);
  return shown;
}

} // namespace eucv::classify
