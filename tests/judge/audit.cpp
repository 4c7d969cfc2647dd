#include <eucv/judge/multi_label_audit.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <set>
#include <utility>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"

using namespace eucv;

TEST_CASE("of labels that were taken away or added to 9 % of the answers most are found, and the noise is estimated") {
  auto set = test::drawn_answers({.items = 3000, .labels = 4, .offset = -2, .sharpness = 6});
  eucv::random engine(3);
  std::set<std::pair<std::size_t, std::size_t>> changed;
  std::vector<double> away(4), added(4);
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t c = 0; c < 4; ++c) {
      auto& truth = set.truth[4 * i + c];
      truth = set.called(i, c) ? 1 : 0; // labels as the classifier sees them, so that all errors are planted
      if (engine.uniform() >= 0.09) continue;
      (truth == 1 ? away : added)[c] += 1;
      truth = truth == 1 ? 0 : 1;
      changed.emplace(i, c);
    }
  const auto audit = judge::audit_labels(set);
  std::size_t found = 0;
  for (const auto& doubt : audit.doubts) {
    found += changed.contains({doubt.item, doubt.label}) ? 1 : 0;
    CHECK(doubt.missing == !set.is(doubt.item, doubt.label));
    const double p = set.scores[4 * doubt.item + doubt.label];
    CHECK(doubt.probability == (doubt.missing ? p : 1 - p));
  }
  const auto part = [](std::size_t a, std::size_t b) { return static_cast<double>(a) / static_cast<double>(b); };
  CHECK(part(found, audit.doubts.size()) > 0.99);
  CHECK(part(found, changed.size()) > 0.8);
  CHECK(audit.noise == doctest::Approx(part(changed.size(), set.scores.size())).epsilon(0.15));
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(audit.labels[c].missing == doctest::Approx(away[c]).epsilon(0.25));
    CHECK(audit.labels[c].wrong == doctest::Approx(added[c]).epsilon(0.25));
  }
  for (std::size_t i = 1; i < audit.doubts.size(); ++i)
    CHECK(audit.doubts[i - 1].probability >= audit.doubts[i].probability);
}

TEST_CASE("missing and wrong labels by hand, and both of one item together") {
  // a: the last is not given it and looks like the first two; b: the first is given it and looks like the others.
  judge::multi_label_predictions set;
  set.labels = {"a", "b"};
  set.truth = {1, 1, 1, 0, 0, 0, 0, 0, 0, 1};
  set.scores = {0.9, 0.1, 0.9, 0.2, 0.1, 0.1, 0.1, 0.2, 0.95, 0.9};
  const auto audit = judge::audit_labels(set);
  REQUIRE(audit.doubts.size() == 2);
  CHECK(audit.doubts[0].item == 4);
  CHECK(audit.doubts[0].label == 0);
  CHECK(audit.doubts[0].missing);
  CHECK(audit.doubts[0].probability == 0.95);
  CHECK(audit.doubts[1].item == 0);
  CHECK(audit.doubts[1].label == 1);
  CHECK_FALSE(audit.doubts[1].missing);
  CHECK(audit.labels[0].missing == doctest::Approx(1));
  CHECK(audit.labels[0].wrong == doctest::Approx(0));
  CHECK(audit.labels[1].wrong == doctest::Approx(1));
  CHECK(audit.noise == doctest::Approx(0.2));
  const auto items = judge::by_item(audit, set);
  REQUIRE(items.size() == 2);
  CHECK(items[0].suggested == std::vector<std::size_t>{0, 1});
  CHECK(items[1].suggested == std::vector<std::size_t>{0});
  const auto both = judge::by_item({.doubts = {{0, 1, false, 0.9}, {2, 0, true, 0.8}, {0, 0, false, 0.7}}}, set);
  REQUIRE(both.size() == 2);
  CHECK(both[0].item == 0);
  CHECK(both[0].doubts.size() == 2);
  CHECK(both[0].suggested.empty());
  CHECK(both[1].suggested == std::vector<std::size_t>{0});
}

TEST_CASE("a label that no item or every item has raises no doubt, and no item at all is refused") {
  judge::multi_label_predictions set;
  set.labels = {"all", "none"};
  set.truth = {1, 0, 1, 0, 1, 0};
  set.scores = {0.9, 0.1, 0.2, 0.8, 0.9, 0.1};
  CHECK(judge::audit_labels(set).doubts.empty());
  CHECK(test::code_of([] { (void)judge::audit_labels(judge::multi_label_predictions{}); }) == errc::invalid_argument);
}

TEST_CASE("an audit by a model that finds too few labels is doubted") {
  const auto weak = test::drawn_answers({.sharpness = 1}), strong = test::drawn_answers({.sharpness = 12});
  CHECK(judge::metrics_of(weak).macro.f1 < 0.85);
  CHECK(judge::doubt_about_audit(weak).find("macro F1 of 0.") != std::string::npos);
  CHECK(judge::metrics_of(strong).macro.f1 > 0.85);
  CHECK(judge::doubt_about_audit(strong).empty());
}
