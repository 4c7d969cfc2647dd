// The 3x3 convolutions of ResNet-18 at 128 pixels, batch 32, in GFLOP/s and as a share of what the registers can do.

#include "machine.hpp"

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/window.hpp>

#include <string>
#include <vector>

namespace {

using backend = eucv::nn::host<float>;
using tensor = eucv::nn::tensor<backend>;

tensor noise(backend& on, const eucv::nn::shape& extents, std::uint64_t seed) {
  eucv::random engine(seed);
  std::vector<float> values(extents.size());
  for (auto& value : values) value = float(engine.normal());
  tensor made = on.make(extents);
  on.assign(made, values, eucv::nn::order::channels_last);
  return made;
}

enum class direction { forward, input_gradient, weight_gradient };

void convolution(benchmark::State& state, std::size_t channels, direction which, bool winograd) {
  const std::size_t size = 2048 / channels; // 32 at 64 channels, 4 at 512
  backend on(bench::pool(), {.winograd = winograd});
  const eucv::nn::shape extents{32, channels, size, size};
  const tensor x = noise(on, extents, 1), dy = noise(on, extents, 2);
  const tensor weight = noise(on, {channels, channels, 3, 3}, 3);
  const eucv::nn::window over{.in = extents, .kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1}};
  for (auto _ : state) {
    tensor result;
    switch (which) {
    case direction::forward: result = on.convolve(x, weight, over); break;
    case direction::input_gradient: result = on.convolve_input_gradient(dy, weight, over); break;
    case direction::weight_gradient: result = on.convolve_weight_gradient(x, dy, over); break;
    }
    benchmark::DoNotOptimize(result);
  }
  const double flops = 2.0 * 9 * double(channels) * double(extents.size()) * double(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flops / 1e9, benchmark::Counter::kIsRate);
  state.counters["of_peak"] = benchmark::Counter(flops / 1e9 / bench::peak_gflops(), benchmark::Counter::kIsRate);
}

} // namespace

int main(int argc, char** argv) {
  for (const bool winograd : {true, false})
    for (const std::size_t channels : {64U, 128U, 256U, 512U})
      for (const auto& [name, which] : {std::pair{"forward", direction::forward},
                                        {"input-gradient", direction::input_gradient},
                                        {"weight-gradient", direction::weight_gradient}})
        benchmark::RegisterBenchmark(
            ("conv3x3-C" + std::to_string(channels) + "-" + name + (winograd ? "" : "-direct")).c_str(), convolution,
            channels, which, winograd)
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
  return bench::run(argc, argv);
}
