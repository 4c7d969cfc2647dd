#include <eucv/zoo/resnet.hpp>

#include <doctest/doctest.h>

#include <support/torch_network.hpp>

#include <eucv/nn/model.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

using namespace eucv::nn;
namespace zoo = eucv::zoo;

static_assert(std::is_same_v<decltype(zoo::resnet18()), decltype(zoo::resnet34())>);

TEST_CASE_TEMPLATE("forward, backward and one step of resnet18 equal PyTorch's", Backend, host<float>, host<double>) {
  test::check_against_torch<Backend>(zoo::resnet18({.classes = 5, .width = 6}), "resnet18");
}

TEST_CASE_TEMPLATE("forward, backward and one step of resnet50 equal PyTorch's", Backend, host<float>, host<double>) {
  test::check_against_torch<Backend>(zoo::resnet50({.classes = 7, .width = 4}), "resnet50");
}

TEST_CASE("the networks have as many parameters as torchvision's") {
  eucv::thread_pool pool(2);
  eucv::random engine(1);
  const auto count = [&](const auto& layer) {
    model net(layer, {1, 3, 64, 64}, engine, host<float>(pool));
    CHECK(net.output_shape() == shape{.c = 1000});
    std::size_t sum = 0;
    for (const auto& each : net.parameters()) sum += each.value.size();
    return std::pair(sum, net.parameters().size());
  };
  CHECK(count(zoo::resnet18()) == std::pair<std::size_t, std::size_t>(11'689'512, 62));
  CHECK(count(zoo::resnet34()) == std::pair<std::size_t, std::size_t>(21'797'672, 110));
  CHECK(count(zoo::resnet50()) == std::pair<std::size_t, std::size_t>(25'557'032, 161));
}
