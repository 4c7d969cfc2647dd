// Something else in the place of the backend.
// refused: this is no backend: it lacks one of scalar, storage, make, assign, values, copy, fill: see has_memory
#include <eucv/nn/activation.hpp>
#include <eucv/nn/model.hpp>

using namespace eucv::nn;

int main() {
  eucv::random engine(1);
  model net(relu{}, {.c = 3, .h = 8, .w = 8}, engine, engine);
  (void)net.forward(net.backend().make({1, 3, 8, 8}), mode::train);
}
