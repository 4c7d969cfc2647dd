#include <eucv/report/section/classes.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("classes show what was measured, with labels escaped, and what the thresholds come to") {
  const auto all = test::report_facts();
  const auto text = section::classes(all);
  CHECK(tells(text, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK_FALSE(tells(text, "<script>"));
  CHECK(tells(text, ">specificity</button>"));
  std::size_t stated = 0, right = 0;
  for (std::size_t i = 0; i < all.predictions.size(); ++i)
    if (all.predictions.predicted(i) == 0 && all.predictions.row(i)[0] >= 0.6) {
      ++stated;
      right += all.predictions.is(i, 0) ? 1 : 0;
    }
  REQUIRE(stated > right);
  REQUIRE(right > 0);
  const auto part = [](std::size_t of, std::size_t whole) {
    return ">" + eucv::report::percent(static_cast<double>(of) / static_cast<double>(whole)) + "</td>";
  };
  const auto row = text.substr(text.find(">automatic</td><td class=\"n\" data-v=\"0.6\">0.600</td>"));
  CHECK(row.find(">" + std::to_string(stated) + "</td>") < row.find("</tr>"));
  CHECK(row.find(part(right, stated)) < row.find("</tr>"));
  CHECK(row.find(part(right, all.figures.figures.per_class[0].support)) < row.find("</tr>"));
  CHECK_FALSE(tells(text, "found on these very predictions"));
  auto other = all;
  other.predictions_by = eucv::report::origin::out_of_fold;
  CHECK(tells(section::classes(other), "found on these very predictions"));
}

TEST_CASE("labels have an average precision, and count wherever they reach their threshold") {
  const auto all = test::multi_label_report_facts();
  const auto text = section::classes(all);
  CHECK(tells(text, ">average precision</button>"));
  std::size_t stated = 0;
  for (const auto& item : all.predictions.of_label(0)) stated += item.score >= 0.6 ? 1 : 0;
  REQUIRE(stated > 0);
  CHECK(tells(text, ">automatic</td><td class=\"n\" data-v=\"0.6\">0.600</td><td class=\"n\" data-v=\"" +
                        std::to_string(stated) + "\">"));
}

TEST_CASE("a model without thresholds says how to find some") {
  for (auto all : {test::report_facts(), test::multi_label_report_facts()}) {
    all.thresholds.clear();
    CHECK(tells(section::classes(all), "automatically: <code>program train --folds &lt;5&gt;</code>"));
    CHECK_FALSE(tells(section::classes(all), "threshold</button>"));
    all.how = {};
    CHECK(tells(section::classes(all), "may be enriched automatically.</p>"));
  }
}
