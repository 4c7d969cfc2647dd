#include <eucv/dataset/batch.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/code_of.hpp"

using namespace eucv::dataset;

TEST_CASE("each byte becomes (value / 255 - mean) / deviation of its channel, channels last") {
  const pixel_scale scale{.mean = {0.5, 0.25, 0}, .deviation = {0.5, 0.125, 2}};
  const pixel_writer writer(scale);
  eucv::image::bitmap picture = eucv::image::black(2, 1);
  picture.rgb = {0, 51, 102, 255, 204, 1};
  std::vector<float> pixels{7};
  writer.append(picture, pixels);
  REQUIRE(pixels.size() == 7);
  CHECK(pixels[0] == 7); // what stood there stays
  for (std::size_t i = 0; i < 6; ++i) {
    const double expected = (picture.rgb[i] / 255.0 - scale.mean[i % 3]) / scale.deviation[i % 3];
    CHECK(pixels[i + 1] == static_cast<float>(expected));
  }
}

TEST_CASE("a scale that would make infinite pixels is refused") {
  const auto code = [](double mean, double deviation) {
    return test::code_of([&] { (void)pixel_writer({.mean = {0, mean, 0}, .deviation = {1, deviation, 1}}); });
  };
  CHECK(code(0.5, 0.1) == eucv::errc{});
  CHECK(code(0.5, 0) == eucv::errc::invalid_argument);
  CHECK(code(0.5, -1) == eucv::errc::invalid_argument);
  CHECK(code(0.5, std::numeric_limits<double>::quiet_NaN()) == eucv::errc::invalid_argument);
  CHECK(code(std::numeric_limits<double>::infinity(), 1) == eucv::errc::invalid_argument);
}

TEST_CASE("what lies in rows elsewhere can be gathered") {
  const std::vector<float> table{0, 1, 2, 3, 4, 5, 6, 7, 8};
  batch some;
  some.n = 2;
  some.height = some.width = 1;
  some.rows = {table.data() + 6, table.data()};
  some.gather();
  CHECK(some.pixels == std::vector<float>{6, 7, 8, 0, 1, 2});
  CHECK(some.rows.empty());
  some.gather(); // nothing is left to do
  CHECK(some.pixels.size() == 6);
}
