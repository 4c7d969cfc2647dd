#include <eucv/report/section/curves.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("curves of a training and of the number of pictures are shown where they were measured") {
  auto all = test::report_facts();
  for (const char* id : {"coverage", "reliability", "loss", "history", "learning"})
    CHECK(tells(section::curves(all), "id=\"" + std::string(id) + "-title\""));
  CHECK_FALSE(tells(section::curves(all), "<details>"));
  CHECK_FALSE(tells(section::curves(all), "program learning-curve"));
  all.learning_curve.resize(4); // of two sizes
  all.history.clear();
  CHECK(tells(section::curves(all), "To measure one: <code>program learning-curve &lt;images&gt;</code>"));
  CHECK_FALSE(tells(section::curves(all), "loss-title"));
  all.how = {};
  CHECK(tells(section::curves(all), "No learning curve was given.</p>"));
}

TEST_CASE("where labels are ranked, each that occurs has its curve") {
  auto all = test::multi_label_report_facts();
  CHECK(tells(section::curves(all), "<details><summary>"));
  CHECK(tells(section::curves(all), "id=\"label-4-title\""));
  CHECK(tells(section::curves(all), "Mean average precision by number of pictures"));
  for (std::size_t i = 0; i < all.predictions.size(); ++i) all.predictions.truth[5 * i + 4] = 0;
  all.figures = eucv::judge::assess(all.predictions, {.replicates = 10});
  CHECK_FALSE(tells(section::curves(all), "id=\"label-4-title\""));
}
