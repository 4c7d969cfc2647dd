#pragma once

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/weights.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// The numbers of an array of golden values.
inline std::vector<double> values_in(const eucv::nn::tensor_file& file, std::string_view name) {
  const auto* const array = file.find(name);
  REQUIRE(array != nullptr);
  return {array->values.begin(), array->values.end()};
}

/// Runs what tests/data/make_resnet.py ran, and compares each number that it wrote.
template <class Backend, class Layer>
void check_against_torch(const Layer& layer, const std::string& name) {
  using namespace eucv::nn;
  const tensor_file golden = read_safetensors(EUCV_TEST_DATA "/" + name + ".safetensors");
  const auto& extents = golden.find("input")->extents;
  const shape input{extents[0], extents[1], extents[2], extents[3]};
  eucv::thread_pool pool(2);
  eucv::random engine(1);
  model<Backend, Layer> net(layer, input, engine, Backend(pool));
  Backend& on = net.backend();
  tensor_file before;
  for (const auto& array : golden.arrays)
    if (array.name.starts_with("before.")) before.arrays.push_back(array);
  load_weights(net, before, "before."); // refuses a name or shape that torchvision has and we have not, or the reverse

  const auto images = test::tensor_of(on, input, values_in(golden, "input"));
  const double predicted =
      test::distance(test::values_of(on, net.forward(images, mode::eval)), values_in(golden, "eval_logits"));
  const auto logits = net.forward(images, mode::train);
  const double trained = test::distance(test::values_of(on, logits), values_in(golden, "logits"));
  const auto labels = values_in(golden, "labels");
  const std::vector<std::size_t> classes(labels.begin(), labels.end());
  auto loss = softmax_cross_entropy{}(on, logits, classes);
  const double of_loss = std::abs(loss.loss - values_in(golden, "loss")[0]);
  const double of_logits = test::distance(test::values_of(on, loss.gradient), values_in(golden, "logits_gradient"));
  net.backward(std::move(loss.gradient));
  optimizer<Backend> sgd_step(sgd{.momentum = 0.9, .weight_decay = 1e-3});
  sgd_step.step(on, net.parameters(), {.rate = 0.5});

  double values = 0, steps = 0, statistics = 0;
  std::string worst;
  for (const auto& each : net.parameters()) {
    const auto start = values_in(golden, "before." + each.name), expected = values_in(golden, "after." + each.name);
    const auto ours = test::values_of(on, each.value);
    REQUIRE(ours.size() == expected.size());
    std::vector<double> our_step, their_step;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      values = std::max(values, std::abs(ours[i] - expected[i]));
      our_step.push_back(ours[i] - start[i]);
      their_step.push_back(expected[i] - start[i]);
    }
    const double apart = test::distance(our_step, their_step);
    if (apart > steps) steps = apart, worst = each.name;
  }
  for (const auto& each : net.buffers())
    statistics =
        std::max(statistics, test::distance(test::values_of(on, each.value), values_in(golden, "after." + each.name)));
  MESSAGE(name << ": relative distance of logits " << trained << ", in eval mode " << predicted << ", of the gradient "
               << of_logits << ", of running statistics " << statistics << ", of the step " << steps << " (" << worst
               << "), parameters apart by " << values);
  CHECK(trained < 1e-4);
  CHECK(predicted < 1e-4);
  CHECK(of_loss < 1e-4);
  CHECK(of_logits < 1e-4);
  CHECK(values < 1e-4);
  CHECK(steps < 1e-4);
  CHECK(statistics < 1e-4);
}

} // namespace test
