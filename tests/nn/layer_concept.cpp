#include <eucv/nn/layer_concept.hpp>

#include <doctest/doctest.h>

#include <eucv/core/random.hpp>
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/optimizer/adam.hpp>
#include <eucv/nn/residual.hpp>

#include "support/forward_only.hpp"
#include "support/reference_backend.hpp"
#include "support/small_backend.hpp"

using namespace eucv::nn;
using full = test::reference_backend<float>;
using test::forward_only;
using test::small_backend;

TEST_CASE("a container is a layer where all that it holds is one, on a backend that has what they need") {
  CHECK(layer<sequence<conv2d, relu>, full>);
  CHECK(layer<sequence<relu, dropout>, small_backend>);
  CHECK_FALSE(layer<sequence<conv2d, relu>, small_backend>);
  CHECK_FALSE(layer<sequence<conv2d, adam>, full>);
  CHECK_FALSE(layer<sequence<relu, named_layer<sequence<forward_only>>>, full>);
  CHECK_FALSE(layer<residual<forward_only>, full>);
  CHECK_FALSE(layer<stack<forward_only>, full>);
  CHECK_FALSE(layer<int, full>);
  CHECK_FALSE(layer<relu, int>);
}

TEST_CASE("a network runs on a backend that offers no more than its layers need") {
  eucv::random engine(1);
  model net(sequence{relu{}, dropout{}, relu{}}, {.c = 2, .h = 1, .w = 1}, engine, small_backend{});
  auto x = net.backend().make({1, 2, 1, 1});
  net.backend().assign(x, std::vector<float>{-1, 3}, order::channels_last);
  CHECK(net.backend().values(net.forward(x, mode::eval), order::channels_last) == std::vector<float>{0, 3});
}
