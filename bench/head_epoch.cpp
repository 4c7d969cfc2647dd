// An epoch over the features of 10,000 pictures whose trunk is frozen: what a head costs to train.

#include "machine.hpp"

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/train/features.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <string>
#include <vector>

namespace {

constexpr std::size_t classes = 20;

eucv::train::feature_table noise(const eucv::nn::shape& extents, std::size_t count) {
  eucv::random engine(1);
  eucv::train::feature_table table{.extents = extents};
  table.values.resize(count * extents.size());
  for (auto& value : table.values) value = float(engine.uniform());
  for (std::size_t i = 0; i < count; ++i) {
    table.labels.push_back(i % classes);
    table.items.push_back(i);
  }
  return table;
}

// One epoch of fit(), optimizer and loss included, over `count` pictures; the counter says what 10,000 would take.
template <class Layer>
void epoch(benchmark::State& state, const Layer& layer, std::size_t size, std::size_t count) {
  bench::unbind(); // batches are prepared by a thread of their own
  eucv::random engine(1);
  eucv::nn::model net(layer, {1, 3, size, size}, engine, eucv::nn::host<float>(bench::pool()));
  const auto blocks = eucv::nn::blocks_of(std::span(std::as_const(net).parameters()));
  net.freeze_first(blocks.size() - 1);
  const std::size_t children = net.constant_children();
  auto picture = net.backend().make({1, 3, size, size});
  net.backend().fill(picture, 0.5F);
  const auto table = noise(net.features(std::move(picture), children).shape, count);
  eucv::train::tail learning(net, children);
  eucv::train::fit_data data;
  data.training = table.batches(32, eucv::dataset::epoch_order::shuffled, 1);
  data.labels.assign(classes, "label");
  for (auto _ : state) benchmark::DoNotOptimize(eucv::train::fit(learning, data, {.epochs = 1}));
  state.counters["s_per_10000"] = benchmark::Counter(double(state.iterations()) * double(count) / 1e4,
                                                     benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

} // namespace

int main(int argc, char** argv) {
  const auto add = [](const char* name, const auto& layer, std::size_t size, std::size_t count) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { epoch(state, layer, size, count); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  add("head-epoch-resnet18", eucv::zoo::resnet18({.classes = classes}), 64, 10'000);
  add("head-epoch-resnet50", eucv::zoo::resnet50({.classes = classes}), 64, 10'000);
  // The head of SqueezeNet works on maps, 100 times as many numbers: fewer pictures, to spare memory.
  add("head-epoch-squeezenet1_1-128", eucv::zoo::squeezenet1_1({.classes = classes}), 128, 1'000);
  add("head-epoch-squeezenet1_1-224", eucv::zoo::squeezenet1_1({.classes = classes}), 224, 1'000);
  return bench::run(argc, argv);
}
