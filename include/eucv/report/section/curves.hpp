#pragma once

#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/facts.hpp>

#include <cstddef>
#include <set>
#include <string>

namespace eucv::report::section {

/// Coverage, reliability, training and learning curves, then one curve for each label that is ranked.
[[nodiscard]] inline std::string curves(const facts& all) {
  std::string out = begin_section("curves", "Curves") + "<div class=\"charts\">\n" +
                    chart_figure(coverage_chart(all.predictions)) + chart_figure(reliability_chart(all));
  if (!all.history.empty()) out += chart_figure(loss_chart(all)) + chart_figure(history_chart(all));
  std::set<double> sizes;
  for (const auto& point : all.learning_curve) sizes.insert(point.n);
  const bool learning = sizes.size() >= 3; // fewer fit no law
  if (learning) out += chart_figure(learning_chart(all));
  out += "</div>\n";
  if (!learning)
    out += soft_paragraph(
        "No learning curve was given." +
        (all.how.learning_curve.empty() ? std::string() : " To measure one:" + command_text(all.how.learning_curve)));
  std::string labels;
  for (std::size_t label = 0; label < all.figures.class_average_precision.size(); ++label)
    if (all.figures.figures.per_class[label].support != 0) labels += chart_figure(label_chart(all, label));
  if (!labels.empty())
    out += "<details><summary>Precision over pictures found, label by label</summary><div class=\"charts\">\n" +
           labels + "</div></details>\n";
  return out + "</section>\n";
}

} // namespace eucv::report::section
