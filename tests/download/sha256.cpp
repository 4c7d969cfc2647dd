#include <eucv/download/sha256.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("the examples of FIPS 180") {
  CHECK(eucv::download::sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(eucv::download::sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(eucv::download::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(eucv::download::sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the examples of RFC 1321") {
  CHECK(eucv::download::md5("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(eucv::download::md5("abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(eucv::download::md5("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}
