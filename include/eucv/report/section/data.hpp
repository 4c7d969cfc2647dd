#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/detail/table.hpp>
#include <eucv/report/facts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace eucv::report::section {

/// The first rows of an audit.
[[nodiscard]] inline std::string audit(const facts& all) {
  const auto& from = all.audit;
  if (from.columns.empty()) return {};
  std::string out = begin_section("audit", "Labels that are likely wrong");
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
[[nodiscard]] inline std::string sources(const facts& all) {
  std::string out = begin_section("sources", "Licences and attribution");
  if (all.sources.empty())
    return out + "<p>Nothing beside the pictures tells where they come from." +
           (all.how.sources.empty() ? "" : " To tell it:" + command_text(all.how.sources)) + "</p></section>\n";
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
  return out +
         soft_paragraph("Each picture keeps its own licence." +
                        (all.how.credits.empty()
                             ? ""
                             : " The credit of every picture is written by" + command_text(all.how.credits) + ".")) +
         "</section>\n";
}

/// What one needs to come to the same figures.
[[nodiscard]] inline std::string repeat(const facts& all) {
  std::string out = begin_section("repeat", "How to repeat this") + "<dl>";
  for (const auto& [name, value] : all.repeat)
    out += "<dt>" + escape(name) + "</dt><dd><code>" + escape(value) + "</code></dd>";
  out += "</dl>\n";
  if (!all.how.repeat.empty()) out += "<pre><code>" + escape(all.how.repeat) + "\n</code></pre>\n";
  return out + "</section>\n";
}

} // namespace eucv::report::section
