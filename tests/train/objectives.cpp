#include <eucv/train/objectives.hpp>

#include <eucv/judge/figures.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/features.hpp>
#include <eucv/train/fit.hpp>
#include <eucv/train/mixup.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_task.hpp"

using namespace eucv;
using nn::target;

namespace {

// Pictures of noise in which any of three colours are stronger: the label of a batch is the set of them, as bits.
train::source colour_sets(std::size_t count, std::size_t batch) {
  const std::size_t batches = (count + batch - 1) / batch;
  return {batches, [=](std::size_t epoch, std::size_t first) -> train::reader {
            return [=, number = first]() mutable -> std::optional<dataset::batch> {
              if (number == batches) return std::nullopt;
              dataset::batch made;
              made.height = made.width = 6;
              for (std::size_t item = number * batch; item < std::min(count, (number + 1) * batch); ++item, ++made.n) {
                auto engine = eucv::random(12).fork(1000 * epoch + item);
                const std::size_t set = (item * 5) % 8;
                made.items.push_back(item);
                made.labels.push_back(set);
                for (std::size_t i = 0; i < 6 * 6 * 3; ++i)
                  made.pixels.push_back(static_cast<float>(engine.normal() + ((set >> (i % 3)) % 2 == 1 ? 1 : 0)));
              }
              ++number;
              return made;
            };
          }};
}

train::multi_label colour_objective(nn::multi_label_loss loss = nn::binary_cross_entropy()) {
  train::multi_label wanted{.loss = std::move(loss)};
  for (std::size_t set = 0; set < 8; ++set)
    for (std::size_t colour = 0; colour < 3; ++colour)
      wanted.targets.push_back((set >> colour) % 2 == 1 ? target::yes : target::no);
  return wanted;
}

train::fit_options multi_label_options(train::multi_label wanted) {
  return {.epochs = 12,
          .schedule = nn::one_cycle{.peak = 0.03},
          .objective = std::move(wanted),
          .monitor = train::monitored::mean_average_precision,
          .clock = [] { return 0.0; }};
}

} // namespace

TEST_CASE("a network learns which of several colours are in a picture, with each of the losses") {
  for (const auto& loss : {nn::binary_cross_entropy(), nn::focal_loss(), nn::asymmetric_loss()}) {
    thread_pool pool(2);
    auto net = test::colour_network(pool);
    const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
    const auto wanted = colour_objective(loss);
    const auto before = judge::metrics_of(train::evaluate(net, data.validation, data.labels, wanted).predictions);
    const auto done = train::fit(net, data, multi_label_options(wanted));
    const auto after = train::evaluate(net, data.validation, data.labels, wanted);
    const auto figures = judge::metrics_of(after.predictions);
    const auto& best = done.history[done.best_epoch - 1];
    CHECK(before.mean_average_precision < 0.9);
    CHECK(figures.mean_average_precision > 0.97);
    CHECK(figures.macro.f1 > 0.8);
    CHECK(after.items.size() == 32);
    CHECK(after.loss == best.validation_loss);
    CHECK(figures.accuracy == best.validation_accuracy);
    CHECK(figures.mean_average_precision == best.validation_mean_average_precision);
    CHECK(done.history.back().train_accuracy > done.history.front().train_accuracy);
  }
}

TEST_CASE("mixed pictures are to have the mixture of their labels") {
  const std::vector<double> flat{0.5, -1, 2, -0.25, 0, 1, 3, -2, 0.75};
  dataset::batch pictures;
  pictures.n = 3;
  pictures.labels = {5, 0, 3}; // sets of colours, as bits
  const train::mixture how{.share = 0.8, .partner_labels = {0, 3, 5}};
  auto wanted = colour_objective();
  wanted.loss.positive_weights = {1, 2, 0.5};
  const auto made = train::mixed_loss(wanted, nn::logit_rows<double>{flat, 3}, pictures, how);
  double expected = 0;
  std::vector<double> gradient(9);
  for (std::size_t item = 0; item < 3; ++item)
    for (std::size_t c = 0; c < 3; ++c) {
      const double t = 0.8 * static_cast<double>((pictures.labels[item] >> c) % 2) +
                       0.2 * static_cast<double>((how.partner_labels[item] >> c) % 2);
      const double p = nn::logistic(flat[3 * item + c]), w = wanted.loss.positive_weights[c];
      expected -= (w * t * std::log(p) + (1 - t) * std::log(1 - p)) / 9;
      gradient[3 * item + c] = (w * t * (p - 1) + (1 - t) * p) / 9;
    }
  CHECK(made.loss == doctest::Approx(expected).epsilon(1e-12));
  for (std::size_t i = 0; i < 9; ++i) CHECK(made.gradient[i] == doctest::Approx(gradient[i]).epsilon(1e-12));
}

TEST_CASE("a network learns several labels from mixed pictures, with the same history on any number of threads") {
  std::vector<std::string> histories;
  for (const std::size_t threads : {1, 3}) {
    thread_pool pool(threads);
    auto net = test::colour_network(pool);
    const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
    auto options = multi_label_options(colour_objective());
    options.mixup = 0.4;
    const auto done = train::fit(net, data, options);
    CHECK(done.history[done.best_epoch - 1].validation_mean_average_precision > 0.97);
    histories.push_back(train::history_csv(done.history));
  }
  CHECK(histories[0] == histories[1]);
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
  CHECK(train::history_csv(train::fit(net, data, multi_label_options(colour_objective())).history) != histories[0]);
}

TEST_CASE("a broken training with several labels ends with the same history, and another objective is refused") {
  const test::temporary_folder folder;
  thread_pool pool(2);
  const train::fit_data data{colour_sets(40, 8), colour_sets(16, 8), test::colours()};
  auto whole = test::colour_network(pool);
  const auto unbroken = train::fit(whole, data, multi_label_options(colour_objective()));
  auto options = multi_label_options(colour_objective());
  options.checkpoints = folder / "checkpoint";
  std::stop_source stop;
  options.stop = stop.get_token();
  options.progress = [&](const progress& now) {
    if (now.done == 17) stop.request_stop();
  };
  auto net = test::colour_network(pool);
  CHECK(test::code_of([&] { (void)train::fit(net, data, options); }) == errc::interrupted);
  options.stop = {};
  auto other = options;
  other.objective = colour_objective(nn::focal_loss());
  auto again = test::colour_network(pool);
  CHECK(test::code_of([&] { (void)train::fit(again, data, other); }) == errc::invalid_argument);
  const auto resumed = train::fit(again, data, options);
  CHECK(resumed.resumed_at == 17);
  CHECK(train::history_csv(resumed.history) == train::history_csv(unbroken.history));
}

TEST_CASE("unknown counts as no in figures, and nothing in the loss") {
  train::multi_label wanted{.targets = {target::yes, target::unknown, target::no, target::yes}};
  const nn::logit_rows<float> logits{{3, 3, -3, 3}, 2};
  const std::vector<std::size_t> sets{0, 1};
  const train::bound_objective<float> bound(wanted);
  CHECK(bound.right(logits, sets) == 1); // the first item gets a label that is not known to be its own
  CHECK(wanted(logits, sets).weight == 3);
  CHECK(test::code_of([&] { (void)wanted.targets_of(std::vector<std::size_t>{2}, 2); }) == errc::unknown_label);
}

TEST_CASE("the objectives of the library say what they are") {
  CHECK(train::task_of(train::any_objective{}) == judge::single_label);
  CHECK(train::task_of(colour_objective()) == judge::multi_label);
  const train::single_label smoothed{.loss = {.class_weights = {1, 2.5}, .label_smoothing = 0.1}};
  CHECK(smoothed.identity() ==
        std::map<std::string, std::string>{{"label-smoothing", "0.1"}, {"class-weights", "1 2.5"}});
  CHECK(smoothed.for_validation().loss.label_smoothing == 0);
  CHECK(smoothed.without_regularisation().loss.class_weights.empty());
  auto weighted = colour_objective(nn::focal_loss());
  weighted.loss.positive_weights = {1, 2, 3};
  CHECK(weighted.for_validation().loss.positive_weights == weighted.loss.positive_weights);
  CHECK(weighted.without_regularisation().loss.positive_weights.empty());
  CHECK(weighted.without_regularisation().loss.positive_focus == weighted.loss.positive_focus);
  CHECK(weighted.identity().at("positive-weights") == "1 2 3");
  CHECK(weighted.identity().at("positive-focus") == "2");
}

TEST_CASE("another loss, other weights and other targets are another identity") {
  std::set<std::map<std::string, std::string>> identities;
  auto targets = colour_objective(), weights = colour_objective(), unknown = colour_objective();
  targets.targets[4] = target::unknown;
  weights.loss.positive_weights = {1, 1, 2};
  unknown.loss.unknown_weight = 0.5;
  for (const auto& each : {colour_objective(), colour_objective(nn::focal_loss()),
                           colour_objective(nn::asymmetric_loss()), targets, weights, unknown})
    CHECK(identities.insert(each.identity()).second);
}

TEST_CASE("mean average precision is no figure of items with one label") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const train::fit_data data{test::colour_source(16, 8), test::colour_source(8, 8), test::colours()};
  CHECK(test::code_of([&] { (void)train::fit(net, data, {.monitor = train::monitored::mean_average_precision}); }) ==
        errc::invalid_argument);
}
