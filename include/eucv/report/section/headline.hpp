#pragma once

#include <eucv/judge/task_type.hpp>
#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

/// The parts of a report, each as HTML, and nothing where the facts say nothing about it.
namespace eucv::report::section {

namespace detail {

[[nodiscard]] inline std::string tile(std::string_view name, const judge::interval& of) {
  return "<li><span>" + capital(name) + "</span><b>" + percent(of.value) + "</b><span>" +
         (std::isfinite(of.low) ? number(100 * of.low, 1) + " to " + percent(of.high) : std::string()) + "</span></li>";
}

} // namespace detail

/// The figures of the task's summary as tiles, then all headline figures with their intervals.
[[nodiscard]] inline std::string headline(const facts& all) {
  const auto& figures = all.figures;
  const auto words = words_of(*all.predictions.task);
  const auto shown = all.predictions.task->figures(judge::figure_use::headline);
  std::string out = begin_section("figures", "Figures") + "<ul class=\"tiles\">";
  for (const auto& each : all.predictions.task->figures(judge::figure_use::summary))
    for (std::size_t i = 0; i < shown.size(); ++i)
      if (shown[i].key == each.key) out += detail::tile(each.title, figures.headline[i]);
  out += "<li><span>Pictures</span><b>" + std::to_string(figures.figures.n) + "</b><span>" +
         std::string(words.pictures_with) + " " + std::to_string(all.predictions.labels.size()) + " " +
         std::string(words.labels) + "</span></li></ul>\n";
  html_table table{.id = "headline-table",
                   .caption = "Figures with intervals of " + percent(figures.level, 0) +
                              ": other pictures of the same kind would give figures in this range.",
                   .columns = {"figure", "value", "interval"}};
  for (std::size_t i = 0; i < shown.size(); ++i)
    table.rows.push_back({std::string(shown[i].title), figures.headline[i].value, range(figures.headline[i])});
  for (const auto& [name, value] : {std::pair("label among the first three", figures.top_3),
                                    {"calibration error", figures.calibration_error},
                                    {"macro area under ROC", figures.macro_roc_area},
                                    {"macro average precision", figures.macro_average_precision}})
    if (std::isfinite(value)) table.rows.push_back({name, value, ""});
  out += html(table);
  if (!words.about_figures.empty()) out += soft_paragraph(words.about_figures);
  if (!all.unreadable.empty())
    out += "<p>" + std::to_string(all.unreadable.size()) + (all.unreadable.size() == 1 ? " file" : " files") +
           " could not be read; no figure counts it.</p>\n";
  std::string unknown;
  for (const auto& label : all.unknown_labels) unknown += (unknown.empty() ? "" : ", ") + escape(label);
  if (!unknown.empty()) out += "<p>The model does not know these labels of the pictures: " + unknown + ".</p>\n";
  return out + "</section>\n";
}

} // namespace eucv::report::section
