#include <eucv/net/redirect.hpp>

#include <support/code_of.hpp>

#include <doctest/doctest.h>

#include <string>

using eucv::errc;
using eucv::net::is_redirect;
using eucv::net::redirected;

namespace {

eucv::net::request from(const std::string& address) {
  eucv::net::request question;
  question.target = *eucv::net::parse_url(address);
  question.headers = {{"X-Api-Key", "K"},    {"authorization", "Bearer K"}, {"Cookie", "c"}, {"accept", "image/*"},
                      {"Range", "bytes=0-"}, {"User-Agent", "me"},          {"X-Other", "o"}};
  return question;
}
eucv::net::response to(std::string location) {
  eucv::net::response reply;
  reply.status = 302;
  reply.headers = {{"Location", std::move(location)}};
  return reply;
}

} // namespace

TEST_CASE("five statuses redirect, and no POST") {
  eucv::net::request question;
  eucv::net::response reply;
  for (reply.status = 100; reply.status < 600; ++reply.status) {
    const bool expected =
        reply.status == 301 || reply.status == 302 || reply.status == 303 || reply.status == 307 || reply.status == 308;
    question.verb = eucv::net::method::get;
    CHECK(is_redirect(question, reply) == expected);
    question.verb = eucv::net::method::head;
    CHECK(is_redirect(question, reply) == expected);
    question.verb = eucv::net::method::post;
    CHECK_FALSE(is_redirect(question, reply));
  }
}

TEST_CASE("within the origin all fields go along") {
  const auto next = redirected(from("https://x.example/a/b?q"), to("../c"));
  CHECK(next.target.str() == "https://x.example/c");
  CHECK(next.headers.size() == 7);
  CHECK(redirected(from("https://x.example/a"), to("https://X.example:443/c")).headers.size() == 7);
}

TEST_CASE("to another host, port or scheme only harmless fields go along") {
  for (const std::string location :
       {"https://y.example/", "http://x.example:8080/", "https://x.example/", "//www.x.example/"}) {
    CAPTURE(location);
    const auto next = redirected(from("http://x.example/a"), to(location));
    CHECK(next.headers.size() == 3);
    for (const char* name : {"Accept", "Range", "User-Agent"}) CHECK(eucv::net::find_header(next.headers, name));
  }
}

TEST_CASE("an address that must not be followed is refused") {
  const auto refused = [](const std::string& address, eucv::net::response reply) {
    return test::code_of([&] { (void)redirected(from(address), reply); }) == errc::bad_redirect;
  };
  for (const std::string location : {"file:///etc/passwd", "data:,x", "ftp://x/", "http://u:p@x/", "gopher://x",
                                     "http://", "//", "http://x:0/", "/a\nb"}) {
    CAPTURE(location);
    CHECK(refused("http://x/", to(location)));
  }
  CHECK(refused("https://x/", to("http://x/")));
  CHECK_FALSE(refused("http://x/", to("https://x/")));
  eucv::net::response nowhere;
  nowhere.status = 301;
  CHECK(refused("http://x/", nowhere));
}
