#pragma once

#include <eucv/report/detail/html.hpp>
#include <eucv/report/detail/style.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::report {

/// How values are spread along an axis, and where its ticks stand. Both ends of a logarithmic axis are positive.
enum class scale {
  linear,
  halves,  ///< logarithmic, ticks at `high` and its halves
  decades, ///< logarithmic, ticks at the powers of ten
};

/// One axis of a chart, from `low` to `high`.
struct axis {
  std::string label; ///< with its unit
  double low = 0, high = 1;
  scale ticks = scale::linear;
};

/// How a series is drawn.
enum class mark { line, dots, bars };

/// A named series of points. A point that is not finite is left out, and a line is broken there.
struct series {
  std::string name;
  mark how = mark::line;
  std::vector<std::pair<double, double>> points = {};
  double bar_width = 0;    ///< in units of x, for bars
  double dot_radius = 3.5; ///< in pixels of the chart, for dots
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
    const auto along = [&](double v) { return of.ticks == scale::linear ? v : std::log(v); };
    return from + (to - from) * (along(value) - along(of.low)) / (along(of.high) - along(of.low));
  }
  /// A tick as text: with the digits after the point that tell linear ticks apart, a power of ten in its own form.
  [[nodiscard]] std::string text(double tick) const {
    if (of.ticks == scale::decades) return short_number(tick);
    const double exponent = of.ticks == scale::linear ? std::log10(tick_step(of.high - of.low)) : 0;
    return number(tick, std::max(0, -static_cast<int>(std::floor(exponent + 1e-9))));
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    if (of.ticks == scale::halves) {
      for (double at = of.high; at >= of.low * 0.999; at /= 2) values.push_back(at);
    } else if (of.ticks == scale::decades) {
      for (double power = std::ceil(std::log10(of.low) - 1e-9); power <= std::log10(of.high) + 1e-9; ++power)
        values.push_back(std::pow(10, power));
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
    if (one.how == mark::line)
      path += (path.empty() || path.ends_with(' ') ? "M" : "L") + number(x(at), 1) + " " + number(y(value), 1);
    else if (one.how == mark::dots)
      out += "<circle class=\"dot " + colour + "\"" + attribute("r", one.dot_radius) + attribute("cx", x(at)) +
             attribute("cy", y(value)) + "/>";
    else
      out += "<rect class=\"bar " + colour + "\"" + attribute("x", x(at - one.bar_width / 2)) +
             attribute("y", y(value)) + attribute("width", x(at + one.bar_width / 2) - x(at - one.bar_width / 2)) +
             attribute("height", std::max(0.0, y(y.of.low) - y(value))) + "/>";
  }
  if (!path.empty()) out += "<path class=\"line " + colour + "\" d=\"" + path + "\"/>";
  return out;
}

/// The colours and dashes of the series, by their places.
[[nodiscard]] inline std::string colour_of(std::size_t place) {
  return "s" + std::to_string(place % 4);
}

/// What stands for a series in a legend, within 24 x 10 pixels.
[[nodiscard]] inline std::string key_of(const chart& of, std::size_t place) {
  return of.all[place].how == mark::line ? "<path class=\"line " + colour_of(place) + "\" d=\"M0 5H24\"/>"
                                         : "<path class=\"fill " + colour_of(place) + "\" d=\"M6 0H18V10H6Z\"/>";
}

/// The beginning of the element, with what it says to those who do not see it.
[[nodiscard]] inline std::string opening(const chart& of, const std::string& attributes, double height) {
  return "<svg" + attributes + " class=\"chart\" viewBox=\"0 0 " + number(chart_width, 0) + " " + number(height, 0) +
         "\" role=\"img\" aria-labelledby=\"" + of.id + "-title " + of.id + "-desc\"><title id=\"" + of.id +
         "-title\">" + escape(of.title) + "</title><desc id=\"" + of.id + "-desc\">" +
         escape(of.description + of.details) + "</desc>\n";
}

/// Axes and series.
[[nodiscard]] inline std::string drawing(const chart& of) {
  const placed_axis x{of.x, chart_left, chart_width - chart_right}, y{of.y, chart_height - chart_bottom, chart_top};
  std::string out = "<g class=\"axes\">";
  for (const double tick : y.ticks())
    out += "<path class=\"grid\" d=\"M" + number(x.from, 1) + " " + number(y(tick), 1) + "H" + number(x.to, 1) +
           "\"/>" + text_at(x.from - 6, y(tick) + 4, "end", y.text(tick));
  for (const double tick : x.ticks()) out += text_at(x(tick), y.from + 16, "middle", x.text(tick));
  out += "<path class=\"frame\" d=\"M" + number(x.from, 1) + " " + number(y.to, 1) + "V" + number(y.from, 1) + "H" +
         number(x.to, 1) + "\"/>" + text_at((x.from + x.to) / 2, chart_height - 8, "middle", of.x.label) +
         "<text transform=\"translate(12 " + number((y.from + y.to) / 2, 1) +
         ") rotate(-90)\" text-anchor=\"middle\">" + escape(of.y.label) + "</text></g>\n";
  if (of.diagonal)
    out += "<path class=\"perfect\" d=\"M" + number(x.from, 1) + " " + number(y.from, 1) + "L" + number(x.to, 1) + " " +
           number(y.to, 1) + "\"/>";
  for (std::size_t i = 0; i < of.all.size(); ++i) out += marks(of.all[i], x, y, colour_of(i));
  return out + "\n";
}

} // namespace detail

/// The chart as an inline SVG with title and description, then a legend where there is more than one series. Needs the
/// style of the page. Precondition: each axis ends above where it begins.
[[nodiscard]] inline std::string svg(const chart& of) {
  std::string out = detail::opening(of, "", detail::chart_height) + detail::drawing(of) + "</svg>\n";
  if (of.all.size() < 2) return out;
  out += "<ul class=\"legend\">";
  for (std::size_t i = 0; i < of.all.size(); ++i)
    out += "<li><svg class=\"key\" viewBox=\"0 0 24 10\" aria-hidden=\"true\">" + detail::key_of(of, i) + "</svg>" +
           escape(of.all[i].name) + "</li>";
  return out + "</ul>\n";
}

/// The chart as an SVG file that stands for itself: with its style, and its legend below.
[[nodiscard]] inline std::string svg_file(const chart& of) {
  constexpr double line = 18;
  const double height = detail::chart_height + line * static_cast<double>(of.all.size());
  std::string out = detail::opening(of, " xmlns=\"http://www.w3.org/2000/svg\"", height) + "<style>" +
                    std::string(chart_style) + "svg{background:var(--back)}</style>\n" + detail::drawing(of);
  for (std::size_t i = 0; i < of.all.size(); ++i) {
    const double top = detail::chart_height + line * static_cast<double>(i);
    out += "<g transform=\"translate(" + number(detail::chart_left, 0) + " " + number(top, 0) + ")\">" +
           detail::key_of(of, i) + detail::text_at(32, 10, "start", of.all[i].name) + "</g>\n";
  }
  return out + "</svg>\n";
}

} // namespace eucv::report
