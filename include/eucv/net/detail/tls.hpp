#pragma once

#include <eucv/core/implementation.hpp>

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}
struct ssl_st;

namespace eucv::net::detail {

/// A TLS context for a client: version 1.2 or newer, the peer's certificate verified against `ca_file` (PEM), or
/// against the authorities of the system where that is empty. Throws errc::tls where they cannot be read.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& ca_file);

/// Sets the host of a connection: it is sent as SNI, and only a certificate for that name or IP address is accepted.
/// `host` is that of a url: brackets around an IPv6 address, a dot at the end of a name allowed.
void expect_host(ssl_st* connection, std::string host);

/// Why the certificate of the peer was refused, in OpenSSL's words; empty where it was not.
std::string certificate_fault(const ssl_st* connection);

} // namespace eucv::net::detail

#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/core/error.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace eucv::net::detail {

std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& ca_file) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code code;
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
    throw error(errc::tls, {"set up TLS", {}, "OpenSSL refuses TLS 1.2", "check its configuration"});
  // Nothing that we ask for needs it, and a server that renegotiates might become another one midway.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  context->set_verify_mode(ssl::verify_peer);
  if (ca_file.empty())
    context->set_default_verify_paths(code);
  else
    context->load_verify_file(ca_file, code);
  if (code)
    throw error(errc::tls, {"read the trusted certificates", ca_file.empty() ? "of the system" : ca_file,
                            code.message(), "give a PEM file, or install the package ca-certificates"});
  return context;
}

void expect_host(ssl_st* connection, std::string host) {
  if (host.ends_with('.')) host.pop_back();
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  boost::system::error_code not_literal;
  boost::asio::ip::make_address(host, not_literal);
  X509_VERIFY_PARAM* rules = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = not_literal ? SSL_set_tlsext_host_name(connection, host.c_str()) == 1 &&
                                     X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1
                               : X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  if (!set) throw error(errc::tls, {"set up TLS", host, "OpenSSL refuses this name", "check the address"});
}

std::string certificate_fault(const ssl_st* connection) {
  const long fault = SSL_get_verify_result(connection);
  return fault == X509_V_OK ? std::string() : X509_verify_cert_error_string(fault);
}

} // namespace eucv::net::detail
#endif
