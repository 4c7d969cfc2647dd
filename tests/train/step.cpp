#include <eucv/train/step.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/toy_task.hpp"

using namespace eucv;

namespace {

using bound = train::bound_objective<float>;

// Neither batch normalisation nor dropout: what it makes of a picture does not depend on the others of the batch.
auto plain_network(thread_pool& pool) {
  using namespace eucv::nn;
  eucv::random engine(3);
  return model(sequence{named("conv", conv2d{.out = 5}), relu{}, global_average_pool{}, named("head", dense{.out = 3})},
               shape{1, 3, 6, 6}, engine, host<float>(pool));
}

template <class Network>
std::vector<float> weights_of(Network& net) {
  std::vector<float> all;
  for (auto& each : net.parameters()) {
    const auto flat = net.backend().values(each.value, nn::order::channels_first);
    all.insert(all.end(), flat.begin(), flat.end());
  }
  return all;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(sum);
}

} // namespace

TEST_CASE("the gradient of several batches is that of one which holds all their pictures") {
  thread_pool pool(1);
  train::fit_options options{.optimizer = nn::sgd{.momentum = 0}, .accumulate = 3};
  // Weights, so that batches of as many pictures have not the same weight.
  const bound wanted(train::single_label{.loss = {.class_weights = {1, 3, 0.5}, .label_smoothing = 0.1}});
  options.clip_norm = 0;
  auto small = plain_network(pool), large = plain_network(pool);
  const auto start = weights_of(small);
  train::stepper one(small, wanted, options);
  double loss = 0, weight = 0;
  const auto next = test::colour_source(11, 4).open(0, 0); // 4, 4, 3
  while (const auto batch = next()) {
    const auto figures = one.add(*batch, "step 1");
    loss += figures.loss * figures.weight;
    weight += figures.weight;
  }
  CHECK(weights_of(small) == start);
  one.update(0.5, "step 1");
  auto plain = options;
  plain.accumulate = 1;
  train::stepper whole(large, wanted, plain);
  const auto figures = whole.add(*test::colour_source(11, 11).open(0, 0)(), "step 1");
  whole.update(0.5, "step 1");
  CHECK(loss / weight == doctest::Approx(figures.loss).epsilon(1e-6));
  CHECK(distance(weights_of(large), start) > 1e-2);
  CHECK(distance(weights_of(large), weights_of(small)) < 1e-6);
  one.update(0.5, "step 2"); // nothing was added
  CHECK(distance(weights_of(large), weights_of(small)) < 1e-6);
}

TEST_CASE("a gradient above the largest is scaled down to it, whatever number of batches it is from") {
  thread_pool pool(1);
  for (const std::size_t batches : {1U, 2U}) {
    train::fit_options options{.optimizer = nn::sgd{.momentum = 0}, .clip_norm = 1e-3, .accumulate = batches};
    auto net = plain_network(pool);
    const auto start = weights_of(net);
    train::stepper stepper(net, bound(train::single_label{}), options);
    const auto next = test::colour_source(12, 12 / batches).open(0, 0);
    while (const auto batch = next()) stepper.add(*batch, "step 1");
    stepper.update(10, "step 1");
    CHECK(distance(weights_of(net), start) == doctest::Approx(1e-2).epsilon(1e-3));
  }
}

TEST_CASE("the same engine in the network mixes the same pictures") {
  thread_pool pool(1);
  const train::fit_options options{.mixup = 0.4};
  const auto batch = *test::colour_source(8, 8).open(0, 0)();
  const auto loss = [&](std::uint64_t seed) {
    auto net = plain_network(pool);
    net.random(eucv::random(seed));
    train::stepper stepper(net, bound(train::single_label{}), options);
    const double first = stepper.add(batch, "step 1").loss;
    CHECK(stepper.add(batch, "step 2").loss != first); // the engine moved on
    return first;
  };
  CHECK(loss(1) == loss(1));
  CHECK(loss(1) != loss(2));
}
