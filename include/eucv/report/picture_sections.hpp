#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/sections.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::report::section {

namespace detail {

/// A JPEG with what it is for those who do not see it, and a word below; nothing for no JPEG.
[[nodiscard]] inline std::string image(std::string_view jpeg, const std::string& told, const std::string& below) {
  return jpeg.empty() ? std::string()
                      : "<div><img src=\"" + jpeg_source(jpeg) + "\" alt=\"" + escape(told) + "\">" + breakable(below) +
                            "</div>";
}
[[nodiscard]] inline std::string map_image(std::string_view jpeg, const std::string& label) {
  return image(jpeg, "What speaks for " + label, "for " + label);
}

/// The name of a picture, whose it is, and a link to where it came from.
template <class Picture>
[[nodiscard]] std::string origin(const Picture& of) {
  std::string out = "<br><code>" + breakable(of.file) + "</code>";
  if (!of.credit.empty()) out += "<br>" + escape(of.credit);
  if (of.address.starts_with("https://") || of.address.starts_with("http://"))
    out += " <a href=\"" + escape(of.address) + "\" rel=\"noreferrer\">source</a>";
  return out;
}

} // namespace detail

/// A grid of pictures, each beside its maps, with labels, probabilities and credit.
[[nodiscard]] inline std::string gallery(std::span<const shown_picture> pictures) {
  std::string out = "<div class=\"pictures\">\n";
  for (const auto& each : pictures) {
    out += "<figure><div class=\"row\">" + detail::image(each.picture, each.file, "picture") +
           detail::map_image(each.predicted_map, each.predicted) + detail::map_image(each.truth_map, each.truth) +
           "</div><figcaption><b>" + escape(each.predicted) + "</b> " + percent(each.probability);
    if (each.truth != each.predicted && !each.truth.empty())
      out += "; given <b>" + escape(each.truth) + "</b> " + percent(each.truth_probability);
    out += detail::origin(each) + "</figcaption></figure>\n";
  }
  return out + "</div>\n";
}

/// What the colours of maps mean.
[[nodiscard]] inline std::string map_legend(const std::string& layer, const std::string& method) {
  return "<p class=\"soft\">Maps (" + escape(method) + " at layer <code>" + escape(layer) +
         "</code>) show where the network found what speaks for a label, from dark blue (nothing) to yellow (most in "
         "this picture). The paler rim was cut off before the network saw the picture. A map shows where the network "
         "looked, not that it was right to.</p>\n";
}

/// The surest mistakes and the surest hits.
[[nodiscard]] inline std::string pictures(const facts& all) {
  if (all.wrong.empty() && all.right.empty()) return {};
  std::string out = begin("pictures", "Pictures") + map_legend(all.layer, all.method);
  if (!all.wrong.empty()) out += "<h3>Wrong, the surest first</h3>\n" + gallery(all.wrong);
  if (!all.right.empty()) out += "<h3>Right, the surest of each class</h3>\n" + gallery(all.right);
  return out + "</section>\n";
}

/// The first page of an audit.
[[nodiscard]] inline std::string audit(const common_facts& all) {
  const auto& from = all.audit;
  if (from.columns.empty()) return {};
  std::string out = begin("audit", "Labels that are likely wrong");
  if (from.rows.empty()) return out + "<p>The audit lists none.</p></section>\n";
  constexpr std::size_t most = 20;
  html_table table{.id = "audit-table",
                   .caption = "The first " + std::to_string(std::min(most, from.rows.size())) + " of " +
                              std::to_string(from.rows.size()) + " rows, most likely first.",
                   .columns = {"file", "given label", "rather", "probability"}};
  const std::size_t file = from.column("file"), label = from.column("label"), rather = from.column("suggested"),
                    probability = from.column("probability");
  for (std::size_t i = 0; i < std::min(most, from.rows.size()); ++i) {
    const auto& row = from.rows[i];
    table.rows.push_back({row[file], row[label], row[rather], cell(std::atof(row[probability].c_str()))});
  }
  return out + html(table) + "</section>\n";
}

/// Licences and where the pictures come from.
[[nodiscard]] inline std::string sources(const common_facts& all) {
  std::string out = begin("sources", "Licences and attribution");
  if (all.sources.empty())
    return out + "<p>Nothing beside the pictures tells where they come from. A folder of <code>eucv download</code> "
                 "does, or <code>--table DATASET.csv</code>.</p></section>\n";
  constexpr std::size_t most = 30;
  for (const auto& each : all.sources) {
    std::string name = each.column;
    std::replace(name.begin(), name.end(), '_', ' ');
    html_table table{.id = "sources-" + std::to_string(&each - all.sources.data()),
                     .caption = "Pictures by " + name +
                                (each.values.size() > most ? "; the " + std::to_string(most) + " largest of " +
                                                                 std::to_string(each.values.size())
                                                           : ""),
                     .columns = {name, "pictures"}};
    for (std::size_t i = 0; i < std::min(most, each.values.size()); ++i) {
      const auto& [value, rows] = each.values[i];
      table.rows.push_back({cell::linked(value.empty() ? "not known" : value, value), cell(rows)});
    }
    out += html(table);
  }
  return out + "<p class=\"soft\">Each picture keeps its own licence. <code>eucv dataset card</code> writes the credit "
               "of every picture.</p></section>\n";
}

/// What one needs to come to the same figures.
[[nodiscard]] inline std::string repeat(const common_facts& all) {
  std::string out = begin("repeat", "How to repeat this") + "<dl>";
  for (const auto& [name, value] : all.repeat)
    out += "<dt>" + escape(name) + "</dt><dd><code>" + escape(value) + "</code></dd>";
  out += "</dl>\n";
  std::string lines;
  for (const auto& each : all.commands) lines += escape(each) + "\n";
  if (!lines.empty()) out += "<pre><code>" + lines + "</code></pre>\n";
  return out + "</section>\n";
}

} // namespace eucv::report::section
