#include <eucv/judge/metrics.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

template <class T>
std::vector<T> numbers(std::istream& input) {
  std::string line;
  std::getline(input, line);
  std::istringstream words(line);
  std::vector<T> values;
  for (T value{}; words >> value;) values.push_back(value);
  return values;
}

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i) labels.push_back("class " + std::to_string(i));
  return labels;
}

} // namespace

TEST_CASE("figures equal those of scikit-learn") {
  std::ifstream golden(EUCV_TEST_DATA "/metrics.txt");
  REQUIRE(golden);
  std::size_t cases = 0;
  const auto equal = [](double mine, double theirs) { return std::abs(mine - theirs) <= 1e-12; };
  while (golden.peek() != EOF) {
    const auto classes = numbers<std::size_t>(golden).at(0);
    const auto truth = numbers<std::size_t>(golden), predicted = numbers<std::size_t>(golden);
    const auto macro = numbers<double>(golden), each = numbers<double>(golden);
    REQUIRE(macro.size() == 5);
    REQUIRE(each.size() == 5 * classes);
    const auto mine = judge::metrics_of(truth, predicted, names(classes));
    CAPTURE(cases);
    CHECK(mine.n == truth.size());
    CHECK(equal(mine.accuracy, macro[0]));
    CHECK(equal(mine.macro.precision, macro[1]));
    CHECK(equal(mine.macro.recall, macro[2]));
    CHECK(equal(mine.macro.f1, macro[3]));
    CHECK(equal(mine.macro.specificity, macro[4]));
    for (std::size_t label = 0; label < classes; ++label) {
      CHECK(equal(mine.per_class[label].precision, each[5 * label]));
      CHECK(equal(mine.per_class[label].recall, each[5 * label + 1]));
      CHECK(equal(mine.per_class[label].f1, each[5 * label + 2]));
      CHECK(equal(mine.per_class[label].specificity, each[5 * label + 3]));
      CHECK(mine.per_class[label].support == static_cast<std::size_t>(each[5 * label + 4]));
    }
    ++cases;
  }
  CHECK(cases == 60);
}

TEST_CASE("rows are true and columns predicted") {
  const std::vector<std::size_t> truth{0, 0, 1, 2}, predicted{0, 1, 1, 0};
  const auto figures = judge::metrics_of(truth, predicted, names(3));
  CHECK(figures.confusion_matrix == std::vector<std::vector<std::size_t>>{{1, 1, 0}, {0, 1, 0}, {1, 0, 0}});
}

TEST_CASE("a quotient of nothing by nothing is what the caller says") {
  // Class 1 is never predicted: its precision has no denominator.
  const auto zero = judge::metrics_of({{2, 0}, {1, 0}}, names(2));
  const auto one = judge::metrics_of({{2, 0}, {1, 0}}, names(2), {.zero_division = 1});
  CHECK(zero.per_class[1].precision == 0);
  CHECK(one.per_class[1].precision == 1);
  CHECK(one.per_class[1].f1 == 0);
  CHECK(judge::metrics_of({{0}}, names(1), {.zero_division = 0.5}).accuracy == 0.5);
}

TEST_CASE("labels that do not fit are refused") {
  const std::vector<std::size_t> two{0, 1}, one{0}, beyond{0, 3};
  CHECK(test::code_of([&] { (void)judge::metrics_of(two, one, names(2)); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)judge::metrics_of(two, beyond, names(2)); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)judge::metrics_of({{1, 2}}, names(2)); }) == errc::invalid_argument);
}
