// An optimizer in a sequence.
// refused: an optimizer is no layer: give it to fit() by fit_options, or to nn::optimizer
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer.hpp>

#include <support/reference_backend.hpp>

using namespace eucv::nn;

int main() {
  eucv::random engine(1);
  model net(sequence{conv2d{.out = 8}, adam{}}, {.c = 3, .h = 8, .w = 8}, engine, test::reference_backend<float>());
  (void)net.forward(net.backend().make({1, 3, 8, 8}), mode::train);
}
