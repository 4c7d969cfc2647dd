#pragma once

#include <eucv/core/version.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace eucv::net {

/// Which resolved addresses a client connects to.
enum class address_rule {
  only_public, ///< only those of is_public(): for untrusted addresses, so that none leads into your own network
  any,         ///< all: for a service that you run yourself
};

/// Options of a client. Each phase of a request has its deadline, and the whole request has one.
struct client_options {
  std::string user_agent = "eucv/" EUCV_VERSION; ///< add a way to reach you: "name/1.0 (mailto:me@museum.example)"
  std::chrono::milliseconds connect{10'000};     ///< lookup of the name and connection
  std::chrono::milliseconds tls{10'000};         ///< TLS handshake
  std::chrono::milliseconds first_byte{30'000};  ///< from the request to the end of the header of the reply
  std::chrono::milliseconds idle{20'000};        ///< between two pieces of the body
  std::chrono::milliseconds total{
      300'000};          ///< the whole request with its redirects, without the wait for a free connection
  int max_redirects = 5; ///< of GET and HEAD
  address_rule addresses = address_rule::only_public; ///< that may be connected to
  /// Says which addresses are allowed although they are not public, such as that of your own image server. Empty: none.
  std::function<bool(const boost::asio::ip::address&)> own_addresses;
  std::string ca_file;                     ///< PEM file of trusted authorities; empty: those of the system
  std::size_t connections_per_origin = 16; ///< open at a time; further requests to that origin wait
  std::size_t idle_connections = 64;       ///< kept open for the next request, over all origins
  std::chrono::milliseconds keep{15'000};  ///< how long an unused connection is kept open
};

} // namespace eucv::net
