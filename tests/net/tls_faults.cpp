// What the client makes of servers whose TLS is not as it should be.
//
// One fault is left out on purpose: a certificate that was revoked is accepted, since neither lists of revoked
// certificates nor OCSP are asked for, as client.hpp says.
#include <eucv/net/client.hpp>

#include <support/fault_server.hpp>
#include <support/fetch.hpp>
#include <support/trusted.hpp>
#include <support/watched_request.hpp>

#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <openssl/pem.h>
#include <openssl/ssl.h>

using eucv::errc;

namespace {

const std::string complete = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

struct tls_trust : test::trusted {
  // How a request to `host` ends; the server must see its connection end too, within the time of the client.
  test::watched_outcome ask(const test::fault_server& server, const std::string& host) const {
    auto web = client();
    test::watched_request request(web, server.url(host), options.total);
    auto got = request.run([&] { return server.open_connections() > 0; });
    REQUIRE(got.code);
    CHECK_FALSE(got.left_open);
    return got;
  }
  // The same, from a server that shows this certificate and replies properly.
  test::watched_outcome ask(test::certificate shown, const std::string& host) const {
    const test::fault_server server(
        {.request = {test::read(), test::send(complete), test::cut()}, .tls = std::move(shown)});
    return ask(server, host);
  }
};

void check_refused(const test::watched_outcome& got, const std::string& why) {
  CHECK_MESSAGE(*got.code == errc::tls, to_string(*got.code));
  CHECK_MESSAGE(got.message.find(why) != std::string::npos, got.message);
}

// Many certificates that nobody asked for, behind that of the server.
void lengthen_chain(SSL_CTX* context, int count) {
  const auto filler = test::authority::self_signed();
  for (int i = 0; i < count; ++i) {
    BIO* text = BIO_new_mem_buf(filler.pem.data(), static_cast<int>(filler.pem.size()));
    SSL_CTX_add_extra_chain_cert(context, PEM_read_bio_X509(text, nullptr, nullptr, nullptr)); // takes it
    BIO_free(text);
  }
}

// Refuses a client that names no host, as servers of many hosts do.
int require_name(SSL* connection, int* alert, void*) {
  if (SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name) != nullptr) return SSL_TLSEXT_ERR_OK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

} // namespace

TEST_CASE("TLS: a certificate that is expired, or from tomorrow, is refused") {
  const tls_trust trust;
  check_refused(trust.ask(trust.issuer.issue({.first_day = -3, .last_day = -1}), "localhost"), "expired");
  check_refused(trust.ask(trust.issuer.issue({.first_day = 1, .last_day = 3}), "localhost"), "not yet valid");
}

TEST_CASE("TLS: a certificate that vouches for itself, or of an unknown authority, is refused") {
  const tls_trust trust;
  check_refused(trust.ask(test::authority::self_signed(), "localhost"), "self-signed");
  check_refused(trust.ask(test::authority().issue(), "localhost"), "local issuer");
}

TEST_CASE("TLS: a certificate of another host is refused") {
  const tls_trust trust;
  const auto certificate_of = [&](std::string names) { return trust.issuer.issue({.names = std::move(names)}); };
  check_refused(trust.ask(certificate_of("DNS:other.example"), "localhost"), "hostname mismatch");
  check_refused(trust.ask(certificate_of("DNS:localhost.other.example"), "localhost"), "hostname mismatch");
  check_refused(trust.ask(certificate_of("IP:127.0.0.1"), "localhost"), "hostname mismatch");
}

TEST_CASE("TLS: an address needs a certificate of that address, not of a name that looks like it") {
  const tls_trust trust;
  const auto certificate_of = [&](std::string names) { return trust.issuer.issue({.names = std::move(names)}); };
  CHECK(*trust.ask(certificate_of("IP:127.0.0.1"), "127.0.0.1").code == errc{});
  check_refused(trust.ask(certificate_of("IP:127.0.0.2"), "127.0.0.1"), "IP address mismatch");
  check_refused(trust.ask(certificate_of("DNS:127.0.0.1"), "127.0.0.1"), "IP address mismatch");
  check_refused(trust.ask(certificate_of("DNS:*.0.0.1"), "127.0.0.1"), "IP address mismatch");
}

TEST_CASE("TLS: a wildcard stands for one whole label, the first, below two others") {
  const tls_trust trust;
  const auto code_for = [&](std::string names, const std::string& host) {
    return *trust.ask(trust.issuer.issue({.names = std::move(names)}), host).code;
  };
  CHECK(code_for("DNS:*.museum.example", "images.museum.example") == errc{});
  for (const auto& [names, host] :
       std::vector<std::pair<std::string, std::string>>{{"DNS:*.museum.example", "museum.example"},
                                                        {"DNS:*.museum.example", "a.b.museum.example"},
                                                        {"DNS:im*.museum.example", "images.museum.example"},
                                                        {"DNS:*s.museum.example", "images.museum.example"},
                                                        {"DNS:images.*.example", "images.museum.example"},
                                                        {"DNS:*.*.example", "images.museum.example"},
                                                        {"DNS:*.example", "museum.example"},
                                                        {"DNS:*", "localhost"}}) {
    CAPTURE(names);
    CHECK(code_for(names, host) == errc::tls);
  }
}

TEST_CASE("TLS: the client names the host that it wants, and for an address none") {
  const tls_trust trust;
  const test::fault_server picky(
      {.request = {test::read(), test::send(complete), test::cut()},
       .tls = trust.issuer.issue(),
       .set_tls = [](SSL_CTX* context) { SSL_CTX_set_tlsext_servername_callback(context, &require_name); }});
  CHECK(*trust.ask(picky, "localhost").code == errc{});
  check_refused(trust.ask(picky, "127.0.0.1"), "unrecognized name");
}

TEST_CASE("TLS: versions before 1.2 are not spoken") {
  const tls_trust trust;
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    const test::fault_server old({.request = {test::read(), test::send(complete), test::cut()},
                                  .tls = trust.issuer.issue(),
                                  .set_tls = [version](SSL_CTX* context) {
                                    SSL_CTX_set_max_proto_version(context, version);
                                    SSL_CTX_set_security_level(context, 0);
                                  }});
    check_refused(trust.ask(old, "localhost"), "protocol version");
    CHECK(old.handshakes() == 0);
  }
}

TEST_CASE("TLS: a connection cut without goodbye is a truncated body, where nothing else tells its end") {
  const tls_trust trust;
  const auto code_of = [&](std::string bytes, test::step end) {
    const test::fault_server server(
        {.request = {test::read(), test::send(std::move(bytes)), std::move(end)}, .tls = trust.issuer.issue()});
    return *trust.ask(server, "localhost").code;
  };
  CHECK(code_of("HTTP/1.1 200 OK\r\n\r\nhello", test::close()) == errc{});
  CHECK(code_of("HTTP/1.1 200 OK\r\n\r\nhello", test::cut()) == errc::truncated);
  CHECK(code_of(complete, test::cut()) == errc{});
}

TEST_CASE("TLS: nobody negotiates anew midway") {
  const tls_trust trust;
  static std::atomic<int> asked, greeted; // static: OpenSSL takes a plain function
  asked = greeted = 0;
  const test::fault_server server(
      {.request = {test::read(), test::send(complete), test::read(), test::cut()},
       .tls = trust.issuer.issue(),
       .set_tls = [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); },
       .after_greeting =
           [](SSL* connection) {
             asked += SSL_renegotiate(connection); // by the next write
             SSL_set_msg_callback(connection, [](int sent, int, int type, const void* bytes, std::size_t, SSL*, void*) {
               const bool hello = *static_cast<const char*>(bytes) == SSL3_MT_CLIENT_HELLO;
               if (sent == 0 && type == SSL3_RT_HANDSHAKE && hello) ++greeted;
             });
           }});
  CHECK(*trust.ask(server, "localhost").code == errc{});
  CHECK(asked == 1);
  CHECK(greeted == 0);
}

TEST_CASE("TLS: a chain of certificates without end is not received") {
  const tls_trust trust;
  const auto server_with = [&](int count) {
    return test::fault_server::options{.request = {test::read(), test::send(complete), test::cut()},
                                       .tls = trust.issuer.issue(),
                                       .set_tls = [count](SSL_CTX* context) { lengthen_chain(context, count); }};
  };
  const test::fault_server usual(server_with(5)), endless(server_with(2000)); // 2000 are about 0.9 MB
  CHECK(*trust.ask(usual, "localhost").code == errc{});
  check_refused(trust.ask(endless, "localhost"), "excessive message size");
}
