#include <eucv/train/detail/kept_weights.hpp>

#include <eucv/nn/weights.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "support/toy_task.hpp"

using namespace eucv;

namespace {

template <class Network>
std::string all_bytes_of(Network& net) {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content);
  return nn::safetensors_bytes(content);
}

} // namespace

TEST_CASE("a network is after a trial what it was before, however the trial ends") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto before = all_bytes_of(net);
  const auto engine = net.random();
  for (const bool fails : {false, true}) {
    try {
      const train::kept_weights kept(net);
      CHECK(all_bytes_of(net) == before);
      for (auto& each : net.parameters()) net.backend().fill(each.value, 2);
      for (auto& each : net.buffers()) net.backend().fill(each.value, 2);
      net.parameters()[0].gradient = net.backend().copy(net.parameters()[0].value);
      net.random(eucv::random(99));
      CHECK(all_bytes_of(net) != before);
      if (fails) throw std::runtime_error("trial");
    } catch (const std::runtime_error&) {
      CHECK(fails);
    }
    CHECK(all_bytes_of(net) == before);
    CHECK(net.random() == engine);
    CHECK_FALSE(net.parameters()[0].gradient);
  }
}
