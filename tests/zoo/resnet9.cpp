#include <eucv/zoo/resnet9.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>
#include <support/torch_network.hpp>

#include <eucv/nn/model.hpp>

#include <cstddef>
#include <string>
#include <vector>

using namespace eucv::nn;
namespace zoo = eucv::zoo;

TEST_CASE_TEMPLATE("forward, backward and one step of resnet9 equal PyTorch's", Backend, host<float>, host<double>) {
  test::check_against_torch<Backend>(zoo::resnet9({.classes = 6, .width = 3}), "resnet9");
}

TEST_CASE("its gradients equal central differences") {
  const double worst = test::gradient_check{{3, 3, 8, 9}}(zoo::resnet9({.classes = 3, .width = 1}));
  MESSAGE("resnet9: largest relative error " << worst);
  CHECK(worst < 1e-3); // within the step of a difference lies a kink of one of its many rectifiers
}

TEST_CASE("a ninth layer stands behind eight convolutions, and 8 pixels are enough") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(zoo::resnet9(), {1, 3, 32, 32}, engine, host<float>(pool));
  CHECK(net.output_shape() == shape{.c = 10});
  std::size_t count = 0;
  std::vector<std::string> convolutions;
  for (const auto& each : net.parameters()) {
    count += each.value.size();
    if (each.dims.size() == 4) convolutions.push_back(each.name);
  }
  CHECK(count == 6'573'130);
  CHECK(convolutions == std::vector<std::string>{"stem.conv.weight", "layer1.conv.weight", "layer1.block.0.conv.weight",
                                                 "layer1.block.1.conv.weight", "layer2.conv.weight",
                                                 "layer3.conv.weight", "layer3.block.0.conv.weight",
                                                 "layer3.block.1.conv.weight"});
  model least(zoo::resnet9({.classes = 3, .width = 4}), {1, 3, 8, 8}, engine, host<float>(pool));
  CHECK(least.output_shape() == shape{.c = 3});
  CHECK(test::code_of([&] {
          model(zoo::resnet9(), {1, 3, 7, 8}, engine, host<float>(pool));
        }) == eucv::errc::shape_mismatch);
}
