#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/style.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/multi_label_facts.hpp>
#include <eucv/report/multi_label_sections.hpp>
#include <eucv/report/picture_sections.hpp>
#include <eucv/report/sections.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::report {

/// A whole page of HTML around `body`, which is taken as it is. It stands for itself: style, script and pictures are in
/// it, and its policy forbids it to fetch anything, or to run any other script.
[[nodiscard]] inline std::string document(std::string_view title, std::string_view body) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src " +
         policy_source(page_style) + "; script-src " + policy_source(page_script) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
         escape(title) + "</title>\n<style>" + std::string(page_style) + "</style></head>\n<body>\n" +
         std::string(body) + "<script>" + std::string(page_script) + "</script>\n</body></html>\n";
}

namespace detail {

/// One part of a page: its identity, its name in the list of parts, and its HTML; none where that is empty.
struct part {
  const char* id;
  const char* name;
  std::string html;
};

[[nodiscard]] inline std::string assemble(const common_facts& all, std::size_t n, const std::vector<part>& parts) {
  const std::string title = "Is " + all.model + " fit for enrichment?";
  std::string body =
      "<a class=\"skip\" href=\"#figures\">To the figures</a>\n<header><h1>" + escape(title) + "</h1><p>" +
      escape(all.architecture) + ", which sees pictures of " + std::to_string(all.size) + " × " +
      std::to_string(all.size) + " pixels, judged on the " + std::to_string(n) + " labelled pictures of <code>" +
      escape(all.images) + "</code>" +
      (all.out_of_fold ? ", each by a model of the same kind that was trained on others. Maps are those of "
                         "the model itself."
                       : ". Whatever the model was trained on must not be among them.") +
      "</p></header>\n"
      "<nav aria-label=\"Parts of this page\"><ul>";
  std::string all_parts;
  for (const auto& each : parts) {
    if (each.html.empty()) continue;
    body += std::string("<li><a href=\"#") + each.id + "\">" + each.name + "</a></li>";
    all_parts += each.html;
  }
  return document(title, body + "</ul></nav>\n<main>\n" + all_parts + "</main>\n");
}

} // namespace detail

/// The report on a model: one page, for people. All text in it is escaped; equal facts make equal bytes.
[[nodiscard]] inline std::string page(const facts& all) {
  return detail::assemble(all, all.figures.figures.n,
                          {{"figures", "Figures", section::headline(all)},
                           {"curves", "Curves", section::curves(all)},
                           {"classes", "Classes", section::classes(all)},
                           {"confusion", "Confusions", section::confusion(all)},
                           {"pictures", "Pictures", section::pictures(all)},
                           {"audit", "Labels", section::audit(all)},
                           {"sources", "Licences", section::sources(all)},
                           {"repeat", "Repeat", section::repeat(all)}});
}

/// The same for a model that may give a picture several labels.
[[nodiscard]] inline std::string page(const multi_label_facts& all) {
  return detail::assemble(all, all.figures.figures.n,
                          {{"figures", "Figures", section::headline(all)},
                           {"curves", "Curves", section::curves(all)},
                           {"classes", "Labels", section::labels(all)},
                           {"confusion", "Confusions", section::confusion(all)},
                           {"pictures", "Pictures", section::pictures(all)},
                           {"audit", "Doubtful labels", section::audit(all)},
                           {"sources", "Licences", section::sources(all)},
                           {"repeat", "Repeat", section::repeat(all)}});
}

} // namespace eucv::report
