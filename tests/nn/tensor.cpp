#include <eucv/nn/tensor.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

using eucv::nn::order;
using eucv::nn::shape;

TEST_CASE("a default tensor is empty") {
  const eucv::nn::tensor<eucv::nn::host<float>> nothing;
  CHECK_FALSE(nothing);
  CHECK(nothing.size() == 0);
}

TEST_CASE("copies share values; own() copies only what is shared") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  auto first = test::tensor_of(backend, {.c = 3}, {1, 2, 3});
  auto second = first;
  backend.fill(second, 5);
  CHECK(test::values_of(backend, first) == std::vector<double>{5, 5, 5});

  auto copied = own(backend, first);
  backend.fill(copied, 6);
  CHECK(test::values_of(backend, second) == std::vector<double>{5, 5, 5});

  second = {};
  const float* const place = backend.data(first);
  const auto same = own(backend, std::move(first));
  CHECK(backend.data(same) == place);
}
