// All figures of classifiers beside scikit-learn's, on 10,000 random cases; see tests/data/make_figures.py.
#include <eucv/judge/curves.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/multi_label.hpp>
#include <eucv/judge/probability_metrics.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

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
  judge::prediction_set set{.labels = label_names(classes)};
  for (std::size_t i = 0; i < items; ++i) {
    set.truth.push_back(below(engine, used));
    std::vector<double> row(classes);
    for (double& p : row) p = engine.uniform();
    row[set.truth[i]] += sharp * engine.uniform();
    double total = 0;
    for (const double p : row) total += p;
    for (const double p : row) set.probabilities.push_back(p / total);
  }
  const auto guess = set.predicted();
  const auto mine = judge::metrics_of(set.truth, guess, set.labels);
  const auto ones = judge::metrics_of(set.truth, guess, set.labels, {.zero_division = 1});
  const auto column = [](const judge::metrics& of, double judge::class_metrics::*figure) {
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
  to["precision"] = column(mine, &judge::class_metrics::precision);
  to["recall"] = column(mine, &judge::class_metrics::recall);
  to["f1"] = column(mine, &judge::class_metrics::f1);
  to["specificity"] = column(mine, &judge::class_metrics::specificity);
  to["support"] = weighted(support);
  to["precision_or_1"] = column(ones, &judge::class_metrics::precision);
  to["recall_or_1"] = column(ones, &judge::class_metrics::recall);
  to["macro_specificity"] = mine.macro_specificity;
  add_averages(to, "macro_", {mine.macro_precision, mine.macro_recall, mine.macro_f1});
  add_averages(to, "micro_", mine.micro);
  add_averages(to, "weighted_", mine.weighted);
  for (const std::size_t k : {1U, 2U, 3U}) to["top_" + std::to_string(k)] = judge::top_k_accuracy(set, k);
  to["log_loss"] = judge::log_loss(set);
  to["calibration_error"] = judge::expected_calibration_error(set);
  std::vector<double> areas, precisions;
  for (std::size_t c = 0; c < classes; ++c) {
    areas.push_back(defined(judge::roc_curve(set.one_against_rest(c)).area));
    precisions.push_back(defined(judge::precision_recall_curve(set.one_against_rest(c)).average_precision));
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
  judge::multi_label_set set{.labels = label_names(classes)};
  for (std::size_t i = 0; i < items * classes; ++i) set.truth.push_back(engine.uniform() < density ? 1 : 0);
  for (const auto is : set.truth)
    set.scores.push_back(std::floor(8 * (is + noise * engine.uniform()) / (1 + noise)) / 8);
  const auto mine = judge::metrics_of(set);
  std::vector<double> precision, recall, f1;
  for (const auto& one : mine.per_label) {
    precision.push_back(one.precision);
    recall.push_back(one.recall);
    f1.push_back(one.f1);
  }
  CHECK(mine.n == items);
  to["exact_match"] = mine.exact_match;
  to["hamming_loss"] = mine.hamming_loss;
  to["coverage"] = mine.coverage;
  to["ranking_loss"] = mine.ranking_loss;
  to["lrap"] = mine.lrap;
  to["mean_average_precision"] = mine.mean_average_precision;
  to["label_average_precision"] = weighted(mine.average_precision);
  to["label_precision"] = weighted(precision);
  to["label_recall"] = weighted(recall);
  to["label_f1"] = weighted(f1);
  add_averages(to, "label_macro_", mine.macro);
  add_averages(to, "label_micro_", mine.micro);
}

} // namespace

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
