#include <eucv/core/sha256.hpp>

#include <doctest/doctest.h>

#include <openssl/evp.h>

#include <cstddef>
#include <string>

namespace {

std::string by_openssl(const std::string& bytes) {
  unsigned char digest[32];
  REQUIRE(EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr) == 1);
  std::string digits;
  for (const unsigned char byte : digest) (digits += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
  return digits;
}

} // namespace

TEST_CASE("the examples of FIPS 180-4") {
  CHECK(eucv::sha256_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(eucv::sha256_text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(eucv::sha256_text(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("every length, in one piece and in two, as OpenSSL has it") {
  std::string bytes;
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string expected = by_openssl(bytes);
    REQUIRE(eucv::sha256_text(bytes) == expected);
    eucv::sha256_digest pieces;
    pieces.update(bytes.substr(0, length / 3));
    CHECK(pieces.text() == by_openssl(bytes.substr(0, length / 3)));
    pieces.update(bytes.substr(length / 3));
    REQUIRE(pieces.text() == expected);
    bytes += static_cast<char>(37 * length + 11);
  }
}
