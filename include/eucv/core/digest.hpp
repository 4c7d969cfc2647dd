#pragma once

#include <eucv/core/detail/sha256_blocks.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace eucv {

/// A SHA-256 digest (FIPS 180-4) of bytes that come in pieces. For one thread at a time.
///
/// By the SHA instructions of x86-64 where the processor has them, which is as fast as OpenSSL; else by a portable loop
/// at a sixth of that. Both give the same digests.
class sha256 {
public:
  /// Takes the next bytes.
  void update(std::string_view bytes) noexcept {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (filled_ != 0) {
      const std::size_t taken = std::min(bytes.size(), block_.size() - filled_);
      std::memcpy(block_.data() + filled_, bytes.data(), taken);
      filled_ += taken;
      bytes.remove_prefix(taken);
      if (filled_ < block_.size()) return;
      detail::sha256_blocks(state_, block_.data(), 1);
      filled_ = 0;
    }
    const std::size_t blocks = bytes.size() / block_.size();
    if (blocks > 0) detail::sha256_blocks(state_, reinterpret_cast<const unsigned char*>(bytes.data()), blocks);
    bytes.remove_prefix(blocks * block_.size());
    if (!bytes.empty()) std::memcpy(block_.data(), bytes.data(), bytes.size());
    filled_ = bytes.size();
  }

  /// The digest of all bytes so far, as 64 lower-case hexadecimal digits. More bytes may follow.
  [[nodiscard]] std::string text() const {
    sha256 last = *this;
    // A bit 1, zeros up to the last 8 bytes of a block, and the number of bits of the message there.
    std::array<char, 72> padding{'\x80'};
    const std::size_t zeros = (filled_ < 56 ? 55 : 119) - filled_;
    for (std::size_t i = 0; i < 8; ++i) padding[1 + zeros + i] = static_cast<char>(size_ * 8 >> (56 - 8 * i) & 0xFF);
    last.update({padding.data(), 1 + zeros + 8});
    std::string digits;
    for (const std::uint32_t word : last.state_)
      for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[word >> shift & 15];
    return digits;
  }

private:
  detail::sha256_state state_ = detail::sha256_initial;
  std::array<unsigned char, detail::sha256_block_size> block_{}; // its first filled_ bytes wait for the rest
  std::size_t filled_ = 0;
  std::uint64_t size_ = 0; // bytes so far
};

/// The SHA-256 digest of `bytes`, as 64 lower-case hexadecimal digits.
[[nodiscard]] inline std::string sha256_text(std::string_view bytes) {
  sha256 digest;
  digest.update(bytes);
  return digest.text();
}

} // namespace eucv
