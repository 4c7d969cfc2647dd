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

/// The condition for a statement without human review.
struct enrich_rule {
  /// The least probability of a label, in addition to the thresholds of the model; required for a model without
  /// thresholds.
  std::optional<double> least_probability = {};
};

/// Turns predictions into statements about records: those that reach the thresholds of the model, and that neither the
/// record nor an earlier statement holds already.
///
/// A label is stated where its category is `automatic` and its probability reaches the threshold of that category; for
/// a single-label model only the most probable label. Concepts are compared by canonical_concept_uri(). For one thread;
/// holds 64 bits for each record and each statement.
class enricher {
public:
  /// `digest` is classify::model_digest(). Throws errc::invalid_argument for a model without thresholds where
  /// rule.least_probability is empty, for one outside [0, 1], and where no label with a concept URI may be stated.
  enricher(const classify::description& about, std::string digest, const enrich_rule& rule = {})
      : digest_(std::move(digest)) {
    const auto& categories = about.decisions.categories;
    if (categories.empty() && !rule.least_probability)
      throw refuse("it has no thresholds, so its precision is unknown",
                   "choose thresholds by cross-validation, or set enrich_rule::least_probability");
    const double least = rule.least_probability.value_or(0);
    if (!(least >= 0 && least <= 1))
      throw refuse("the least probability " + json_number(least) + " is not in [0, 1]", "give one from 0 to 1");
    for (std::size_t i = 0; i < about.labels.size(); ++i) {
      const bool may = categories.empty() || categories[i].decision == judge::verdict::automatic;
      if (may && !about.labels[i].uri.empty())
        thresholds_.push_back(
            {about.labels[i].name, categories.empty() ? least : std::max(least, categories[i].threshold)});
    }
    if (thresholds_.empty())
      throw refuse("none of its categories has both a concept URI and a threshold that reaches the target precision",
                   "add concept URIs to the vocabulary, train on more pictures, or lower the target precision");
    if (!about.task->exclusive()) most_ = about.labels.size();
    if (const auto found = about.provenance.find("pictures"); found != about.provenance.end())
      data_set_ = found->second;
  }

  /// Whether an item is to be judged: this model has not judged its record. True for an item without a record, for
  /// judge() to refuse.
  [[nodiscard]] bool wants(const item& what) const { return what.id.empty() || !judged_records_.contains(what.id); }

  /// The statements of a classified picture, made at `time`: see utc_text(). Its record counts as judged then. Throws
  /// errc::invalid_argument for an item without a record, and the error of an item that failed.
  [[nodiscard]] evidence judge(const classified& one, std::string time) {
    if (one.what.id.empty())
      throw error(errc::invalid_argument, {"state what is in", one.what.name, "it belongs to no record that is known",
                                           "name the record instead: /DATASET/LOCAL"});
    evidence made{one.what.id, one.what.address, one.sha256, digest_, data_set_, std::move(time)};
    std::vector<std::string> has;
    for (const auto& uri : one.what.concepts) has.push_back(dataset::canonical_concept_uri(uri));
    const auto& ranked = one.ranked.value();
    for (std::size_t i = 0; i < std::min(ranked.size(), most_); ++i) {
      const auto found = std::ranges::find(thresholds_, ranked[i].label, &label_threshold::label);
      if (found == thresholds_.end() || ranked[i].probability < found->threshold) continue;
      const std::string same = dataset::canonical_concept_uri(ranked[i].uri);
      const bool is_new = std::ranges::find(has, same) == has.end() && stated_.insert(made.id + '\n' + same);
      (is_new ? made.statements : made.known)
          .push_back({ranked[i].uri, ranked[i].label, ranked[i].probability, found->threshold});
    }
    judged_records_.insert(made.id);
    return made;
  }

  /// Takes over the statements of an earlier run, by this model or another one, so that none is repeated.
  void remember(const evidence& earlier) {
    for (const auto& each : earlier.statements)
      stated_.insert(earlier.id + '\n' + dataset::canonical_concept_uri(each.subject));
    if (earlier.model == digest_) judged_records_.insert(earlier.id);
  }

private:
  struct label_threshold {
    std::string label;
    double threshold;
  };
  static error refuse(std::string why, std::string advice) {
    return {errc::invalid_argument, {"enrich", "the model", std::move(why), std::move(advice)}};
  }

  std::string digest_, data_set_;
  std::vector<label_threshold> thresholds_;
  std::size_t most_ = 1;             ///< labels a picture, from the most probable on
  europeana::id_set judged_records_; ///< by this model
  europeana::id_set stated_;         ///< record and concept, by any model
};

} // namespace eucv::enrich
