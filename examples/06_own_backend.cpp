// Write a backend: this one lets the host work and counts the multiplications of a network on the way.
//
// A backend implements primitives (memory, products, convolution, pooling, normalisation, map, reduce), never layers:
// those of eucv, and yours, run on it unchanged. The concept eucv::nn::backend lists what it must offer, part by part,
// so that the compiler names what is missing. forwarding_backend.hpp hands all of it to the host; a backend for a GPU
// would answer the same calls with kernels of its own.
#include "forwarding_backend.hpp"

#include <eucv/nn.hpp>

#include <iostream>
#include <utility>

namespace nn = eucv::nn;

class counting_backend : public example::forwarding_backend<counting_backend, float> {
public:
  using base = example::forwarding_backend<counting_backend, float>;

  // A backend is a handle: copies share memory, and here the counter.
  counting_backend(eucv::thread_pool& pool, double& products) : base(pool), products_(&products) {}

  // {n, c, h, w} with weights {o, c, kernel, kernel}: each number of the result is a sum of c * kernel^2 products.
  tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    return counted(base::convolve(x, weight, over), weight);
  }
  tensor gemm_nt(const tensor& a, const tensor& b) { return counted(base::gemm_nt(a, b), b); }

private:
  tensor counted(tensor y, const tensor& weight) {
    *products_ += static_cast<double>(y.size()) * static_cast<double>(weight.size() / weight.shape.n);
    return y;
  }
  double* products_;
};
static_assert(nn::backend<counting_backend>); // a model of the concept says so in one line

int main() {
  eucv::random engine(1);
  eucv::thread_pool pool;
  double products = 0;

  const auto network = eucv::zoo::resnet18({.classes = 20});
  nn::model net(network, {.c = 3, .h = 128, .w = 128}, engine, counting_backend(pool, products));
  auto picture = net.backend().make({1, 3, 128, 128});
  net.backend().fill(picture, 0.5F);
  (void)net.forward(picture, nn::mode::eval);
  std::cout << "ResNet-18 multiplies " << products / 1e6 << " million times for one picture of 128x128 pixels\n";

  // Known from the literature: 1.82 billion at 224x224, so some 0.59 billion here.
  return products > 0.55e9 && products < 0.65e9 ? 0 : 1;
}
