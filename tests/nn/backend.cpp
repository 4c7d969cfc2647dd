#include <eucv/nn/backend.hpp>

#include <doctest/doctest.h>

#include <support/reference_backend.hpp>

#include <eucv/nn/host.hpp>

namespace {

// Lacks one part, so the concept of that part is what fails.
struct without_pooling : test::reference_backend<float> {
  void max_pool() = delete;
};

} // namespace

static_assert(eucv::nn::backend<eucv::nn::host<float>>);
static_assert(eucv::nn::backend<eucv::nn::host<double>>);
static_assert(eucv::nn::backend<test::reference_backend<float>>);
static_assert(eucv::nn::backend<test::reference_backend<double>>);
static_assert(!eucv::nn::backend<int>);
static_assert(!eucv::nn::has_pooling<without_pooling>);

TEST_CASE("the reference keeps PyTorch's order, the host pictures' order, and both say the same") {
  eucv::thread_pool pool(1);
  eucv::nn::host<double> fast(pool);
  test::reference_backend<double> plain;
  const std::vector<double> values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const eucv::nn::shape extents{1, 3, 2, 2};
  auto a = fast.make(extents);
  auto b = plain.make(extents);
  fast.assign(a, values, eucv::nn::order::channels_first);
  plain.assign(b, values, eucv::nn::order::channels_first);
  CHECK(fast.data(a)[1] == 4);
  CHECK((*b.storage.all)[1] == 1);
  for (const auto order : {eucv::nn::order::channels_first, eucv::nn::order::channels_last})
    CHECK(fast.values(a, order) == plain.values(b, order));
}
