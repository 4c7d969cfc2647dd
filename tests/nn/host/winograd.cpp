#include <eucv/nn/host/winograd.hpp>

#include <doctest/doctest.h>

#include <support/winograd_layers.hpp>

TEST_CASE("Winograd's output and gradient of the input are those of the direct kernel, for any number of threads") {
  double worst = 0;
  for (const auto& layer : test::winograd_layers) {
    CAPTURE(to_string(layer.over.in));
    const auto exact = test::direct_passes<double>(layer), in_double = test::winograd_passes<double>(layer);
    const auto in_float = test::winograd_passes<float>(layer, 1);
    CHECK(test::winograd_passes<float>(layer, 2) == in_float);
    CHECK(test::winograd_passes<float>(layer, 5) == in_float);
    for (const std::size_t which : {0U, 1U}) {
      CHECK(test::distance(in_double[which], exact[which]) < 1e-13);
      CHECK(test::distance(in_float[which], exact[which]) < 1e-5);
      worst = std::max(worst, test::distance(in_float[which], exact[which]));
    }
  }
  MESSAGE("largest distance in float " << worst);
}
