#include <eucv/nn/host/map.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <limits>

using eucv::nn::shape;

TEST_CASE("a map reaches each element once, in packets and in the tail") {
  eucv::thread_pool pool(2);
  eucv::nn::host<float> backend(pool);
  for (const std::size_t size : {1U, 3U, 4U, 8U, 17U, 100'003U}) {
    auto a = backend.make({.c = size}), b = backend.make({.c = size});
    backend.fill(a, 2);
    for (std::size_t i = 0; i < size; ++i) backend.data(b)[i] = static_cast<float>(i);
    const auto& read_only = b;
    backend.map([](auto& x, const auto& y) { x = x * y + y; }, a, read_only);
    for (std::size_t i = 0; i < size; ++i) {
      REQUIRE(backend.data(a)[i] == 3 * static_cast<float>(i));
      REQUIRE(backend.data(b)[i] == static_cast<float>(i));
    }
  }
}

TEST_CASE("a map may write to several tensors") {
  eucv::thread_pool pool(1);
  eucv::nn::host<double> backend(pool);
  auto a = test::tensor_of(backend, {.c = 5}, {1, 2, 3, 4, 5});
  auto b = test::tensor_of(backend, {.c = 5}, {10, 20, 30, 40, 50});
  backend.map(
      [](auto& x, auto& y) {
        const auto old = x;
        x = y;
        y = old;
      },
      a, b);
  CHECK(test::values_of(backend, a) == std::vector<double>{10, 20, 30, 40, 50});
  CHECK(test::values_of(backend, b) == std::vector<double>{1, 2, 3, 4, 5});
}

TEST_CASE("a sum of squares equals a plain loop's and has the same bits for any number of threads") {
  eucv::random engine(3);
  for (const std::size_t size : {1U, 5U, 1000U, 70'001U}) {
    const auto values = test::normal_values(size, engine);
    double expected = 0;
    for (const double each : values) expected += each * each;
    double first = 0;
    for (const std::size_t threads : {1U, 2U, 8U}) {
      eucv::thread_pool pool(threads);
      eucv::nn::host<float> backend(pool);
      const double sum = eucv::nn::sum_of_squares(backend, test::tensor_of(backend, {.c = size}, values));
      CHECK(std::abs(sum / expected - 1) < 1e-6);
      if (threads == 1) first = sum;
      CHECK(sum == first);
    }
  }
}

TEST_CASE("a sum of squares shows what is not finite") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  auto x = backend.make({.c = 1000});
  backend.fill(x, 1);
  backend.data(x)[999] = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(std::isfinite(eucv::nn::sum_of_squares(backend, x)));
  backend.data(x)[999] = std::numeric_limits<float>::infinity();
  CHECK_FALSE(std::isfinite(eucv::nn::sum_of_squares(backend, x)));
}
