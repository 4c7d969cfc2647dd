#include <eucv/download/fetch_options.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using eucv::download::fetch_options;

// g++ 12.2 frees twice what a braced temporary owns in a co_await: see net/task.hpp.
static_assert(std::is_trivially_copyable_v<fetch_options>);

TEST_CASE("the defaults are those that the guide promises") {
  const fetch_options options;
  CHECK(options.jobs == 64);
  CHECK(options.politeness.per_host == 4);
  CHECK(options.redirects == 5);
  CHECK(options.politeness.retry.attempts == 4);
  CHECK(options.picture.size == 256);
  CHECK(options.memory == 256 << 20);
}
