#include <eucv/net/address.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

bool is_public(const std::string& text) {
  return eucv::net::is_public(boost::asio::ip::make_address(text));
}

} // namespace

TEST_CASE("the addresses of public hosts are public") {
  for (const std::string text : {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",    "11.0.0.0",
                                 "100.63.255.255",  "100.128.0.0",     "126.255.255.255",  "128.0.0.0",
                                 "169.253.255.255", "169.255.0.0",     "172.15.255.255",   "172.32.0.0",
                                 "191.255.255.255", "192.0.1.0",       "192.0.3.0",        "192.167.255.255",
                                 "192.169.0.0",     "198.17.255.255",  "198.20.0.0",       "198.51.99.255",
                                 "203.0.112.255",   "203.0.114.0",     "223.255.255.255",  "2001:4860:4860::8888",
                                 "2a00::1",         "2606:4700::1111", "2001:200::1",      "2001:db7:ffff::1",
                                 "2001:db9::1",     "2002:808:808::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
}

TEST_CASE("all others are not, from the first to the last of each block") {
  for (const std::string text : {"0.0.0.0",
                                 "0.255.255.255",
                                 "10.0.0.0",
                                 "10.255.255.255",
                                 "100.64.0.0",
                                 "100.127.255.255",
                                 "127.0.0.0",
                                 "127.0.0.1",
                                 "127.255.255.255",
                                 "169.254.0.0",
                                 "169.254.169.254",
                                 "169.254.255.255",
                                 "172.16.0.0",
                                 "172.31.255.255",
                                 "192.0.0.0",
                                 "192.0.0.255",
                                 "192.0.2.0",
                                 "192.0.2.255",
                                 "192.168.0.0",
                                 "192.168.255.255",
                                 "192.88.99.1",
                                 "198.18.0.0",
                                 "198.19.255.255",
                                 "198.51.100.0",
                                 "198.51.100.255",
                                 "203.0.113.0",
                                 "203.0.113.255",
                                 "224.0.0.0",
                                 "239.255.255.255",
                                 "240.0.0.0",
                                 "255.255.255.255",
                                 "::",
                                 "::1",
                                 "::8.8.8.8",
                                 "fc00::",
                                 "fdff::1",
                                 "fe80::1",
                                 "febf:ffff::1",
                                 "fec0::1",
                                 "ff00::",
                                 "ff02::1",
                                 "ffff::1",
                                 "2001:db8::",
                                 "2001:db8:ffff::1",
                                 "2001::1",
                                 "2001:0:7f00:1::",
                                 "2001:1ff::1",
                                 "3ffe::1",
                                 "3fff:fff::1",
                                 "100::1",
                                 "4000::1",
                                 "5f00::1",
                                 "64:ff9b:1::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
}

TEST_CASE("an address that carries a v4 address is what that one is") {
  for (const std::string carried : {"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.1.1", "224.0.0.1", "0.0.0.0"}) {
    CAPTURE(carried);
    const auto bytes = boost::asio::ip::make_address_v4(carried).to_bytes();
    CHECK_FALSE(is_public(std::string("::ffff:") + carried));
    CHECK_FALSE(is_public(std::string("64:ff9b::") + carried));
    boost::asio::ip::address_v6::bytes_type six_to_four{0x20, 0x02, bytes[0], bytes[1], bytes[2], bytes[3]};
    CHECK_FALSE(eucv::net::is_public(boost::asio::ip::address_v6(six_to_four)));
  }
}
