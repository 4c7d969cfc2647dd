#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/train/find_rate.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// A rate as people read it: two digits, "0.0032" or "1.5e-05".
[[nodiscard]] inline std::string rate_text(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", rate);
  return text;
}

/// rates.csv: a line a step: rate, loss of its batch, smoothed loss.
[[nodiscard]] std::string to_csv(const rate_search& found);

/// The curve as an SVG of 640 x 360: the smoothed loss over the rate, whose axis is logarithmic, single batches as
/// dots, and a line at the rate to train with. Follows the reader's light or dark scheme. Precondition: not empty.
[[nodiscard]] std::string rate_chart(const rate_search& found);

} // namespace eucv::train

#ifdef EUCV_IMPLEMENTATION_TRAIN
#include <algorithm>
#include <cmath>

namespace eucv::train {

std::string to_csv(const rate_search& found) {
  std::string text = "rate,loss,smoothed_loss\n";
  for (std::size_t i = 0; i < found.rates.size(); ++i)
    text +=
        json_number(found.rates[i]) + "," + json_number(found.losses[i]) + "," + json_number(found.smoothed[i]) + "\n";
  return text;
}

std::string rate_chart(const rate_search& found) {
  constexpr double left = 60, right = 620, top = 40, bottom = 310;
  const double first = std::log10(found.rates.front()), last = std::log10(found.rates.back());
  // What comes after the fall may be a thousand times as high: the chart reaches as far above the beginning as below
  // it.
  const auto [low, most] = std::ranges::minmax(found.smoothed);
  const double high = std::min(most, 2 * found.smoothed.front() - low);
  const double margin = high > low ? 0.08 * (high - low) : 1;
  const auto is_within = [&](double loss) { return loss >= low - margin && loss <= high + margin; };
  const auto x = [&](double rate) {
    return left + (right - left) * (std::log10(rate) - first) / std::max(last - first, 1e-12);
  };
  const auto y = [&](double loss) {
    return bottom - (bottom - top) * (loss - low + margin) / (high - low + 2 * margin);
  };
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return std::string(text);
  };
  const auto line = [&](const char* kind, double x1, double y1, double x2, double y2) {
    return "<line class=\"" + std::string(kind) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
           number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
  };
  const auto word = [&](const char* anchor, double at_x, double at_y, const std::string& text) {
    return "<text text-anchor=\"" + std::string(anchor) + "\" x=\"" + number(at_x) + "\" y=\"" + number(at_y) + "\">" +
           text + "</text>\n";
  };
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" role=\"img\" aria-label=\"loss over the "
      "learning rate; " +
      rate_text(found.rate) +
      " is the one to train with\">\n<style>\n"
      "svg { font: 13px sans-serif; color: #222; background: #fff }\n"
      "text { fill: currentColor } .axis, .tick { stroke: currentColor } .tick { opacity: .15 }\n"
      ".curve { fill: none; stroke: #1f6fb5; stroke-width: 2 } .dot { fill: #1f6fb5; opacity: .35 }\n"
      ".choice { stroke: #c2410c; stroke-width: 2; stroke-dasharray: 5 4 }\n"
      "@media (prefers-color-scheme: dark) { svg { color: #ddd; background: #181818 } .curve { stroke: #6ab0f3 }\n"
      ".dot { fill: #6ab0f3 } .choice { stroke: #fb923c } }\n</style>\n";
  for (double power = std::ceil(first); power <= last; ++power) {
    const double at = x(std::pow(10, power));
    svg += line("tick", at, top, at, bottom) + word("middle", at, bottom + 18, rate_text(std::pow(10, power)));
  }
  for (int part = 0; part <= 4; ++part) {
    const double loss = low + (high - low) * part / 4;
    svg += line("tick", left, y(loss), right, y(loss)) + word("end", left - 6, y(loss) + 4, rate_text(loss));
  }
  svg += line("axis", left, bottom, right, bottom) + line("axis", left, top, left, bottom);
  std::string points;
  for (std::size_t i = 0; i < found.rates.size(); ++i) {
    if (is_within(found.smoothed[i])) points += number(x(found.rates[i])) + "," + number(y(found.smoothed[i])) + " ";
    if (is_within(found.losses[i]))
      svg += "<circle class=\"dot\" r=\"2\" cx=\"" + number(x(found.rates[i])) + "\" cy=\"" +
             number(y(found.losses[i])) + "\"/>\n";
  }
  svg += "<polyline class=\"curve\" points=\"" + points + "\"/>\n" +
         line("choice", x(found.rate), top, x(found.rate), bottom) +
         word(x(found.rate) > 500 ? "end" : "start", x(found.rate) + (x(found.rate) > 500 ? -6 : 6), top + 12,
              rate_text(found.rate)) +
         word("start", left, 24, "loss by learning rate") + word("end", right, 350, "learning rate") + "</svg>\n";
  return svg;
}

} // namespace eucv::train
#endif
