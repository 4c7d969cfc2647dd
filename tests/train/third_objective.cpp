// An objective that the library does not have, ordered grades, goes through training and judging as those that it has.
#include <eucv/train/evaluate.hpp>
#include <eucv/train/fit.hpp>
#include <eucv/train/overfit.hpp>

#include <eucv/core/json.hpp>
#include <eucv/core/probability.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/audit.hpp>
#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/reliability.hpp>
#include <eucv/judge/slices.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/nn/multi_label_loss.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

// Each item has one of C ordered grades. Logit c says how likely the grade is at least c; the first one says nothing.
struct ordinal {
  class task_type final : public judge::task_type {
  public:
    constexpr task_type() = default;

    [[nodiscard]] std::string_view name() const noexcept override { return "ordinal"; }
    [[nodiscard]] bool exclusive() const noexcept override { return true; }
    // Differences of cumulative probabilities, which are held from rising where the logits would let them.
    void to_probabilities(std::span<double> logits) const override {
      double at_least = 1;
      for (std::size_t c = 0; c < logits.size(); ++c) {
        const double next = c + 1 < logits.size() ? std::min(at_least, logistic(logits[c + 1])) : 0;
        logits[c] = at_least - next;
        at_least = next;
      }
    }
    // The median: as many grades as are reached with a probability of one half.
    void decide(std::span<const double> scores, std::span<const double>,
                std::span<std::uint8_t> decided) const override {
      std::fill(decided.begin(), decided.end(), std::uint8_t{0});
      std::size_t grade = scores.size() - 1;
      for (double at_least = scores[grade]; at_least < 0.5 && grade > 0; at_least += scores[grade]) --grade;
      decided[grade] = 1;
    }
    [[nodiscard]] std::span<const std::string_view> item_figures() const noexcept override {
      static constexpr std::array<std::string_view, 1> keys{"mean_absolute_error"};
      return keys;
    }
    void judge(const judge::judged_item& item, std::span<double> values) const override {
      values[0] = std::abs(static_cast<double>(std::ranges::find(item.decided, 1) - item.decided.begin()) -
                           static_cast<double>(std::ranges::find(item.truth, 1) - item.truth.begin()));
    }
    [[nodiscard]] std::span<const judge::figure> figures(judge::figure_use use) const noexcept override {
      static constexpr std::array<judge::figure, 3> all{{
          {"mean_absolute_error", "mean absolute error", [](const judge::metrics& of) { return of.item_means[0]; }},
          {"accuracy", "accuracy", [](const judge::metrics& of) { return of.accuracy; }},
          {"macro_f1", "macro F1", [](const judge::metrics& of) { return of.macro.f1; }},
      }};
      return use == judge::figure_use::slice_intervals ? std::span(all).first(1) : std::span(all);
    }
  };
  static constexpr task_type task_of_grades{};

  [[nodiscard]] static const judge::task_type& task() noexcept { return task_of_grades; }
  // A thermometer: an item of grade 2 is at least 0, at least 1 and at least 2.
  template <class Scalar>
  [[nodiscard]] nn::host_loss<Scalar> operator()(const nn::logit_rows<Scalar>& logits,
                                                 std::span<const std::size_t> grades) const {
    std::vector<nn::target> targets;
    for (const std::size_t grade : grades)
      for (std::size_t c = 0; c < logits.classes; ++c) targets.push_back(c <= grade ? nn::target::yes : nn::target::no);
    return nn::binary_cross_entropy()(logits, targets);
  }
  static void set_truth(std::size_t grade, std::span<std::uint8_t> row) { row[grade] = 1; }
  [[nodiscard]] ordinal for_validation() const { return {}; }
  [[nodiscard]] ordinal without_regularisation() const { return {}; }
  [[nodiscard]] std::map<std::string, std::string> identity() const { return {{"ordinal", "thermometer"}}; }
};
static_assert(train::objective<ordinal>);

const std::vector<std::string> grades{"poor", "fair", "good", "fine"};

// Pictures of noise that are the brighter the higher their grade.
train::source grade_source(std::size_t count, std::size_t batch) {
  auto colours = test::colour_source(count, batch);
  return {colours.batches, [open = colours.open](std::size_t epoch, std::size_t first) -> train::reader {
            return [next = open(epoch, first)]() -> std::optional<dataset::batch> {
              auto made = next();
              if (!made) return made;
              const std::size_t size = made->pixels.size() / made->n;
              for (std::size_t item = 0; item < made->n; ++item) {
                made->labels[item] = made->items[item] * 3 % 4;
                auto engine = eucv::random(7).fork(made->items[item]);
                for (std::size_t i = 0; i < size; ++i)
                  made->pixels[item * size + i] =
                      static_cast<float>(engine.normal() + 0.2 * static_cast<double>(made->labels[item]));
              }
              return made;
            };
          }};
}

auto grade_network(thread_pool& pool) {
  using namespace eucv::nn;
  eucv::random engine(3);
  return model(sequence{named("conv", conv2d{.out = 5, .bias = false}), named("norm", batch_norm{}), relu{},
                        global_average_pool{}, dropout{.probability = 0.1}, named("head", dense{.out = 4})},
               shape{1, 3, 6, 6}, engine, host<float>(pool));
}

train::fit_data grade_data() {
  return {grade_source(64, 8), grade_source(48, 8), grades};
}

train::fit_options quick(std::size_t epochs) {
  return {.epochs = epochs, .schedule = nn::one_cycle{.peak = 0.03}, .clock = [] { return 0.0; }};
}

// What a network that was trained for a moment states of 48 pictures, with names and folds.
judge::predictions stated() {
  thread_pool pool(2);
  auto net = grade_network(pool);
  (void)train::fit(net, grade_data(), ordinal{}, quick(12));
  auto set = train::evaluate(net, grade_source(48, 8), grades, ordinal{}).predictions;
  for (std::size_t i = 0; i < set.size(); ++i) {
    set.files.push_back(std::to_string(i) + ".png");
    set.groups.push_back(set.files.back());
    set.folds.push_back(i % 3);
  }
  return set;
}

template <class Network>
std::string traces(Network& net, const train::fit_result& result) {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content);
  content.metadata["history"] = train::history_csv(result.history);
  return nn::safetensors_bytes(content);
}

} // namespace

TEST_CASE("grades by hand: probabilities, decision and error") {
  const auto& task = ordinal::task();
  for (const std::vector<double>& logits : {std::vector<double>{0, 3, 1, -2}, {9, -1, 2, 0.5}}) {
    auto row = logits;
    task.to_probabilities(row);
    CHECK(std::accumulate(row.begin(), row.end(), 0.0) == doctest::Approx(1));
    CHECK(std::ranges::min(row) >= 0);
    CHECK(row[0] == doctest::Approx(1 - logistic(logits[1])));
  }
  const auto decided = [&](const std::vector<double>& scores) {
    std::vector<std::uint8_t> row(scores.size(), 7);
    task.decide(scores, {}, row);
    return row;
  };
  // The most probable grade is the first; half of the probability lies at the second or above.
  CHECK(decided({0.4, 0.3, 0.3, 0}) == std::vector<std::uint8_t>{0, 1, 0, 0});
  CHECK(decided({0, 0, 0.4, 0.6}) == std::vector<std::uint8_t>{0, 0, 0, 1});
  CHECK(decided({0.9, 0.1, 0, 0}) == std::vector<std::uint8_t>{1, 0, 0, 0});
  const std::vector<double> scores{0.1, 0.1, 0.1, 0.7};
  const std::vector<std::uint8_t> guess{0, 0, 0, 1}, truth{0, 1, 0, 0};
  double error = 0;
  task.judge({scores, guess, truth}, std::span(&error, 1));
  CHECK(error == 2);
}

TEST_CASE("a network learns grades, and is judged by how far it is off") {
  thread_pool pool(2);
  auto net = grade_network(pool);
  const auto data = grade_data();
  const auto before = train::evaluate(net, data.validation, grades, ordinal{});
  const auto done = train::fit(net, data, ordinal{}, quick(12));
  const auto after = train::evaluate(net, data.validation, grades, ordinal{});
  CHECK(done.history.back().train_loss < 0.7 * done.history.front().train_loss);
  CHECK(after.loss < before.loss);
  CHECK(after.loss == done.history[done.best_epoch - 1].validation_loss);
  CHECK(after.predictions.task == &ordinal::task());
  const auto first = judge::metrics_of(before.predictions), last = judge::metrics_of(after.predictions);
  CHECK(last.item_means[0] < 0.4);
  CHECK(last.item_means[0] < first.item_means[0]);
  CHECK(last.accuracy == done.history[done.best_epoch - 1].validation_accuracy);
  CHECK(last.macro.f1 == done.history[done.best_epoch - 1].validation_macro_f1);
  CHECK(train::overfit_one_batch(net, data.training, ordinal{}, quick(12)).passed);
}

TEST_CASE("all that judges predictions takes those of a third objective") {
  const auto set = stated();
  const auto figures = judge::metrics_of(set);

  const auto all = judge::assess(set, {.replicates = 100});
  const auto headline = ordinal::task().figures(judge::figure_use::headline);
  REQUIRE(all.headline.size() == headline.size());
  CHECK(headline[0].key == "mean_absolute_error");
  CHECK(all.headline[0].value == figures.item_means[0]);
  CHECK(all.headline[0].low <= all.headline[0].value);
  CHECK(all.headline[0].value <= all.headline[0].high);
  CHECK(all.headline[0].low < all.headline[0].high);
  const auto json = judge::to_json(all);
  const auto document = parse_json(json, "figures").as_object();
  CHECK(document.at("mean_absolute_error").to_number<double>() == figures.item_means[0]);
  CHECK(document.at("intervals").as_object().at("mean_absolute_error").as_array().size() == 2);
  CHECK(json.find("\n  \"mean_absolute_error\"") ==
        json.rfind("\n  \"mean_absolute_error\"")); // once, and in the intervals
  CHECK(document.at("confusion_matrix").as_array().size() == 4);

  const auto fair = judge::cross_calibrated(set);
  CHECK(fair.task == set.task);
  CHECK(fair.scores != set.scores);
  for (std::size_t i = 0; i < fair.size(); ++i)
    CHECK(std::accumulate(fair.row(i).begin(), fair.row(i).end(), 0.0) == doctest::Approx(1));

  const auto plan = judge::plan_enrichment(set, {.target_precision = 0.5, .confidence = 0.5});
  CHECK(plan.n == set.size());
  CHECK(plan.automatic + plan.review + plan.never == set.size());
  // What is stated of an item is its decision, not its most probable grade.
  const judge::predictions one{.task = set.task, .labels = grades, .truth = {0, 1, 0, 0}, .scores = {0.4, 0.3, 0.3, 0}};
  CHECK(judge::plan_enrichment(one).categories[0].suggested == 0);
  CHECK(judge::plan_enrichment(one).categories[1].suggested_right == 1);
  CHECK(judge::precision_over_coverage(set).precision.back() == doctest::Approx(figures.accuracy));

  std::vector<std::string> keys;
  for (std::size_t i = 0; i < set.size(); ++i) keys.push_back(i % 4 == 0 ? "b" : "a");
  const auto slices = judge::slice_by(set, keys, {.replicates = 100});
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].n == 36);
  CHECK((36 * slices[0].figures[0].value + 12 * slices[1].figures[0].value) / 48 ==
        doctest::Approx(figures.item_means[0]));
  CHECK(slices[0].figures[0].low <= slices[0].figures[0].value);
  CHECK(std::isnan(slices[0].figures[1].low));

  auto wrong = set; // a fine picture that is labelled poor
  const auto fine = set.of_label(3);
  const auto item = static_cast<std::size_t>(std::ranges::max_element(fine, {}, &judge::scored::score) - fine.begin());
  std::fill_n(wrong.truth.begin() + static_cast<std::ptrdiff_t>(4 * item), 4, std::uint8_t{0});
  wrong.truth[4 * item] = 1;
  const auto audit = judge::audit_labels(wrong);
  REQUIRE_FALSE(audit.items.empty());
  CHECK(audit.items[0].item == item);
  CHECK(audit.items[0].suggested == std::vector<std::size_t>{3});
  CHECK(judge::reliability_of_audit(set).figure == figures.accuracy);

  std::size_t n = 0;
  for (const auto& bin : judge::reliability(set, 10)) n += bin.n;
  CHECK(n == set.size());

  auto back = judge::parse_predictions(dataset::parse_table(judge::to_csv(set), "there"));
  back.task = set.task; // the table says only that each item has one label
  CHECK(back.truth == set.truth);
  CHECK(back.scores == set.scores);
  CHECK(judge::metrics_of(back).item_means == figures.item_means);
}

TEST_CASE("a broken training on grades ends with the same bits, and is refused for another objective") {
  const test::temporary_folder folder;
  thread_pool pool(2);
  const auto data = grade_data();
  auto whole = grade_network(pool);
  const auto unbroken = traces(whole, train::fit(whole, data, ordinal{}, quick(3)));

  std::stop_source stop;
  auto options = quick(3);
  options.checkpoints = folder / "grades";
  options.stop = stop.get_token();
  options.progress = [&](const progress& now) {
    if (now.done == 11) stop.request_stop();
  };
  auto net = grade_network(pool);
  CHECK(test::code_of([&] { (void)train::fit(net, data, ordinal{}, options); }) == errc::interrupted);
  options.stop = {};
  options.progress = {};
  auto again = grade_network(pool);
  CHECK(test::code_of([&] { (void)train::fit(again, data, train::single_label{}, options); }) ==
        errc::invalid_argument);
  const auto resumed = train::fit(again, data, ordinal{}, options);
  CHECK(resumed.resumed_at == 11);
  CHECK(traces(again, resumed) == unbroken);

  options.checkpoints = folder / "labels";
  auto labels = grade_network(pool);
  (void)train::fit(labels, data, train::single_label{}, options);
  CHECK(test::code_of([&] { (void)train::fit(labels, data, ordinal{}, options); }) == errc::invalid_argument);
}
