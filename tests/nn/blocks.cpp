#include <eucv/nn/blocks.hpp>

#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace eucv::nn;
using blocks = std::vector<std::string_view>;

TEST_CASE("the blocks of networks, and what freezing the first of them leaves") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model deep(eucv::zoo::resnet18({.classes = 2, .width = 4}), {1, 3, 32, 32}, engine, host<float>(pool));
  const auto all = [](auto& net) { return blocks_of(std::span(std::as_const(net).parameters())); };
  CHECK(all(deep) == blocks{"conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"});
  model flat(eucv::zoo::squeezenet1_1({.classes = 2}), {1, 3, 32, 32}, engine, host<float>(pool));
  REQUIRE(all(flat).size() == 10);
  CHECK(all(flat)[1] == "features.3");
  CHECK(all(flat).back() == "classifier.1");
  CHECK(flat.freeze_first(9) == 50);
  CHECK(flat.parameters()[49].frozen);
  CHECK_FALSE(flat.parameters()[50].frozen);
}

TEST_CASE("a block is a child of the outermost sequence, whatever its name and depth") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const dense one{.out = 1};
  const auto blocks_and_frozen = [&](auto layers, std::size_t count) {
    model net(std::move(layers), {.c = 1}, engine, host<float>(pool));
    std::vector<std::string> names;
    for (const auto block : blocks_of(std::span(std::as_const(net).parameters()))) names.emplace_back(block);
    return std::pair(names, net.freeze_first(count));
  };
  using expected = std::pair<std::vector<std::string>, std::size_t>;
  CHECK(blocks_and_frozen(sequence{one, sequence{one, one}, named("head", one)}, 2) == expected{{"0", "1", "head"}, 6});
  CHECK(blocks_and_frozen(sequence{named("stages.0", sequence{one, batch_norm{}}), named("stages.1", one)}, 1) ==
        expected{{"stages.0", "stages.1"}, 4});
  CHECK(blocks_and_frozen(sequence{named("", sequence{named("a", one), named("b", one)}), named("c", one)}, 1) ==
        expected{{"a", "b", "c"}, 2});
  CHECK(blocks_and_frozen(one, 0) == expected{{""}, 0});
  CHECK(blocks_and_frozen(one, 1) == expected{{""}, 2});
  model net(sequence{named("stages.0", sequence{one, batch_norm{}})}, {.c = 1}, engine, host<float>(pool));
  CHECK(net.buffers()[0].block == "stages.0");
}

TEST_CASE("each block learns at a part of the next one's rate, and the optimizer takes it so") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(sequence{named("a", conv2d{.out = 1, .kernel = 1}), named("b", conv2d{.out = 1, .kernel = 1}),
                     named("c", conv2d{.out = 1, .kernel = 1})},
            {1, 1, 1, 1}, engine, host<float>(pool));
  auto& on = net.backend();
  decay_rates(net.parameters(), 0.5);
  const double rates[] = {0.25, 0.25, 0.5, 0.5, 1, 1};
  optimizer<host<float>> descent(sgd{.momentum = 0});
  for (std::size_t i = 0; i < 6; ++i) {
    auto& each = net.parameters()[i];
    CHECK(each.rate == rates[i]);
    on.fill(each.value, 0);
    each.gradient = on.make(each.value.shape);
    on.fill(each.gradient, 1);
  }
  descent.step(on, net.parameters(), {.rate = 0.5});
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(static_cast<double>(on.values(net.parameters()[i].value, order::channels_last)[0]) == -0.5 * rates[i]);
}
