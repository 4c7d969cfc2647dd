// The networks of full size beside torchvision's: tests/data/make_zoo.py tells what was computed there.
#include <doctest/doctest.h>

#include <support/compare_backends.hpp>
#include <support/hashed_weights.hpp>

#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace eucv::nn;
namespace zoo = eucv::zoo;

namespace {

constexpr std::size_t classes = 20;

struct expected_values {
  tensor_file file = read_safetensors(EUCV_TEST_DATA "/zoo.safetensors");
  [[nodiscard]] std::vector<double> at(const std::string& name) const {
    const named_array* const array = file.find(name);
    REQUIRE(array != nullptr);
    return {array->values.begin(), array->values.end()};
  }
};

template <class Backend, class Layer>
auto build(const Layer& layer, std::size_t size, eucv::thread_pool& pool) {
  eucv::random engine(1);
  model net(layer, {1, 3, size, size}, engine, Backend(pool));
  const auto fill = [&](auto& each) {
    const auto values = test::hashed_weights(each.name, each.dims);
    std::vector<typename Backend::scalar> stored;
    for (const double value : values) stored.push_back(static_cast<float>(value)); // as PyTorch's were
    net.backend().assign(each.value, stored, order::channels_first);
  };
  for (auto& each : net.parameters()) fill(each);
  for (auto& each : net.buffers()) fill(each);
  return net;
}

template <class Layer>
void check_logits(const Layer& layer, const std::string& name) {
  const expected_values expected;
  eucv::thread_pool pool(2);
  for (const std::size_t size : {128U, 224U}) {
    auto net = build<host<float>>(layer, size, pool);
    const auto picture = test::tensor_of(net.backend(), {1, 3, size, size}, test::hashed("picture", 3 * size * size));
    const auto ours = test::values_of(net.backend(), net.forward(picture, mode::eval));
    const auto theirs = expected.at(name + "." + std::to_string(size));
    REQUIRE(ours.size() == theirs.size());
    double apart = 0, largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      apart = std::max(apart, std::abs(ours[i] - theirs[i]));
      largest = std::max(largest, std::abs(theirs[i]));
    }
    MESSAGE(name << " at " << size << " pixels: logits up to " << largest << ", apart by " << apart);
    CHECK(apart < 1e-4);
    CHECK(apart < 1e-4 * largest);
  }
}

template <class Backend, class Layer>
void check_losses(const Layer& layer, const std::string& name, double rate, std::size_t steps = 10) {
  constexpr std::size_t size = 64;
  const auto theirs = expected_values{}.at(name + ".losses");
  eucv::thread_pool pool(2);
  auto net = build<Backend>(layer, size, pool);
  optimizer<Backend> descent(sgd{.momentum = 0.9, .weight_decay = 1e-3});
  std::vector<std::size_t> labels;
  for (std::size_t i = 0; i < 8; ++i) labels.push_back(i * 7 % classes);
  double apart = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const auto pictures = test::hashed("pictures." + std::to_string(step % 2), 8 * 3 * size * size);
    auto loss = softmax_cross_entropy{}(
        net.backend(), net.forward(test::tensor_of(net.backend(), {8, 3, size, size}, pictures), mode::train), labels);
    apart = std::max(apart, std::abs(loss.loss - theirs[step]));
    net.backward(std::move(loss.gradient));
    descent.step(net.backend(), net.parameters(), {.rate = rate});
    net.zero_gradients();
  }
  MESSAGE(name << ": losses of " << steps << " steps, from " << theirs.front() << " to " << theirs[steps - 1]
               << ", apart by " << apart);
  CHECK(theirs.back() < theirs.front());
  CHECK(apart < 1e-3);
}

} // namespace

TEST_CASE("logits equal torchvision's at 128 and 224 pixels") {
  check_logits(zoo::resnet18({.classes = classes}), "resnet18");
  check_logits(zoo::resnet34({.classes = classes}), "resnet34");
  check_logits(zoo::resnet50({.classes = classes}), "resnet50");
  check_logits(zoo::squeezenet1_1({.classes = classes}), "squeezenet1_1");
}

TEST_CASE("ten steps of training follow PyTorch's loss") {
  check_losses<host<float>>(zoo::resnet18({.classes = classes}), "resnet18", 0.0002);
  // With so small a batch the gradients of this network explode: a float's rounding grows to 0.2 within three steps,
  // where double stays within 1e-7 for all ten. Four of them, to spare time.
  check_losses<host<double>>(zoo::resnet50({.classes = classes}), "resnet50", 0.0002, 4);
  check_losses<host<float>>(zoo::squeezenet1_1({.classes = classes, .dropout = 0}), "squeezenet1_1", 0.02);
}
