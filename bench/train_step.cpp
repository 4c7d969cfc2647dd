// A training step (forward, softmax cross-entropy, backward, optimizer) and an inference of the networks of the zoo,
// with the names that bench/peers/pytorch.py knows too.

#include "machine.hpp"

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/small.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

namespace nn = eucv::nn;
using backend = nn::host<float>;

constexpr std::size_t classes = 20;

struct work {
  const char* name;
  std::size_t size, batch;
};

nn::tensor<backend> pictures(backend& on, const work& what) {
  eucv::random engine(1);
  const nn::shape extents{what.batch, 3, what.size, what.size};
  std::vector<float> values(extents.size());
  for (auto& value : values) value = float(engine.normal());
  auto made = on.make(extents, nn::lifetime::model);
  on.assign(made, values, nn::order::channels_last);
  return made;
}

template <class Layer>
auto network(const Layer& layers, const work& what) {
  eucv::random engine(1);
  return nn::model(layers, nn::shape{1, 3, what.size, what.size}, engine, backend(bench::pool()));
}

template <class Layer>
void train(benchmark::State& state, const Layer& layers, const work& what, nn::any_optimizer rule) {
  auto net = network(layers, what);
  const auto images = pictures(net.backend(), what);
  std::vector<std::size_t> labels(what.batch);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = i % classes;
  nn::optimizer<backend> optimizer(rule);
  const nn::softmax_cross_entropy loss_of;
  const auto step = [&] {
    net.zero_gradients();
    auto loss = loss_of(net.backend(), net.forward(images, nn::mode::train), labels);
    net.backward(std::move(loss.gradient));
    optimizer.step(net.backend(), net.parameters(), {.rate = 1e-3});
  };
  for (int warm_up = 0; warm_up < 2; ++warm_up) step();
  for (auto _ : state) step();
  state.counters["images/s"] =
      benchmark::Counter(double(what.batch) * double(state.iterations()), benchmark::Counter::kIsRate);
}

template <class Layer>
void infer(benchmark::State& state, const Layer& layers, const work& what) {
  auto net = network(layers, what);
  const auto images = pictures(net.backend(), what);
  for (int warm_up = 0; warm_up < 2; ++warm_up) benchmark::DoNotOptimize(net.forward(images, nn::mode::eval));
  for (auto _ : state) benchmark::DoNotOptimize(net.forward(images, nn::mode::eval));
  state.counters["images/s"] =
      benchmark::Counter(double(what.batch) * double(state.iterations()), benchmark::Counter::kIsRate);
}

void add(const work& what, auto function) {
  benchmark::RegisterBenchmark(what.name, function)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(0.01);
}

} // namespace

int main(int argc, char** argv) {
  const auto resnet18 = eucv::zoo::resnet18({.classes = classes});
  const auto small = eucv::zoo::small({.classes = classes});
  const auto add_training = [](const auto& layers, const work& what, nn::any_optimizer rule) {
    add(what, [=](benchmark::State& state) { train(state, layers, what, rule); });
  };
  add_training(resnet18, {"resnet18-128-b32-train-sgd", 128, 32}, nn::sgd{.momentum = 0.9});
  add_training(resnet18, {"resnet18-128-b32-train-adam", 128, 32}, nn::adam{});
  add_training(resnet18, {"resnet18-224-b32-train-sgd", 224, 32}, nn::sgd{.momentum = 0.9});
  add_training(small, {"small-64-b32-train-sgd", 64, 32}, nn::sgd{.momentum = 0.9});
  for (const work& what : {work{"resnet18-128-b32-infer", 128, 32}, work{"resnet18-128-b1-infer", 128, 1}})
    add(what, [=](benchmark::State& state) { infer(state, resnet18, what); });
  return bench::run(argc, argv);
}
