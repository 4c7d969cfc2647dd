#include <eucv/train/rate_chart.hpp>

#include <doctest/doctest.h>

#include <algorithm>
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

} // namespace

TEST_CASE("the chart has a curve, a dot for each batch within it, powers of ten, and the choice in words") {
  const auto svg = train::rate_chart(search());
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "<polyline") == 1);
  CHECK(count(svg, "<circle") == 29);
  CHECK(count(svg, "class=\"choice\"") == 1);
  CHECK(svg.find("aria-label=\"loss over the learning rate; 0.001 is the one to train with\"") != std::string::npos);
  for (const char* power : {">1e-05<", ">0.0001<", ">0.001<", ">0.01<"}) CHECK(svg.find(power) != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(count(svg, "<text") == count(svg, "</text>"));
  // The choice stands where the curve has its point.
  const auto curve = svg.substr(svg.find("points=\"") + 8);
  std::string point;
  std::size_t at = 0;
  for (int i = 0; i <= 16; ++i) {
    const auto end = curve.find(' ', at);
    point = curve.substr(at, end - at);
    at = end + 1;
  }
  const auto x = point.substr(0, point.find(','));
  CHECK(svg.find("class=\"choice\" x1=\"" + x + "\"") != std::string::npos);
}

TEST_CASE("a cliff behind the fall does not flatten it") {
  auto found = search();
  const auto plain = train::rate_chart(found);
  found.rates.push_back(found.rates.back() * 1.1), found.losses.push_back(2000), found.smoothed.push_back(900);
  const auto svg = train::rate_chart(found);
  CHECK(count(svg, "<circle") == 29);
  const auto points = [](const std::string& of) {
    const auto begin = of.find("points=\"");
    const auto curve = of.substr(begin, of.find("\"/>", begin) - begin);
    return count(curve, ",");
  };
  CHECK(points(svg) == 30);
  CHECK(points(plain) == 30);
  CHECK(svg.find(">0.55<") != std::string::npos); // the least loss still has its tick, and so has the beginning
  CHECK(svg.find(">2<") != std::string::npos);
}

TEST_CASE("one point, or a flat curve, is drawn too") {
  train::rate_search one{.rates = {0.1}, .losses = {1}, .smoothed = {1}, .rate = 0.1};
  CHECK(train::rate_chart(one).find("nan") == std::string::npos);
  one.rates.push_back(0.2), one.losses.push_back(1), one.smoothed.push_back(1);
  CHECK(train::rate_chart(one).find("nan") == std::string::npos);
}

TEST_CASE("numbers are for people in the text, and whole in the table") {
  CHECK(train::rate_text(0.00316227) == "0.0032");
  CHECK(train::rate_text(1.5e-5) == "1.5e-05");
  const auto csv = train::to_csv(search());
  CHECK(csv.starts_with("rate,loss,smoothed_loss\n1e-05,2.02,2\n"));
  CHECK(std::ranges::count(csv, '\n') == 31);
}
