#include <eucv/classify/architecture.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace eucv;

TEST_CASE("the architectures are those of the registry") {
  const auto names = classify::architectures();
  CHECK(names.size() >= 7);
  CHECK(std::ranges::find(names, "resnet18") != names.end());
}
