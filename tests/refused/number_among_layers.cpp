// Something else in a sequence.
// refused: this is no layer: it lacks `template <class Backend> struct state`: see nn/layer.hpp
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>

#include <support/reference_backend.hpp>

using namespace eucv::nn;

int main() {
  eucv::random engine(1);
  model net(sequence{conv2d{.out = 8}, 3}, {.c = 3, .h = 8, .w = 8}, engine, test::reference_backend<float>());
  (void)net.forward(net.backend().make({1, 3, 8, 8}), mode::train);
}
