#pragma once

#include <eucv/judge/bootstrap.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/svg.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/facts.hpp>

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
[[nodiscard]] inline std::string range(const judge::interval& of, int digits = 3) {
  return std::isfinite(of.low) ? number(of.low, digits) + " to " + number(of.high, digits) : "";
}

namespace detail {

/// A figure that is looked for first.
[[nodiscard]] inline std::string tile(std::string_view name, const judge::interval& of) {
  return "<li><span>" + std::string(name) + "</span><b>" + percent(of.value) + "</b><span>" +
         (std::isfinite(of.low) ? number(100 * of.low, 1) + " to " + percent(of.high) : std::string()) + "</span></li>";
}

[[nodiscard]] inline std::string headline_caption(double level) {
  return "Figures with intervals of " + percent(level, 0) +
         ": other pictures of the same kind would give figures in this range.";
}

/// How many files could not be read, if any.
[[nodiscard]] inline std::string passed_over(const common_facts& all) {
  return all.unreadable.empty()
             ? std::string()
             : "<p>" + std::to_string(all.unreadable.size()) + (all.unreadable.size() == 1 ? " file" : " files") +
                   " could not be read; no figure counts it.</p>\n";
}

[[nodiscard]] inline std::string figure(const chart& of) {
  return "<figure><h3>" + escape(of.title) + "</h3>" + svg(of) + "<figcaption>" + escape(of.description) +
         "</figcaption></figure>\n";
}

/// The chart of the learning curve, where one was measured at three sizes at least.
[[nodiscard]] inline std::string learning_figure(const common_facts& all, const std::string& name) {
  std::set<double> sizes;
  for (const auto& point : all.learning_curve) sizes.insert(point.n);
  return sizes.size() < 3
             ? std::string()
             : figure(learning_chart(all.learning_curve, judge::fit_learning_curve(all.learning_curve), name));
}

/// What the words of a table of thresholds mean.
[[nodiscard]] inline std::string about_thresholds(const common_facts& all, std::string_view counted) {
  return "Thresholds were made for a precision of " + percent(all.target_precision) + " with a confidence of " +
         percent(all.confidence, 0) + ". " + std::string(counted) +
         (all.out_of_fold ? "; the thresholds were found on these very predictions" : "") + ".</p>\n";
}

} // namespace detail

/// The figures that a reader looks for first, then all of them with their intervals.
[[nodiscard]] inline std::string headline(const facts& all) {
  const auto& figures = all.figures;
  std::string out = begin("figures", "Figures") + "<ul class=\"tiles\">" +
                    detail::tile("Accuracy", figures.headline[0]) + detail::tile("Macro F1", figures.headline[1]) +
                    detail::tile("Macro precision", figures.headline[2]) +
                    detail::tile("Macro recall", figures.headline[3]);
  out += "<li><span>Pictures</span><b>" + std::to_string(figures.figures.n) + "</b><span>in " +
         std::to_string(figures.figures.labels.size()) + " classes</span></li></ul>\n";
  html_table table{.id = "headline-table",
                   .caption = detail::headline_caption(figures.level),
                   .columns = {"figure", "value", "interval"}};
  for (std::size_t i = 0; i < figures.headline.size(); ++i) {
    table.rows.push_back(
        {figure_name(judge::headline_names[i]), figures.headline[i].value, range(figures.headline[i])});
  }
  table.rows.push_back({"label among the first three", figures.top_3, ""});
  table.rows.push_back({"calibration error", figures.calibration_error, ""});
  table.rows.push_back({"macro area under ROC", figures.ranking.macro_roc_area, ""});
  table.rows.push_back({"macro average precision", figures.ranking.macro_average_precision, ""});
  return out + html(table) + detail::passed_over(all) + "</section>\n";
}

/// Training, coverage, reliability and learning curves.
[[nodiscard]] inline std::string curves(const facts& all) {
  using detail::figure;
  std::string out = begin("curves", "Curves") + "<div class=\"charts\">\n" + figure(coverage_chart(all.predictions)) +
                    figure(reliability_chart(all.predictions, all.figures.calibration_error));
  if (!all.history.empty()) out += figure(loss_chart(all.history)) + figure(accuracy_chart(all.history));
  const auto learning = detail::learning_figure(all, "accuracy");
  out += learning + "</div>\n";
  if (learning.empty())
    out += "<p class=\"soft\">No learning curve was given: <code>eucv learning-curve IMAGES --out DIR</code> makes "
           "one.</p>\n";
  return out + "</section>\n";
}

namespace detail {

/// How a threshold did on the pictures at hand.
struct threshold_count {
  std::size_t accepted = 0, right = 0;
};

/// A row for each class of what the model decides of it and what that comes to; further cells come from more(i, count).
template <class Count, class More>
void add_thresholds(html_table& table, const std::vector<class_threshold>& rules,
                    const std::vector<std::string>& labels, Count&& count, More&& more) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool automatic = rules[i].decision == judge::verdict::automatic;
    const threshold_count found = automatic ? count(i) : threshold_count{};
    const double none = std::nan("");
    const auto part = [&](double value) { return cell::ranked(percent(value), std::isfinite(value) ? value : -1); };
    std::vector<cell> row{labels[i], std::string(to_string(rules[i].decision)), automatic ? rules[i].threshold : none,
                          automatic ? cell(found.accepted) : cell(none)};
    const bool any = found.accepted != 0;
    row.push_back(part(any ? static_cast<double>(found.right) / static_cast<double>(found.accepted) : none));
    row.push_back(part(any ? judge::precision_bound(found.right, found.accepted) : none));
    more(i, found, row);
    table.rows.push_back(std::move(row));
  }
}

} // namespace detail

/// Figures of each class, and what the model's thresholds come to on these pictures.
[[nodiscard]] inline std::string classes(const facts& all) {
  const auto& figures = all.figures.figures;
  html_table table{.id = "classes-table",
                   .caption = "Classes. Press a header to sort.",
                   .columns = {"class", "pictures", "precision", "recall", "F1", "F1 interval", "specificity"}};
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    const auto& one = figures.per_class[i];
    table.rows.push_back({figures.labels[i], one.support, one.precision, one.recall, one.f1,
                          cell::ranked(range(all.figures.class_f1[i]), one.f1), one.specificity});
  }
  const std::string out = begin("classes", "Classes") + html(table);
  if (all.thresholds.size() != figures.labels.size())
    return out + "<p class=\"soft\">The model has no thresholds: <code>eucv train IMAGES --out MODEL --folds 5</code> "
                 "finds them, and with them which classes may be enriched automatically.</p>\n</section>\n";
  html_table decided{.id = "thresholds-table",
                     .caption = "What the model's thresholds come to on these pictures.",
                     .columns = {"class", "decision", "threshold", "accepted", "right", "at least"}};
  const auto count = [&](std::size_t i) {
    detail::threshold_count found;
    for (std::size_t item = 0; item < all.predictions.size(); ++item)
      if (all.predictions.predicted(item) == i && all.predictions.row(item)[i] >= all.thresholds[i].threshold) {
        ++found.accepted;
        found.right += all.predictions.truth[item] == i ? 1 : 0;
      }
    return found;
  };
  detail::add_thresholds(decided, all.thresholds, figures.labels, count, [](auto&&...) {});
  return out + html(decided) + "<p class=\"soft\">" +
         detail::about_thresholds(
             all, "At or above its threshold a class that is <em>automatic</em> may be written into records; below it, "
                  "and where it says <em>review</em>, a person looks first; <em>never</em> is not even worth a look. "
                  "<em>Accepted</em> and <em>right</em> count the pictures here, and <em>at least</em> is the "
                  "precision that they prove with 95 % confidence") +
         "</section>\n";
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
