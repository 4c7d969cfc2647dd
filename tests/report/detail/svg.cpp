#include <eucv/report/detail/svg.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace eucv::report;

namespace {

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

} // namespace

TEST_CASE("a chart has title, description, units, and marks where the points are") {
  const chart drawn{.id = "c",
                    .title = "A < B",
                    .description = "told",
                    .x = {.label = "epoch", .low = 0, .high = 10},
                    .y = {.label = "loss (nats)", .low = 0, .high = 1},
                    .all = {{.name = "one", .points = {{0, 0}, {5, std::nan("")}, {10, 1}}},
                            {.name = "two", .how = mark::dots, .points = {{5, 0.5}}},
                            {.name = "three", .how = mark::bars, .points = {{5, 0.5}}, .bar_width = 2}},
                    .diagonal = true};
  const std::string text = svg(drawn);
  CHECK(text.find("aria-labelledby=\"c-title c-desc\"><title id=\"c-title\">A &lt; B</title>") != std::string::npos);
  CHECK(text.find("<desc id=\"c-desc\">told</desc>") != std::string::npos);
  CHECK(text.find(">loss (nats)</text>") != std::string::npos);
  CHECK(text.find("d=\"M50.0 226.0 M360.0 10.0\"") != std::string::npos); // from corner to corner, broken between
  CHECK(text.find("cx=\"205.0\" cy=\"118.0\"") != std::string::npos);
  CHECK(text.find("x=\"174.0\" y=\"118.0\" width=\"62.0\" height=\"108.0\"") != std::string::npos);
  CHECK(times(text, "<li>") == 3);
  CHECK(times(text, "<path class=\"grid\"") == 6); // 0, 0.2, ... 1
  CHECK(times(text, "text-anchor=\"middle\">") == 8);
}

TEST_CASE("a logarithmic axis halves from its end") {
  chart drawn{.id = "c",
              .title = "t",
              .description = "d",
              .x = {.label = "n", .low = 100, .high = 800, .ticks = scale::halves},
              .y = {.label = "accuracy"}};
  drawn.all = {{.name = "one", .how = mark::dots, .points = {{200, 0.5}}}};
  const std::string text = svg(drawn);
  for (const char* tick : {">100<", ">200<", ">400<", ">800<"}) CHECK(times(text, tick) == 1);
  CHECK(text.find("cx=\"153.3\"") != std::string::npos); // a third of the way
  CHECK(times(text, "<ul") == 0);
}

TEST_CASE("an axis of decades has its ticks at powers of ten, whatever its ends") {
  const chart drawn{.id = "c",
                    .title = "t",
                    .description = "d",
                    .x = {.label = "rate", .low = 2e-5, .high = 0.5, .ticks = scale::decades},
                    .y = {.label = "loss"},
                    .all = {{.name = "one", .points = {{0.01, 0.5}}}}};
  const std::string text = svg(drawn);
  for (const char* tick : {">0.0001<", ">0.001<", ">0.01<", ">0.1<"}) CHECK(times(text, tick) == 1);
  CHECK(times(text, ">1e-05<") == 0);
}

TEST_CASE("an SVG file holds its style and its legend") {
  const chart drawn{.id = "c",
                    .title = "t",
                    .description = "d",
                    .x = {.label = "x"},
                    .y = {.label = "y"},
                    .all = {{.name = "a line", .points = {{0, 0}, {1, 1}}},
                            {.name = "dots & more", .how = mark::dots, .points = {{0, 1}}, .dot_radius = 2}}};
  const std::string text = svg_file(drawn);
  CHECK(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 380 306\""));
  CHECK(text.ends_with("</svg>\n"));
  CHECK(times(text, "<svg") == 1);
  CHECK(times(text, "<style>") == 1);
  CHECK(text.find("prefers-color-scheme:dark") != std::string::npos);
  CHECK(text.find(">a line</text>") != std::string::npos);
  CHECK(text.find(">dots &amp; more</text>") != std::string::npos);
  CHECK(text.find("<circle class=\"dot s1\" r=\"2.0\" cx=\"50.0\" cy=\"10.0\"/>") != std::string::npos);
}
