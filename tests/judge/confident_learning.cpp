#include <eucv/judge/confident_learning.hpp>

#include <doctest/doctest.h>

#include <set>

#include "support/code_of.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("labels that were changed at random are found, and the noise is estimated") {
  auto set = test::drawn_predictions({.items = 4000, .classes = 5, .sharpness = 9});
  eucv::random engine(3);
  std::set<std::size_t> changed;
  for (std::size_t i = 0; i < set.size(); ++i) {
    test::relabel(set, i, set.predicted(i)); // labels as the classifier sees them, so that all errors are planted
    if (engine.uniform() < 0.09) {
      test::relabel(set, i, (set.label_of(i) + 1 + engine.below(4)) % 5);
      changed.insert(i);
    }
  }
  const auto audit = judge::confident_learning(set);
  std::size_t found = 0;
  for (const auto& issue : audit.issues) {
    found += changed.contains(issue.item) ? 1 : 0;
    CHECK(issue.suggested == set.predicted(issue.item));
    CHECK(issue.probability == set.row(issue.item)[issue.suggested]);
  }
  const auto part = [](std::size_t a, std::size_t b) { return static_cast<double>(a) / static_cast<double>(b); };
  CHECK(part(found, audit.issues.size()) > 0.99);
  CHECK(part(found, changed.size()) > 0.8);
  CHECK(audit.noise == doctest::Approx(part(changed.size(), set.size())).epsilon(0.15));
  for (std::size_t i = 1; i < audit.issues.size(); ++i) CHECK(audit.issues[i - 1].margin <= audit.issues[i].margin);
}

TEST_CASE("noise from one class to another shows in that pair") {
  auto set = test::drawn_predictions({.items = 3000, .classes = 3, .sharpness = 9});
  std::size_t changed = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    test::relabel(set, i, set.predicted(i));
    if (set.is(i, 2) && i % 4 == 0) {
      test::relabel(set, i, 0);
      ++changed;
    }
  }
  const auto audit = judge::confident_learning(set);
  CHECK(audit.joint[0][2] == doctest::Approx(static_cast<double>(changed) / 3000).epsilon(0.15));
  CHECK(audit.joint[0][1] < 0.005);
  CHECK(audit.joint[1][2] < 0.005);
  double all = 0;
  for (const auto& row : audit.joint)
    for (const double cell : row) all += cell;
  CHECK(all == doctest::Approx(1));
}

TEST_CASE("the confident joint by hand") {
  // Means of the own probability: a (0.9 + 0.8 + 0.1) / 3 = 0.6, b 0.7. The third is labelled a and looks like b.
  const judge::predictions set{
      .labels = {"a", "b"}, .truth = {1, 0, 1, 0, 1, 0, 0, 1}, .scores = {0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7}};
  const auto audit = judge::confident_learning(set);
  REQUIRE(audit.issues.size() == 1);
  CHECK(audit.issues[0].item == 2);
  CHECK(audit.issues[0].suggested == 1);
  CHECK(audit.issues[0].margin == doctest::Approx(-0.8));
  CHECK(audit.joint[0][0] == doctest::Approx(0.5));
  CHECK(audit.joint[0][1] == doctest::Approx(0.25));
  CHECK(audit.noise == doctest::Approx(0.25));
}

TEST_CASE("a class without an item, and no item at all") {
  const judge::predictions set{.labels = {"a", "b"}, .truth = {1, 0, 1, 0}, .scores = {0.4, 0.6, 0.6, 0.4}};
  CHECK(judge::confident_learning(set).issues.empty()); // nothing says what is typical of b, so nothing is wrong
  CHECK(test::code_of([] { (void)judge::confident_learning(judge::predictions{}); }) == errc::invalid_argument);
}
