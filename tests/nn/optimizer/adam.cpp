#include <eucv/nn/optimizer/adam.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include "support/torch_steps.hpp"

using namespace eucv;

TEST_CASE("adam takes the steps of PyTorch's Adam") {
  test::check_steps_of_torch("adam", nn::adam{.weight_decay = 0.01});
  CHECK(nn::adam{}.tensors() == 2);
  CHECK(identity_of(nn::adam{}).at("epsilon") == "1e-08");
}
