#pragma once

#include <eucv/report/detail/html.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::report {

/// One axis of a chart, from `low` to `high`.
struct axis {
  std::string label; ///< with its unit
  double low = 0, high = 1;
  bool logarithmic = false; ///< ticks at the powers of two of `high`; both ends are positive then
};

/// How a series is drawn.
enum class mark { line, dots, bars };

/// A named series of points. A point that is not finite is left out, and a line is broken there.
struct series {
  std::string name;
  mark how = mark::line;
  std::vector<std::pair<double, double>> points = {};
  std::vector<std::pair<double, double>> ranges = {}; ///< of each point the low and high end of an interval; or empty
  double bar_width = 0;                               ///< in units of x, for bars
};

/// A chart with two axes. The first series has the first colour and a whole line, the next ones other colours and
/// dashes, so that they are told apart without colours too.
struct chart {
  std::string id;          ///< of the element; unique in its page, letters and '-'
  std::string title;       ///< what it shows
  std::string description; ///< what it says, in a sentence or two
  axis x = {}, y = {};
  std::vector<series> all = {};
  bool diagonal = false;    ///< a thin line from corner to corner: what would be perfect
  std::string details = {}; ///< what readers who do not see it should know besides
};

namespace detail {

inline constexpr double chart_width = 380, chart_height = 270, chart_left = 50, chart_right = 20, chart_top = 10,
                        chart_bottom = 44;

// Step of at most six even ticks: 1, 2 or 5 times a power of ten.
[[nodiscard]] inline double tick_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 5)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (range / (factor * power) <= 6) return factor * power;
  return 10 * power;
}

// Where values of an axis come to stand between two coordinates.
struct placed_axis {
  const axis& of;
  double from, to;
  [[nodiscard]] double operator()(double value) const {
    const auto along = [&](double v) { return of.logarithmic ? std::log(v) : v; };
    return from + (to - from) * (along(value) - along(of.low)) / (along(of.high) - along(of.low));
  }
  /// Digits after the point that tell its ticks apart.
  [[nodiscard]] int digits() const {
    return of.logarithmic ? 0
                          : std::max(0, -static_cast<int>(std::floor(std::log10(tick_step(of.high - of.low)) + 1e-9)));
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    if (of.logarithmic) {
      for (double at = of.high; at >= of.low * 0.999; at /= 2) values.push_back(at);
    } else {
      const double step = tick_step(of.high - of.low);
      for (double at = std::ceil(of.low / step - 1e-9) * step; at <= of.high + step * 1e-9; at += step)
        values.push_back(std::abs(at) < step / 2 ? 0 : at);
    }
    return values;
  }
};

[[nodiscard]] inline std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value, 1) + "\"";
}

[[nodiscard]] inline std::string text_at(double x, double y, const char* anchor, std::string_view text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + anchor + "\">" + escape(text) +
         "</text>";
}

[[nodiscard]] inline std::string marks(const series& one, const placed_axis& x, const placed_axis& y,
                                       const std::string& colour) {
  std::string out, path;
  for (std::size_t i = 0; i < one.points.size(); ++i) {
    const auto [at, value] = one.points[i];
    if (!std::isfinite(at) || !std::isfinite(value)) {
      path += ' ';
      continue;
    }
    if (i < one.ranges.size() && std::isfinite(one.ranges[i].first))
      out += "<path class=\"range " + colour + "\" d=\"M" + number(x(at), 1) + " " + number(y(one.ranges[i].first), 1) +
             "V" + number(y(one.ranges[i].second), 1) + "\"/>";
    if (one.how == mark::line)
      path += (path.empty() || path.ends_with(' ') ? "M" : "L") + number(x(at), 1) + " " + number(y(value), 1);
    else if (one.how == mark::dots)
      out +=
          "<circle class=\"dot " + colour + "\" r=\"3.5\"" + attribute("cx", x(at)) + attribute("cy", y(value)) + "/>";
    else
      out += "<rect class=\"bar " + colour + "\"" + attribute("x", x(at - one.bar_width / 2)) +
             attribute("y", y(value)) + attribute("width", x(at + one.bar_width / 2) - x(at - one.bar_width / 2)) +
             attribute("height", std::max(0.0, y(y.of.low) - y(value))) + "/>";
  }
  if (!path.empty()) out += "<path class=\"line " + colour + "\" d=\"" + path + "\"/>";
  return out;
}

} // namespace detail

/// The chart as an inline SVG with title and description, then a legend where there is more than one series. Needs the
/// style of the page. Precondition: each axis ends above where it begins.
[[nodiscard]] inline std::string svg(const chart& of) {
  using namespace detail;
  const placed_axis x{of.x, chart_left, chart_width - chart_right}, y{of.y, chart_height - chart_bottom, chart_top};
  std::string out = "<svg class=\"chart\" viewBox=\"0 0 " + number(chart_width, 0) + " " + number(chart_height, 0) +
                    "\" role=\"img\" aria-labelledby=\"" + of.id + "-title " + of.id + "-desc\"><title id=\"" + of.id +
                    "-title\">" + escape(of.title) + "</title><desc id=\"" + of.id + "-desc\">" +
                    escape(of.description + of.details) + "</desc>\n<g class=\"axes\">";
  for (const double tick : y.ticks())
    out += "<path class=\"grid\" d=\"M" + number(x.from, 1) + " " + number(y(tick), 1) + "H" + number(x.to, 1) +
           "\"/>" + text_at(x.from - 6, y(tick) + 4, "end", number(tick, y.digits()));
  for (const double tick : x.ticks()) out += text_at(x(tick), y.from + 16, "middle", number(tick, x.digits()));
  out += "<path class=\"frame\" d=\"M" + number(x.from, 1) + " " + number(y.to, 1) + "V" + number(y.from, 1) + "H" +
         number(x.to, 1) + "\"/>" + text_at((x.from + x.to) / 2, chart_height - 8, "middle", of.x.label) +
         "<text transform=\"translate(12 " + number((y.from + y.to) / 2, 1) +
         ") rotate(-90)\" text-anchor=\"middle\">" + escape(of.y.label) + "</text></g>\n";
  if (of.diagonal)
    out += "<path class=\"perfect\" d=\"M" + number(x.from, 1) + " " + number(y.from, 1) + "L" + number(x.to, 1) + " " +
           number(y.to, 1) + "\"/>";
  std::string legend;
  for (std::size_t i = 0; i < of.all.size(); ++i) {
    const std::string colour = "s" + std::to_string(i % 4);
    out += marks(of.all[i], x, y, colour);
    const char* shape = of.all[i].how == mark::line ? "<path class=\"line " : "<path class=\"fill ";
    legend += "<li><svg class=\"key\" viewBox=\"0 0 24 10\" aria-hidden=\"true\">" + std::string(shape) + colour +
              (of.all[i].how == mark::line ? "\" d=\"M0 5H24\"/>" : "\" d=\"M6 0H18V10H6Z\"/>") + "</svg>" +
              escape(of.all[i].name) + "</li>";
  }
  out += "\n</svg>\n";
  if (of.all.size() > 1) out += "<ul class=\"legend\">" + legend + "</ul>\n";
  return out;
}

} // namespace eucv::report
