// A backend of memory alone.
// refused: this is no backend: it lacks map(function, tensors...): see has_map
#include <eucv/nn/activation.hpp>
#include <eucv/nn/model.hpp>

#include <support/small_backend.hpp>

using namespace eucv::nn;

struct memory {
  using scalar = float;
  using storage = test::small_backend::storage;
  using tensor = eucv::nn::tensor<memory>;
  tensor make(const shape& extents, lifetime = lifetime::step) { return {extents, {}}; }
  void assign(tensor&, std::span<const float>, order) {}
  std::vector<float> values(const tensor&, order) const { return {}; }
  tensor copy(const tensor& x) { return x; }
  void fill(tensor&, float) {}
};

int main() {
  eucv::random engine(1);
  model net(relu{}, {.c = 3, .h = 8, .w = 8}, engine, memory{});
  (void)net.forward(net.backend().make({1, 3, 8, 8}), mode::train);
}
