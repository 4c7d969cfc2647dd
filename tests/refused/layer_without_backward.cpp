// A layer that can predict, but not learn, is found when the model is built.
// refused: this layer lacks backward(state<Backend>&, tensor<Backend>, pass<Backend>&) const
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/model.hpp>

#include <support/forward_only.hpp>
#include <support/reference_backend.hpp>

using namespace eucv::nn;

int main() {
  eucv::random engine(1);
  model net(sequence{relu{}, test::forward_only{}}, {.c = 3, .h = 8, .w = 8}, engine, test::reference_backend<float>());
  net.backward(net.forward(net.backend().make({1, 3, 8, 8}), mode::train));
}
