#pragma once

#include <eucv/net/resolver.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

/// Listens on 127.0.0.1 and, where the machine has it, on ::1, and counts who connects: the kernel completes each
/// connection by itself and none is lost to the count, however late it is asked for.
class trap_listener {
public:
  /// Port 0: one that is free.
  explicit trap_listener(std::uint16_t port = 0) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    four.sin_port = htons(port);
    socklen_t size = sizeof four;
    if (!listen_on(AF_INET, &four, size) ||
        ::getsockname(sockets_.front(), reinterpret_cast<sockaddr*>(&four), &size) != 0)
      throw std::runtime_error("the trap cannot listen");
    port_ = ntohs(four.sin_port);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    six.sin6_port = four.sin_port;
    (void)listen_on(AF_INET6, &six, sizeof six);
  }
  ~trap_listener() {
    for (const int socket : sockets_) ::close(socket);
  }
  trap_listener(const trap_listener&) = delete;
  trap_listener& operator=(const trap_listener&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// All so far.
  [[nodiscard]] int connections() const {
    for (const int socket : sockets_)
      for (int peer = 0; (peer = ::accept(socket, nullptr, nullptr)) >= 0; ::close(peer)) ++count_;
    return count_;
  }

private:
  template <class Place>
  bool listen_on(int family, const Place* place, socklen_t size) {
    const int made = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0) return false;
    sockets_.push_back(made);
    return ::bind(made, reinterpret_cast<const sockaddr*>(place), size) == 0 && ::listen(made, 1000) == 0;
  }

  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
  mutable int count_ = 0;
};

/// The lookup of an attacker's name server: numbers are read as the system reads them, every name is this machine.
inline eucv::net::address_list hostile_lookup(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0)
    return {boost::asio::ip::make_address("127.0.0.1"), boost::asio::ip::make_address("::1")};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (found->ai_family == AF_INET) {
    sockaddr_in place{};
    std::memcpy(&place, found->ai_addr, sizeof place);
    return {boost::asio::ip::address_v4(ntohl(place.sin_addr.s_addr))};
  }
  sockaddr_in6 place{};
  std::memcpy(&place, found->ai_addr, sizeof place);
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &place.sin6_addr, bytes.size());
  return {boost::asio::ip::address_v6(bytes, place.sin6_scope_id)};
}

/// Addresses that lead to this machine or its network, in the ways in which attackers write them.
inline std::vector<std::string> private_urls(std::uint16_t port) {
  const std::string at = ":" + std::to_string(port) + "/";
  std::vector<std::string> all;
  for (const char* host : {
           // numbers, as the system reads them
           "127.0.0.1",
           "127.0.0.53",
           "127.255.255.254",
           "127.1",
           "127.0.1",
           "2130706433",
           "0x7f000001",
           "0x7F.0.0.1",
           "0x7f.1",
           "0177.0.0.1",
           "0177.0.0.01",
           "017700000001",
           "0000177.0.0.1",

           "0",
           "0.0.0.0",
           "0x0",
           "127.0x0.0.1",
           "4294967295",
           "0xffffffff",
           // names that lead here
           "localhost",
           "LOCALHOST",
           "localhost.",
           "127.0.0.1.",
           "a.localhost",
           "localhost.localdomain",
           "ip6-localhost",
           "127.0.0.1.nip.io",
           "7f000001.c0a80001.rbndr.us",
           "localtest.me",
           "_",
           "a_b.example",
           // version 6, and version 4 inside it
           "[::1]",
           "[0:0:0:0:0:0:0:1]",
           "[0000:0000:0000:0000:0000:0000:0000:0001]",
           "[::]",
           "[::ffff:127.0.0.1]",
           "[::ffff:7f00:1]",
           "[0:0:0:0:0:ffff:127.0.0.1]",
           "[::127.0.0.1]",
           "[64:ff9b::127.0.0.1]",
           "[64:ff9b::7f00:1]",
           "[64:ff9b:1::7f00:1]",
           "[2002:7f00:1::]",
           "[2002:a00:1::1]",
           "[fe80::1]",
           "[fe80::1%25lo]",
           "[fe80::1%lo]",
           "[::1%25lo]",
           "[::1%lo]",
           "[fec0::1]",
           "[fc00::1]",
           "[fd00:ec2::254]",
           "[ff02::1]",
           "[2001:db8::1]",
           "[100::1]",
           "[2001:0:7f00:1::1]",
           "[v1.127.0.0.1]",
           "[127.0.0.1]",
           // other networks that are not public
           "10.0.0.1",
           "172.16.0.1",
           "172.31.255.254",
           "192.168.0.1",
           "100.64.0.1",
           "100.100.100.200",
           "169.254.169.254",
           "2852039166",
           "0xA9FEA9FE",
           "169.254.43518",
           "192.0.0.192",
           "192.0.2.1",
           "198.18.0.1",
           "198.51.100.1",
           "203.0.113.1",
           "192.88.99.1",
           "224.0.0.1",
           "240.0.0.1",
           "255.255.255.255",
           // what a reader might take for another host
           "127.0.0.1%2f",
           "%31%32%37.0.0.1",
           "127%2e0%2e0%2e1",
           "127.0.0.1%00",
           "127.0.0.1%23.example",
           "127\xe3\x80\x82"
           "0\xe3\x80\x82"
           "0\xe3\x80\x82"
           "1", // U+3002
           "127\xef\xbc\x8e"
           "0\xef\xbc\x8e"
           "0\xef\xbc\x8e"
           "1",                                          // U+FF0E
           "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1", // circled digits
           "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", // fullwidth digits
           "loc\xe2\x93\x90lhost",
           "127.0.0.1\\@public.example",
           "127.0.0.1 .public.example",
           "127.0.0.1\t",
       })
    all.push_back(std::string("http://") + host + at);
  for (const std::string user : {"public.example", "public.example:80", "public.example%2f", "public.example\\", ""})
    all.push_back("http://" + user + "@127.0.0.1" + at);
  for (const std::string text : {"http:\\\\127.0.0.1", "http:/127.0.0.1", "http:127.0.0.1", "http:///127.0.0.1",
                                 "http://public.example#@127.0.0.1", "http://public.example?@127.0.0.1",
                                 "file://127.0.0.1", "ftp://127.0.0.1", "gopher://127.0.0.1", "dict://127.0.0.1"})
    all.push_back(text + at);
  return all;
}

} // namespace test
