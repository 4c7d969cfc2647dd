#include <eucv/net/detail/handed_body.hpp>

#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// The header is seen by the implementation alone: it is tested by what arrives at a sink.

namespace {

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i) + ' ';
  return text;
}

std::string in_chunks(const std::string& text) {
  std::string message = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::size_t length = 1;
  for (std::size_t at = 0; at < text.size(); at += length, length = length * 3 % 40'009) {
    const std::string piece = text.substr(at, length);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    message += size + piece + "\r\n";
  }
  return message + "0\r\n\r\n";
}

} // namespace

TEST_CASE("a body of any framing is handed on whole, in order and in pieces that are not empty") {
  const std::string text = long_text();
  const std::vector<std::string> replies{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                                             "\r\n\r\n" + text,
                                         in_chunks(text), "HTTP/1.0 200 OK\r\n\r\n" + text};
  for (const auto& bytes : replies) {
    test::loopback_server server([&](const test::received&) { return test::reply::bytes(bytes); });
    eucv::net::client web(test::local_options());
    std::string got;
    bool any_empty = false;
    eucv::net::request question;
    question.target = server.url();
    const eucv::net::body_sink keep = [&](std::string_view piece) {
      got += piece;
      any_empty = any_empty || piece.empty();
    };
    CHECK(eucv::net::run(web.send(question, keep)).body.empty());
    CHECK(got == text);
    CHECK_FALSE(any_empty);
  }
}

TEST_CASE(
    "what a sink throws in the midst of a body comes to the caller, and the next request gets another connection") {
  int connections = 0;
  test::loopback_server server([&](const test::received& asked) {
    connections = asked.connection;
    return test::reply::text(long_text());
  });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.target = server.url();
  std::size_t bytes = 0;
  const eucv::net::body_sink fails = [&](std::string_view piece) {
    bytes += piece.size();
    if (bytes > 100'000) throw std::runtime_error("full");
  };
  CHECK_THROWS_WITH_AS(eucv::net::run(web.send(question, fails)), "full", std::runtime_error);
  CHECK(bytes < 300'000);
  CHECK(test::fetch(web, question).body == long_text());
  CHECK(connections == 2);
}
