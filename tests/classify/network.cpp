#include <eucv/classify/network.hpp>

#include <eucv/classify/device.hpp>
#include <eucv/core/parallel.hpp>

#include <doctest/doctest.h>

using namespace eucv;

TEST_CASE("the blocks of a network are frozen from the input on, and the head is the last") {
  thread_pool pool(1);
  eucv::random engine(1);
  const auto net = classify::host_device(pool).build({"small", 3, 32}, engine);
  const std::size_t blocks = net->blocks();
  REQUIRE(blocks > 2);
  CHECK_FALSE(net->only_head_learns());
  net->freeze_only_first(blocks - 1);
  CHECK(net->only_head_learns());
  net->freeze_only_first(1);
  CHECK_FALSE(net->only_head_learns());
}

TEST_CASE("weights that were saved are loaded, and logits come for each picture") {
  thread_pool pool(1);
  eucv::random engine(1), other(2);
  const auto device = classify::host_device(pool);
  const auto first = device.build({"small", 3, 32}, engine), second = device.build({"small", 3, 32}, other);
  const std::vector<float> pixels(std::size_t{2} * 32 * 32 * 3, 0.25F);
  const auto logits = first->logits(pixels, 2);
  CHECK(logits.size() == 6);
  CHECK(second->logits(pixels, 2) != logits);
  nn::tensor_file weights;
  first->save_weights(weights);
  second->load_weights(weights);
  CHECK(second->logits(pixels, 2) == logits);
}
