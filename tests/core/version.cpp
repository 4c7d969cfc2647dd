#include <eucv/core/version.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("the text of the version is made of its three numbers") {
  CHECK(std::string(EUCV_VERSION) == std::to_string(EUCV_VERSION_MAJOR) + "." + std::to_string(EUCV_VERSION_MINOR) +
                                         "." + std::to_string(EUCV_VERSION_PATCH));
}
