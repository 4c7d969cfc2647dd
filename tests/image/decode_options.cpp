#include <eucv/image/decode_options.hpp>

#include <doctest/doctest.h>

TEST_CASE("the limits let a picture of the most pixels into the memory that they allow") {
  const eucv::image::decode_limits limits;
  CHECK(limits.pixels * 3 < limits.memory); // RGB
  CHECK(limits.pixels * 4 < limits.memory); // RGBA, on the way of an interlaced PNG
  CHECK(limits.scans == 100);
}

TEST_CASE("nothing is scaled down unasked") {
  CHECK(eucv::image::decode_options{}.shorter_side == 0);
}
