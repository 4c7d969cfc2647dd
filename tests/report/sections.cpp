#include <eucv/report/sections.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

TEST_CASE("figures, classes and confusions show what was measured, with labels escaped") {
  const auto all = test::report_facts();
  const auto headline = section::headline(all);
  CHECK(headline.find(eucv::report::percent(all.figures.figures.accuracy)) != std::string::npos);
  CHECK(headline.find(section::range(all.figures.headline[1])) != std::string::npos);
  CHECK(headline.find("1 file could not be read") != std::string::npos);

  const auto classes = section::classes(all);
  CHECK(classes.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(classes.find("<script>") == std::string::npos);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < all.predictions.size(); ++i)
    accepted += all.predictions.predicted(i) == 0 && all.predictions.row(i)[0] >= 0.6 ? 1 : 0;
  REQUIRE(accepted > 0);
  CHECK(classes.find(">automatic</td><td class=\"n\" data-v=\"0.6\">0.600</td><td class=\"n\" data-v=\"" +
                     std::to_string(accepted) + "\">") != std::string::npos);

  const auto confusion = section::confusion(all);
  const auto& matrix = all.figures.figures.confusion_matrix;
  CHECK(confusion.find(" right\">" + std::to_string(matrix[2][2]) + "</td>") != std::string::npos);
}

TEST_CASE("a model without thresholds says how to find some") {
  auto all = test::report_facts();
  all.thresholds.clear();
  all.learning_curve.clear();
  all.history.clear();
  CHECK(section::classes(all).find("--folds 5") != std::string::npos);
  CHECK(section::classes(all).find("threshold</button>") == std::string::npos);
  CHECK(section::curves(all).find("eucv learning-curve") != std::string::npos);
  CHECK(section::curves(all).find("loss-title") == std::string::npos);
}
