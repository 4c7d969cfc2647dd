#include <eucv/core/result.hpp>

#include <doctest/doctest.h>

#include <memory>

TEST_CASE("a result holds a value or an error") {
  eucv::result<std::string> good = std::string("x");
  CHECK(good);
  CHECK(*good == "x");
  CHECK(good->size() == 1);

  const eucv::result<std::string> bad = eucv::error(eucv::errc::timeout, {"fetch", "u", "too slow", ""});
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().code() == eucv::errc::timeout);
  CHECK_THROWS_WITH_AS((void)bad.value(), "fetch, u: too slow", eucv::error);
}

TEST_CASE("a value that can only move is moved out") {
  eucv::result<std::unique_ptr<int>> held = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(held).value();
  CHECK(*taken == 7);
}
