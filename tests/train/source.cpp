#include <eucv/train/source.hpp>

#include <doctest/doctest.h>

#include "support/toy_task.hpp"

using namespace eucv;

TEST_CASE("a reader opened further on gives the rest of the epoch, and epochs differ") {
  const auto source = test::colour_source(10, 4);
  REQUIRE(source.batches == 3);
  const auto whole = source.open(5, 0), rest = source.open(5, 2), other = source.open(6, 2);
  (void)whole();
  (void)whole();
  const auto last = whole(), same = rest(), varied = other();
  REQUIRE((last && same && varied));
  CHECK(last->n == 2);
  CHECK(last->items == same->items);
  CHECK(last->pixels == same->pixels);
  CHECK(last->pixels != varied->pixels);
  CHECK_FALSE(whole());
  CHECK_FALSE(rest());
}
