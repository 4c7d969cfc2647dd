// compile-nn: the layer library and one small model.
#include <eucv/nn.hpp>

int main() {
  eucv::thread_pool pool;
  eucv::random engine(1);
  eucv::nn::model net(eucv::zoo::small({.classes = 4}), {1, 3, 64, 64}, engine, eucv::nn::host<float>(pool));
  return net.parameters().empty() ? 1 : 0;
}
