#include <eucv/net/detail/tls.hpp>

#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>
#include <support/temporary_folder.hpp>
#include <support/trusted.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

using eucv::errc;

namespace {

using test::trusted;

test::reply greet(const test::received&) {
  return test::reply::text("hello");
}

// The error of a request to a server with this certificate, by this host name.
eucv::error failure_with(const trusted& trust, test::certificate shown, std::string host = "localhost") {
  test::loopback_server server(greet, {.tls = std::move(shown)});
  auto web = trust.client();
  const auto failure = test::failure_of([&] { (void)test::fetch(web, server.url("/", std::move(host))); });
  REQUIRE(failure);
  CHECK(server.requests() == 0);
  return *failure;
}

} // namespace

TEST_CASE("a certificate for the host is accepted, and the host named") {
  const trusted trust;
  test::loopback_server server(
      greet, {.tls = trust.issuer.issue({.names = "DNS:museum.example,DNS:*.images.example,IP:127.0.0.1"})});
  auto web = trust.client();
  for (const std::string host : {"museum.example", "a.images.example", "museum.example.", "127.0.0.1"}) {
    CAPTURE(host);
    CHECK(test::fetch(web, server.url("/", host)).body == "hello");
  }
  const std::vector<std::string> names{"museum.example", "a.images.example", "museum.example", ""};
  CHECK(server.asked_names() == names);
}

TEST_CASE("connections are kept under TLS too") {
  const trusted trust;
  test::loopback_server server(greet, {.tls = trust.issuer.issue()});
  auto web = trust.client();
  const auto main = [&]() -> eucv::net::task<void> {
    for (int i = 0; i < 20; ++i) {
      eucv::net::request question;
      question.target = server.url("/", "localhost");
      const auto reply = co_await web.send(question);
      CHECK(reply.body == "hello");
    }
  };
  eucv::net::run(main());
  CHECK(server.connections() == 1);
}

TEST_CASE("other certificates are refused, and the reason told") {
  const trusted trust;
  const auto refused = [&](test::certificate shown, const std::string& host, const std::string& why) {
    const auto failure = failure_with(trust, std::move(shown), host);
    CAPTURE(host);
    CHECK(failure.code() == errc::tls);
    CHECK_MESSAGE(failure.text().why.find(why) != std::string::npos, std::string(failure.what()));
  };
  refused(trust.issuer.issue({.first_day = -3, .last_day = -1}), "localhost", "expired");
  refused(trust.issuer.issue({.first_day = 1, .last_day = 3}), "localhost", "not yet valid");
  refused(test::authority::self_signed(), "localhost", "self-signed");
  refused(test::authority().issue(), "localhost", "unable to get local issuer");
  refused(trust.issuer.issue({.names = "DNS:other.example"}), "localhost", "hostname mismatch");
  refused(trust.issuer.issue({.names = "DNS:localhost"}), "127.0.0.1", "IP address mismatch");
  refused(trust.issuer.issue({.names = "DNS:127.0.0.1"}), "127.0.0.1", "IP address mismatch");
  refused(trust.issuer.issue({.names = "DNS:*.example"}), "a.b.example", "hostname mismatch");
  refused(trust.issuer.issue({.names = "DNS:m*.example.org"}), "museum.example.org", "hostname mismatch");
  refused(trust.issuer.issue({.names = "DNS:localhost.evil.example"}), "localhost", "hostname mismatch");
}

TEST_CASE("the system's authorities do not vouch for a stranger") {
  test::authority stranger;
  test::loopback_server server(greet, {.tls = stranger.issue()});
  eucv::net::client web(test::local_options());
  CHECK(test::code_of([&] { (void)test::fetch(web, server.url()); }) == errc::tls);
}

TEST_CASE("TLS before 1.2 is not spoken") {
  const trusted trust;
  for (const auto& [version, spoken] :
       {std::pair{TLS1_VERSION, false}, {TLS1_1_VERSION, false}, {TLS1_2_VERSION, true}, {TLS1_3_VERSION, true}}) {
    CAPTURE(version);
    test::loopback_server server(greet, {.tls = trust.issuer.issue(), .tls_version = version});
    auto web = trust.client();
    CHECK(test::code_of([&] { (void)test::fetch(web, server.url("/", "localhost")); }) ==
          (spoken ? errc{} : errc::tls));
  }
}

TEST_CASE("a server that does not speak TLS is a tls error") {
  test::loopback_server server([](const test::received&) { return test::reply::text(""); });
  eucv::net::client web(test::local_options());
  auto target = server.url();
  target.scheme = "https";
  test::loopback_server talks([](const test::received&) { return test::reply::text(""); });
  const auto code = test::code_of([&] { (void)test::fetch(web, target); });
  CHECK((code == errc::tls || code == errc::connection_reset));
}

TEST_CASE("a body that TLS does not close in good order is truncated") {
  const trusted trust;
  const std::string endless = "HTTP/1.1 200 OK\r\n\r\npart";
  const auto code_after = [&](std::string bytes, test::then next) {
    test::loopback_server server([&](const test::received&) { return test::reply::bytes(bytes, next); },
                                 {.tls = trust.issuer.issue()});
    auto web = trust.client();
    return test::code_of([&] { (void)test::fetch(web, server.url("/", "localhost")); });
  };
  CHECK(code_after(endless, test::then::close) == errc{});
  CHECK(code_after(endless, test::then::cut) == errc::truncated);
  CHECK(code_after("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npart", test::then::cut) == errc{});
  CHECK(code_after("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npart", test::then::cut) == errc::truncated);
}

TEST_CASE("a file that holds no authorities is refused at once") {
  const test::temporary_folder folder;
  auto options = test::local_options();
  options.ca_file = folder / "missing.pem";
  CHECK(test::code_of([&] { const eucv::net::client web(options); }) == errc::tls);
  std::ofstream(options.ca_file) << "rubbish";
  CHECK(test::code_of([&] { const eucv::net::client web(options); }) == errc::tls);
}
