#pragma once

#include <eucv/judge/bootstrap.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/svg.hpp>

#include <cmath>
#include <string>
#include <string_view>

namespace eucv::report {

/// The begin of a part of a page, with its heading.
[[nodiscard]] inline std::string begin_section(std::string_view id, std::string_view title) {
  return "<section aria-labelledby=\"" + std::string(id) + "\"><h2 id=\"" + std::string(id) + "\">" + escape(title) +
         "</h2>\n";
}

/// A paragraph in the softer colour. `html` is taken as it is.
[[nodiscard]] inline std::string soft_paragraph(std::string_view html) {
  return "<p class=\"soft\">" + std::string(html) + "</p>\n";
}

/// A command as it is shown in a sentence, a blank before it; nothing for no command.
[[nodiscard]] inline std::string command_text(std::string_view command) {
  return command.empty() ? std::string() : " <code>" + escape(command) + "</code>";
}

/// An interval as "0.871 to 0.903"; nothing where there is none.
[[nodiscard]] inline std::string range(const judge::interval& of, int digits = 3) {
  return std::isfinite(of.low) ? number(of.low, digits) + " to " + number(of.high, digits) : "";
}

/// A chart with its title and description.
[[nodiscard]] inline std::string chart_figure(const chart& of) {
  return "<figure><h3>" + escape(of.title) + "</h3>" + svg(of) + "<figcaption>" + escape(of.description) +
         "</figcaption></figure>\n";
}

} // namespace eucv::report
