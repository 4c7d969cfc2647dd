#include <eucv/report/multi_label_sections.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("figures and labels show what was measured, with labels escaped") {
  const auto all = test::multi_label_report_facts();
  const auto headline = section::headline(all);
  CHECK(tells(headline, eucv::report::percent(all.figures.figures.mean_average_precision)));
  for (const char* name : {"Hamming loss", "coverage", "ranking loss", "label ranking average precision"})
    CHECK(tells(headline, ">" + std::string(name) + "</th>"));
  CHECK(tells(headline, section::range(all.figures.headline[9])));
  CHECK(tells(headline, "1 file could not be read"));
  CHECK(tells(headline, "&lt;star&gt;"));

  const auto labels = section::labels(all);
  CHECK(tells(labels, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK_FALSE(tells(labels, "<script>"));
  std::size_t stated = 0;
  for (const auto& item : all.predictions.of_label(0)) stated += item.score >= 0.6 ? 1 : 0;
  REQUIRE(stated > 0);
  CHECK(tells(labels, ">automatic</td><td class=\"n\" data-v=\"0.6\">0.600</td><td class=\"n\" data-v=\"" +
                          std::to_string(stated) + "\">"));
}

TEST_CASE("curves have one chart a label that occurs, and say how to get what is missing") {
  auto all = test::multi_label_report_facts();
  const auto curves = section::curves(all);
  CHECK(tells(curves, "<details><summary>"));
  CHECK(tells(curves, "id=\"label-4-title\""));
  CHECK(tells(curves, "Mean average precision by number of pictures"));
  all.learning_curve.clear();
  all.history.clear();
  all.thresholds.clear();
  all.figures.figures.per_label[4].support = 0;
  CHECK_FALSE(tells(section::curves(all), "id=\"label-4-title\""));
  CHECK(tells(section::curves(all), "eucv learning-curve IMAGES --multi-label"));
  CHECK(tells(section::labels(all), "--multi-label --folds 5"));
}

TEST_CASE("confusions are both errors in one picture") {
  eucv::report::multi_label_facts all;
  all.predictions.labels = {"a", "b", "c"};
  all.predictions.truth = {1, 0, 0, 1, 0, 1, 0, 1, 0};
  all.predictions.scores = {0.1, 0.9, 0.2, 0.2, 0.7, 0.8, 0.1, 0.1, 0.2}; // b for a twice; one that misses b alone
  all.figures.figures = eucv::judge::metrics_of(all.predictions);
  const auto text = section::confusion(all);
  CHECK(tells(text, "<li>2 of 2 pictures of a: rather b</li>"));
  CHECK_FALSE(tells(text, "pictures of b"));
}

TEST_CASE("pictures say what is right, wrong and missed, beside their maps") {
  auto all = test::multi_label_report_facts();
  const auto text = section::pictures(all);
  CHECK(tells(text, "wrong: <b>&lt;script&gt;alert(1)&lt;/script&gt;</b> 93.0\u00a0%; missed: <b>archaeological_site"));
  CHECK(tells(text, "</b> 99.0\u00a0%, <b>label 2</b> 80.0\u00a0%<br>"));
  CHECK(tells(text, "href=\"https://museum.example/?a=1&amp;b=2\""));
  CHECK_FALSE(tells(text, "javascript"));
  all.wrong.clear();
  all.right.clear();
  CHECK(section::pictures(all).empty());
}
