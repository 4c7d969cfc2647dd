// Where the time of a training step of ResNet-18 at 128 pixels, batch 32, goes: operations, bytes and time of each
// primitive, by shape, as CSV. bench/roofline.py draws it.
//
// Operations are those of the formula, whatever algorithm does them; bytes are those of the operands and the result,
// each once. Both are what a layer needs, not what a kernel does.

#include "machine.hpp"

#include <forwarding_backend.hpp>

#include <eucv/core/random.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/zoo/resnet.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace nn = eucv::nn;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct call {
  std::string layer, pass;
  double operations, bytes, seconds;
};
std::vector<call> calls;       // of one step
const char* part_of_step = ""; // for primitives that do not tell it by themselves

std::string shape_of(const nn::shape& extents) {
  return std::to_string(extents.c) + " at " + std::to_string(extents.h) + "x" + std::to_string(extents.w);
}

struct need {
  std::string layer;
  double operations, bytes;
};

need convolution(const nn::window& over, std::size_t out) {
  const auto to = over.out(out);
  const auto stride = over.stride.h == 1 ? "" : "/" + std::to_string(over.stride.h);
  return {std::to_string(over.kernel.h) + "x" + std::to_string(over.kernel.w) + stride + ", " +
              std::to_string(over.in.c) + " to " + shape_of(to),
          2.0 * double(over.taps() * over.in.c) * double(to.size()),
          4.0 * double(over.in.size() + to.size() + over.taps() * over.in.c * out)};
}

// What reads and writes maps of `extents` so many times in all.
need streams(const char* what, const nn::shape& extents, double maps, double operations) {
  return {std::string(what) + ", " + shape_of(extents), operations * double(extents.size()),
          4 * maps * double(extents.size())};
}

template <class Function>
auto clocked(need of, const char* pass, Function&& function) {
  const double start = now();
  auto result = function();
  calls.push_back({std::move(of.layer), pass, of.operations, of.bytes, now() - start});
  return result;
}

// The host backend with a clock at each primitive that costs something.
class timed : public example::forwarding_backend<timed, float> {
  using base = example::forwarding_backend<timed, float>;

public:
  using base::base;

  tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    return clocked(convolution(over, weight.shape.n), "forward", [&] { return base::convolve(x, weight, over); });
  }
  tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    return clocked(convolution(over, weight.shape.n), "input gradient",
                   [&] { return base::convolve_input_gradient(dy, weight, over); });
  }
  tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    return clocked(convolution(over, dy.shape.c), "weight gradient",
                   [&] { return base::convolve_weight_gradient(x, dy, over); });
  }
  eucv::nn::pooled<timed> max_pool(const tensor& x, const window& over) {
    return clocked(streams("maximum", x.shape, 1.5, 9), "forward", [&] { return base::max_pool(x, over); });
  }
  tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    return clocked(streams("maximum", over.in, 1.5, 1), "input gradient",
                   [&] { return base::max_pool_gradient(dy, origins, over); });
  }
  eucv::nn::channel_moments<timed> moments(const tensor& x) {
    return clocked(streams("moments", x.shape, 1, 4), "forward", [&] { return base::moments(x); });
  }
  tensor affine(tensor x, const tensor& scale, const tensor& shift) {
    return clocked(streams("normalise", x.shape, 2, 2), "forward",
                   [&] { return base::affine(std::move(x), scale, shift); });
  }
  eucv::nn::normalisation_gradients<timed> normalise_gradient(const tensor& x, tensor dy,
                                                              const eucv::nn::normalisation<timed>& how) {
    return clocked(streams("normalise", x.shape, 3, 10), "input gradient",
                   [&] { return base::normalise_gradient(x, std::move(dy), how); });
  }
  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    const nn::shape& extents = std::get<0>(std::tie(tensors...)).shape;
    if (extents.pixels() == 1) return base::map(f, tensors...); // numbers of channels
    const bool weights = std::string(part_of_step) == "optimizer";
    const double written = (0.0 + ... + (std::is_const_v<std::remove_reference_t<Tensors>> ? 0.0 : 1.0));
    auto of = streams("rectify, add", extents, double(sizeof...(Tensors)) + written, 1);
    if (weights) of.layer = "all weights";
    clocked(std::move(of), part_of_step, [&] {
      base::map(f, tensors...);
      return 0;
    });
  }
};

// Gigabytes that all threads together read and write in a second, in arrays that no cache holds: y = a * y + x.
double memory_gbps() {
  using packet = nn::packet<float>;
  constexpr std::size_t count = 16U << 20U; // 64 MB an array
  std::vector<std::vector<float>> x(bench::pool().size()), y(bench::pool().size());
  bench::on_each_thread(bench::pool(), [&](std::size_t worker) {
    x[worker].assign(count, 1.0F);
    y[worker].assign(count, 1.0F);
  });
  double fastest = 0;
  for (int run = 0; run < 9; ++run) {
    const double start = now();
    bench::on_each_thread(bench::pool(), [&](std::size_t worker) {
      float* const to = y[worker].data();
      const packet half(0.5F);
      for (std::size_t i = 0; i < count; i += packet::size)
        packet::multiply_add(packet::load(to + i), half, packet::load(x[worker].data() + i)).store(to + i);
    });
    fastest = std::max(fastest, 3.0 * 4.0 * double(count * x.size()) / (now() - start) / 1e9);
  }
  return fastest;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 15;
  constexpr std::size_t batch = 32, classes = 20, size = 128;
  eucv::random engine(1);
  nn::model net(eucv::zoo::resnet18({.classes = classes}), nn::shape{1, 3, size, size}, engine, timed(bench::pool()));
  std::vector<float> values(batch * 3 * size * size);
  for (auto& value : values) value = float(engine.normal());
  auto images = net.backend().make({batch, 3, size, size}, nn::lifetime::model);
  net.backend().assign(images, values, nn::order::channels_last);
  std::vector<std::size_t> labels(batch);
  for (std::size_t i = 0; i < batch; ++i) labels[i] = i % classes;
  nn::optimizer<timed> optimizer(nn::sgd{.momentum = 0.9});

  std::vector<std::vector<double>> seconds; // [call][step]
  std::vector<double> whole;
  for (int step = -2; step < steps; ++step) {
    calls.clear();
    const double start = now();
    net.zero_gradients();
    part_of_step = "forward";
    auto loss = nn::softmax_cross_entropy{}(net.backend(), net.forward(images, nn::mode::train), labels);
    part_of_step = "input gradient";
    net.backward(std::move(loss.gradient));
    part_of_step = "optimizer";
    optimizer.step(net.backend(), net.parameters(), {.rate = 1e-3});
    if (step < 0) continue; // warm-up
    whole.push_back(now() - start);
    seconds.resize(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) seconds[i].push_back(calls[i].seconds);
  }

  struct row {
    int calls = 0;
    double operations = 0, bytes = 0, seconds = 0;
  };
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, row> rows;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::pair key(calls[i].layer, calls[i].pass);
    auto& sum = rows[key];
    if (sum.calls++ == 0) order.push_back(key);
    sum.operations += calls[i].operations;
    sum.bytes += calls[i].bytes;
    sum.seconds += median(seconds[i]);
  }
  const double peak = bench::peak_gflops();
  std::printf(
      "# threads %zu, %s, peak_gflops %.1f, memory_gbps %.1f, line_round_trip_ns %.0f, step_ms %.1f, steps %d\n",
      bench::pool().size(), bench::simd(), peak, memory_gbps(), bench::line_round_trip_ns(), median(whole) * 1e3,
      steps);
  std::printf("layer;pass;calls;gflop;mb;ms;gflops;of_peak;gbps\n");
  for (const auto& key : order) {
    const auto& [number, operations, bytes, time] = rows[key];
    std::printf("%s;%s;%d;%.4f;%.2f;%.3f;%.1f;%.3f;%.1f\n", key.first.c_str(), key.second.c_str(), number,
                operations / 1e9, bytes / 1e6, time * 1e3, operations / 1e9 / time, operations / 1e9 / time / peak,
                bytes / 1e9 / time);
  }
}
