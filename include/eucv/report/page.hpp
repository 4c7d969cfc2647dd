#pragma once

#include <eucv/report/detail/charts.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/style.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/section/classes.hpp>
#include <eucv/report/section/confusions.hpp>
#include <eucv/report/section/curves.hpp>
#include <eucv/report/section/data.hpp>
#include <eucv/report/section/headline.hpp>
#include <eucv/report/section/pictures.hpp>

#include <string>
#include <string_view>

namespace eucv::report {

/// A whole page of HTML around `body`, which is taken as it is. It stands for itself: style, script and pictures are in
/// it, and its policy forbids it to fetch anything, or to run any other script.
[[nodiscard]] inline std::string document(std::string_view title, std::string_view body) {
  const std::string style = std::string(chart_style) + std::string(page_style);
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src " +
         policy_source(style) + "; script-src " + policy_source(page_script) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
         escape(title) + "</title>\n<style>" + style + "</style></head>\n<body>\n" + std::string(body) + "<script>" +
         std::string(page_script) + "</script>\n</body></html>\n";
}

/// The report on a model: one page, for people. All text in it is escaped; equal facts make equal bytes.
[[nodiscard]] inline std::string page(const facts& all) {
  struct part {
    const char* id;
    std::string name, html;
  };
  const std::string title = "Is " + all.model + " fit for enrichment?";
  std::string body =
      "<a class=\"skip\" href=\"#figures\">To the figures</a>\n<header><h1>" + escape(title) + "</h1><p>" +
      escape(all.architecture) + ", which sees pictures of " + std::to_string(all.size) + " × " +
      std::to_string(all.size) + " pixels, judged on the " + std::to_string(all.figures.figures.n) +
      " labelled pictures of <code>" + escape(all.images) + "</code>" +
      (all.predictions_by == origin::out_of_fold
           ? ", each by a model of the same kind that was trained on others. Maps are those of the model itself."
           : ". Whatever the model was trained on must not be among them.") +
      "</p></header>\n<nav aria-label=\"Parts of this page\"><ul>";
  std::string parts;
  for (const auto& each :
       {part{"figures", "Figures", section::headline(all)}, part{"curves", "Curves", section::curves(all)},
        part{"classes", capital(words_of(*all.predictions.task).labels), section::classes(all)},
        part{"confusion", "Confusions", section::confusions(all)}, part{"pictures", "Pictures", section::pictures(all)},
        part{"audit", "Doubtful labels", section::audit(all)}, part{"sources", "Licences", section::sources(all)},
        part{"repeat", "Repeat", section::repeat(all)}}) {
    if (each.html.empty()) continue;
    body += std::string("<li><a href=\"#") + each.id + "\">" + each.name + "</a></li>";
    parts += each.html;
  }
  return document(title, body + "</ul></nav>\n<main>\n" + parts + "</main>\n");
}

} // namespace eucv::report
