#include <eucv/net/client_options.hpp>

#include <eucv/core/version.hpp>

#include <doctest/doctest.h>

TEST_CASE("by default a client is careful") {
  const eucv::net::client_options options;
  CHECK(options.addresses == eucv::net::address_rule::only_public);
  CHECK(options.max_redirects == 5);
  CHECK(options.user_agent == "eucv/" EUCV_VERSION);
  CHECK(options.total >= options.connect + options.tls + options.first_byte + options.idle);
}
