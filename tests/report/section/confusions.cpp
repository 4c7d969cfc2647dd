#include <eucv/report/section/confusions.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the confusion matrix is shown, and the most frequent of its pairs") {
  const auto all = test::report_facts();
  const auto text = section::confusions(all);
  const auto& figures = all.figures.figures;
  const auto& matrix = figures.confusion_matrix;
  CHECK(tells(text, " right\">" + std::to_string(matrix[2][2]) + "</td>"));
  std::size_t most = 0, given = 0, predicted = 0;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j)
      if (i != j && matrix[i][j] > most) most = matrix[given = i][predicted = j];
  CHECK(tells(text, "<ul><li>" + std::to_string(most) + " of " + std::to_string(figures.per_class[given].support) +
                        " pictures of " + eucv::report::escape(all.predictions.labels[given]) + ": rather " +
                        eucv::report::escape(all.predictions.labels[predicted]) + "</li>"));
}

TEST_CASE("confusions of several labels are both errors in one picture") {
  eucv::report::facts all;
  all.predictions.task = &eucv::judge::multi_label;
  all.predictions.labels = {"a", "b", "c"};
  all.predictions.truth = {1, 0, 0, 1, 0, 1, 0, 1, 0};
  all.predictions.scores = {0.1, 0.9, 0.2, 0.2, 0.7, 0.8, 0.1, 0.1, 0.2}; // b for a twice; one that misses b alone
  all.figures.figures = eucv::judge::metrics_of(all.predictions);
  CHECK(tells(section::confusions(all), "<li>2 of 2 pictures of a: rather b</li>"));
  CHECK_FALSE(tells(section::confusions(all), "pictures of b"));
  CHECK_FALSE(tells(section::confusions(all), "matrix"));
  all.predictions.scores = {0.9, 0.1, 0.2, 0.9, 0.1, 0.8, 0.1, 0.9, 0.2};
  CHECK(tells(section::confusions(all), "No picture has a label predicted in place of a given one."));
}
