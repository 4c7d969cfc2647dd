#include <eucv/judge/thresholds.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

namespace {

// Two labels, all items called "a" with falling probability; those in `wrong` are not.
judge::predictions ranked(std::size_t n, const std::vector<std::size_t>& wrong) {
  judge::predictions set{.labels = {"a", "b"}};
  for (std::size_t i = 0; i < n; ++i) {
    const double p = 1 - 0.4 * static_cast<double>(i) / static_cast<double>(n);
    set.add_truth(std::count(wrong.begin(), wrong.end(), i) != 0 ? 1 : 0);
    set.scores.insert(set.scores.end(), {p, 1 - p});
  }
  return set;
}

} // namespace

TEST_CASE("Clopper and Pearson's bound, beside SciPy's beta.ppf(1 - confidence, right, n - right + 1)") {
  CHECK(judge::precision_bound(59, 59) == doctest::Approx(0.950492390111773).epsilon(1e-12));
  CHECK(judge::precision_bound(95, 100) == doctest::Approx(0.8977466223567255).epsilon(1e-12));
  CHECK(judge::precision_bound(1, 10) == doctest::Approx(0.005116196891823702).epsilon(1e-12));
  CHECK(judge::precision_bound(970, 1000, 0.99) == doctest::Approx(0.9549495708079716).epsilon(1e-12));
  CHECK(judge::precision_bound(0, 10) == 0);
  CHECK(judge::precision_bound(0, 0) == 0);
}

TEST_CASE("the tail of a binomial distribution by hand") {
  CHECK(judge::binomial_tail(2, 2, 0.5) == doctest::Approx(0.25));
  CHECK(judge::binomial_tail(1, 2, 0.5) == doctest::Approx(0.75));
  CHECK(judge::binomial_tail(0, 2, 0.5) == 1);
  CHECK(judge::binomial_tail(1, 2, 0) == 0);
}

TEST_CASE("59 right suggestions prove 95 %, 58 do not") {
  const auto enough = judge::plan_enrichment(ranked(59, {}));
  CHECK(enough.categories[0].least_n == 59);
  CHECK(enough.categories[0].decision == judge::verdict::automatic);
  CHECK(enough.categories[0].threshold == ranked(59, {}).row(58)[0]);
  CHECK(enough.automatic == 59);
  const auto few = judge::plan_enrichment(ranked(58, {}));
  CHECK(few.categories[0].decision == judge::verdict::review);
  CHECK(std::isinf(few.categories[0].threshold));
  CHECK(few.review == 58);
}

TEST_CASE("the sequence ends before the wrong ones; what lies below the threshold goes to review") {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 150; i < 200; i += 2) wrong.push_back(i);
  const auto plan = judge::plan_enrichment(ranked(200, wrong));
  const auto& rule = plan.categories[0];
  CHECK(rule.decision == judge::verdict::automatic);
  CHECK(rule.accepted == 141); // of 59, 73, 91, 113, 141, 176: each a quarter more
  CHECK(rule.bound >= 0.95);
  CHECK(plan.automatic == rule.accepted);
  CHECK(plan.review == 200 - rule.accepted);
  CHECK(plan.categories[1].decision == judge::verdict::never); // never suggested
}

TEST_CASE("a category that is mostly wrong is not worth a review") {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < 60; ++i) wrong.push_back(i);
  const auto plan = judge::plan_enrichment(ranked(100, wrong));
  CHECK(plan.categories[0].decision == judge::verdict::never);
  CHECK(plan.never == 100);
  CHECK(judge::plan_enrichment(ranked(100, wrong), {.review_precision = 0.3}).review == 100);
}

TEST_CASE("equal probabilities go together") {
  auto set = ranked(100, {99});
  for (std::size_t i = 40; i < 100; ++i) {
    set.scores[2 * i] = 0.6;
    set.scores[2 * i + 1] = 0.4;
  }
  CHECK(judge::plan_enrichment(set).categories[0].accepted == 100);
}

TEST_CASE("thresholds keep their promise on new items in at least 95 of 100 cases") {
  std::size_t found = 0, broken = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto plan = judge::plan_enrichment(test::drawn_predictions({.items = 400, .classes = 2, .seed = seed}),
                                             {.target_precision = 0.9});
    const auto fresh = test::drawn_predictions({.items = 4000, .classes = 2, .seed = 1000 + seed});
    for (std::size_t label = 0; label < 2; ++label) {
      const auto& rule = plan.categories[label];
      if (rule.decision != judge::verdict::automatic) continue;
      ++found;
      std::size_t right = 0, all = 0;
      for (std::size_t i = 0; i < fresh.size(); ++i)
        if (fresh.predicted(i) == label && fresh.row(i)[label] >= rule.threshold) {
          ++all;
          right += fresh.is(i, label) ? 1 : 0;
        }
      broken += static_cast<double>(right) < 0.9 * static_cast<double>(all) ? 1 : 0;
    }
  }
  CHECK(found > 300);
  CHECK(broken * 20 <= found);
}

TEST_CASE("precision over coverage, of all and of one label") {
  const auto points = judge::precision_over_coverage(ranked(4, {2}));
  CHECK(points.coverage == std::vector<double>{0.25, 0.5, 0.75, 1});
  CHECK(points.precision == std::vector<double>{1, 1, 2.0 / 3, 0.75});
  CHECK(judge::precision_over_coverage(ranked(4, {}), 1).coverage.empty());
  CHECK(judge::precision_over_coverage(ranked(4, {2}), 0).precision == points.precision);
}

TEST_CASE("options that are no fractions are refused") {
  CHECK(test::code_of([] { (void)judge::plan_enrichment(judge::predictions{}, {.target_precision = 1}); }) ==
        errc::invalid_argument);
  CHECK(test::code_of([] { (void)judge::plan_enrichment(judge::predictions{}, {.confidence = 0}); }) ==
        errc::invalid_argument);
}

TEST_CASE("a label of several is automatic from the threshold on that proves the precision, and statements add up") {
  const auto set = test::drawn_answers({.items = 3000, .sharpness = 5});
  const auto plan = judge::plan_enrichment(set, {.target_precision = 0.9});
  CHECK(plan.automatic + plan.review + plan.never == plan.n);
  std::size_t statements = 0;
  for (const double score : set.scores) statements += score >= 0.5 ? 1 : 0;
  CHECK(plan.n == statements);
  for (std::size_t label = 0; label < 3; ++label) {
    const auto& rule = plan.categories[label];
    CHECK(rule.decision == judge::verdict::automatic);
    CHECK(rule.bound >= 0.9);
    std::size_t accepted = 0, right = 0;
    for (const auto& item : set.of_label(label)) {
      accepted += item.score >= rule.threshold ? 1 : 0;
      right += item.score >= rule.threshold && item.positive ? 1 : 0;
    }
    CHECK(accepted == rule.accepted);
    CHECK(right == rule.accepted_right);
  }
  CHECK(test::code_of([&] { (void)judge::plan_enrichment(set, {.target_precision = 1}); }) == errc::invalid_argument);
}

TEST_CASE("a threshold of one label of several breaks its promise no more often than it says") {
  std::size_t found = 0, broken = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto set = test::drawn_answers({.items = 300, .labels = 1, .seed = seed});
    const auto rule = judge::plan_enrichment(set, {.target_precision = 0.9}).categories[0];
    if (rule.decision != judge::verdict::automatic) continue;
    ++found;
    double expected = 0; // the scores are the true probabilities, so they say how precise the accepted really are
    for (const double score : set.scores) expected += score >= rule.threshold ? score : 0;
    broken += expected / static_cast<double>(rule.accepted) < 0.9 ? 1 : 0;
  }
  CHECK(found > 100);
  CHECK(broken <= found / 20);
}

TEST_CASE("few statements are reviewed, and a label that is mostly wrong is not suggested") {
  judge::predictions set{.task = &judge::multi_label, .labels = {"good", "bad"}};
  for (std::size_t i = 0; i < 20; ++i) {
    set.truth.insert(set.truth.end(), {1, static_cast<std::uint8_t>(i < 5 ? 1 : 0)});
    set.scores.insert(set.scores.end(), {0.9, 0.8});
  }
  const auto plan = judge::plan_enrichment(set);
  CHECK(plan.categories[0].decision == judge::verdict::review);
  CHECK(plan.categories[0].suggested == 20);
  CHECK(plan.categories[0].least_n == 59);
  CHECK(plan.categories[1].decision == judge::verdict::never);
  CHECK(plan.review == 20);
  CHECK(plan.never == 20);
}

TEST_CASE("precision over the part of the labels that is found, where labels do not exclude each other") {
  const judge::predictions set{
      .task = &judge::multi_label, .labels = {"a", "b"}, .truth = {1, 0, 1, 1}, .scores = {0.9, 0.8, 0.3, 0.7}};
  const auto all = judge::precision_over_coverage(set);
  CHECK(all.thresholds == std::vector<double>{0.9, 0.8, 0.7, 0.3});
  CHECK(all.coverage.back() == 1);
  CHECK(all.precision == std::vector<double>{1, 0.5, 2.0 / 3, 0.75});
  CHECK(judge::precision_over_coverage(set, 1).precision == std::vector<double>{0, 0.5});
}
