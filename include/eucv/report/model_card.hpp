#pragma once

#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::report {

/// Text of others inside of Markdown: one line, and no character that means something there or in HTML.
[[nodiscard]] inline std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += ' ';
    else if (c == '<' || c == '>' || c == '&')
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    else {
      if (std::string_view("\\`*_{}[]#!|~").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

namespace detail {

[[nodiscard]] inline std::string interval_text(const judge::interval& of) {
  return number(of.value) +
         (std::isfinite(of.low) ? " (" + number(of.low) + " to " + number(of.high) + ")" : std::string());
}

/// How many classes may be written into records without human review.
[[nodiscard]] inline std::string use_of_thresholds(const facts& all) {
  if (all.thresholds.empty())
    return ". It has no thresholds, so every suggestion needs human review" +
           (all.how.thresholds.empty() ? ".\n" : ": `" + all.how.thresholds + "` finds thresholds.\n");
  const auto automatic = std::ranges::count(all.thresholds, judge::verdict::automatic, &class_threshold::decision);
  return ". It may enrich records with " + std::to_string(automatic) +
         " of them without human review, where it is as sure as the table below asks; all else needs review.\n";
}

/// All figures with their intervals.
[[nodiscard]] inline std::string figures_table(const facts& all) {
  const auto& figures = all.figures;
  std::string out =
      "\n## Figures\nOn " + std::to_string(figures.figures.n) + " labelled pictures (" + markdown(all.images) +
      (all.predictions_by == origin::out_of_fold ? ", each judged by a model that was trained on others" : "") +
      "), with intervals of " + percent(figures.level, 0) + ".\n\n| figure | value |\n|---|---|\n";
  const auto shown = all.predictions.task->figures(judge::figure_use::headline);
  for (std::size_t i = 0; i < shown.size(); ++i)
    out += "| " + std::string(shown[i].title) + " | " + interval_text(figures.headline[i]) + " |\n";
  return out + "| calibration error | " + number(figures.calibration_error) + " |\n\n";
}

/// The figures of each class, with what the model decides about it where it has thresholds.
[[nodiscard]] inline std::string classes_table(const facts& all) {
  const auto& labels = all.predictions.labels;
  const bool ranked = !all.figures.class_average_precision.empty(), decides = all.thresholds.size() == labels.size();
  std::string out = "| " + std::string(words_of(*all.predictions.task).label) +
                    " | pictures | precision | recall | F1 |" + (ranked ? " average precision |" : "") +
                    (decides ? " decision | threshold |" : "") + "\n|---|---:|---:|---:|---|" + (ranked ? "---|" : "") +
                    (decides ? "---|---:|" : "") + "\n";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& one = all.figures.figures.per_class[i];
    out += "| " + markdown(labels[i]) + " | " + std::to_string(one.support) + " | " + number(one.precision) + " | " +
           number(one.recall) + " | " + interval_text(all.figures.class_f1[i]) + " |";
    if (ranked) out += " " + interval_text(all.figures.class_average_precision[i]) + " |";
    if (decides)
      out += " " + std::string(to_string(all.thresholds[i].decision)) + " | " +
             (all.thresholds[i].decision == judge::verdict::automatic ? number(all.thresholds[i].threshold) : "") +
             " |";
    out += '\n';
  }
  if (decides)
    out += "\nThresholds were made for a precision of " + percent(all.target_precision) + " with a confidence of " +
           percent(all.confidence, 0) + ", on predictions out of fold.\n";
  return out;
}

/// What one class is most often taken for, where labels exclude each other.
[[nodiscard]] inline std::string taken_for(const judge::metrics& figures, std::size_t label) {
  if (figures.confusion_matrix.empty()) return {};
  auto row = figures.confusion_matrix[label];
  row[label] = 0;
  const auto most = std::ranges::max_element(row);
  return *most == 0
             ? std::string()
             : ", most often taken for " + markdown(figures.labels[static_cast<std::size_t>(most - row.begin())]);
}

/// What the model cannot do, and the classes that it is bad at.
[[nodiscard]] inline std::string limits(const facts& all) {
  const auto& figures = all.figures.figures;
  std::string out =
      "\n## Limits\n- The figures hold for pictures of the same kind. For other institutions, periods or ways "
      "of taking pictures, evaluate anew.\n- " +
      std::string(words_of(*all.predictions.task).limit) +
      "\n- The network sees the middle square of a picture, shrunk to " + std::to_string(all.size) + " pixels.\n";
  for (std::size_t i = 0; i < all.predictions.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    const auto name = "- " + markdown(all.predictions.labels[i]) + ": ";
    if (one.support == 0)
      out += name + "no picture to judge it by.\n";
    else if (one.recall < 0.8 || one.precision < 0.8)
      out += name + "precision " + number(one.precision, 2) + ", recall " + number(one.recall, 2) +
             taken_for(figures, i) + ".\n";
  }
  return out;
}

[[nodiscard]] inline std::string data_and_repeat(const facts& all) {
  std::string out = "\n## Data and licences\n";
  if (all.sources.empty()) out += "Nothing beside the pictures tells their licences.\n";
  for (const auto& each : all.sources) {
    out += "\n| " + markdown(each.column) + " | pictures |\n|---|---:|\n";
    for (const auto& [value, rows] : each.values)
      out += "| " + (value.empty() ? "not known" : markdown(value)) + " | " + std::to_string(rows) + " |\n";
  }
  if (!all.audit.columns.empty())
    out += "\nAn audit lists " + std::to_string(all.audit.rows.size()) + " pictures whose labels are likely wrong.\n";
  out += "\n## How to repeat\n";
  for (const auto& [name, value] : all.repeat) out += "- " + markdown(name) + ": " + markdown(value) + "\n";
  if (!all.how.repeat.empty()) out += "\n    " + all.how.repeat + "\n";
  return out;
}

} // namespace detail

/// MODEL_CARD.md (after Mitchell et al. 2019, arXiv:1810.03993): what the model is for, how good it is, where it fails,
/// what its data are licensed under, and how to repeat it. From the same facts as page().
[[nodiscard]] inline std::string model_card(const facts& all) {
  const auto words = words_of(*all.predictions.task);
  const std::string labels = std::to_string(all.predictions.labels.size()) + " " + std::string(words.labels);
  return "# Model card: " + markdown(all.model) + "\n\n" + markdown(all.architecture) + ", pictures of " +
         std::to_string(all.size) + " x " + std::to_string(all.size) + " pixels, " + labels +
         std::string(words.labels_a_picture) + ".\n\n## Intended use\nSuggests " + std::string(words.suggests) + " " +
         labels + " for digitised objects of cultural heritage from a picture of them" +
         detail::use_of_thresholds(all) + detail::figures_table(all) + detail::classes_table(all) +
         detail::limits(all) + detail::data_and_repeat(all);
}

} // namespace eucv::report
