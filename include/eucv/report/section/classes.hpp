#pragma once

#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace eucv::report::section {

namespace detail {

/// The row of a class in the table of thresholds: what the model decides, and what that comes to.
[[nodiscard]] inline std::vector<cell> threshold_row(const facts& all, std::size_t label) {
  const auto& set = all.predictions;
  const auto& rule = all.thresholds[label];
  const bool automatic = rule.decision == judge::verdict::automatic;
  std::size_t stated = 0, right = 0;
  for (std::size_t i = 0; automatic && i < set.size(); ++i)
    if (set.row(i)[label] >= rule.threshold && (!set.task->exclusive() || set.predicted(i) == label)) {
      ++stated;
      right += set.is(i, label) ? 1 : 0;
    }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto part = [&](std::size_t whole) {
    return stated == 0 || whole == 0 ? none : static_cast<double>(right) / static_cast<double>(whole);
  };
  const auto percentage = [](double value) { return cell::ranked(percent(value), std::isfinite(value) ? value : -1); };
  return {set.labels[label],
          std::string(to_string(rule.decision)),
          automatic ? rule.threshold : none,
          automatic ? cell(stated) : cell(none),
          percentage(part(stated)),
          percentage(stated == 0 ? none : judge::precision_bound(right, stated)),
          percentage(part(all.figures.figures.per_class[label].support))};
}

/// What the model's thresholds come to on these pictures. Precondition: there is one for each class.
[[nodiscard]] inline std::string thresholds(const facts& all) {
  const std::string label(words_of(*all.predictions.task).label);
  html_table table{.id = "thresholds-table",
                   .caption = "What the model's thresholds come to on these pictures.",
                   .columns = {label, "decision", "threshold", "stated", "right", "at least", "found"}};
  for (std::size_t i = 0; i < all.thresholds.size(); ++i) table.rows.push_back(threshold_row(all, i));
  return html(table) +
         soft_paragraph(
             "Thresholds were made for a precision of " + percent(all.target_precision) + " with a confidence of " +
             percent(all.confidence, 0) + ". At or above its threshold a " + label +
             " that is <em>automatic</em> may be written into records; below it, and where it says <em>review</em>, it "
             "needs human review; <em>never</em> is not worth a review. <em>Stated</em> counts the pictures here that "
             "the " +
             label +
             " is written to, <em>right</em> is the part of these that has it, <em>at least</em> the precision that "
             "they prove with 95 % confidence, and <em>found</em> the part of the " +
             (all.predictions.task->exclusive() ? "class" : "label") + "'s pictures that are among them" +
             (all.predictions_by == origin::out_of_fold ? "; the thresholds were found on these very predictions"
                                                        : "") +
             ".");
}

} // namespace detail

/// Figures of each class, and what the model's thresholds come to on these pictures.
[[nodiscard]] inline std::string classes(const facts& all) {
  const auto& figures = all.figures.figures;
  const auto& names = all.predictions.labels;
  const auto words = words_of(*all.predictions.task);
  const bool ranked = !all.figures.class_average_precision.empty();
  html_table table{.id = "classes-table",
                   .caption = capital(words.labels) + ". Press a header to sort.",
                   .columns = {std::string(words.label), "pictures", "precision", "recall", "F1", "F1 interval"}};
  for (const char* const column :
       ranked ? std::vector{"average precision", "its interval"} : std::vector{"specificity"})
    table.columns.emplace_back(column);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& one = figures.per_class[i];
    std::vector<cell> row{names[i],   one.support, one.precision,
                          one.recall, one.f1,      cell::ranked(range(all.figures.class_f1[i]), one.f1)};
    row.emplace_back(ranked ? one.average_precision : one.specificity);
    if (ranked) row.push_back(cell::ranked(range(all.figures.class_average_precision[i]), one.average_precision));
    table.rows.push_back(std::move(row));
  }
  const std::string out = begin_section("classes", capital(words.labels)) + html(table);
  if (all.thresholds.size() == names.size()) return out + detail::thresholds(all) + "</section>\n";
  return out +
         soft_paragraph(
             "The model has no thresholds. A training with cross-validation finds them, and with them which " +
             std::string(words.labels) + " may be enriched automatically" +
             (all.how.thresholds.empty() ? "." : ":" + command_text(all.how.thresholds))) +
         "</section>\n";
}

} // namespace eucv::report::section
