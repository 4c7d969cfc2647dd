// compile-nn: the layer library and one small model.
#include <eucv/nn.hpp>

int main() {
  eucv::random engine(1);
  eucv::nn::model net(eucv::zoo::small({.classes = 4}), eucv::nn::shape{1, 3, 64, 64}, engine);
  return net.parameters().empty() ? 1 : 0;
}
