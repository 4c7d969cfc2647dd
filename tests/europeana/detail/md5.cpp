#include <eucv/europeana/detail/md5.hpp>

#include <doctest/doctest.h>

TEST_CASE("the examples of RFC 1321") {
  CHECK(eucv::europeana::detail::md5_text("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(eucv::europeana::detail::md5_text("abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(eucv::europeana::detail::md5_text("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}
