#include <eucv/core/detail/sha256_blocks.hpp>

#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

namespace {

using eucv::detail::sha256_block_size;

std::vector<unsigned char> random_bytes(std::size_t count) {
  eucv::random engine(7);
  std::vector<unsigned char> bytes(count);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(engine.below(256));
  return bytes;
}

} // namespace

TEST_CASE("the portable loop gives the hash value of FIPS 180-4 for the block of \"abc\"") {
  std::vector<unsigned char> block(sha256_block_size);
  block[0] = 'a', block[1] = 'b', block[2] = 'c', block[3] = 0x80, block[63] = 24;
  auto state = eucv::detail::sha256_initial;
  eucv::detail::sha256_blocks_portable(state, block.data(), 1);
  CHECK(state == eucv::detail::sha256_state{0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c,
                                            0xb410ff61, 0xf20015ad});
}

#ifdef EUCV_DETAIL_SHA_INSTRUCTIONS
TEST_CASE("the SHA instructions and the portable loop give the same, at any address and for any number of blocks") {
  if (!eucv::detail::has_sha_instructions()) {
    MESSAGE("skipped: this processor has no SHA instructions");
    return;
  }
  const auto bytes = random_bytes(40 * sha256_block_size + 16);
  for (std::size_t count = 0; count <= 40; ++count) {
    const unsigned char* const begin = bytes.data() + count % 16;
    auto portable = eucv::detail::sha256_initial, fast = portable;
    eucv::detail::sha256_blocks_portable(portable, begin, count);
    eucv::detail::sha256_blocks_by_instructions(fast, begin, count);
    REQUIRE(fast == portable);
  }
}
#endif

TEST_CASE("the way that is chosen gives what the portable loop gives, from any hash value on") {
  const auto bytes = random_bytes(5 * sha256_block_size);
  eucv::detail::sha256_state portable{1, 2, 3, 4, 5, 6, 7, 0xFFFFFFFF}, chosen = portable;
  eucv::detail::sha256_blocks_portable(portable, bytes.data(), 5);
  eucv::detail::sha256_blocks(chosen, bytes.data(), 5);
  CHECK(chosen == portable);
}
