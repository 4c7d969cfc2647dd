// The training step of zoo::small by dlib: what bench/train_step.cpp is measured against. Prints as pytorch.py does.
//
//     dlib_step SIZE BATCH RUNS
//
// dlib's convolution is im2col and a product of matrices by OpenBLAS, which takes its threads from
// OPENBLAS_NUM_THREADS.

#include <dlib/dnn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using namespace dlib;

template <long out, class below>
using block = max_pool<2, 2, 2, 2, relu<bn_con<con<out, 3, 3, 1, 1, below>>>>;
using network = loss_multiclass_log<
    fc<20, avg_pool_everything<block<256, block<128, block<64, block<32, input<matrix<rgb_pixel>>>>>>>>>;

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const long size = std::atol(argv[1]), batch = std::atol(argv[2]), runs = std::atol(argv[3]);
  dlib::rand engine(1);
  std::vector<matrix<rgb_pixel>> pictures(batch);
  std::vector<unsigned long> labels(batch);
  for (long i = 0; i < batch; ++i) {
    pictures[i].set_size(size, size);
    for (auto& pixel : pictures[i])
      pixel =
          rgb_pixel(engine.get_random_8bit_number(), engine.get_random_8bit_number(), engine.get_random_8bit_number());
    labels[i] = i % 20;
  }
  network net;
  dnn_trainer<network, sgd> trainer(net, sgd(0, 0.9));
  trainer.set_learning_rate(1e-3);
  std::printf("{\"ms\": [");
  for (long run = -2; run < runs; ++run) { // two to warm up
    const auto start = std::chrono::steady_clock::now();
    trainer.train_one_step(pictures, labels);
    trainer.get_net(force_flush_to_disk::no); // waits for the thread that trains
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (run >= 0) std::printf("%s%.3f", run == 0 ? "" : ", ", took.count());
  }
  std::printf("]}\n");
}
