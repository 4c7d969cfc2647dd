#include <eucv/classify/label_mode.hpp>

#include <doctest/doctest.h>

using namespace eucv;

TEST_CASE("modes have the words that model.json and exported networks have") {
  CHECK(classify::to_string(classify::label_mode::single_label) == "single-label");
  CHECK(classify::to_string(classify::label_mode::multi_label) == "multi-label");
}
