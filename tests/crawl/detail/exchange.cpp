#include <eucv/crawl/detail/exchange.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"

using namespace eucv::crawl;
using eucv::errc;

namespace {

detail::exchange ask_for(eucv::net::response reply) {
  test::canned_transport transport([&](const auto&) { return reply; });
  eucv::net::request question;
  question.target = *eucv::net::parse_url("http://host.example/1.jpg");
  return eucv::net::run(detail::ask(transport, question, [](std::string_view) {}));
}
detail::exchange ask_and_fail(errc code) {
  test::canned_transport transport([&](const auto&) -> eucv::net::response {
    throw eucv::error(code, {"receive", "http://host.example/1.jpg", "it broke", ""});
  });
  eucv::net::request question;
  question.target = *eucv::net::parse_url("http://host.example/1.jpg");
  return eucv::net::run(detail::ask(transport, question, [](std::string_view) {}));
}
eucv::net::response redirect_to(std::string location) {
  auto reply = test::canned(302, "");
  reply.headers.push_back({"Location", std::move(location)});
  return reply;
}

} // namespace

TEST_CASE("a reply tells of its item, of the host, and how long to wait") {
  const auto fine = ask_for(test::canned(200, "x"));
  CHECK(fine.signal == host_signal::ok);
  CHECK_FALSE(fine.failure);
  const auto absent = ask_for(test::canned(404, ""));
  CHECK(absent.signal == host_signal::ok); // of the host
  CHECK(absent.failure->reason() == "http_404");
  CHECK(ask_for(test::canned(500, "")).signal == host_signal::transient);
  auto busy = test::canned(503, "");
  busy.headers.push_back({"Retry-After", "7"});
  const auto asked = ask_for(busy);
  CHECK(asked.signal == host_signal::unavailable);
  CHECK(asked.wait == std::chrono::seconds(7));
}

TEST_CASE("no reply tells the same, but for what ends the run") {
  const auto slow = ask_and_fail(errc::timeout);
  CHECK_FALSE(slow.reply);
  CHECK(slow.signal == host_signal::unavailable);
  CHECK(slow.failure->code() == errc::timeout);
  CHECK(ask_and_fail(errc::truncated).signal == host_signal::transient);
  CHECK(ask_and_fail(errc::private_address).signal == host_signal::ok);
  for (const auto code : {errc::disk_full, errc::io, errc::interrupted})
    CHECK(test::code_of([&] { ask_and_fail(code); }) == code);
}

TEST_CASE("a redirect names the next address, a number of times, and never from https to http") {
  eucv::net::request question;
  question.target = *eucv::net::parse_url("https://host.example/a/1.jpg");
  auto got = ask_for(redirect_to("../2.jpg"));
  CHECK(detail::next_address(question, got, 4, 5)->str() == "https://host.example/2.jpg");
  CHECK_FALSE(detail::next_address(question, got, 5, 5));
  CHECK(got.failure->code() == errc::too_many_redirects);
  got = ask_for(redirect_to("http://host.example/2.jpg"));
  CHECK_FALSE(detail::next_address(question, got, 0, 5));
  CHECK(got.failure->code() == errc::bad_redirect);
  got = ask_for(test::canned(302, "")); // leads nowhere
  CHECK_FALSE(detail::next_address(question, got, 0, 5));
  CHECK(got.failure->code() == errc::bad_redirect);
  got = ask_for(test::canned(404, ""));
  CHECK_FALSE(detail::next_address(question, got, 0, 5));
  CHECK(got.failure->reason() == "http_404");
  got = ask_and_fail(errc::timeout);
  CHECK_FALSE(detail::next_address(question, got, 0, 5));
}
