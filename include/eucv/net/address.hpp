#pragma once

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace eucv::net {

namespace detail {

/// A block of addresses by its prefix of `bits` bits; v4 addresses use the first four bytes.
struct address_block {
  std::array<std::uint8_t, 16> first;
  unsigned bits;

  [[nodiscard]] constexpr bool contains(const std::uint8_t* bytes) const noexcept {
    for (unsigned i = 0; i < bits; ++i)
      if (((bytes[i / 8] ^ first[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    return true;
  }
};

/// The v4 blocks without public hosts: the IANA special-purpose registry (RFC 6890), multicast, reserved.
inline constexpr std::array<address_block, 16> not_public_v4{{
    {{0}, 8},             // this network
    {{10}, 8},            // private
    {{100, 64}, 10},      // carrier-grade NAT
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link-local, and the metadata service of clouds
    {{172, 16}, 12},      // private
    {{192, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2}, 24},    // documentation
    {{192, 31, 196}, 24}, // AS112
    {{192, 52, 193}, 24}, // AMT
    {{192, 88, 99}, 24},  // 6to4 relays, withdrawn
    {{192, 168}, 16},     // private
    {{198, 18}, 15},      // benchmarks
    {{198, 51, 100}, 24}, // documentation
    {{203, 0, 113}, 24},  // documentation
    {{224}, 3},           // multicast and reserved, broadcast included
}};

/// The v6 blocks without public hosts inside 2000::/3; outside of it no v6 address is public.
inline constexpr std::array<address_block, 5> not_public_v6{{
    {{0x20, 0x01}, 23},                // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},    // documentation
    {{0x26, 0x20, 0, 0x4f, 0x80}, 48}, // AS112
    {{0x3f, 0xfe}, 16},                // 6bone, withdrawn
    {{0x3f, 0xff}, 20},                // documentation
}};

/// A block of v6 addresses that embed a v4 address, and the byte at which that begins: packets go to the v4 address.
struct v4_embedding {
  address_block block;
  std::size_t begin;
};
inline constexpr std::array<v4_embedding, 3> v4_embeddings{{
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, // v4-mapped
    {{{0, 0x64, 0xff, 0x9b}, 96}, 12},                      // NAT64
    {{{0x20, 0x02}, 16}, 2},                                // 6to4
}};

constexpr bool is_public_v4(const std::uint8_t* bytes) noexcept {
  return std::ranges::none_of(not_public_v4, [&](const auto& block) { return block.contains(bytes); });
}

} // namespace detail

/// Whether an address can belong to a host on the public internet: the only ones to connect to for untrusted URLs.
///
/// False for private, loopback, link-local, carrier-grade NAT, multicast, documentation and reserved addresses (RFC
/// 6890), and for v6 addresses that embed such a v4 address (v4-mapped, NAT64, 6to4). Check the addresses that a name
/// resolved to, never the text of a host: the resolver reads "0x7f000001" and "2130706433" as 127.0.0.1.
[[nodiscard]] inline bool is_public(const boost::asio::ip::address& address) noexcept {
  if (address.is_v4()) return detail::is_public_v4(address.to_v4().to_bytes().data());
  const auto bytes = address.to_v6().to_bytes();
  for (const auto& embedding : detail::v4_embeddings)
    if (embedding.block.contains(bytes.data())) return detail::is_public_v4(bytes.data() + embedding.begin);
  return bytes[0] >> 5 == 1 &&
         std::ranges::none_of(detail::not_public_v6, [&](const auto& block) { return block.contains(bytes.data()); });
}

} // namespace eucv::net
