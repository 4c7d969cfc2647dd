#include <eucv/nn/host/normalisation.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

using eucv::nn::shape;

namespace {

const shape shapes[] = {{1, 1, 1, 2}, {2, 3, 5, 7}, {4, 64, 6, 6}, {3, 37, 1, 1}, {2, 16, 40, 40}, {1, 100, 3, 3}};

} // namespace

TEST_CASE("moments, sums and affine maps equal plain loops") {
  eucv::random engine(1);
  for (const shape& extents : shapes) {
    CAPTURE(to_string(extents));
    const shape channels{.c = extents.c};
    const auto mean = test::compare_backends(
        engine, [](auto& on, auto x) { return on.moments(x).mean; }, extents);
    CHECK(mean.in_double < 1e-12);
    CHECK(mean.in_float < 1e-5);
    const auto variance = test::compare_backends(
        engine, [](auto& on, auto x) { return on.moments(x).variance; }, extents);
    CHECK(variance.in_double < 1e-12);
    CHECK(variance.in_float < 1e-5);
    const auto sums = test::compare_backends(
        engine, [](auto& on, auto x) { return on.channel_sums(x); }, extents);
    CHECK(sums.in_double < 1e-12);
    const auto line = test::compare_backends(
        engine, [](auto& on, auto x, auto scale, auto shift) { return on.affine(std::move(x), scale, shift); }, extents,
        channels, channels);
    CHECK(line.in_double < 1e-12);
    const auto bias = test::compare_backends(
        engine, [](auto& on, auto x, auto by) { return on.add_to_channels(std::move(x), by); }, extents, channels);
    CHECK(bias.in_double < 1e-12);
  }
}

TEST_CASE("the gradients of a normalisation equal plain loops") {
  eucv::random engine(1);
  for (const shape& extents : shapes) {
    CAPTURE(to_string(extents));
    const shape channels{.c = extents.c};
    const auto compare = [&](auto pick) {
      const auto apart = test::compare_backends(
          engine,
          [&](auto& on, auto x, auto dy, auto mean, auto inverse, auto scale) {
            return pick(on.normalise_gradient(x, std::move(dy), {mean, inverse, scale}));
          },
          extents, extents, channels, channels, channels);
      CHECK(apart.in_double < 1e-12);
      CHECK(apart.in_float < 1e-5);
    };
    compare([](auto result) { return result.input; });
    compare([](auto result) { return result.scale; });
    compare([](auto result) { return result.shift; });
  }
}

TEST_CASE("a mean far from zero does not drown the variance") {
  eucv::thread_pool pool(2);
  eucv::nn::host<float> backend(pool);
  eucv::random engine(1);
  auto x = backend.make({8, 16, 32, 32});
  for (std::size_t i = 0; i < x.size(); ++i) backend.data(x)[i] = static_cast<float>(1000 + engine.normal());
  const auto result = backend.moments(x);
  for (const double mean : test::values_of(backend, result.mean)) CHECK(std::abs(mean - 1000) < 0.1);
  for (const double variance : test::values_of(backend, result.variance)) CHECK(std::abs(variance - 1) < 0.1);
}
