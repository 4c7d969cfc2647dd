#include <eucv/classify/device.hpp>

#include <eucv/classify/network.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("each architecture can be built, and its parameters are as many as PyTorch counts") {
  thread_pool pool(1);
  for (const auto name : classify::architectures()) {
    CAPTURE(std::string(name));
    eucv::random engine(1);
    const auto net = classify::host_device(pool).build({name, 13, 64}, engine);
    CHECK(net->logits(std::vector<float>(std::size_t{2} * 64 * 64 * 3), 2).size() == 2 * 13);
    nn::tensor_file weights;
    net->save_weights(weights);
    std::size_t count = 0;
    for (const auto& each : weights.arrays)
      if (each.name.find("running_") == std::string::npos) count += each.values.size();
    if (name == "resnet9") CHECK(count == 6573130 + 3 * 513);
    if (name == "resnet9_half") CHECK(count == 1646122 + 3 * 257);
    if (name == "squeezenet1_1") CHECK(count == 1235496 - 987 * 513);
    // torchvision: 11,689,512, 21,797,672 and 25,557,032 with 1000 classes
    if (name == "resnet18") CHECK(count == 11689512 - 987 * 513);
    if (name == "resnet34") CHECK(count == 21797672 - 987 * 513);
    if (name == "resnet50") CHECK(count == 25557032 - 987 * 2049);
  }
}

TEST_CASE("an unknown architecture is refused with the names of the known") {
  thread_pool pool(1);
  eucv::random engine(1);
  const auto failure = test::failure_of([&] { (void)classify::host_device(pool).build({"vgg", 2, 64}, engine); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(
      std::string(failure->what()).find("small, resnet9, resnet9_half, squeezenet1_1, resnet18, resnet34, resnet50") !=
      std::string::npos);
}
