#pragma once

#include <string>
#include <string_view>

namespace eucv::download {

/// SHA-256 (FIPS 180-4) of `bytes`, as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace eucv::download {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL computes no SHA-256 on this machine");
  std::string digits;
  for (const unsigned char byte : digest) (digits += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
  return digits;
}

} // namespace eucv::download
#endif
