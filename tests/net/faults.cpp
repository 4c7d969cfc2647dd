// What the client makes of each thing that a server can do wrong: tests/support/faults.hpp is the list.
#include <eucv/net/client.hpp>

#include <support/fault_server.hpp>
#include <support/faults.hpp>
#include <support/fetch.hpp>
#include <support/temporary_folder.hpp>
#include <support/unreachable.hpp>
#include <support/watched_request.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::client_options;
using eucv::net::task;
using std::chrono::milliseconds;

namespace {

/// How a request must end.
struct expected {
  errc code{};                                      ///< errc{}: a reply
  milliseconds client_options::*deadline = nullptr; ///< the one that ends it, where one does; it is made short
  std::string body = {};                            ///< of that reply
};

const std::map<std::string, expected>& expectations() {
  static const std::map<std::string, expected> all{
      {"reset when accepted", {errc::connection_reset}},
      {"reset in the handshake", {errc::connection_reset}},
      {"reset before the first byte", {errc::connection_reset}},
      {"reset in the header", {errc::connection_reset}},
      {"reset in the body", {errc::connection_reset}},
      {"reset instead of the end", {errc::connection_reset}},
      {"closed before the first byte", {errc::connection_reset}},
      {"closed in the header", {errc::connection_reset}},
      {"silent in the handshake", {errc::timeout, &client_options::tls}},
      {"silent before the first byte", {errc::timeout, &client_options::first_byte}},
      {"silent in the header", {errc::timeout, &client_options::first_byte}},
      {"silent in the body", {errc::timeout, &client_options::idle}},
      {"silent instead of the end", {errc::timeout, &client_options::idle}},
      {"silent behind a complete reply", {errc{}, nullptr, "0123456789"}},
      {"header drips", {errc::timeout, &client_options::first_byte}},
      {"body drips", {errc::timeout, &client_options::total}},
      {"length is no number", {errc::bad_response}},
      {"length is negative", {errc::bad_response}},
      {"length beyond 64 bits", {errc::bad_response}},
      {"length beyond the limit", {errc::too_large}},
      {"no length", {errc{}, nullptr, "0123456789"}},
      {"no length and no end", {errc::too_large}},
      {"short body", {errc::truncated}},
      {"extra body", {errc{}, nullptr, "0123456789"}},
      {"two lengths", {errc::bad_response}},
      {"length and chunks", {errc::bad_response}},
      {"chunk size is no number", {errc::bad_response}},
      {"chunk of 2^63", {errc::too_large}},
      {"chunk of 2^64", {errc::bad_response}},
      {"chunk longer than its size", {errc::bad_response}},
      {"last chunk is missing", {errc::truncated}},
      {"chunk extension without end", {errc::bad_response}},
      {"trailer without end", {errc::bad_response}},
      {"chunks of chunks", {errc::bad_response}},
      {"headers without end", {errc::bad_response}},
      {"header of 100 KB", {errc::bad_response}},
      {"10,000 headers", {errc::bad_response}},
      {"bare LF", {errc::bad_response}},
      {"NUL in a header", {errc::bad_response}},
      {"blank before the colon", {errc::bad_response}},
      {"interim replies without end", {errc::bad_response}},
      {"HTTP/0.9", {errc::bad_response}},
      {"another protocol", {errc::bad_response}},
      {"gzip that nobody asked for", {errc::bad_response}},
      {"204 with a body", {errc{}, nullptr, ""}},
      {"error page without end", {errc{}, nullptr, std::string(64 * 1024, 'x')}},
      {"redirect in a loop", {errc::too_many_redirects}},
      {"redirect to nowhere", {errc::bad_redirect}},
      {"redirect to a file", {errc::bad_redirect}},
      {"redirect to data", {errc::bad_redirect}},
      {"redirect to another port", {errc::bad_redirect}},
      {"redirect to a private host", {errc::private_address}},
      {"redirect to plain http", {errc::bad_redirect}},
      {"redirect with a control character", {errc::bad_response}},
  };
  return all;
}

// Deadlines of 20 s, which no fault comes near, but for the one that a fault must end by: a machine that does much else
// makes a server slow, and the wrong deadline would end the request.
client_options options_for(const expected& end) {
  client_options options = test::local_options();
  options.addresses = eucv::net::address_rule::only_public;
  options.own_addresses = [](const auto& address) { return address.is_loopback(); };
  if (end.deadline != nullptr) options.*end.deadline = milliseconds(150);
  return options;
}

void check(const expected& end, const client_options& options, const test::watched_outcome& got) {
  REQUIRE_MESSAGE(got.code, "did not end within its deadline and " << test::watched_request::slack.count() << " ms");
  CHECK_MESSAGE(*got.code == end.code, to_string(*got.code) << " instead of " << to_string(end.code));
  CHECK(got.body == end.body);
  CHECK_FALSE(got.left_open);
  if (end.deadline != nullptr) CHECK(got.took >= options.*end.deadline - milliseconds(1));
}

// An authority that the clients trust.
struct own_authority {
  test::authority issuer;
  test::temporary_folder folder;
  std::string file = folder / "ca.pem";
  own_authority() { std::ofstream(file) << issuer.pem(); }
};

void try_fault(const test::fault& fault, const own_authority* trust) {
  CAPTURE(fault.name);
  CAPTURE(trust != nullptr);
  REQUIRE(expectations().contains(fault.name));
  const expected& end = expectations().at(fault.name);
  client_options options = options_for(end);
  test::fault_server::options how{.accept = fault.accept, .request = fault.request};
  if (trust != nullptr) {
    options.ca_file = trust->file;
    how.tls = trust->issuer.issue();
  }
  test::fault_server server(how);
  eucv::net::client web(options);
  test::watched_request request(web, server.url(), end.deadline != nullptr ? options.*end.deadline : options.total);
  // A connection that a complete reply leaves in good order is kept for the next request, and none else.
  const int kept = fault.name == "silent behind a complete reply" ? 1 : 0;
  check(end, options, request.run([&] { return server.open_connections() > kept; }));
  CHECK(server.connections() >= 1);
  CHECK(server.bytes_sent() < 64'000'000); // an endless reply is left, not received
}

} // namespace

TEST_CASE("each fault of a server ends in its own error, in time, and leaves no connection: http") {
  int tried = 0;
  for (const auto& fault : test::network_faults())
    if (!fault.only_tls) try_fault(fault, nullptr), ++tried;
  CHECK(tried == 51);
}

TEST_CASE("each fault of a server ends in its own error, in time, and leaves no connection: https") {
  const own_authority trust;
  int tried = 0;
  for (const auto& fault : test::network_faults()) try_fault(fault, &trust), ++tried;
  CHECK(tried == static_cast<int>(expectations().size()));
}

TEST_CASE("a connection that does not come about ends in its own error, in time") {
  for (const auto way : {test::unreachable_port::how::refuses, test::unreachable_port::how::hangs}) {
    const bool hangs = way == test::unreachable_port::how::hangs;
    const expected end = hangs ? expected{errc::timeout, &client_options::connect} : expected{errc::connect_failed};
    const client_options options = options_for(end);
    const test::unreachable_port port(way);
    for (const std::string scheme : {"http", "https"}) {
      eucv::net::client web(options);
      auto target = port.url();
      target.scheme = scheme;
      test::watched_request request(web, target, options.connect);
      check(end, options, request.run([] { return false; }));
    }
  }
}

TEST_CASE("what follows a complete reply is never taken for the next one") {
  for (const auto& fault : test::network_faults()) {
    if (fault.name != "extra body" && fault.name != "204 with a body") continue;
    CAPTURE(fault.name);
    test::fault_server server({.request = fault.request});
    eucv::net::client web(options_for({}));
    const auto three = [&]() -> task<void> {
      eucv::net::request question;
      question.target = server.url();
      for (int i = 0; i < 3; ++i) {
        const auto reply = co_await web.send(question);
        CHECK(reply.body == expectations().at(fault.name).body);
      }
    };
    eucv::net::run(three());
    CHECK(server.connections() == 3);
  }
}
