#include <eucv/nn/optimizer/sgd.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include "support/torch_steps.hpp"

using namespace eucv;

TEST_CASE("sgd takes the steps of PyTorch's SGD") {
  test::check_steps_of_torch("sgd", nn::sgd{.momentum = 0});
  test::check_steps_of_torch("momentum", nn::sgd{.momentum = 0.9, .weight_decay = 0.01});
  test::check_steps_of_torch("nesterov", nn::sgd{.momentum = 0.8, .weight_decay = 0.01, .nesterov = true});
}

TEST_CASE("sgd keeps a tensor for its momentum alone") {
  CHECK(nn::sgd{}.tensors() == 1);
  CHECK(nn::sgd{.momentum = 0}.tensors() == 0);
  CHECK(identity_of(nn::sgd{}).at("momentum") == "0.9");
}
