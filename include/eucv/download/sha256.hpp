#pragma once

#include <eucv/core/implementation.hpp>

#include <string>
#include <string_view>

namespace eucv::download {

/// SHA-256 (FIPS 180-4) of `bytes`, as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// MD5 (RFC 1321) of `bytes`, as 32 lower-case hexadecimal digits: Europeana names thumbnails by it. It protects
/// nothing.
[[nodiscard]] std::string md5(std::string_view bytes);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace eucv::download {

namespace detail {

std::string digest_of(std::string_view bytes, const EVP_MD* kind, const char* name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, kind, nullptr) != 1)
    throw std::runtime_error("OpenSSL computes no " + std::string(name) + " on this machine");
  std::string digits;
  for (unsigned i = 0; i < length; ++i)
    (digits += "0123456789abcdef"[digest[i] >> 4]) += "0123456789abcdef"[digest[i] & 15];
  return digits;
}

} // namespace detail

std::string sha256(std::string_view bytes) {
  return detail::digest_of(bytes, EVP_sha256(), "SHA-256");
}

std::string md5(std::string_view bytes) {
  return detail::digest_of(bytes, EVP_md5(), "MD5");
}

} // namespace eucv::download
#endif
