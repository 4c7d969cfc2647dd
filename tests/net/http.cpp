#include <eucv/net/http.hpp>

#include <doctest/doctest.h>

namespace {

struct canned {
  eucv::net::task<eucv::net::response> send(const eucv::net::request&) { co_return eucv::net::response{}; }
  eucv::net::task<eucv::net::response> send(const eucv::net::request&, eucv::net::body_sink) {
    co_return eucv::net::response{};
  }
};
struct without_sink {
  eucv::net::task<eucv::net::response> send(const eucv::net::request&);
};

} // namespace

TEST_CASE("a transport sends with and without a sink") {
  static_assert(eucv::net::transport<canned>);
  static_assert(!eucv::net::transport<without_sink>);
  static_assert(!eucv::net::transport<int>);
}

TEST_CASE("header fields are found in any case, the first of a name") {
  eucv::net::response reply;
  reply.headers = {{"Content-Type", "text/html"}, {"X-A", "1"}, {"x-a", "2"}};
  CHECK(reply.find("content-type") == "text/html");
  CHECK(reply.find("X-a") == "1");
  CHECK_FALSE(reply.find("Content"));
  CHECK_FALSE(reply.find(""));
}

TEST_CASE("2xx is what one wanted") {
  for (const int status : {200, 204, 299}) {
    eucv::net::response reply;
    reply.status = status;
    CHECK(reply.ok());
  }
  for (const int status : {0, 199, 300, 404, 500}) {
    eucv::net::response reply;
    reply.status = status;
    CHECK_FALSE(reply.ok());
  }
  CHECK(to_string(eucv::net::method::head) == "HEAD");
}
