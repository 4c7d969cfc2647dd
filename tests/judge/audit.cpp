#include <eucv/judge/audit.hpp>

#include <eucv/core/random.hpp>
#include <eucv/judge/confident_learning.hpp>
#include <eucv/judge/figures.hpp>
#include <eucv/judge/tasks.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

namespace {

// The estimated number of items that are given one label and have another; C stands for none.
double confused(const judge::label_audit& audit, std::size_t given, std::size_t likely) {
  for (const auto& each : audit.confusions)
    if (each.given == given && each.likely == likely) return each.items;
  return 0;
}

} // namespace

TEST_CASE("items with one label are doubted as confident learning has it, and pairs of classes are counted") {
  auto set = test::drawn_predictions({.items = 3000, .classes = 3, .sharpness = 9});
  for (std::size_t i = 0; i < set.size(); ++i) {
    test::relabel(set, i, set.predicted(i));
    if (set.is(i, 2) && i % 4 == 0) test::relabel(set, i, 0);
  }
  const auto audit = judge::audit_labels(set);
  const auto found = judge::confident_learning(set);
  REQUIRE(audit.items.size() == found.issues.size());
  CHECK(audit.items.size() > 200);
  for (std::size_t i = 0; i < audit.items.size(); ++i) {
    const auto& each = audit.items[i];
    CHECK(each.item == found.issues[i].item);
    CHECK(each.missing == std::vector{found.issues[i].suggested});
    CHECK(each.suggested == each.missing);
    CHECK(each.wrong == std::vector{set.label_of(each.item)});
    CHECK(each.probability == found.issues[i].probability);
  }
  CHECK(audit.noise == found.noise);
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b)
      if (a != b) CHECK(confused(audit, a, b) == doctest::Approx(3000 * found.joint[a][b]));
  CHECK(confused(audit, 0, 2) > 200);
  CHECK(std::ranges::is_sorted(audit.confusions, {},
                               [](const auto& each) { return std::pair(each.given, each.likely); }));
}

TEST_CASE("of labels that were taken away or added to 9 % of the answers most are found, and the noise is estimated") {
  auto set = test::drawn_answers({.items = 3000, .labels = 4, .offset = -2, .sharpness = 6});
  eucv::random engine(3);
  std::set<std::pair<std::size_t, std::size_t>> changed;
  std::vector<double> away(4), added(4);
  const auto decided = set.decisions();
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t c = 0; c < 4; ++c) {
      auto& truth = set.truth[4 * i + c];
      truth = decided[4 * i + c]; // labels as the classifier sees them, so that all errors are planted
      if (engine.uniform() >= 0.09) continue;
      (truth == 1 ? away : added)[c] += 1;
      truth = truth == 1 ? 0 : 1;
      changed.emplace(i, c);
    }
  const auto audit = judge::audit_labels(set);
  std::size_t found = 0, doubts = 0;
  for (const auto& each : audit.items) {
    double most = 0, before = 1;
    for (const std::size_t label : each.missing) {
      CHECK_FALSE(set.is(each.item, label));
      const double p = set.row(each.item)[label];
      CHECK(p <= before); // the likeliest first
      most = std::max(most, before = p);
    }
    before = 1;
    for (const std::size_t label : each.wrong) {
      CHECK(set.is(each.item, label));
      const double p = 1 - set.row(each.item)[label];
      CHECK(p <= before);
      most = std::max(most, before = p);
    }
    CHECK(each.probability == most);
    for (const auto* const list : {&each.missing, &each.wrong})
      for (const std::size_t label : *list) {
        ++doubts;
        found += changed.contains({each.item, label}) ? 1 : 0;
        CHECK(std::ranges::count(each.suggested, label) == (list == &each.missing ? 1 : 0));
      }
  }
  const auto part = [](std::size_t a, std::size_t b) { return static_cast<double>(a) / static_cast<double>(b); };
  CHECK(part(found, doubts) > 0.99);
  CHECK(part(found, changed.size()) > 0.8);
  CHECK(audit.noise == doctest::Approx(part(changed.size(), set.scores.size())).epsilon(0.15));
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(confused(audit, 4, c) == doctest::Approx(away[c]).epsilon(0.25));
    CHECK(confused(audit, c, 4) == doctest::Approx(added[c]).epsilon(0.25));
  }
  for (std::size_t i = 1; i < audit.items.size(); ++i)
    CHECK(audit.items[i - 1].probability >= audit.items[i].probability);
  CHECK(std::ranges::is_sorted(audit.confusions, {},
                               [](const auto& each) { return std::pair(each.given, each.likely); }));
}

TEST_CASE("missing and wrong labels by hand") {
  // a: the last is not given it and looks like the first two; b: the first is given it and looks like the others.
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"a", "b"},
                               .truth = {1, 1, 1, 0, 0, 0, 0, 0, 0, 1},
                               .scores = {0.9, 0.1, 0.9, 0.2, 0.1, 0.1, 0.1, 0.2, 0.95, 0.9}};
  const auto audit = judge::audit_labels(set);
  REQUIRE(audit.items.size() == 2);
  CHECK(audit.items[0].item == 4);
  CHECK(audit.items[0].missing == std::vector<std::size_t>{0});
  CHECK(audit.items[0].wrong.empty());
  CHECK(audit.items[0].probability == 0.95);
  CHECK(audit.items[0].suggested == std::vector<std::size_t>{0, 1});
  CHECK(audit.items[1].item == 0);
  CHECK(audit.items[1].missing.empty());
  CHECK(audit.items[1].wrong == std::vector<std::size_t>{1});
  CHECK(audit.items[1].suggested == std::vector<std::size_t>{0});
  CHECK(confused(audit, 2, 0) == doctest::Approx(1));
  CHECK(confused(audit, 0, 2) == doctest::Approx(0));
  CHECK(confused(audit, 1, 2) == doctest::Approx(1));
  CHECK(audit.noise == doctest::Approx(0.2));
}

TEST_CASE("all doubts about one item stand together, at the place of the likeliest") {
  // Of the first both labels are wrong, b with 0.95 and a with 0.8; of the third a is missing, with 0.85.
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"a", "b"},
                               .truth = {1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0},
                               .scores = {0.2, 0.05, 0.9, 0.1, 0.85, 0.1, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1}};
  const auto audit = judge::audit_labels(set);
  REQUIRE(audit.items.size() == 2);
  CHECK(audit.items[0].item == 0);
  CHECK(audit.items[0].wrong == std::vector<std::size_t>{1, 0});
  CHECK(audit.items[0].probability == 0.95);
  CHECK(audit.items[0].suggested.empty());
  CHECK(audit.items[1].item == 2);
  CHECK(audit.items[1].missing == std::vector<std::size_t>{0});
  CHECK(audit.items[1].suggested == std::vector<std::size_t>{0});
}

TEST_CASE("a label that no item or every item has raises no doubt, and no item at all is refused") {
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"all", "none"},
                               .truth = {1, 0, 1, 0, 1, 0},
                               .scores = {0.9, 0.1, 0.2, 0.8, 0.9, 0.1}};
  CHECK(judge::audit_labels(set).items.empty());
  for (const auto* const task : judge::tasks)
    CHECK(test::code_of([&] { (void)judge::audit_labels(judge::predictions{.task = task}); }) ==
          errc::invalid_argument);
}

TEST_CASE("an audit by a model that finds too few labels is doubted") {
  const auto weak = test::drawn_answers({.sharpness = 1}), strong = test::drawn_answers({.sharpness = 12});
  CHECK(judge::reliability_of_audit(weak).figure == judge::metrics_of(weak).macro.f1);
  CHECK(judge::reliability_of_audit(weak).figure < 0.85);
  CHECK(judge::reliability_of_audit(weak).wanted == 0.85);
  CHECK_FALSE(judge::reliability_of_audit(weak).enough());
  CHECK(judge::reliability_of_audit(strong).figure > 0.85);
  CHECK(judge::reliability_of_audit(strong).enough());
  const auto single = test::drawn_predictions({});
  CHECK(judge::reliability_of_audit(single).figure == judge::metrics_of(single).accuracy);
  CHECK(judge::reliability_of_audit(single).wanted == 0.75);
}

TEST_CASE("an audit is doubted where its list is mostly the models' own errors") {
  std::size_t doubted = 0, trusted = 0;
  for (const double sharpness : {1.0, 2.0, 3.0, 5.0, 8.0, 12.0}) {
    auto set = test::drawn_predictions({.items = 3000, .classes = 6, .sharpness = sharpness});
    eucv::random engine(3);
    std::set<std::size_t> changed;
    for (std::size_t i = 0; i < set.size(); ++i)
      if (engine.uniform() < 0.09) {
        test::relabel(set, i, (set.label_of(i) + 1 + engine.below(5)) % 6);
        changed.insert(i);
      }
    const auto audit = judge::audit_labels(set);
    std::size_t found = 0;
    for (const auto& each : audit.items) found += changed.contains(each.item) ? 1 : 0;
    const bool doubt = !judge::reliability_of_audit(set).enough();
    (doubt ? doubted : trusted) += 1;
    CAPTURE(sharpness);
    CHECK(doubt == (2 * found < audit.items.size()));
  }
  CHECK(doubted > 0);
  CHECK(trusted > 0);
}
