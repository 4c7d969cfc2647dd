#include <eucv/train/find_rate.hpp>

#include <eucv/nn/weights.hpp>
#include <eucv/train/fit.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

template <class Network>
std::string bytes_of(Network& net) {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content);
  return nn::safetensors_bytes(content);
}

} // namespace

TEST_CASE("the middle of a fall is found, beside a wave, a lucky batch and a cliff") {
  const auto place = [](const std::vector<double>& values) { return train::middle_of_fall(values); };
  CHECK(place({5, 4, 3, 2, 1}) == 3);
  CHECK_FALSE(place({}));
  CHECK_FALSE(place({5}));
  CHECK_FALSE(place({1, 2, 3}));
  CHECK(place({9, 9, 9, 8, 7, 6, 5, 4, 3, 30}) == 7);       // 6 is below (9 + 3) / 2, 8 the lowest
  CHECK(place({9, 9, 9, 4, 9, 8, 7, 6, 5, 4, 3, 30}) == 9); // one lucky batch
  CHECK(place({9, 9.5, 8.5, 8, 8.5, 9, 9, 8, 5, 3, 30}) == 8);
}

TEST_CASE("a rate is found at which the network learns, and the network is as it was") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto before = bytes_of(net);
  const auto engine = net.random();
  const train::fit_data data{test::colour_source(29, 8), test::colour_source(10, 4), test::colours()};
  train::fit_options options{
      .epochs = 15, .accumulate = 4, .mixup = 0.5, .weight_average_decay = 0.9, .clock = [] { return 0.0; }};
  std::size_t told = 0;
  options.progress = [&](const progress& now) { CHECK(now.done == ++told); };
  const auto found = train::find_rate(net, data.training, options);
  CHECK(bytes_of(net) == before);
  CHECK(net.random() == engine);
  REQUIRE(found.rates.size() == found.losses.size());
  REQUIRE(found.rates.size() == found.smoothed.size());
  CHECK(found.rates.size() == told);
  CHECK(found.rates.front() == 1e-6);
  for (std::size_t i = 1; i < found.rates.size(); ++i)
    CHECK(found.rates[i] / found.rates[i - 1] == doctest::Approx(std::pow(1e7, 1.0 / 99)));
  CHECK(found.smoothed.front() == found.losses.front());
  CHECK(found.rate == found.rates[found.place]);
  CHECK(found.rate > 1e-4);
  CHECK(found.rate < 10);

  const auto validation_at = [&](double rate) {
    auto own = test::colour_network(pool);
    auto how = options;
    how.progress = {};
    how.mixup = how.weight_average_decay = 0;
    how.accumulate = 1;
    how.schedule = nn::one_cycle{.peak = rate};
    const auto result = train::fit(own, data, how);
    return result.history.at(result.best_epoch - 1).validation_loss;
  };
  CHECK(validation_at(found.rate) < validation_at(1e-5));
  CHECK(validation_at(found.rate) < 0.6); // ln 3 = 1.1 knows nothing
  // The same again, to the bit, on other threads.
  thread_pool two(2);
  auto other = test::colour_network(two);
  CHECK(train::find_rate(other, data.training,
                         [&] {
                           auto quiet = options;
                           quiet.progress = {};
                           return quiet;
                         }())
            .losses == found.losses);
}

TEST_CASE("a search that finds nothing says why") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto source = test::colour_source(29, 8);
  const auto code = [&](const train::source& from, const train::fit_options& options,
                        const train::rate_search_options& search) {
    return test::code_of([&] { (void)train::find_rate(net, from, options, search); });
  };
  CHECK(code(source, {}, {.lowest = 0}) == errc::invalid_argument);
  CHECK(code(source, {}, {.lowest = 1, .highest = 0.1}) == errc::invalid_argument);
  CHECK(code(source, {}, {.steps = 3}) == errc::invalid_argument);
  CHECK(code({}, {}, {}) == errc::invalid_argument);
  const train::source empty{2, [](std::size_t, std::size_t) -> train::reader {
                              return [left = 2]() mutable {
                                return left-- > 0 ? std::optional(dataset::batch{}) : std::nullopt;
                              };
                            }};
  CHECK(code(empty, {}, {}) == errc::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  train::fit_options stopped;
  stopped.stop = stop.get_token();
  CHECK(code(source, stopped, {}) == errc::interrupted);
  using namespace nn;
  eucv::random engine(3);
  auto frozen = model(sequence{global_average_pool{}, named("head", dense{.out = 3})}, shape{1, 3, 6, 6}, engine,
                      host<float>(pool));
  frozen.freeze("head");
  const train::source same{1, [](std::size_t, std::size_t) { return test::colour_source(8, 8).open(0, 0); }};
  CHECK(test::code_of([&] { (void)train::find_rate(frozen, same, {}, {.steps = 12}); }) == errc::not_found);
  net.backend().fill(net.parameters()[0].value, std::numeric_limits<float>::infinity());
  CHECK(code(source, {}, {}) == errc::non_finite);
}

TEST_CASE("a search is written as a table, its numbers in full") {
  train::rate_search found{.rates = {1e-5, 0.1}, .losses = {2.02, 1.5}, .smoothed = {2, 1.75}, .rate = 0.1, .place = 1};
  CHECK(train::to_csv(found) == "rate,loss,smoothed_loss\n1e-05,2.02,2\n0.1,1.5,1.75\n");
}
