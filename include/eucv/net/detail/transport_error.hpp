#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <string>

namespace eucv::net::detail {

/// The phases of a request on its connection.
enum class phase { connect, handshake, send, header, body };

/// The error for a failure of Asio, OpenSSL or Beast in that phase. `on` is the address, redacted.
error transport_error(phase step, const boost::system::error_code& code, const std::string& on);

/// The error for a reply that violates HTTP, contradicts itself or does not fit the request.
error bad_response(std::string why, const std::string& on);

/// The error for a body that exceeds the limit of the request.
error too_large(std::uint64_t limit, const std::string& on);

} // namespace eucv::net::detail

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace eucv::net::detail {

error transport_error(phase step, const boost::system::error_code& code, const std::string& on) {
  namespace http = boost::beast::http;
  const std::string tried = [&] {
    switch (step) {
    case phase::connect: return "connect";
    case phase::handshake: return "make a TLS connection";
    case phase::send: return "send the request";
    case phase::header: return "wait for the reply";
    case phase::body: return "receive the body";
    }
    return "exchange";
  }();
  if (code == boost::asio::error::operation_aborted)
    return {errc::interrupted, {tried, on, "it was cancelled", "do the same again to go on"}};
  if (code == boost::beast::error::timeout)
    return {errc::timeout, {tried, on, "it took longer than its deadline", "try again later, or allow more time"}};
  // A reset right after the connection was accepted may be seen already here.
  if (step == phase::connect && code != boost::asio::error::connection_reset)
    return {errc::connect_failed, {tried, on, code.message(), "check the address, and whether the server runs"}};

  const bool ended = code == http::error::partial_message || code == boost::asio::ssl::error::stream_truncated ||
                     code == boost::asio::error::eof;
  if (ended && step == phase::body)
    return {errc::truncated, {tried, on, "fewer bytes came than announced", "try again later"}};
  if (ended || code == http::error::end_of_stream || code.category() == boost::system::system_category())
    return {errc::connection_reset, {tried, on, "the server ended the connection", "try again later"}};
  if (code.category() == http::make_error_code(http::error::bad_status).category())
    return bad_response("it is no HTTP (" + code.message() + ")", on);
  return {errc::tls, {tried, on, code.message(), "check that the server speaks TLS 1.2 or newer"}};
}

error bad_response(std::string why, const std::string& on) {
  return {errc::bad_response, {"read the reply", on, std::move(why), "tell the owner of the server"}};
}

error too_large(std::uint64_t limit, const std::string& on) {
  return {errc::too_large,
          {"receive the body", on, "it is longer than the limit of " + std::to_string(limit) + " bytes",
           "raise the limit if you trust the server"}};
}

} // namespace eucv::net::detail
#endif
