#include <eucv/train/overfit.hpp>

#include <eucv/nn/weights.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

// One batch again and again, as it is changed by `f`.
template <class Function>
train::source changed(Function f) {
  auto batch = *test::colour_source(12, 12).open(0, 0)();
  f(batch);
  return {1, [batch](std::size_t, std::size_t) -> train::reader {
            return [batch, left = 1]() mutable { return left-- > 0 ? std::optional(batch) : std::nullopt; };
          }};
}

train::fit_options learning(double rate) {
  return {.schedule = nn::one_cycle{.peak = rate}, .mixup = 0.4, .weight_average_decay = 0.9};
}

} // namespace

TEST_CASE("a sound network learns one batch by heart, and is afterwards as it was") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  nn::tensor_file before{.source = "test"}, after{.source = "test"};
  nn::save_weights(net, before);
  const auto report = train::overfit_one_batch(net, test::colour_source(29, 8), learning(0.03));
  nn::save_weights(net, after);
  CHECK(before.arrays == after.arrays);
  CHECK(report.passed);
  CHECK(report.finding.empty());
  CHECK(report.what == train::overfit_advice::none);
  CHECK(report.pictures == 8);
  CHECK(report.classes == 3);
  CHECK(report.steps < 300);
  CHECK(report.first_loss > 0.8);
  CHECK(report.loss < 0.05);
  CHECK(report.accuracy == 1);
}

TEST_CASE("where it does not, the report says what to look at") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const train::overfit_options few{.steps = 60};

  const auto slow = train::overfit_one_batch(net, test::colour_source(29, 8), learning(1e-6), few);
  CHECK_FALSE(slow.passed);
  CHECK(slow.steps == 60);
  CHECK(slow.finding == "the loss hardly falls");
  CHECK(slow.what == train::overfit_advice::try_rates);

  // The same picture as two things: nobody can learn that.
  const auto torn = train::overfit_one_batch(net, changed([](dataset::batch& batch) {
                                               const std::size_t size = batch.pixels.size() / batch.n;
                                               std::copy_n(batch.pixels.begin(), size,
                                                           batch.pixels.begin() + static_cast<std::ptrdiff_t>(size));
                                               batch.labels[0] = 0;
                                               batch.labels[1] = 1;
                                             }),
                                             learning(0.03), few);
  CHECK_FALSE(torn.passed);
  CHECK(torn.finding.starts_with("2 pictures of the batch are equal"));
  CHECK(torn.what == train::overfit_advice::remove_copies);

  const auto one_class = changed([](dataset::batch& batch) { batch.labels.assign(batch.n, 1); });
  CHECK(test::code_of([&] { (void)train::overfit_one_batch(net, one_class, learning(0.03)); }) ==
        errc::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  auto stopped = learning(0.03);
  stopped.stop = stop.get_token();
  CHECK(test::code_of([&] { (void)train::overfit_one_batch(net, test::colour_source(29, 8), stopped); }) ==
        errc::interrupted);
}
