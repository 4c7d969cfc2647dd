#include <eucv/report/rate_chart.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace eucv;

namespace {

train::rate_search search() {
  train::rate_search found;
  for (int i = 0; i < 30; ++i) {
    found.rates.push_back(1e-5 * std::pow(10, i / 8.0));
    found.smoothed.push_back(2 - 0.05 * i);
    found.losses.push_back(found.smoothed.back() + (i % 2 == 0 ? 0.02 : -0.02));
  }
  found.losses[4] = 50; // beyond the picture
  found.place = 16;
  found.rate = found.rates[16];
  return found;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The path of the line in a colour.
std::string line(const std::string& svg, const std::string& colour) {
  const std::string begin = "<path class=\"line " + colour + "\" d=\"";
  const auto at = svg.find(begin) + begin.size();
  return svg.substr(at, svg.find('"', at) - at);
}

} // namespace

TEST_CASE("the chart has a curve, a dot for each batch within it, powers of ten, and the choice in words") {
  const auto svg = report::rate_chart(search());
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "<circle") == 29);
  CHECK(svg.find("0.001 is the rate to train with.</desc>") != std::string::npos);
  CHECK(svg.find(">rate to train with, 0.001</text>") != std::string::npos);
  for (const char* power : {">1e-05<", ">0.0001<", ">0.001<", ">0.01<"}) CHECK(svg.find(power) != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(count(svg, "<text") == count(svg, "</text>"));
  // The choice stands where the curve has its point.
  const auto curve = line(svg, "s0"), choice = line(svg, "s1");
  CHECK(count(curve, " ") == 30);
  std::size_t at = 0; // of the letter before its point
  for (int i = 0; i < 16; ++i) at = curve.find('L', at + 1);
  const auto x = curve.substr(at + 1, curve.find(' ', at) - at - 1);
  CHECK(choice.starts_with("M" + x + " "));
  CHECK(choice.find("L" + x + " ") != std::string::npos);
}

TEST_CASE("a cliff behind the fall does not flatten it") {
  auto found = search();
  found.rates.push_back(found.rates.back() * 1.1), found.losses.push_back(2000), found.smoothed.push_back(900);
  const auto svg = report::rate_chart(found);
  CHECK(count(svg, "<circle") == 29);
  CHECK(count(line(svg, "s0"), " ") == 30);
  for (const char* tick : {">1<", ">2<", ">3<"}) CHECK(svg.find(tick) != std::string::npos); // not those of 900
  CHECK(svg.find(">4<") == std::string::npos);
}

TEST_CASE("one point, or a flat curve, is drawn too") {
  train::rate_search one{.rates = {0.1}, .losses = {1}, .smoothed = {1}, .rate = 0.1};
  CHECK(report::rate_chart(one).find("nan") == std::string::npos);
  one.rates.push_back(0.2), one.losses.push_back(1), one.smoothed.push_back(1);
  CHECK(report::rate_chart(one).find("nan") == std::string::npos);
}
