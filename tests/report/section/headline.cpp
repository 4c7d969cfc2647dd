#include <eucv/report/section/headline.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the figures of the task are shown with their intervals, and what was passed over") {
  const auto all = test::report_facts();
  const auto text = section::headline(all);
  CHECK(tells(text, "<li><span>Accuracy</span><b>" + eucv::report::percent(all.figures.figures.accuracy) + "</b>"));
  CHECK(tells(text, "<span>in 5 classes</span>"));
  CHECK(tells(text, eucv::report::range(all.figures.headline[1])));
  CHECK(tells(text, ">log loss</th>"));
  CHECK(tells(text, ">macro area under ROC</th>"));
  CHECK(tells(text, "1 file could not be read"));
  CHECK_FALSE(tells(text, "does not know these labels"));
}

TEST_CASE("so they are where a picture may have several labels") {
  const auto all = test::multi_label_report_facts();
  const auto text = section::headline(all);
  CHECK(tells(text, "<li><span>Mean average precision</span><b>" +
                        eucv::report::percent(all.figures.figures.mean_average_precision) + "</b>"));
  CHECK(tells(text, "<span>with any of 5 labels</span>"));
  for (const char* name : {"Hamming loss", "coverage", "ranking loss", "label ranking average precision"})
    CHECK(tells(text, ">" + std::string(name) + "</th>"));
  CHECK(tells(text, eucv::report::range(all.figures.headline[9])));
  CHECK_FALSE(tells(text, "among the first three"));
  CHECK(tells(text, "does not know these labels of the pictures: &lt;star&gt;."));
}
