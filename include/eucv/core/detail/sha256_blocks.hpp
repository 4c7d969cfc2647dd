#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// The SHA instructions of x86-64 by compiler builtins: <immintrin.h> would cost every unit a third of a second. nvcc
// knows neither those builtins nor the shuffles, and takes the portable loop, which gives the same digests.
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__CUDACC__)
#define EUCV_DETAIL_SHA_INSTRUCTIONS 1
#include <cpuid.h>
#endif

namespace eucv::detail {

/// The eight words a to h of the hash value of SHA-256 (FIPS 180-4, 6.2).
using sha256_state = std::array<std::uint32_t, 8>;

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
inline constexpr sha256_state sha256_initial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
alignas(16) inline constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// Bytes of a message block.
inline constexpr std::size_t sha256_block_size = 64;

/// The reference: takes `count` blocks at `bytes` into the hash value, in plain C++.
inline void sha256_blocks_portable(sha256_state& state, const unsigned char* bytes, std::size_t count) noexcept {
  for (; count > 0; --count, bytes += sha256_block_size) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
      for (std::size_t byte = 0; byte < 4; ++byte) w[i] = w[i] << 8 | bytes[4 * i + byte];
    for (std::size_t i = 16; i < 64; ++i) {
      const std::uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
             (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    sha256_state s = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t one = s[7] + (std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25)) +
                                ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha256_constants[i] + w[i];
      const std::uint32_t two = (std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22)) +
                                ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      s = {one + two, s[0], s[1], s[2], s[3] + one, s[4], s[5], s[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) state[i] += s[i];
  }
}

#ifdef EUCV_DETAIL_SHA_INSTRUCTIONS

/// Whether this processor has the SHA instructions, and SSSE3 and SSE4.1 beside them. Asks the processor once.
[[nodiscard]] inline bool has_sha_instructions() noexcept {
  static const bool has = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c >> 9 & 1) == 0 || (c >> 19 & 1) == 0) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
  }();
  return has;
}

/// sha256_blocks_portable() by the SHA instructions. Precondition: has_sha_instructions().
///
/// They keep the hash value as {f, e, b, a} and {h, g, d, c}, from the lowest lane up, and do two rounds each; see
/// Gulley et al., "Intel SHA Extensions" (2013).
__attribute__((target("sha,sse4.1,ssse3"))) inline void
sha256_blocks_by_instructions(sha256_state& state, const unsigned char* bytes, std::size_t count) noexcept {
  using bytes16 = unsigned char __attribute__((vector_size(16)));
  using words = std::uint32_t __attribute__((vector_size(16)));
  using operand = int __attribute__((vector_size(16)));
  words feba{state[5], state[4], state[1], state[0]}, hgdc{state[7], state[6], state[3], state[2]};
  for (; count > 0; --count, bytes += sha256_block_size) {
    const words feba_before = feba, hgdc_before = hgdc;
    words w[4]; // the last 16 words of the message schedule, four a vector
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      words& now = w[i % 4];
      if (i < 4) {
        bytes16 read;
        std::memcpy(&read, bytes + 16 * i, sizeof read);
        now = words(__builtin_shufflevector(read, read, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
      } else {
        const words &w1 = w[(i + 3) % 4], &w2 = w[(i + 2) % 4], &w3 = w[(i + 1) % 4];
        const words partial = words(__builtin_ia32_sha256msg1(operand(now), operand(w3)));
        now = words(
            __builtin_ia32_sha256msg2(operand(partial + __builtin_shufflevector(w2, w1, 1, 2, 3, 4)), operand(w1)));
      }
      words constants;
      std::memcpy(&constants, sha256_constants.data() + 4 * i, sizeof constants);
      const words sum = now + constants, high = __builtin_shufflevector(sum, sum, 2, 3, 0, 0);
      hgdc = words(__builtin_ia32_sha256rnds2(operand(hgdc), operand(feba), operand(sum)));
      feba = words(__builtin_ia32_sha256rnds2(operand(feba), operand(hgdc), operand(high)));
    }
    feba += feba_before;
    hgdc += hgdc_before;
  }
  state = {feba[3], feba[2], hgdc[3], hgdc[2], feba[1], feba[0], hgdc[1], hgdc[0]};
}

#endif

/// Takes `count` blocks at `bytes` into the hash value, by the fastest way that this processor has.
inline void sha256_blocks(sha256_state& state, const unsigned char* bytes, std::size_t count) noexcept {
#ifdef EUCV_DETAIL_SHA_INSTRUCTIONS
  if (has_sha_instructions()) return sha256_blocks_by_instructions(state, bytes, count);
#endif
  sha256_blocks_portable(state, bytes, count);
}

} // namespace eucv::detail
