#include <eucv/report/detail/table.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace eucv::report;

TEST_CASE("a table names itself, its columns and its rows, and sorts by what it shows") {
  const html_table made{.id = "t",
                        .caption = "A & B",
                        .columns = {"class", "F1", "source"},
                        .rows = {{"<map>", 0.5, cell::linked("here", "https://a.example/?x=1&y=2")},
                                 {"none", std::nan(""), cell::linked("there", "javascript:alert(1)")}}};
  const std::string text = html(made);
  CHECK(text.find("role=\"region\" aria-labelledby=\"t\" tabindex=\"0\"") != std::string::npos);
  CHECK(text.find("<caption id=\"t\"><span>A &amp; B</span></caption>") != std::string::npos);
  CHECK(text.find("<th scope=\"col\"><button type=\"button\">class</button></th>") != std::string::npos);
  CHECK(text.find("<th scope=\"col\" class=\"n\"><button type=\"button\">F1</button></th>") != std::string::npos);
  CHECK(text.find("<th scope=\"row\">&lt;map&gt;</th><td class=\"n\" data-v=\"0.5\">0.500</td>") != std::string::npos);
  CHECK(text.find("<a href=\"https://a.example/?x=1&amp;y=2\" rel=\"noreferrer\">here</a>") != std::string::npos);
  CHECK(text.find("data-v=\"-1e999\">–<") != std::string::npos);
  CHECK(text.find("javascript") == std::string::npos);
  CHECK(cell(std::size_t{3}).value == "3");
  CHECK(cell::ranked("87.5 %", 0.875).value == "0.875");
}
