#include <eucv/judge/multi_label_thresholds.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("a label is automatic from the threshold on that proves the precision, and statements add up") {
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

TEST_CASE("a threshold breaks its promise no more often than it says") {
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
  judge::multi_label_predictions set;
  set.labels = {"good", "bad"};
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

TEST_CASE("precision over what is found") {
  judge::multi_label_predictions set;
  set.labels = {"a", "b"};
  set.truth = {1, 0, 1, 1};
  set.scores = {0.9, 0.8, 0.3, 0.7};
  const auto all = judge::precision_over_recall(set);
  CHECK(all.thresholds == std::vector<double>{0.9, 0.8, 0.7, 0.3});
  CHECK(all.coverage.back() == 1);
  CHECK(all.precision == std::vector<double>{1, 0.5, 2.0 / 3, 0.75});
  CHECK(judge::precision_over_recall(set, 1).precision == std::vector<double>{0, 0.5});
}
