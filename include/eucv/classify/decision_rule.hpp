#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/thresholds.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace eucv::classify {

/// A class of pictures as a model knows it.
struct label {
  std::string name;
  std::string uri; ///< concept URI, or empty where none is known
  friend bool operator==(const label&, const label&) = default;
};

/// How sure a model must be of a category for its label to stand without human review.
struct category_decision {
  judge::verdict decision = judge::verdict::review;
  double threshold = 0; ///< probability from which on it is automatic; counts for verdict::automatic alone
  friend bool operator==(const category_decision&, const category_decision&) = default;
};

/// What cross-validation says of a model's probabilities; see calibrate().
struct decision_rule {
  judge::calibration calibration = {};            ///< of the probabilities
  double target_precision = 0, confidence = 0;    ///< what the thresholds were made for
  std::vector<category_decision> categories = {}; ///< in label order; empty: there are no thresholds

  friend bool operator==(const decision_rule&, const decision_rule&) = default;
};

/// The members "calibration" and "thresholds" of model.json, each begun by a comma; nothing for a rule that says
/// nothing.
[[nodiscard]] std::string to_json(const decision_rule& rule, const std::vector<label>& labels);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/detail/model_json.hpp>
#include <eucv/core/json_text.hpp>

namespace eucv::classify {

std::string to_json(const decision_rule& rule, const std::vector<label>& labels) {
  std::string out;
  if (!rule.calibration.sigmoids.empty()) {
    out += ",\n  \"calibration\": {\"sigmoids\": [";
    for (std::size_t i = 0; i < labels.size(); ++i)
      out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(labels[i].name) +
             ", \"slope\": " + json_number(rule.calibration.sigmoids[i].slope) +
             ", \"offset\": " + json_number(rule.calibration.sigmoids[i].offset) + "}";
    out += "]}";
  } else if (!rule.calibration.steps.empty()) {
    const auto list = [](const std::vector<double>& numbers) {
      std::string text;
      for (const double each : numbers) text += (text.empty() ? "[" : ", ") + json_number(each);
      return text + "]";
    };
    out += ",\n  \"calibration\": {\"isotonic\": [";
    for (std::size_t i = 0; i < labels.size(); ++i)
      out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(labels[i].name) +
             ", \"logits\": " + list(rule.calibration.steps[i].scores) +
             ", \"probabilities\": " + list(rule.calibration.steps[i].probabilities) + "}";
    out += "]}";
  } else if (rule.calibration.temperature != 1 || !rule.categories.empty()) {
    out += ",\n  \"calibration\": {\"temperature\": " + json_number(rule.calibration.temperature) + "}";
  }
  if (!rule.categories.empty()) {
    out += ",\n  \"thresholds\": {\"target_precision\": " + json_number(rule.target_precision) +
           ", \"confidence\": " + json_number(rule.confidence) + ", \"categories\": [";
    for (std::size_t i = 0; i < rule.categories.size(); ++i) {
      const auto& each = rule.categories[i];
      out += std::string(i == 0 ? "" : ",") + "\n    {\"label\": " + json_string(labels[i].name) +
             ", \"decision\": \"" + std::string(to_string(each.decision)) + "\"" +
             (each.decision == judge::verdict::automatic ? ", \"threshold\": " + json_number(each.threshold) : "") +
             "}";
    }
    out += "]}";
  }
  return out;
}

namespace detail {

/// Calls f(place, entry) for each entry of a list that names the labels in their order. Refuses any other list.
template <class Function>
void for_each_label(const model_json& list, const std::vector<label>& labels, Function&& f) {
  std::size_t place = 0;
  list.for_each([&](const model_json& each) {
    if (place == labels.size() || each.at("label").text() != labels[place].name)
      each.refuse("does not name the labels in their order");
    f(each);
    ++place;
  });
  if (place != labels.size()) list.refuse("does not name all labels");
}

/// The points of a rising function from 0 to 1, as fit_isotonic() makes them. Refuses all others.
inline judge::isotonic parse_steps(const model_json& from) {
  judge::isotonic made;
  from.at("logits").for_each([&](const model_json& each) {
    if (!made.scores.empty() && !(each.number() > made.scores.back())) each.refuse("does not rise");
    made.scores.push_back(each.number());
  });
  from.at("probabilities").for_each([&](const model_json& each) {
    if (!(each.number() >= (made.probabilities.empty() ? 0 : made.probabilities.back())) || each.number() > 1)
      each.refuse("does not rise from 0 to 1");
    made.probabilities.push_back(each.number());
  });
  if (made.scores.empty() || made.scores.size() != made.probabilities.size())
    from.at("probabilities").refuse("has not as many numbers as the logits");
  return made;
}

/// The members "calibration" and "thresholds" of model.json, where there are such.
inline decision_rule parse_decisions(const model_json& document, const std::vector<label>& labels) {
  decision_rule rule;
  if (document.has("calibration") && document.at("calibration").has("sigmoids"))
    for_each_label(document.at("calibration").at("sigmoids"), labels, [&](const model_json& each) {
      rule.calibration.sigmoids.push_back({.slope = each.at("slope").number(), .offset = each.at("offset").number()});
    });
  else if (document.has("calibration") && document.at("calibration").has("isotonic"))
    for_each_label(document.at("calibration").at("isotonic"), labels,
                   [&](const model_json& each) { rule.calibration.steps.push_back(parse_steps(each)); });
  else if (document.has("calibration")) {
    const auto temperature = document.at("calibration").at("temperature");
    rule.calibration.temperature = temperature.number();
    if (!(rule.calibration.temperature > 0 && rule.calibration.temperature < 1e3))
      temperature.refuse("is no temperature");
  }
  if (!document.has("thresholds")) return rule;
  const auto thresholds = document.at("thresholds");
  rule.target_precision = thresholds.at("target_precision").number();
  rule.confidence = thresholds.at("confidence").number();
  for_each_label(thresholds.at("categories"), labels, [&](const model_json& each) {
    auto& made = rule.categories.emplace_back();
    const auto word = each.at("decision").text();
    for (const auto verdict : {judge::verdict::automatic, judge::verdict::review, judge::verdict::never})
      if (word == to_string(verdict)) made.decision = verdict;
    if (word != to_string(made.decision)) each.at("decision").refuse("is none of automatic, review and never");
    if (made.decision == judge::verdict::automatic) made.threshold = each.at("threshold").number();
  });
  return rule;
}

} // namespace detail
} // namespace eucv::classify
#endif
