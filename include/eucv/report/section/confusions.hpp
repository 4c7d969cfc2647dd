#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/facts.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace eucv::report::section {

namespace detail {

/// The confusion matrix; the shade is the part of the row.
[[nodiscard]] inline std::string matrix(const judge::metrics& figures) {
  std::string out =
      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"confusion-table\" tabindex=\"0\"><table "
      "class=\"matrix\"><caption id=\"confusion-table\"><span>Rows are the given labels, columns the predicted "
      "ones; the framed diagonal is right.</span></caption><thead><tr><th scope=\"col\" class=\"rows\">given</th>";
  for (const auto& label : figures.labels) out += "<th scope=\"col\"><span>" + escape(label) + "</span></th>";
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < figures.labels.size(); ++i) {
    out += "<tr><th scope=\"row\">" + escape(figures.labels[i]) + "</th>";
    for (std::size_t j = 0; j < figures.labels.size(); ++j) {
      const std::size_t count = figures.confusion_matrix[i][j], of = figures.per_class[i].support;
      const std::size_t shade = count == 0 ? 0 : std::min<std::size_t>(5, 1 + 5 * count / of);
      out +=
          "<td class=\"h" + std::to_string(shade) + (i == j ? " right" : "") + "\">" + std::to_string(count) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

/// In how many pictures one label is given and not predicted, and another one predicted and not given.
struct confused_labels {
  std::size_t missed = 0, predicted = 0, pictures = 0;
};

/// All such pairs, the most frequent first.
[[nodiscard]] inline std::vector<confused_labels> confusions_of(const judge::predictions& set) {
  const auto decided = set.decisions();
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;
  std::vector<std::size_t> missed, wrong;
  for (std::size_t i = 0; i < set.size(); ++i) {
    missed.clear();
    wrong.clear();
    for (std::size_t c = 0; c < set.labels.size(); ++c)
      if (const bool is = decided[i * set.labels.size() + c] != 0; is != set.is(i, c))
        (is ? wrong : missed).push_back(c);
    for (const std::size_t one : missed)
      for (const std::size_t other : wrong) ++counts[{one, other}];
  }
  std::vector<confused_labels> all;
  for (const auto& [pair, count] : counts) all.push_back({pair.first, pair.second, count});
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.pictures > b.pictures; });
  return all;
}

} // namespace detail

/// The confusion matrix, where labels exclude each other, and the labels that are confused most.
[[nodiscard]] inline std::string confusions(const facts& all) {
  constexpr std::size_t most = 8;
  const auto& figures = all.figures.figures;
  const auto& labels = all.predictions.labels;
  std::string out = begin_section("confusion", "Confusions");
  if (!figures.confusion_matrix.empty()) out += detail::matrix(figures);
  auto pairs = detail::confusions_of(all.predictions);
  if (pairs.size() > most) pairs.resize(most);
  if (pairs.empty()) return out + "<p>No picture has a label predicted in place of a given one.</p>\n</section>\n";
  out += "<p>Labels that are given, and others that are predicted in their place, the most frequent first:</p><ul>";
  for (const auto& each : pairs)
    out += "<li>" + std::to_string(each.pictures) + " of " + std::to_string(figures.per_class[each.missed].support) +
           " pictures of " + escape(labels[each.missed]) + ": rather " + escape(labels[each.predicted]) + "</li>";
  return out + "</ul>\n</section>\n";
}

} // namespace eucv::report::section
