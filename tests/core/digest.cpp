#include <eucv/core/digest.hpp>

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
  CHECK(eucv::sha256_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(eucv::sha256_text("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                          "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  CHECK(eucv::sha256_text(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("every length around the ends of blocks, in one piece and in two, as OpenSSL has it") {
  std::string bytes;
  for (std::size_t length = 0; length < 330; ++length) {
    const std::string expected = by_openssl(bytes);
    REQUIRE(eucv::sha256_text(bytes) == expected);
    eucv::sha256 pieces;
    pieces.update(bytes.substr(0, length / 3));
    CHECK(pieces.text() == by_openssl(bytes.substr(0, length / 3)));
    pieces.update({});
    pieces.update(bytes.substr(length / 3));
    REQUIRE(pieces.text() == expected);
    bytes += static_cast<char>(37 * length + 11);
  }
}

TEST_CASE("pieces of every size make the digest of the whole") {
  std::string bytes;
  for (std::size_t i = 0; i < 1000; ++i) bytes += static_cast<char>(i * i + i / 7);
  const std::string expected = by_openssl(bytes);
  for (std::size_t size = 1; size <= 200; ++size) {
    eucv::sha256 pieces;
    for (std::size_t begin = 0; begin < bytes.size(); begin += size) pieces.update(bytes.substr(begin, size));
    REQUIRE(pieces.text() == expected);
  }
}
