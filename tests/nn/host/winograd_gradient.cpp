#include <eucv/nn/host/winograd_gradient.hpp>

#include <doctest/doctest.h>

#include <support/winograd_layers.hpp>

TEST_CASE("Winograd's gradient of the weight is that of the direct kernel, for any number of threads") {
  double worst = 0;
  for (const auto& layer : test::winograd_layers) {
    CAPTURE(to_string(layer.over.in));
    const auto exact = test::direct_passes<double>(layer)[2];
    const auto in_float = test::winograd_passes<float>(layer, 1)[2];
    CHECK(test::winograd_passes<float>(layer, 2)[2] == in_float);
    CHECK(test::winograd_passes<float>(layer, 5)[2] == in_float);
    CHECK(test::distance(test::winograd_passes<double>(layer)[2], exact) < 1e-13);
    CHECK(test::distance(in_float, exact) < 1e-5);
    worst = std::max(worst, test::distance(in_float, exact));
  }
  MESSAGE("largest distance in float " << worst);
}
