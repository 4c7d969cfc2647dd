#include <eucv/nn/detail/name_path.hpp>

#include <doctest/doctest.h>

using eucv::nn::detail::name_path;

TEST_CASE("names of parents and children are joined by dots, and empty ones add no level") {
  name_path path;
  CHECK(path.full("weight") == "weight");
  {
    const name_path::scope none(path, ""), outer(path, "features.3"), middle(path, ""), inner(path, "squeeze");
    CHECK(path.text() == "features.3.squeeze");
    CHECK(path.full("weight") == "features.3.squeeze.weight");
    CHECK(path.block() == "features.3");
  }
  CHECK(path.text().empty());
  CHECK(path.block().empty());
  const name_path::scope next(path, "head");
  CHECK(path.block() == "head");
  CHECK(path.text() == "head");
}
