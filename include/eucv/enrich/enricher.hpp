#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/description.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/same_concept.hpp>
#include <eucv/enrich/classify_stream.hpp>
#include <eucv/enrich/evidence.hpp>
#include <eucv/enrich/item.hpp>
#include <eucv/europeana/id_set.hpp>
#include <eucv/judge/thresholds.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::enrich {

/// When a label may be stated without a person's look.
struct enrich_rule {
  /// Probability that a label needs beside what the model's thresholds ask for; a model without thresholds is refused
  /// unless this is given.
  std::optional<double> least_probability = {};
};

/// Turns predictions into statements about records: only those that the thresholds allow, only about records, and none
/// that the record has already or that was made before.
///
/// A label is stated where its category is `automatic` and its probability reaches the threshold of that category; of a
/// model for one label a picture, the first label alone. Concepts are compared by canonical_concept_uri(). For one
/// thread; holds 64 bits for each record and each statement.
class enricher {
public:
  /// `digest` is classify::model_digest(). Throws errc::invalid_argument for a model without thresholds where the rule
  /// gives none either, for a least probability that is none, and where no label has a concept URI and may be stated.
  enricher(const classify::description& about, std::string digest, const enrich_rule& rule = {})
      : digest_(std::move(digest)) {
    const auto& categories = about.decisions.categories;
    if (categories.empty() && !rule.least_probability)
      throw refuse("the model has no thresholds, so nobody knows how often it is right",
                   "train it with --folds and --target-precision, or say yourself from which probability on it is to "
                   "be believed (--min-probability)");
    const double least = rule.least_probability.value_or(0);
    if (!(least >= 0 && least <= 1))
      throw refuse("a least probability of " + json_number(least) + " is none", "give one from 0 to 1");
    for (std::size_t i = 0; i < about.labels.size(); ++i) {
      const bool may = categories.empty() || categories[i].decision == judge::verdict::automatic;
      if (may && !about.labels[i].uri.empty())
        bars_.push_back({about.labels[i].name, categories.empty() ? least : std::max(least, categories[i].threshold)});
    }
    if (bars_.empty())
      throw refuse("none of its categories may be stated: each needs a concept URI, and a threshold that it holds",
                   "look at enrichment.json in its folder; more pictures, or a lower --target-precision, may help");
    if (!about.task->exclusive()) most_ = about.labels.size();
    if (const auto found = about.provenance.find("pictures"); found != about.provenance.end())
      data_set_ = found->second;
  }

  /// Whether there may be something to state about an item: it is of a record, on which this model has not spoken yet.
  [[nodiscard]] bool wants(const item& what) const { return what.id.empty() || !spoken_.contains(what.id); }

  /// What is to be stated of a picture with labels, at that time: see utc_text(). Throws invalid_argument for an item
  /// without a record. Marks it as done.
  [[nodiscard]] evidence judge(const classified& one, std::string time) {
    if (one.what.id.empty())
      throw error(errc::invalid_argument, {"state what is in", one.what.name, "it belongs to no record that is known",
                                           "name the record instead: /DATASET/LOCAL"});
    evidence made{one.what.id, one.what.address, one.sha256, digest_, data_set_, std::move(time)};
    std::vector<std::string> has;
    for (const auto& uri : one.what.concepts) has.push_back(dataset::canonical_concept_uri(uri));
    const auto& ranked = one.ranked.value();
    for (std::size_t i = 0; i < std::min(ranked.size(), most_); ++i) {
      const auto bar = std::ranges::find(bars_, ranked[i].label, &bar_of_label::label);
      if (bar == bars_.end() || ranked[i].probability < bar->threshold) continue;
      const std::string same = dataset::canonical_concept_uri(ranked[i].uri);
      const bool is_new = std::ranges::find(has, same) == has.end() && stated_.insert(made.id + '\n' + same);
      (is_new ? made.statements : made.known)
          .push_back({ranked[i].uri, ranked[i].label, ranked[i].probability, bar->threshold});
    }
    spoken_.insert(made.id);
    return made;
  }

  /// Takes note of what was stated in an earlier run, by this model or another one.
  void remember(const evidence& earlier) {
    for (const auto& each : earlier.statements)
      stated_.insert(earlier.id + '\n' + dataset::canonical_concept_uri(each.subject));
    if (earlier.model == digest_) spoken_.insert(earlier.id);
  }

private:
  struct bar_of_label {
    std::string label;
    double threshold;
  };
  static error refuse(std::string why, std::string advice) {
    return {errc::invalid_argument, {"enrich", "the model", std::move(why), std::move(advice)}};
  }

  std::string digest_, data_set_;
  std::vector<bar_of_label> bars_;
  std::size_t most_ = 1;     ///< labels of a picture that may be stated, from the most probable on
  europeana::id_set spoken_; ///< records on which this model has spoken
  europeana::id_set stated_; ///< record and concept, by any model
};

} // namespace eucv::enrich
