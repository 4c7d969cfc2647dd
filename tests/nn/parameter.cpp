#include <eucv/nn/parameter.hpp>

#include <doctest/doctest.h>

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host.hpp>

TEST_CASE("a parameter begins without gradient and free to change") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  const eucv::nn::parameter<eucv::nn::host<float>> weight{
      "fc.weight", {10, 4}, backend.make(eucv::nn::shape_of({10, 4}), eucv::nn::lifetime::model), {}, false};
  CHECK_FALSE(weight.gradient);
  CHECK_FALSE(weight.frozen);
  CHECK(weight.value.size() == 40);
}
