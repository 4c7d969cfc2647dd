#pragma once

#include <eucv/report/charts.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/html.hpp>
#include <eucv/report/svg.hpp>
#include <eucv/report/table.hpp>
#include <eucv/train/bootstrap.hpp>
#include <eucv/train/thresholds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The parts of a report, each as HTML, and nothing where the facts say nothing of it.
namespace eucv::report::section {

[[nodiscard]] inline std::string begin(std::string_view id, std::string_view title) {
  return "<section aria-labelledby=\"" + std::string(id) + "\"><h2 id=\"" + std::string(id) + "\">" + escape(title) +
         "</h2>\n";
}

/// "0.871 to 0.903"; nothing where there is no interval.
[[nodiscard]] inline std::string range(const train::interval& of, int digits = 3) {
  return std::isfinite(of.low) ? number(of.low, digits) + " to " + number(of.high, digits) : "";
}

/// The figures that a reader looks for first, then all of them with their intervals.
[[nodiscard]] inline std::string headline(const facts& all) {
  const auto& figures = all.figures;
  std::string out = begin("figures", "Figures") + "<ul class=\"tiles\">";
  const auto tile = [&](const char* name, const train::interval& of) {
    out += std::string("<li><span>") + name + "</span><b>" + percent(of.value) + "</b><span>" +
           (std::isfinite(of.low) ? number(100 * of.low, 1) + " to " + percent(of.high) : std::string()) +
           "</span></li>";
  };
  tile("Accuracy", figures.headline[0]);
  tile("Macro F1", figures.headline[1]);
  tile("Macro precision", figures.headline[2]);
  tile("Macro recall", figures.headline[3]);
  out += "<li><span>Pictures</span><b>" + std::to_string(figures.figures.n) + "</b><span>in " +
         std::to_string(figures.figures.labels.size()) + " classes</span></li></ul>\n";
  html_table table{.id = "headline-table",
                   .caption = "Figures with intervals of " + percent(figures.level, 0) +
                              ": other pictures of the same kind would give figures in this range.",
                   .columns = {"figure", "value", "interval"}};
  for (std::size_t i = 0; i < figures.headline.size(); ++i) {
    table.rows.push_back({figure_name(i), figures.headline[i].value, range(figures.headline[i])});
  }
  table.rows.push_back({"label among the first three", figures.top_3, ""});
  table.rows.push_back({"calibration error", figures.calibration_error, ""});
  table.rows.push_back({"macro area under ROC", figures.ranking.macro_roc_area, ""});
  table.rows.push_back({"macro average precision", figures.ranking.macro_average_precision, ""});
  out += html(table);
  if (!all.unreadable.empty())
    out += "<p>" + std::to_string(all.unreadable.size()) + (all.unreadable.size() == 1 ? " file" : " files") +
           " could not be read; no figure counts it.</p>\n";
  return out + "</section>\n";
}

/// Training, coverage, reliability and learning curves.
[[nodiscard]] inline std::string curves(const facts& all) {
  const auto figure = [](const chart& of) {
    return "<figure><h3>" + escape(of.title) + "</h3>" + svg(of) + "<figcaption>" + escape(of.description) +
           "</figcaption></figure>\n";
  };
  std::string out = begin("curves", "Curves") + "<div class=\"charts\">\n" + figure(coverage_chart(all.predictions)) +
                    figure(reliability_chart(all.predictions, all.figures.calibration_error));
  if (!all.history.empty()) out += figure(loss_chart(all.history)) + figure(accuracy_chart(all.history));
  std::set<double> sizes;
  for (const auto& point : all.accuracy_curve) sizes.insert(point.n);
  if (sizes.size() >= 3)
    out += figure(learning_chart(all.accuracy_curve, train::fit_learning_curve(all.accuracy_curve)));
  out += "</div>\n";
  if (sizes.size() < 3)
    out += "<p class=\"soft\">No learning curve was given: <code>eucv learning-curve IMAGES --out DIR</code> makes "
           "one.</p>\n";
  return out + "</section>\n";
}

/// Figures of each class, and what the model's thresholds come to on these pictures.
[[nodiscard]] inline std::string classes(const facts& all) {
  const auto& figures = all.figures.figures;
  html_table table{.id = "classes-table",
                   .caption = "Classes. Press a header to sort.",
                   .columns = {"class", "pictures", "precision", "recall", "F1", "F1 interval", "specificity"}};
  const bool decides = all.thresholds.size() == figures.labels.size();
  if (decides)
    for (const char* more : {"decision", "threshold", "accepted", "right", "at least"})
      table.columns.emplace_back(more);
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    std::vector<cell> row{figures.labels[i], one.support, one.precision,
                          one.recall,        one.f1,      cell::ranked(range(all.figures.class_f1[i]), one.f1),
                          one.specificity};
    if (decides) {
      const auto& rule = all.thresholds[i];
      const bool automatic = rule.decision == train::verdict::automatic;
      std::size_t accepted = 0, right = 0;
      for (std::size_t item = 0; item < all.predictions.size() && automatic; ++item)
        if (all.predictions.predicted(item) == i && all.predictions.row(item)[i] >= rule.threshold) {
          ++accepted;
          right += all.predictions.truth[item] == i ? 1 : 0;
        }
      const double none = std::nan("");
      const auto part = [&](double value) { return cell::ranked(percent(value), std::isfinite(value) ? value : -1); };
      row.emplace_back(std::string(to_string(rule.decision)));
      row.emplace_back(automatic ? rule.threshold : none);
      row.push_back(automatic ? cell(accepted) : cell(none));
      row.push_back(part(accepted == 0 ? none : static_cast<double>(right) / static_cast<double>(accepted)));
      row.push_back(part(accepted == 0 ? none : train::precision_bound(right, accepted)));
    }
    table.rows.push_back(std::move(row));
  }
  std::string out = begin("classes", "Classes") + html(table);
  if (decides)
    out += "<p class=\"soft\">Thresholds were made for a precision of " + percent(all.target_precision) +
           " with a confidence of " + percent(all.confidence, 0) +
           ". At or above its threshold a class that is <em>automatic</em> may be written into records; below it, and "
           "where it says <em>review</em>, a person looks first; <em>never</em> is not even worth a look. "
           "<em>Accepted</em> and <em>right</em> count the pictures here, and <em>at least</em> is the precision that "
           "they prove with 95 % confidence" +
           (all.out_of_fold ? std::string("; the thresholds were found on these very predictions") : std::string()) +
           ".</p>\n";
  else
    out += "<p class=\"soft\">The model has no thresholds: <code>eucv train IMAGES --out MODEL --folds 5</code> finds "
           "them, and with them which classes may be enriched automatically.</p>\n";
  return out + "</section>\n";
}

/// The confusion matrix; the shade is the part of the row.
[[nodiscard]] inline std::string confusion(const facts& all) {
  const auto& figures = all.figures.figures;
  std::string out =
      begin("confusion", "Confusions") +
      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"confusion-table\" tabindex=\"0\"><table "
      "class=\"matrix\"><caption id=\"confusion-table\"><span>Rows are the given labels, columns the predicted "
      "ones; the framed diagonal is right.</span></caption><thead><tr><th scope=\"col\" class=\"rows\">given</th>";
  for (const auto& label : figures.labels) out += "<th scope=\"col\"><span>" + escape(label) + "</span></th>";
  out += "</tr></thead><tbody>\n";
  struct pair {
    std::size_t count, truth, guess;
  };
  std::vector<pair> pairs;
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    out += "<tr><th scope=\"row\">" + escape(figures.labels[i]) + "</th>";
    for (std::size_t j = 0; j < figures.labels.size(); ++j) {
      const std::size_t count = figures.confusion_matrix[i][j], of = figures.per_class[i].support;
      const std::size_t shade = of == 0 ? 0 : (count == 0 ? 0 : std::min<std::size_t>(5, 1 + 5 * count / of));
      out +=
          "<td class=\"h" + std::to_string(shade) + (i == j ? " right" : "") + "\">" + std::to_string(count) + "</td>";
      if (i != j && count != 0) pairs.push_back({count, i, j});
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  std::stable_sort(pairs.begin(), pairs.end(), [](const pair& a, const pair& b) { return a.count > b.count; });
  if (pairs.size() > 5) pairs.resize(5);
  if (!pairs.empty()) out += "<p>Most frequent:</p><ul>";
  for (const auto& each : pairs)
    out += "<li>" + std::to_string(each.count) + " of " + std::to_string(figures.per_class[each.truth].support) + " " +
           escape(figures.labels[each.truth]) + " taken for " + escape(figures.labels[each.guess]) + "</li>";
  return out + (pairs.empty() ? "" : "</ul>\n") + "</section>\n";
}

} // namespace eucv::report::section
