// A layer that gives nothing to build is no layer.
// refused: this layer lacks build(builder<Backend>&, shape&) const, which returns state<Backend>
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/model.hpp>

#include <support/reference_backend.hpp>

using namespace eucv::nn;

struct unbuilt {
  template <class Backend>
  struct state {};
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const {
    return x;
  }
};

int main() {
  eucv::random engine(1);
  model net(sequence{relu{}, unbuilt{}}, {.c = 3, .h = 8, .w = 8}, engine, test::reference_backend<float>());
  (void)net.forward(net.backend().make({1, 3, 8, 8}), mode::eval);
}
