// Whatever way an address is written, and however its host resolves: nothing that is not public is connected to.
#include <eucv/net/client.hpp>

#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>
#include <support/private_urls.hpp>

#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::task;

namespace {

boost::asio::ip::address address_of(const char* text) {
  return boost::asio::ip::make_address(text);
}

// Stands for a public host: 127.0.0.2 is allowed, as if it were the client's own, and 127.0.0.1 is not.
eucv::net::client_options options() {
  eucv::net::client_options chosen = test::local_options();
  chosen.addresses = eucv::net::address_rule::only_public;
  chosen.own_addresses = [](const auto& found) { return found == address_of("127.0.0.2"); };
  return chosen;
}

std::shared_ptr<eucv::net::resolver> resolver_of(eucv::net::lookup_function lookup) {
  return std::make_shared<eucv::net::resolver>(eucv::net::resolver_options{.keep = std::chrono::milliseconds(0)},
                                               std::move(lookup));
}

bool is_refusal(errc code) {
  return code == errc::private_address || code == errc::bad_url;
}

} // namespace

TEST_CASE("no form of a private address is connected to: asked for") {
  const test::trap_listener trap;
  const auto forms = test::private_urls(trap.port());
  CHECK(forms.size() >= 60);
  eucv::net::client web(options(), resolver_of(test::hostile_lookup));
  for (const auto& form : forms) {
    CAPTURE(form);
    const auto code = test::code_of([&] { (void)test::fetch(web, eucv::net::parse_url(form).value()); });
    CHECK_MESSAGE(is_refusal(code), to_string(code));
  }
  CHECK(trap.connections() == 0);
}

TEST_CASE("no form of a private address is connected to: by a redirect") {
  const test::trap_listener trap;
  std::string location;
  test::loopback_server server([&](const test::received&) { return test::reply::redirect(location); },
                               {.address = "127.0.0.2"});
  eucv::net::client web(options(), resolver_of([](const std::string& host) -> eucv::net::address_list {
                          if (host == "front.example") return {address_of("127.0.0.2")};
                          return test::hostile_lookup(host);
                        }));
  for (const auto& form : test::private_urls(trap.port())) {
    CAPTURE(form);
    location = form;
    const auto code = test::code_of([&] { (void)test::fetch(web, server.url("/", "front.example")); });
    // What is no absolute address is one below the server's own: a loop there.
    CHECK_MESSAGE((code == errc::private_address || code == errc::bad_redirect || code == errc::bad_response ||
                   code == errc::too_many_redirects),
                  to_string(code));
  }
  CHECK(trap.connections() == 0);
  CHECK(server.requests() >= 60);
}

TEST_CASE("the trap would see a connection") {
  const test::trap_listener trap;
  eucv::net::client web(test::local_options(), resolver_of(test::hostile_lookup));
  int reached = 0;
  for (const std::string host : {"127.0.0.1", "2130706433", "0", "[::ffff:127.0.0.1]", "rebind.example"}) {
    auto rules = test::local_options();
    rules.first_byte = std::chrono::milliseconds(20);
    eucv::net::client open_to_all(rules, resolver_of(test::hostile_lookup));
    const auto target = eucv::net::parse_url("http://" + host + ":" + std::to_string(trap.port()) + "/");
    CHECK(test::code_of([&] { (void)test::fetch(open_to_all, target.value()); }) == errc::timeout);
    CHECK(trap.connections() == ++reached);
  }
}

// The host is allowed when it is checked and private at the next lookup. The client must not look it up again between
// check and connection: each connection goes to an address that was checked.
TEST_CASE("a host that turns private between two lookups is never reached") {
  test::loopback_server server([](const test::received&) { return test::reply::text("ok"); }, {.address = "127.0.0.2"});
  const test::trap_listener trap(server.port());
  std::atomic<int> lookups{0};
  auto rules = options();
  rules.idle_connections = 0; // every request makes a connection
  eucv::net::client web(rules, resolver_of([&](const std::string&) -> eucv::net::address_list {
                          return {++lookups % 2 == 1 ? address_of("127.0.0.2") : address_of("127.0.0.1")};
                        }));
  int served = 0, refused = 0;
  const auto thousand = [&]() -> task<void> {
    eucv::net::request question;
    question.target = server.url("/", "rebind.example");
    for (int i = 0; i < 1000; ++i) {
      try {
        const auto reply = co_await web.send(question);
        served += reply.body == "ok" ? 1 : 0;
      } catch (const eucv::error& failure) {
        refused += failure.code() == errc::private_address ? 1 : 0;
      }
    }
  };
  eucv::net::run(thousand());
  CHECK(served == 500);
  CHECK(refused == 500);
  CHECK(lookups == 1000);
  CHECK(trap.connections() == 0);
}

TEST_CASE("of a list of addresses only those are tried that are allowed, also where these do not answer") {
  std::uint16_t port = 0;
  {
    const test::loopback_server gone([](const test::received&) { return test::reply::text(""); },
                                     {.address = "127.0.0.2"});
    port = gone.port();
  }
  const test::trap_listener trap(port);
  eucv::net::client web(options(),
                        test::resolve_all_to({address_of("::1"), address_of("127.0.0.1"), address_of("127.0.0.2"),
                                              address_of("::ffff:127.0.0.1"), address_of("127.0.0.1")}));
  const eucv::net::url target{"http", "mixed.example", port, "/"};
  CHECK(test::code_of([&] { (void)test::fetch(web, target); }) == errc::connect_failed);
  CHECK(trap.connections() == 0);
}
