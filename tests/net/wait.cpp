#include <eucv/net/wait.hpp>

#include <eucv/net/run.hpp>
#include <support/fetch.hpp>

#include <doctest/doctest.h>

#include <chrono>

using std::chrono::milliseconds;

TEST_CASE("a wait takes at least its time, and none where it is not positive") {
  CHECK(test::milliseconds_of([] { eucv::net::run(eucv::net::wait(milliseconds(20))); }) >= 20);
  CHECK(test::milliseconds_of([] {
          eucv::net::run(eucv::net::wait(milliseconds(0)));
          eucv::net::run(eucv::net::wait(milliseconds::min()));
        }) < 10'000);
}
