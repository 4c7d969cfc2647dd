#pragma once

#include <eucv/core/implementation.hpp>

#include <string>
#include <string_view>

namespace eucv::europeana::detail {

/// The MD5 digest (RFC 1321) of `bytes`, as 32 lower-case hexadecimal digits: the name of a thumbnail at Europeana. Not
/// for anything that needs security.
[[nodiscard]] std::string md5_text(std::string_view bytes);

} // namespace eucv::europeana::detail

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace eucv::europeana::detail {

std::string md5_text(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr) != 1)
    throw std::runtime_error("OpenSSL computes no MD5 on this machine");
  std::string digits;
  for (unsigned i = 0; i < length; ++i)
    (digits += "0123456789abcdef"[digest[i] >> 4]) += "0123456789abcdef"[digest[i] & 15];
  return digits;
}

} // namespace eucv::europeana::detail
#endif
