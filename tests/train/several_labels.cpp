#include <eucv/train/several_labels.hpp>

#include <eucv/train/features.hpp>
#include <eucv/train/fit.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>

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

train::several_labels colour_aim(nn::multi_label_loss loss = nn::binary_cross_entropy()) {
  train::several_labels aim{.loss = std::move(loss)};
  for (std::size_t set = 0; set < 8; ++set)
    for (std::size_t colour = 0; colour < 3; ++colour)
      aim.targets.push_back((set >> colour) % 2 == 1 ? target::yes : target::no);
  return aim;
}

train::fit_options several_options(train::several_labels aim) {
  return {.epochs = 12,
          .schedule = nn::one_cycle{.peak = 0.03},
          .several = std::move(aim),
          .best_by = train::watched::mean_average_precision,
          .clock = [] { return 0.0; }};
}

} // namespace

TEST_CASE("a network learns which of several colours are in a picture, with each of the losses") {
  for (const auto& loss : {nn::binary_cross_entropy(), nn::focal_loss(), nn::asymmetric_loss()}) {
    thread_pool pool(2);
    auto net = test::colour_network(pool);
    const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
    const auto aim = colour_aim(loss);
    const auto before = judge::metrics_of(train::evaluate(net, data.validation, data.labels, aim).answers);
    const auto done = train::fit(net, data, several_options(aim));
    const auto after = train::evaluate(net, data.validation, data.labels, aim);
    const auto figures = judge::metrics_of(after.answers);
    const auto& best = done.history[done.best_epoch - 1];
    CHECK(before.mean_average_precision < 0.9);
    CHECK(figures.mean_average_precision > 0.97);
    CHECK(figures.macro.f1 > 0.8);
    CHECK(after.items.size() == 32);
    CHECK(after.loss == best.validation_loss);
    CHECK(figures.exact_match == best.validation_accuracy);
    CHECK(figures.mean_average_precision == best.validation_mean_average_precision);
    CHECK(done.history.back().train_accuracy > done.history.front().train_accuracy);
  }
}

TEST_CASE("mixed pictures are aimed at the mixture of their labels") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  auto logits = backend.make({.n = 3, .c = 3});
  const std::vector<double> flat{0.5, -1, 2, -0.25, 0, 1, 3, -2, 0.75};
  backend.assign(logits, flat, nn::order::channels_last);
  dataset::batch pictures;
  pictures.n = 3;
  pictures.labels = {5, 0, 3}; // sets of colours, as bits
  const train::mixture how{.share = 0.8, .partner_labels = {0, 3, 5}};
  auto aim = colour_aim();
  aim.loss.positive_weights = {1, 2, 0.5};
  const auto made = train::mixed_loss(aim, backend, logits, pictures, how);
  double expected = 0;
  std::vector<double> gradient(9);
  for (std::size_t item = 0; item < 3; ++item)
    for (std::size_t c = 0; c < 3; ++c) {
      const double t = 0.8 * static_cast<double>((pictures.labels[item] >> c) % 2) +
                       0.2 * static_cast<double>((how.partner_labels[item] >> c) % 2);
      const double p = nn::logistic(flat[3 * item + c]), w = aim.loss.positive_weights[c];
      expected -= (w * t * std::log(p) + (1 - t) * std::log(1 - p)) / 9;
      gradient[3 * item + c] = (w * t * (p - 1) + (1 - t) * p) / 9;
    }
  CHECK(made.loss == doctest::Approx(expected).epsilon(1e-12));
  const auto found = backend.values(made.gradient, nn::order::channels_last);
  for (std::size_t i = 0; i < 9; ++i) CHECK(found[i] == doctest::Approx(gradient[i]).epsilon(1e-12));
}

TEST_CASE("a network learns several labels from mixed pictures, with the same history on any number of threads") {
  std::vector<std::string> histories;
  for (const std::size_t threads : {1, 3}) {
    thread_pool pool(threads);
    auto net = test::colour_network(pool);
    const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
    auto options = several_options(colour_aim());
    options.mixup = 0.4;
    const auto done = train::fit(net, data, options);
    CHECK(done.history[done.best_epoch - 1].validation_mean_average_precision > 0.97);
    histories.push_back(train::history_csv(done.history));
  }
  CHECK(histories[0] == histories[1]);
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const train::fit_data data{colour_sets(64, 8), colour_sets(32, 8), test::colours()};
  CHECK(train::history_csv(train::fit(net, data, several_options(colour_aim())).history) != histories[0]);
}

TEST_CASE("a broken training with several labels ends with the same history, and another aim is refused") {
  const test::temporary_folder folder;
  thread_pool pool(2);
  const train::fit_data data{colour_sets(40, 8), colour_sets(16, 8), test::colours()};
  auto whole = test::colour_network(pool);
  const auto unbroken = train::fit(whole, data, several_options(colour_aim()));
  auto options = several_options(colour_aim());
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
  other.several = colour_aim(nn::focal_loss());
  auto again = test::colour_network(pool);
  CHECK(test::code_of([&] { (void)train::fit(again, data, other); }) == errc::invalid_argument);
  const auto resumed = train::fit(again, data, options);
  CHECK(resumed.resumed_at == 17);
  CHECK(train::history_csv(resumed.history) == train::history_csv(unbroken.history));
}

TEST_CASE("unknown counts as no in figures, and nothing in the loss") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  train::several_labels aim{.targets = {target::yes, target::unknown, target::no, target::yes}};
  auto logits = backend.make({.n = 2, .c = 2});
  backend.assign(logits, std::vector<float>{3, 3, -3, 3}, nn::order::channels_last);
  const std::vector<std::size_t> kinds{0, 1};
  CHECK(aim.right(backend, logits, kinds) == 1); // of the first item a label is called that is not known to be its own
  CHECK(aim(backend, logits, kinds).weight == 3);
  CHECK(test::code_of([&] { (void)aim.targets_of(std::vector<std::size_t>{2}, 2); }) == errc::unknown_label);
}

TEST_CASE("mean average precision is no figure of items with one label") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const train::fit_data data{test::colour_source(16, 8), test::colour_source(8, 8), test::colours()};
  CHECK(test::code_of([&] { (void)train::fit(net, data, {.best_by = train::watched::mean_average_precision}); }) ==
        errc::invalid_argument);
}
