#include <eucv/nn/host.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/compare_backends.hpp>

#include <cstddef>
#include <span>
#include <vector>

using eucv::nn::order;
using eucv::nn::shape;

static_assert(eucv::nn::backend<eucv::nn::host<float>>);
static_assert(eucv::nn::backend<eucv::nn::host<double>>);

TEST_CASE("values go in and out in both orders") {
  eucv::thread_pool pool(2);
  eucv::nn::host<float> backend(pool);
  auto x = backend.make({2, 2, 1, 3});
  const std::vector<float> first{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; // [n][c][w]
  backend.assign(x, first, order::channels_first);
  CHECK(backend.values(x, order::channels_first) == first);
  CHECK(backend.values(x, order::channels_last) == std::vector<float>{1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12});
  backend.assign(x, first, order::channels_last);
  CHECK(backend.values(x, order::channels_first) == std::vector<float>{1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12});
}

TEST_CASE("a wrong number of values is refused") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  auto x = backend.make({.c = 3});
  CHECK(test::code_of([&] { backend.assign(x, std::vector<float>(2), order::channels_last); }) ==
        eucv::errc::shape_mismatch);
}

TEST_CASE("copies of a backend share its arena") {
  eucv::thread_pool pool(1);
  eucv::nn::host<float> backend(pool);
  eucv::nn::host<float> same = backend;
  const auto x = same.make({.c = 1000});
  CHECK(backend.memory().count().step_bytes >= 4000);
}

TEST_CASE("products of matrices equal plain loops") {
  eucv::random engine(1);
  for (const std::size_t n : {1U, 5U, 33U})
    for (const std::size_t k : {1U, 7U, 40U})
      for (const std::size_t m : {1U, 6U, 35U}) {
        const shape a{.n = n, .c = k}, b{.n = m, .c = k}, c{.n = n, .c = m};
        const auto nt = test::compare_backends(
            engine, [](auto& on, auto x, auto y) { return on.gemm_nt(x, y); }, a, b);
        CHECK(nt.in_double < 1e-13);
        CHECK(nt.in_float < 1e-5);
        const auto nn = test::compare_backends(
            engine, [](auto& on, auto x, auto y) { return on.gemm_nn(x, y); }, c, b);
        CHECK(nn.in_double < 1e-13);
        CHECK(nn.in_float < 1e-5);
        const auto tn = test::compare_backends(
            engine, [](auto& on, auto x, auto y) { return on.gemm_tn(x, y); }, c, a);
        CHECK(tn.in_double < 1e-13);
        CHECK(tn.in_float < 1e-5);
      }
}

TEST_CASE("flattening is PyTorch's, and unflattening its inverse") {
  eucv::random engine(1);
  for (const shape& extents : {shape{1, 1, 1, 1}, shape{3, 5, 2, 4}, shape{2, 16, 3, 3}}) {
    const auto rows = test::compare_backends(
        engine, [](auto& on, auto x) { return on.flatten(x); }, extents);
    CHECK(rows.in_double == 0);
    const auto back = test::compare_backends(
        engine, [&](auto& on, auto x) { return on.unflatten(on.flatten(x), extents); }, extents);
    CHECK(back.in_double == 0);
  }
}

TEST_CASE("images are gathered from rows that lie anywhere, on any number of threads") {
  static_assert(eucv::nn::has_gathering<eucv::nn::host<float>>);
  eucv::random engine(8);
  for (const std::size_t size : {5U, 700U, 40'000U}) { // many a piece, and several pieces
    const auto drawn = test::normal_values(6 * size, engine);
    const std::vector<float> table(drawn.begin(), drawn.end());
    std::vector<const float*> rows;
    std::vector<float> expected;
    for (const std::size_t row : {4U, 0U, 5U, 4U}) {
      rows.push_back(table.data() + row * size);
      expected.insert(expected.end(), rows.back(), rows.back() + size);
    }
    for (const std::size_t threads : {1U, 3U}) {
      eucv::thread_pool pool(threads);
      eucv::nn::host<float> backend(pool);
      auto x = backend.make({.n = 4, .c = 5, .h = size / 5});
      backend.assign(x, std::span<const float* const>(rows));
      CHECK((backend.values(x, order::channels_last) == expected));
    }
  }
}
