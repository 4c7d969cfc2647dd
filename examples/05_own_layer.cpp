// Write a layer of your own, softsign: x / (1 + |x|), and train a network with it. <eucv/nn.hpp> needs Eigen alone.
#include <eucv/nn.hpp>

#include <array>
#include <iostream>
#include <utility>
#include <vector>

using namespace eucv::nn;

// A layer is a value without weights. What one place in a network keeps between forward and backward is its state.
struct softsign {
  template <class Backend>
  struct state {
    eucv::nn::place place;
    tensor<Backend> x;
  };
  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    return {at.start(), {}}; // once, when the network is built; may register parameters and change the shape
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = now.backend.copy(x);
    // Elements come in packets of a whole register: hence any type T.
    now.backend.map([]<class T>(T& each) { each = each / (T(1) + sqrt(each * each)); }, y);
    if (now.records(own.place)) own.x = std::move(x); // only where backward() comes by
    return y;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto slope = []<class T>(T& d, const T& v) { d = d / ((T(1) + sqrt(v * v)) * (T(1) + sqrt(v * v))); };
    now.backend.map(slope, dy, std::exchange(own.x, {}));
    return dy;
  }
};

int main() {
  eucv::random engine(1);
  eucv::thread_pool pool;
  const sequence layers{conv2d{.out = 8}, softsign{}, global_average_pool{}, dense{.out = 2}};
  model net(layers, {.c = 3, .h = 8, .w = 8}, engine, host<float>(pool));
  optimizer<host<float>> descent(adam{});
  double first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    std::vector<float> pixels(16 * 8 * 8 * 3); // sixteen pictures of noise; those of class 1 are redder
    std::array<std::size_t, 16> labels{};
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<float>(engine.normal() + (i % 3 == 0 && (labels[i / 192] = i / 192 % 2) == 1 ? 1 : 0));
    auto images = net.backend().make({16, 3, 8, 8});
    net.backend().assign(images, pixels, order::channels_last);
    auto result = softmax_cross_entropy{}(net.backend(), net.forward(images, mode::train), labels);
    net.backward(std::move(result.gradient));
    descent.step(net.backend(), net.parameters(), {.rate = 0.02});
    net.zero_gradients(); // backward() adds to them
    (step == 0 ? first : last) = result.loss;
  }
  std::cout << "loss " << first << " -> " << last << '\n';
  return last < 0.5 * first ? 0 : 1;
}
