#pragma once

#include "support/certificate.hpp"
#include "support/fetch.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/net/client.hpp>

#include <boost/asio/ip/address.hpp>

#include <fstream>

namespace test {

/// An authority, options for a client that trusts it, and that client, for which all names lead to 127.0.0.1.
struct trusted {
  authority issuer;
  temporary_folder folder;
  eucv::net::client_options options = local_options();

  trusted() {
    options.ca_file = folder / "ca.pem";
    std::ofstream(options.ca_file) << issuer.pem();
  }
  [[nodiscard]] eucv::net::client client() const {
    return eucv::net::client(options, resolve_all_to({boost::asio::ip::make_address("127.0.0.1")}));
  }
};

} // namespace test
