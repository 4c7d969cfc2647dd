#include <eucv/europeana/id_set.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("an id is new once, up to the number that there is room for") {
  for (const std::uint64_t most : {0U, 1U, 7U, 1000U, 200'000U}) {
    eucv::europeana::id_set taken(most);
    std::uint64_t fresh = 0, again = 0;
    for (std::uint64_t i = 0; i < most; ++i) fresh += taken.insert("/123/item_" + std::to_string(i)) ? 1 : 0;
    for (std::uint64_t i = 0; i < most; ++i) again += taken.insert("/123/item_" + std::to_string(i)) ? 1 : 0;
    CHECK(fresh == most);
    CHECK(again == 0);
  }
}

TEST_CASE("a set that knows no number grows, and keeps what it has") {
  eucv::europeana::id_set taken;
  CHECK_FALSE(taken.contains("/123/item_0"));
  for (int i = 0; i < 50'000; ++i) REQUIRE(taken.insert("/123/item_" + std::to_string(i)));
  for (int i = 0; i < 50'000; ++i) REQUIRE(taken.contains("/123/item_" + std::to_string(i)));
  for (int i = 0; i < 50'000; ++i) REQUIRE_FALSE(taken.contains("/124/item_" + std::to_string(i)));
  CHECK(taken.size() == 50'000);
}
