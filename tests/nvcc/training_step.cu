// The layer library and a training step with the host backend, compiled by nvcc: a backend for a GPU stands on both.
#include <eucv/nn.hpp>

#include <cstddef>
#include <cstdio>
#include <vector>

namespace nn = eucv::nn;

// What a backend of a GPU does with the functions that layers hand to map(): they are the arguments of a kernel.
template <class Function, class... Elements>
__global__ void map_kernel(Function f, std::size_t count, Elements*... arrays) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  if (i < count) f(arrays[i]...);
}
template __global__ void map_kernel(nn::elementwise::add, std::size_t, float*, const float*);
template __global__ void map_kernel(nn::elementwise::inverse_deviation<float>, std::size_t, float*, const float*);
template __global__ void map_kernel(nn::elementwise::add_and_rectify, std::size_t, float*, const float*);
template __global__ void map_kernel(nn::detail::adam_update<float>, std::size_t, float*, float*, float*, const float*);
template __global__ void map_kernel(nn::detail::nesterov_update<float>, std::size_t, float*, float*, const float*);

int main() {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const nn::sequence layers{nn::conv2d{.out = 8},      nn::batch_norm{}, nn::relu{},
                            nn::global_average_pool{}, nn::dropout{},    nn::dense{.out = 2}};
  nn::model net(layers, nn::shape{1, 3, 8, 8}, engine, nn::host<float>(pool));
  nn::optimizer<nn::host<float>> optimizer(nn::adam_w{});
  const std::vector<std::size_t> labels{0, 1};
  auto images = net.backend().make({2, 3, 8, 8});
  std::vector<float> values(images.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i < values.size() / 2 ? 1.0F : -1.0F;
  net.backend().assign(images, values, nn::order::channels_first);
  double first = 0, last = 0;
  for (int step = 0; step < 50; ++step) {
    auto result = nn::softmax_cross_entropy{}(net.backend(), net.forward(images, nn::mode::train), labels);
    net.backward(std::move(result.gradient));
    optimizer.step(net.backend(), net.parameters(), {.rate = 0.05});
    net.zero_gradients();
    (step == 0 ? first : last) = result.loss;
  }
  std::printf("loss %.3f, after 50 steps %.3f\n", first, last);
  return last < first / 2 ? 0 : 1;
}
