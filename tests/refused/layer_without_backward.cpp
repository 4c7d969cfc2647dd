// A layer that can predict, but not learn, is found when the model is built.
// refused: this layer lacks backward(state<Backend>&, tensor<Backend>, pass<Backend>&) const
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/model.hpp>

#include <support/reference_backend.hpp>

using namespace eucv::nn;

struct half {
  template <class Backend>
  struct state {};
  template <class Backend>
  state<Backend> build(builder<Backend>&, shape&) const {
    return {};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const {
    return x;
  }
};

int main() {
  eucv::random engine(1);
  model net(sequence{relu{}, half{}}, {.c = 3, .h = 8, .w = 8}, engine, test::reference_backend<float>());
  net.backward(net.forward(net.backend().make({1, 3, 8, 8}), mode::train));
}
