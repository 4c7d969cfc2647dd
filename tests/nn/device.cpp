#include <eucv/nn/device.hpp>

#include <doctest/doctest.h>

namespace {

EUCV_DEVICE constexpr int twice(int value) {
  return 2 * value;
}

} // namespace

TEST_CASE("a function of a device is one of the host too") {
  CHECK(twice(21) == 42);
}
