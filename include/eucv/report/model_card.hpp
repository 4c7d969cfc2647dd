#pragma once

#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/html.hpp>
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

[[nodiscard]] inline std::string limits(const facts& all) {
  const auto& figures = all.figures.figures;
  std::string out =
      "## Limits\n- The figures hold for pictures of the same kind. For other institutions, periods or ways "
      "of taking pictures, evaluate anew.\n- A picture that shows none of the categories gets one all the "
      "same; only its probability may tell.\n- The network sees the middle square of a picture, shrunk to " +
      std::to_string(all.size) + " pixels.\n";
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    if (one.support == 0) {
      out += "- " + markdown(figures.labels[i]) + ": no picture to judge it by.\n";
      continue;
    }
    if (one.recall >= 0.8 && one.precision >= 0.8) continue;
    const auto& row = figures.confusion_matrix[i];
    std::size_t other = i == 0 ? 1 : 0; // that it is most often taken for
    for (std::size_t j = 0; j < row.size(); ++j)
      if (j != i && (other == i || row[j] > row[other])) other = j;
    out += "- " + markdown(figures.labels[i]) + ": precision " + number(one.precision, 2) + ", recall " +
           number(one.recall, 2);
    if (other < row.size() && row[other] != 0) out += ", most often taken for " + markdown(figures.labels[other]);
    out += ".\n";
  }
  return out;
}

[[nodiscard]] inline std::string interval_text(const judge::interval& of) {
  return number(of.value) +
         (std::isfinite(of.low) ? " (" + number(of.low) + " to " + number(of.high) + ")" : std::string());
}

[[nodiscard]] inline std::string card_head(const common_facts& all, const std::string& categories) {
  return "# Model card: " + markdown(all.model) + "\n\n" + markdown(all.architecture) + ", pictures of " +
         std::to_string(all.size) + " x " + std::to_string(all.size) + " pixels, " + categories + ".\n\n";
}

[[nodiscard]] inline std::string figures_head(const common_facts& all, std::size_t n, double level) {
  return "\n## Figures\nOn " + std::to_string(n) + " labelled pictures (" + markdown(all.images) +
         (all.out_of_fold ? ", each judged by a model that was trained on others" : "") + "), with intervals of " +
         percent(level, 0) + ".\n\n| figure | value |\n|---|---|\n";
}

[[nodiscard]] inline std::string about_precision(const common_facts& all) {
  return "\nThresholds were made for a precision of " + percent(all.target_precision) + " with a confidence of " +
         percent(all.confidence, 0) + ", on predictions out of fold.\n";
}

[[nodiscard]] inline std::string data_and_repeat(const common_facts& all) {
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
  for (const auto& each : all.commands) out += "\n    " + each + "\n";
  return out;
}

/// A decision and its threshold as the last two cells of a row.
[[nodiscard]] inline std::string decision_cells(const class_threshold& rule) {
  return " " + std::string(to_string(rule.decision)) + " | " +
         (rule.decision == judge::verdict::automatic ? number(rule.threshold) : std::string()) + " |";
}

/// How many categories may be written into records without a person's look.
[[nodiscard]] inline std::string use_of_thresholds(const common_facts& all, const std::string& training) {
  if (all.thresholds.empty())
    return ". It has no thresholds, so every suggestion needs a person's look: `" + training + "` finds thresholds.\n";
  std::size_t automatic = 0;
  for (const auto& rule : all.thresholds) automatic += rule.decision == judge::verdict::automatic ? 1 : 0;
  return ". It may enrich records with " + std::to_string(automatic) +
         " of them without a person's look, where it is as sure as the table below asks; all else needs review.\n";
}

} // namespace detail

/// MODEL_CARD.md (after Mitchell et al. 2019, arXiv:1810.03993): what the model is for, how good it is, where it fails,
/// what its data are licensed under, and how to repeat it. From the same facts as page().
[[nodiscard]] inline std::string model_card(const facts& all) {
  const auto& figures = all.figures.figures;
  std::string out = detail::card_head(all, std::to_string(figures.labels.size()) + " categories") +
                    "## Intended use\nSuggests one of " + std::to_string(figures.labels.size()) +
                    " categories for digitised objects of cultural heritage from a picture of them" +
                    detail::use_of_thresholds(all, "eucv train --folds 5") +
                    detail::figures_head(all, figures.n, all.figures.level);
  for (std::size_t i = 0; i < all.figures.headline.size(); ++i) {
    out +=
        "| " + figure_name(judge::headline_names[i]) + " | " + detail::interval_text(all.figures.headline[i]) + " |\n";
  }
  out += "| calibration error | " + number(all.figures.calibration_error) + " |\n\n";
  const bool decides = all.thresholds.size() == figures.labels.size();
  out += std::string("| category | pictures | precision | recall | F1 |") + (decides ? " decision | threshold |" : "") +
         "\n|---|---:|---:|---:|---|" + (decides ? "---|---:|" : "") + "\n";
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    out += "| " + markdown(figures.labels[i]) + " | " + std::to_string(one.support) + " | " + number(one.precision) +
           " | " + number(one.recall) + " | " + detail::interval_text(all.figures.class_f1[i]) + " |";
    if (decides) out += detail::decision_cells(all.thresholds[i]);
    out += '\n';
  }
  if (decides) out += detail::about_precision(all);
  return out + "\n" + detail::limits(all) + detail::data_and_repeat(all);
}

} // namespace eucv::report
