#include <eucv/nn/optimizer/adam_w.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include "support/torch_steps.hpp"

using namespace eucv;

TEST_CASE("adam_w takes the steps of PyTorch's AdamW") {
  test::check_steps_of_torch("adam_w", nn::adam_w{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.1});
  CHECK(nn::adam_w{}.tensors() == 2);
  CHECK(identity_of(nn::adam_w{}).at("weight-decay") == "0.01");
}
