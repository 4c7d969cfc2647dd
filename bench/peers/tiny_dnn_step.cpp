// The training step of zoo::small by tiny-dnn: what bench/train_step.cpp is measured against. Prints as pytorch.py
// does.
//
//     tiny_dnn_step SIZE BATCH RUNS
//
// Threads are OpenMP's: OMP_NUM_THREADS. Its activations belong to its convolutions, so the normalisation comes after
// them; and its convolution has a bias, without which version 1.0.0a3 ends by a segmentation fault.

#define CNN_USE_OMP
#include <tiny_dnn/tiny_dnn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace tiny_dnn;

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::size_t size = std::size_t(std::atol(argv[1])), batch = std::size_t(std::atol(argv[2]));
  const long runs = std::atol(argv[3]);
  network<sequential> net;
  std::size_t side = size, in = 3;
  for (const std::size_t out : {32, 64, 128, 256}) {
    net << convolutional_layer<activation::relu>(side, side, 3, in, out, padding::same)
        << batch_normalization_layer(side * side, out) << max_pooling_layer<activation::identity>(side, side, out, 2);
    side /= 2;
    in = out;
  }
  net << average_pooling_layer<activation::identity>(side, side, in, side)
      << fully_connected_layer<activation::softmax>(in, 20);

  std::vector<vec_t> pictures(batch, vec_t(3 * size * size));
  std::vector<label_t> labels(batch);
  for (std::size_t i = 0; i < batch; ++i) {
    for (auto& value : pictures[i]) value = uniform_rand(float_t(-1), float_t(1));
    labels[i] = label_t(i % 20);
  }
  momentum rule;
  rule.alpha = float_t(1e-3);
  std::printf("{\"ms\": [");
  for (long run = -1; run < runs; ++run) { // one to warm up
    const auto start = std::chrono::steady_clock::now();
    net.train<cross_entropy_multiclass>(rule, pictures, labels, batch, 1);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (run >= 0) std::printf("%s%.3f", run == 0 ? "" : ", ", took.count());
  }
  std::printf("]}\n");
}
