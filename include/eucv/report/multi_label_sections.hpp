#pragma once

#include <eucv/judge/thresholds.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/multi_label_charts.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/multi_label_facts.hpp>
#include <eucv/report/picture_sections.hpp>
#include <eucv/report/sections.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

/// The parts of a report on a model with several labels a picture; those that do not depend on it are in sections.hpp.
namespace eucv::report::section {

/// The figures that a reader looks for first, then all of them with their intervals.
[[nodiscard]] inline std::string headline(const multi_label_facts& all) {
  const auto& figures = all.figures;
  std::string out = begin("figures", "Figures") + "<ul class=\"tiles\">" +
                    detail::tile("Mean average precision", figures.headline[5]) +
                    detail::tile("Macro F1", figures.headline[1]) + detail::tile("Micro F1", figures.headline[2]) +
                    detail::tile("All labels right", figures.headline[0]) + "<li><span>Pictures</span><b>" +
                    std::to_string(figures.figures.n) + "</b><span>with any of " +
                    std::to_string(all.predictions.labels.size()) + " labels</span></li></ul>\n";
  html_table table{.id = "headline-table",
                   .caption = detail::headline_caption(figures.level),
                   .columns = {"figure", "value", "interval"}};
  for (std::size_t i = 0; i < figures.headline.size(); ++i)
    table.rows.push_back({multi_label_figure_name(judge::multi_label_headline_names[i]), figures.headline[i].value,
                          range(figures.headline[i])});
  table.rows.push_back({"calibration error", figures.calibration_error, ""});
  out += html(table) +
         "<p class=\"soft\">A label is called where it is more probable than not; mean average precision, coverage "
         "(how far down the ranked labels all of a picture's are met), ranking loss and label ranking average "
         "precision depend on no threshold.</p>\n" +
         detail::passed_over(all);
  std::string unknown;
  for (const auto& label : all.unknown_labels) unknown += (unknown.empty() ? "" : ", ") + label;
  if (!unknown.empty())
    out += "<p>The model does not know these labels of the pictures: " + escape(unknown) + ".</p>\n";
  return out + "</section>\n";
}

/// Curves of all labels and of each, of the training, and of the number of pictures.
[[nodiscard]] inline std::string curves(const multi_label_facts& all) {
  using detail::figure;
  std::string out = begin("curves", "Curves") + "<div class=\"charts\">\n" + figure(coverage_chart(all.predictions)) +
                    figure(reliability_chart(all.predictions, all.figures.calibration_error));
  if (!all.history.empty())
    out += figure(multi_label_loss_chart(all.history)) + figure(multi_label_history_chart(all.history));
  const auto learning = detail::learning_figure(all, "mean average precision");
  out += learning + "</div>\n";
  if (learning.empty())
    out += "<p class=\"soft\">No learning curve was given: <code>eucv learning-curve IMAGES --multi-label --out "
           "DIR</code> makes one.</p>\n";
  out += "<details><summary>Precision over pictures found, label by label</summary><div class=\"charts\">\n";
  for (std::size_t label = 0; label < all.predictions.labels.size(); ++label)
    if (all.figures.figures.per_label[label].support != 0) out += figure(label_chart(all, label));
  return out + "</div></details>\n</section>\n";
}

/// Figures of each label, and what the model's thresholds come to on these pictures.
[[nodiscard]] inline std::string labels(const multi_label_facts& all) {
  const auto& figures = all.figures.figures;
  const auto& names = all.predictions.labels;
  html_table table{.id = "classes-table",
                   .caption = "Labels. Press a header to sort.",
                   .columns = {"label", "pictures", "precision", "recall", "F1", "F1 interval", "average precision",
                               "its interval"}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& one = figures.per_label[i];
    const double average = figures.average_precision[i];
    table.rows.push_back({names[i], one.support, one.precision, one.recall, one.f1,
                          cell::ranked(range(all.figures.f1[i]), one.f1), average,
                          cell::ranked(range(all.figures.average_precision[i]), average)});
  }
  const std::string out = begin("classes", "Labels") + html(table);
  if (all.thresholds.size() != names.size())
    return out + "<p class=\"soft\">The model has no thresholds: <code>eucv train IMAGES --out MODEL --multi-label "
                 "--folds 5</code> finds them, and with them which labels may be enriched automatically.</p>\n"
                 "</section>\n";
  html_table decided{.id = "thresholds-table",
                     .caption = "What the model's thresholds come to on these pictures.",
                     .columns = {"label", "decision", "threshold", "stated", "right", "at least", "found"}};
  const auto count = [&](std::size_t i) {
    detail::threshold_count found;
    for (const auto& item : all.predictions.of_label(i)) {
      found.accepted += item.score >= all.thresholds[i].threshold ? 1 : 0;
      found.right += item.score >= all.thresholds[i].threshold && item.positive ? 1 : 0;
    }
    return found;
  };
  detail::add_thresholds(decided, all.thresholds, names, count,
                         [&](std::size_t i, const detail::threshold_count& found, std::vector<cell>& row) {
                           const std::size_t there = figures.per_label[i].support;
                           const double part = static_cast<double>(found.right) / static_cast<double>(there);
                           const bool none = found.accepted == 0 || there == 0;
                           row.push_back(none ? cell::ranked("–", -1) : cell::ranked(percent(part), part));
                         });
  return out + html(decided) + "<p class=\"soft\">" +
         detail::about_thresholds(
             all, "At or above its threshold a label that is <em>automatic</em> may be written into records; below it, "
                  "and where it says <em>review</em>, a person looks first; <em>never</em> is not even worth a look. "
                  "<em>Stated</em> counts the pictures here that the label is written to, <em>right</em> is the part "
                  "of these that has it, <em>at least</em> the precision that they prove with 95 % confidence, and "
                  "<em>found</em> the part of the label's pictures that are among them") +
         "</section>\n";
}

/// Which labels are stated in the place of which: both errors in one picture.
[[nodiscard]] inline std::string confusion(const multi_label_facts& all) {
  const auto& set = all.predictions;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts; // missed, stated instead
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t missed = 0; missed < set.labels.size(); ++missed)
      for (std::size_t stated = 0; stated < set.labels.size(); ++stated)
        if (set.is(i, missed) && !set.called(i, missed) && !set.is(i, stated) && set.called(i, stated))
          ++counts[{missed, stated}];
  std::vector<std::pair<std::size_t, std::pair<std::size_t, std::size_t>>> most;
  for (const auto& [pair, count] : counts) most.emplace_back(count, pair);
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (most.size() > 8) most.resize(8);
  std::string out = begin("confusion", "Confusions");
  out += most.empty() ? "<p>No picture misses a label and has another stated wrongly.</p>\n"
                      : "<p>Labels that are missed where another one is stated wrongly:</p><ul>";
  for (const auto& [count, pair] : most)
    out += "<li>" + std::to_string(count) + " of " + std::to_string(all.figures.figures.per_label[pair.first].support) +
           " pictures of " + escape(set.labels[pair.first]) + ": rather " + escape(set.labels[pair.second]) + "</li>";
  return out + (most.empty() ? "" : "</ul>\n") + "</section>\n";
}

/// A grid of pictures, each beside its maps, with what is right, wrong and missed.
[[nodiscard]] inline std::string gallery(std::span<const shown_labels> pictures) {
  std::string out = "<div class=\"pictures\">\n";
  for (const auto& each : pictures) {
    out += "<figure><div class=\"row\">" + detail::image(each.picture, each.file, "picture");
    for (const auto& [label, map] : each.maps) out += detail::map_image(map, label);
    out += "</div><figcaption>";
    std::string said;
    for (const auto& [word, given, stated] :
         {std::tuple("wrong", false, true), {"missed", true, false}, {"right", true, true}}) {
      std::string some;
      for (const auto& one : each.labels)
        if (one.given == given && one.stated == stated)
          some += (some.empty() ? std::string(word) + ": " : ", ") + "<b>" + escape(one.label) + "</b> " +
                  percent(one.probability);
      if (!some.empty()) said += (said.empty() ? "" : "; ") + some;
    }
    out += (said.empty() ? "no label, given or stated" : said) + detail::origin(each) + "</figcaption></figure>\n";
  }
  return out + "</div>\n";
}

/// The surest errors and the surest hits.
[[nodiscard]] inline std::string pictures(const multi_label_facts& all) {
  if (all.wrong.empty() && all.right.empty()) return {};
  std::string out = begin("pictures", "Pictures") + map_legend(all.layer, all.method);
  if (!all.wrong.empty()) out += "<h3>Wrong, the surest first</h3>\n" + gallery(all.wrong);
  if (!all.right.empty()) out += "<h3>All labels right, the surest of each label</h3>\n" + gallery(all.right);
  return out + "</section>\n";
}

} // namespace eucv::report::section
