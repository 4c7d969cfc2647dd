#include <eucv/nn/optimizer/state.hpp>

#include <eucv/nn/host.hpp>

#include <doctest/doctest.h>

TEST_CASE("the state of an optimizer begins empty") {
  const eucv::nn::optimizer_state<eucv::nn::host<float>> state;
  CHECK(state.steps == 0);
  for (const auto& each : state.tensors) CHECK_FALSE(each);
  CHECK(eucv::nn::optimizer_step{}.gradient_scale == 1);
}
