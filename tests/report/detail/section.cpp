#include <eucv/report/detail/section.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace eucv::report;

TEST_CASE("sections, commands and intervals are escaped, and nothing where there is none") {
  CHECK(begin_section("a", "B & C") == "<section aria-labelledby=\"a\"><h2 id=\"a\">B &amp; C</h2>\n");
  CHECK(soft_paragraph("<b>x</b>") == "<p class=\"soft\"><b>x</b></p>\n");
  CHECK(command_text("").empty());
  CHECK(command_text("train <images>") == " <code>train &lt;images&gt;</code>");
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(range({0.5, 0.25, 0.75}) == "0.250 to 0.750");
  CHECK(range({0.5, 0.25, 0.75}, 1) == "0.2 to 0.8");
  CHECK(range({0.5, none, none}).empty());
}

TEST_CASE("a chart stands above its description") {
  const chart drawn{.id = "c", .title = "A < B", .description = "it & more", .x = {.label = "x"}, .y = {.label = "y"}};
  const auto text = chart_figure(drawn);
  CHECK(text.find("<figure><h3>A &lt; B</h3><svg") == 0);
  CHECK(text.find("<figcaption>it &amp; more</figcaption></figure>\n") != std::string::npos);
}
