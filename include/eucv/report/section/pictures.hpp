#pragma once

#include <eucv/judge/single_label.hpp>
#include <eucv/judge/task_type.hpp>
#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/section.hpp>
#include <eucv/report/detail/words.hpp>
#include <eucv/report/facts.hpp>

#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace eucv::report::section {

namespace detail {

/// A JPEG with a text for those who do not see it, and a word below; nothing for no JPEG.
[[nodiscard]] inline std::string image(std::string_view jpeg, const std::string& told, const std::string& below) {
  return jpeg.empty() ? std::string()
                      : "<div><img src=\"" + jpeg_source(jpeg) + "\" alt=\"" + escape(told) + "\">" + breakable(below) +
                            "</div>";
}

/// The labels of a picture with their probabilities: first the wrong ones, then the missed, then the right ones.
[[nodiscard]] inline std::string labels_text(const shown_picture& of, const task_words& words) {
  std::string out;
  for (const auto& [word, given, predicted] :
       {std::tuple(words.wrong, false, true), {words.missed, true, false}, {words.hit, true, true}}) {
    std::string some;
    for (const auto& one : of.labels)
      if (one.given == given && one.predicted == predicted)
        some +=
            (some.empty() ? std::string(word) : ", ") + "<b>" + escape(one.label) + "</b> " + percent(one.probability);
    if (!some.empty()) out += (out.empty() ? "" : "; ") + some;
  }
  return out.empty() ? "no label, given or predicted" : out;
}

/// The name of a picture, its credit, and a link to where it came from.
[[nodiscard]] inline std::string source_of(const shown_picture& of) {
  std::string out = "<br><code>" + breakable(of.file) + "</code>";
  if (!of.credit.empty()) out += "<br>" + escape(of.credit);
  if (of.address.starts_with("https://") || of.address.starts_with("http://"))
    out += " <a href=\"" + escape(of.address) + "\" rel=\"noreferrer\">source</a>";
  return out;
}

} // namespace detail

/// A grid of pictures, each beside its heat maps, with labels, probabilities and credit.
[[nodiscard]] inline std::string gallery(std::span<const shown_picture> pictures,
                                         const judge::task_type& task = judge::single_label) {
  std::string out = "<div class=\"pictures\">\n";
  for (const auto& each : pictures) {
    out += "<figure><div class=\"row\">" + detail::image(each.picture, each.file, "picture");
    for (const auto& [label, map] : each.maps) out += detail::image(map, "What speaks for " + label, "for " + label);
    out += "</div><figcaption>" + detail::labels_text(each, words_of(task)) + detail::source_of(each) +
           "</figcaption></figure>\n";
  }
  return out + "</div>\n";
}

/// What the colours of maps mean.
[[nodiscard]] inline std::string map_legend(std::string_view layer, std::string_view method) {
  return soft_paragraph(
      "Maps (" + escape(method) + " at layer <code>" + escape(layer) +
      "</code>) show where the network found what speaks for a label, from dark blue (nothing) to yellow (most in this "
      "picture). The paler rim was cut off before the network saw the picture. A map shows where the network looked, "
      "not that it was right to.");
}

/// The surest errors, and for each label the surest picture without an error.
[[nodiscard]] inline std::string pictures(const facts& all) {
  if (all.wrong.empty() && all.right.empty()) return {};
  const auto& task = *all.predictions.task;
  std::string out = begin_section("pictures", "Pictures") + map_legend(all.layer, all.method);
  if (!all.wrong.empty()) out += "<h3>Wrong, the surest first</h3>\n" + gallery(all.wrong, task);
  if (!all.right.empty())
    out += "<h3>" + std::string(words_of(task).right_pictures) + "</h3>\n" + gallery(all.right, task);
  return out + "</section>\n";
}

} // namespace eucv::report::section
