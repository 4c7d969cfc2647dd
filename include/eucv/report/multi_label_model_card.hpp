#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/model_card.hpp>
#include <eucv/report/multi_label_facts.hpp>

#include <cstddef>
#include <string>

namespace eucv::report {

namespace detail {

[[nodiscard]] inline std::string limits(const multi_label_facts& all) {
  std::string out =
      "## Limits\n- The figures hold for pictures of the same kind. For other institutions, periods or ways of taking "
      "pictures, evaluate anew.\n- What is not given counts as wrong: where labels are missing from the truth, the "
      "true "
      "precision is higher.\n- The network sees the middle square of a picture, shrunk to " +
      std::to_string(all.size) + " pixels.\n";
  for (std::size_t i = 0; i < all.predictions.labels.size(); ++i) {
    const auto& one = all.figures.figures.per_label[i];
    const auto name = markdown(all.predictions.labels[i]);
    if (one.support == 0)
      out += "- " + name + ": no picture to judge it by.\n";
    else if (one.recall < 0.8 || one.precision < 0.8)
      out += "- " + name + ": precision " + number(one.precision, 2) + ", recall " + number(one.recall, 2) + ".\n";
  }
  return out;
}

} // namespace detail

/// MODEL_CARD.md of a model that may give a picture several labels.
[[nodiscard]] inline std::string model_card(const multi_label_facts& all) {
  const auto& figures = all.figures.figures;
  const auto& labels = all.predictions.labels;
  const std::string count = std::to_string(labels.size());
  std::string out = detail::card_head(all, count + " labels, any number of them a picture") +
                    "## Intended use\nSuggests any of " + count +
                    " labels for digitised objects of cultural heritage from a picture of them" +
                    detail::use_of_thresholds(all, "eucv train --multi-label --folds 5") +
                    detail::figures_head(all, figures.n, all.figures.level);
  for (std::size_t i = 0; i < all.figures.headline.size(); ++i)
    out += "| " + multi_label_figure_name(judge::multi_label_headline_names[i]) + " | " +
           detail::interval_text(all.figures.headline[i]) + " |\n";
  out += "| calibration error | " + number(all.figures.calibration_error) + " |\n\n";
  const bool decides = all.thresholds.size() == labels.size();
  out += std::string("| label | pictures | precision | recall | F1 | average precision |") +
         (decides ? " decision | threshold |" : "") + "\n|---|---:|---:|---:|---|---|" + (decides ? "---|---:|" : "") +
         "\n";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& one = figures.per_label[i];
    out += "| " + markdown(labels[i]) + " | " + std::to_string(one.support) + " | " + number(one.precision) + " | " +
           number(one.recall) + " | " + detail::interval_text(all.figures.f1[i]) + " | " +
           detail::interval_text(all.figures.average_precision[i]) + " |";
    if (decides) out += detail::decision_cells(all.thresholds[i]);
    out += '\n';
  }
  if (decides) out += detail::about_precision(all);
  return out + "\n" + detail::limits(all) + detail::data_and_repeat(all);
}

} // namespace eucv::report
