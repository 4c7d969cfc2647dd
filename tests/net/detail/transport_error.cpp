#include <eucv/net/detail/transport_error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <doctest/doctest.h>

#include <string>

using eucv::errc;
using eucv::net::detail::phase;
using eucv::net::detail::transport_error;
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

errc code_of(phase step, boost::system::error_code code) {
  const auto failure = transport_error(step, code, "http://x/");
  CHECK(failure.text().on == "http://x/");
  return failure.code();
}

} // namespace

TEST_CASE("the same code means different things in different steps") {
  CHECK(code_of(phase::connect, asio::error::connection_refused) == errc::connect_failed);
  CHECK(code_of(phase::connect, asio::error::network_unreachable) == errc::connect_failed);
  CHECK(code_of(phase::connect, asio::error::connection_reset) == errc::connection_reset);
  CHECK(code_of(phase::handshake, asio::error::connection_reset) == errc::connection_reset);
  CHECK(code_of(phase::handshake, asio::ssl::error::stream_truncated) == errc::connection_reset);
  CHECK(code_of(phase::handshake, boost::system::error_code(1, asio::error::get_ssl_category())) == errc::tls);
  CHECK(code_of(phase::send, asio::error::broken_pipe) == errc::connection_reset);
  CHECK(code_of(phase::header, http::make_error_code(http::error::end_of_stream)) == errc::connection_reset);
  CHECK(code_of(phase::header, http::make_error_code(http::error::partial_message)) == errc::connection_reset);
  CHECK(code_of(phase::body, http::make_error_code(http::error::partial_message)) == errc::truncated);
  CHECK(code_of(phase::body, asio::ssl::error::stream_truncated) == errc::truncated);
  CHECK(code_of(phase::body, asio::error::connection_reset) == errc::connection_reset);
}

TEST_CASE("deadlines, cancellations and broken replies are told apart in every step") {
  for (const auto step : {phase::connect, phase::handshake, phase::send, phase::header, phase::body}) {
    CHECK(code_of(step, boost::beast::make_error_code(boost::beast::error::timeout)) == errc::timeout);
    CHECK(code_of(step, asio::error::operation_aborted) == errc::interrupted);
  }
  for (const auto fault : {http::error::bad_version, http::error::header_limit, http::error::bad_chunk,
                           http::error::multiple_content_length, http::error::buffer_overflow})
    CHECK(code_of(phase::header, http::make_error_code(fault)) == errc::bad_response);
}
