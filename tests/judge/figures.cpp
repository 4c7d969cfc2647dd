#include <eucv/judge/figures.hpp>

#include <eucv/core/random.hpp>
#include <eucv/judge/curves.hpp>
#include <eucv/judge/probability_metrics.hpp>
#include <eucv/judge/reliability.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/drawn_answers.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

namespace {

double weight(std::size_t i) {
  return static_cast<double>(1 + i * 37 % 101) / 101;
}
template <class Values>
double weighted(const Values& values) {
  long double sum = 0;
  std::size_t i = 0;
  for (const auto& value : values) sum += static_cast<long double>(weight(i++)) * static_cast<long double>(value);
  return static_cast<double>(sum);
}
double defined(double value) {
  return std::isnan(value) ? -1 : value;
}
std::size_t below(eucv::random& engine, std::size_t count) {
  return static_cast<std::size_t>(engine.uniform() * static_cast<double>(count));
}
std::vector<std::string> label_names(std::size_t count) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i) labels.push_back(std::to_string(i));
  return labels;
}

using figures = std::map<std::string, double>;

void add_averages(figures& to, const std::string& prefix, const judge::averaged_metrics& mean) {
  to[prefix + "precision"] = mean.precision;
  to[prefix + "recall"] = mean.recall;
  to[prefix + "f1"] = mean.f1;
}

void add_single_label(figures& to, eucv::random& engine) {
  const std::size_t classes = 2 + below(engine, 6), items = 1 + below(engine, 30), used = 1 + below(engine, classes);
  const double sharp = 3 * engine.uniform();
  judge::predictions set{.labels = label_names(classes)};
  for (std::size_t i = 0; i < items; ++i) {
    const std::size_t label = below(engine, used);
    set.add_truth(label);
    std::vector<double> row(classes);
    for (double& p : row) p = engine.uniform();
    row[label] += sharp * engine.uniform();
    double total = 0;
    for (const double p : row) total += p;
    for (const double p : row) set.scores.push_back(p / total);
  }
  const auto mine = judge::metrics_of(set), ones = judge::metrics_of(set, {.zero_division = 1});
  const auto column = [](const judge::metrics& of, double judge::averaged_metrics::*figure) {
    std::vector<double> values;
    for (const auto& one : of.per_class) values.push_back(one.*figure);
    return weighted(values);
  };
  std::vector<std::size_t> counts, support;
  for (const auto& row : mine.confusion_matrix) counts.insert(counts.end(), row.begin(), row.end());
  for (const auto& one : mine.per_class) support.push_back(one.support);
  to["accuracy"] = mine.accuracy;
  to["balanced_accuracy"] = mine.balanced_accuracy;
  to["confusion_matrix"] = weighted(counts);
  to["precision"] = column(mine, &judge::averaged_metrics::precision);
  to["recall"] = column(mine, &judge::averaged_metrics::recall);
  to["f1"] = column(mine, &judge::averaged_metrics::f1);
  to["specificity"] = column(mine, &judge::averaged_metrics::specificity);
  to["support"] = weighted(support);
  to["precision_or_1"] = column(ones, &judge::averaged_metrics::precision);
  to["recall_or_1"] = column(ones, &judge::averaged_metrics::recall);
  to["macro_specificity"] = mine.macro.specificity;
  add_averages(to, "macro_", mine.macro);
  add_averages(to, "micro_", mine.micro);
  add_averages(to, "weighted_", mine.weighted);
  for (const std::size_t k : {1U, 2U, 3U}) to["top_" + std::to_string(k)] = judge::top_k_accuracy(set, k);
  to["log_loss"] = mine.item_means[0];
  to["calibration_error"] = judge::calibration_error(set);
  std::vector<double> areas, precisions;
  for (std::size_t c = 0; c < classes; ++c) {
    areas.push_back(defined(judge::roc_curve(set.of_label(c)).area));
    precisions.push_back(defined(judge::precision_recall_curve(set.of_label(c)).average_precision));
  }
  to["roc_area"] = weighted(areas);
  to["average_precision"] = weighted(precisions);
  const auto ranked = judge::rank_one_against_rest(set);
  to["macro_roc_area"] = defined(ranked.macro_roc_area);
  to["macro_average_precision"] = defined(ranked.macro_average_precision);
}

void add_curves(figures& to, eucv::random& engine) {
  const std::size_t items = 2 + below(engine, 30);
  const auto steps = static_cast<double>(2 + below(engine, 12));
  std::vector<judge::scored> set(items);
  std::size_t positives = 0;
  for (auto& item : set) positives += (item.positive = engine.uniform() < 0.4) ? 1 : 0;
  for (auto& item : set) item.score = std::floor(steps * (engine.uniform() + (item.positive ? 0.3 : 0))) / steps;
  if (positives == 0 || positives == items) {
    set[0].positive = true;
    set[1].positive = false;
  }
  const auto tail = [](std::vector<double> values) {
    CHECK(std::isinf(values.front()));
    values.erase(values.begin());
    return weighted(values);
  };
  const auto roc = judge::roc_curve(set);
  to["roc_false_positive"] = weighted(roc.false_positive_rate);
  to["roc_true_positive"] = weighted(roc.true_positive_rate);
  to["roc_thresholds"] = tail(roc.thresholds);
  to["roc_curve_area"] = roc.area;
  const auto curve = judge::precision_recall_curve(set);
  to["curve_precision"] = weighted(curve.precision);
  to["curve_recall"] = weighted(curve.recall);
  to["curve_thresholds"] = tail(curve.thresholds);
  to["curve_average_precision"] = curve.average_precision;
}

void add_multi_label(figures& to, eucv::random& engine) {
  const std::size_t classes = 2 + below(engine, 6), items = 1 + below(engine, 20);
  const double density = engine.uniform(), noise = 2 * engine.uniform();
  judge::predictions set{.task = &judge::multi_label, .labels = label_names(classes)};
  for (std::size_t i = 0; i < items * classes; ++i) set.truth.push_back(engine.uniform() < density ? 1 : 0);
  for (const auto is : set.truth)
    set.scores.push_back(std::floor(8 * (is + noise * engine.uniform()) / (1 + noise)) / 8);
  const auto mine = judge::metrics_of(set);
  std::vector<double> precision, recall, f1, average_precision;
  for (const auto& one : mine.per_class) {
    precision.push_back(one.precision);
    recall.push_back(one.recall);
    f1.push_back(one.f1);
    average_precision.push_back(one.average_precision);
  }
  CHECK(mine.n == items);
  to["exact_match"] = mine.accuracy;
  to["hamming_loss"] = mine.hamming_loss;
  to["coverage"] = mine.item_means[0];
  to["ranking_loss"] = mine.item_means[1];
  to["lrap"] = mine.item_means[2];
  to["mean_average_precision"] = mine.mean_average_precision;
  to["label_average_precision"] = weighted(average_precision);
  to["label_precision"] = weighted(precision);
  to["label_recall"] = weighted(recall);
  to["label_f1"] = weighted(f1);
  add_averages(to, "label_macro_", mine.macro);
  add_averages(to, "label_micro_", mine.micro);
}

} // namespace

// See tests/data/make_figures.py.
TEST_CASE("10,000 random cases have scikit-learn's figures to 1e-12") {
  std::ifstream golden(EUCV_TEST_DATA "/figures.txt");
  REQUIRE(golden);
  std::string line;
  std::getline(golden, line);
  std::istringstream head(line);
  std::vector<std::string> order;
  for (std::string name; head >> name;) order.push_back(name);
  REQUIRE(order.size() == 53);
  std::size_t cases = 0;
  while (std::getline(golden, line)) {
    std::map<std::string, long double> sums;
    for (std::size_t i = 0; i < 100; ++i) {
      eucv::random engine(cases++);
      figures mine;
      add_single_label(mine, engine);
      add_curves(mine, engine);
      add_multi_label(mine, engine);
      REQUIRE(mine.size() == order.size());
      for (const auto& [name, value] : mine)
        sums[name] += static_cast<long double>(weight(i)) * static_cast<long double>(value);
    }
    std::istringstream cells(line);
    for (const auto& name : order) {
      double theirs = 0;
      cells >> theirs;
      REQUIRE(cells);
      CAPTURE(name);
      CAPTURE(cases);
      CHECK(std::abs(static_cast<double>(sums[name]) - theirs) <= 1e-12);
    }
  }
  CHECK(cases == 10000);
}

TEST_CASE("metrics of predictions with one label are those of the labels and the guesses") {
  const auto set = test::drawn_predictions({.items = 100, .classes = 4});
  std::vector<std::size_t> truth;
  for (std::size_t i = 0; i < set.size(); ++i) truth.push_back(set.label_of(i));
  const auto whole = judge::metrics_of(set), by_labels = judge::metrics_of(truth, test::predicted(set), set.labels);
  CHECK(whole.labels == by_labels.labels);
  CHECK(whole.n == 100);
  CHECK(whole.confusion_matrix == by_labels.confusion_matrix);
  CHECK(whole.accuracy == by_labels.accuracy);
  CHECK(whole.balanced_accuracy == by_labels.balanced_accuracy);
  CHECK(whole.macro.f1 == by_labels.macro.f1);
  CHECK(whole.macro.specificity == by_labels.macro.specificity);
  CHECK(whole.weighted.f1 == by_labels.weighted.f1);
  CHECK(whole.micro.f1 == by_labels.micro.f1);
}

TEST_CASE("the figures that are drawn anew are those of the items that were drawn") {
  auto several = test::drawn_answers({.items = 200});
  for (std::size_t i = 0; i < several.scores.size(); i += 4) several.scores[i] = 0.5; // ties
  for (const auto& set : {several, test::drawn_predictions({.items = 200})}) {
    eucv::random engine(3);
    judge::detail::drawn_metrics drawn(set, {});
    for (int round = 0; round < 5; ++round) {
      std::vector<std::size_t> items(200);
      for (auto& each : items) each = engine.below(200);
      const auto values = drawn(items);
      const auto figures = judge::metrics_of(judge::subset(set, items));
      const auto of_task = set.task->figures(judge::figure_use::headline);
      CHECK(of_task.size() >= 8);
      for (const auto& each : of_task) {
        CAPTURE(each.key);
        CHECK(each.of(values) == doctest::Approx(each.of(figures)).epsilon(1e-12));
      }
      for (std::size_t c = 0; c < 3; ++c) {
        CHECK(values.per_class[c].f1 == doctest::Approx(figures.per_class[c].f1).epsilon(1e-12));
        if (set.task->exclusive()) continue;
        CHECK(values.per_class[c].average_precision ==
              doctest::Approx(figures.per_class[c].average_precision).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("each label is called from its own threshold on") {
  const judge::predictions set{.task = &judge::multi_label,
                               .labels = {"a", "b"},
                               .truth = {1, 0, 1, 1},
                               .scores = {0.3, 0.6, 0.9, 0.6},
                               .thresholds = {0.2, 0.7}};
  const auto figures = judge::metrics_of(set);
  CHECK(figures.n == 2);
  CHECK(figures.accuracy == 0.5);
  CHECK(figures.hamming_loss == 0.25);
  CHECK(figures.per_class[0].recall == 1);
  CHECK(figures.per_class[1].recall == 0);
  CHECK(figures.per_class[1].support == 1);
  CHECK(figures.confusion_matrix.empty());
}

TEST_CASE("a quotient of nothing by nothing is what the caller says, of several labels too") {
  const judge::predictions set{
      .task = &judge::multi_label, .labels = {"a", "b"}, .truth = {1, 0}, .scores = {0.9, 0.1}};
  CHECK(judge::metrics_of(set).per_class[1].precision == 0);
  const auto ones = judge::metrics_of(set, {.zero_division = 1});
  CHECK(ones.per_class[1].precision == 1);
  CHECK(ones.per_class[1].average_precision == 1);
  CHECK(ones.macro.recall == 1);
}

TEST_CASE("lists that do not fit are refused") {
  const auto code = [](const judge::predictions& set) { return test::code_of([&] { (void)judge::metrics_of(set); }); };
  CHECK(code({}) == errc::invalid_argument);
  CHECK(code({.task = &judge::multi_label}) == errc::invalid_argument);
  CHECK(code({.labels = {"a", "b"}, .truth = {1}, .scores = {1}}) == errc::invalid_argument);
  CHECK(code({.labels = {"a", "b"}, .truth = {1, 0}, .scores = {1}}) == errc::invalid_argument);
  CHECK(code({.task = &judge::multi_label, .labels = {"a"}, .truth = {1}, .scores = {1}, .thresholds = {0.1, 0.2}}) ==
        errc::invalid_argument);
}

TEST_CASE("an item with no label, or with two, is refused where labels exclude each other") {
  const auto code = [](const judge::predictions& set) { return test::code_of([&] { (void)judge::metrics_of(set); }); };
  for (const std::vector<std::uint8_t>& truth : {std::vector<std::uint8_t>{1, 0, 0, 0}, {1, 0, 1, 1}}) {
    judge::predictions set{.labels = {"a", "b"}, .truth = truth, .scores = {0.5, 0.5, 0.5, 0.5}};
    CHECK(code(set) == errc::invalid_argument);
    set.task = &judge::multi_label;
    CHECK_FALSE(code(set));
  }
}
