// A backend that lacks what a layer needs.
// refused: the backend has no convolve(x, weight, window), convolve_input_gradient or convolve_weight_gradient
// refused: the backend has no channel_sums(x) and add_to_channels(x, bias), which a layer needs
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>

#include <support/small_backend.hpp>

using namespace eucv::nn;

int main() {
  eucv::random engine(1);
  model net(sequence{conv2d{.out = 8}, relu{}}, {.c = 3, .h = 8, .w = 8}, engine, test::small_backend{});
  net.backward(net.forward(net.backend().make({1, 3, 8, 8}), mode::train));
}
