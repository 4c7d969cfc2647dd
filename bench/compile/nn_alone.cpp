// The peer of compile-nn: what the layer library includes, without it.
#include <Eigen/Core>

int main() {
  return Eigen::ArrayXf::Zero(4).sum() == 0 ? 0 : 1;
}
