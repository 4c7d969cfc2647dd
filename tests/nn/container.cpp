#include <eucv/nn/container.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/gradient_check.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>

#include <cstddef>
#include <string>
#include <utility>

using namespace eucv::nn;

namespace {

using conv_block = sequence<conv2d, batch_norm, relu>;
conv_block make_block(std::size_t out) {
  return conv_block{conv2d{.out = out, .bias = false}, batch_norm{}, relu{}};
}

} // namespace

static_assert(layer<conv_block, host<float>> && layer<conv_block, test::reference_backend<float>>);
static_assert(layer<stack<conv_block>, host<float>> && layer<stack<conv_block>, test::reference_backend<float>>);

TEST_CASE("children are named by position, by name, or not at all") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const sequence layers{conv2d{.out = 2}, relu{}, named("", sequence{named("inner", conv2d{.out = 3, .bias = false})}),
                        stack<conv_block>{{make_block(4), make_block(5)}}};
  model network(layers, {1, 3, 4, 4}, engine, host<float>(pool));
  std::vector<std::string> names;
  for (const auto& each : network.parameters()) names.push_back(each.name);
  CHECK(names == std::vector<std::string>{"0.weight", "0.bias", "inner.weight", "3.0.0.weight", "3.0.1.weight",
                                          "3.0.1.bias", "3.1.0.weight", "3.1.1.weight", "3.1.1.bias"});
  CHECK(network.output_shape() == shape{1, 5, 4, 4});
}

TEST_CASE("gradients through sequences and stacks equal central differences") {
  double worst = 0;
  for (const shape& input : {shape{1, 3, 5, 5}, shape{3, 2, 6, 4}}) {
    worst = std::max(worst, test::gradient_check{input}(sequence{make_block(4), max_pool{}, make_block(3)}));
    worst =
        std::max(worst, test::gradient_check{input}(stack<conv_block>{{make_block(3), make_block(5), make_block(2)}}));
  }
  MESSAGE("containers: largest relative error " << worst);
  CHECK(worst < 1e-6);
}

TEST_CASE("each child is a place to look at, in the order of a pass, and the last of a name is the whole") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(sequence{conv2d{.out = 2}, named("stage", stack<conv_block>{{make_block(4)}}),
                         named("", sequence{named("inner", max_pool{})})},
                {1, 3, 4, 4}, engine, host<float>(pool));
  std::vector<std::string> names;
  for (const auto& each : network.places()) names.push_back(each.name);
  CHECK(names == std::vector<std::string>{"0", "stage.0.0", "stage.0.1", "stage.0.2", "stage.0", "stage", "inner", ""});
  CHECK(network.places()[4].extents == shape{1, 4, 4, 4});
  CHECK(network.places()[4].parameters == 5);
  CHECK(network.places()[6].extents == shape{1, 4, 2, 2});
}

TEST_CASE("a message names the layer and its place, however deep") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const sequence layers{named("stage", stack<conv_block>{{make_block(4)}}),
                        named("head", sequence{relu{}, dense{.out = 2}})};
  const auto failure = test::failure_of([&] { model(layers, {1, 3, 4, 4}, engine, host<float>(pool)); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::shape_mismatch);
  CHECK(std::string(failure->what()).find("dense at head.1: it takes") != std::string::npos);
}

TEST_CASE("an empty stack passes everything through") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model network(stack<conv_block>{}, {.c = 3}, engine, host<float>(pool));
  auto& on = network.backend();
  CHECK(test::values_of(on, network.forward(test::tensor_of(on, {.c = 3}, {1, 2, 3}), mode::eval)) ==
        std::vector<double>{1, 2, 3});
}

namespace {

// A block as users write them: neither a template nor a sequence, with what is inside it as a member.
struct user_block {
  sequence<dense, dropout> inside{dense{.out = 4}, dropout{}};

  template <class Backend>
  struct state {
    state_of<sequence<dense, dropout>, Backend> inside;
  };
  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    return {inside.build(at, extents)};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return inside.forward(own.inside, std::move(x), now);
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return inside.backward(own.inside, std::move(dy), now);
  }
};

} // namespace

TEST_CASE("constant children end before the first that learns or is stochastic, wherever its dropout hides") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto constant_children = [&](auto layers, std::size_t frozen_blocks) {
    model net(std::move(layers), {.c = 3}, engine, host<float>(pool));
    net.freeze_first(frozen_blocks);
    return net.constant_children();
  };
  const dense four{.out = 4};
  CHECK(constant_children(sequence{four, relu{}, four, four}, 0) == 0);
  CHECK(constant_children(sequence{four, relu{}, four, four}, 1) == 2);
  CHECK(constant_children(sequence{four, relu{}, four, four}, 2) == 3);
  CHECK(constant_children(sequence{four, dropout{}, four, four}, 2) == 1);
  CHECK(constant_children(sequence{four, dropout{.probability = 0}, four, four}, 2) == 3);
  CHECK(constant_children(sequence{four, sequence{relu{}, named("drop", dropout{})}, four, four}, 2) == 1);
  CHECK(constant_children(sequence{four, stack<dropout>{{dropout{}}}, four, four}, 2) == 1);
  CHECK(constant_children(sequence{four, stack<dropout>{}, four, four}, 2) == 3);
  CHECK(constant_children(sequence{four, user_block{}, four, four}, 3) == 1);
}
