#include <eucv/net/detail/http_message.hpp>

#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

// The header is seen by the implementation alone: it is tested by what arrives at a server and comes back.

using eucv::errc;
using eucv::net::method;
using eucv::net::request;

TEST_CASE("a request arrives as it was meant") {
  std::vector<test::received> seen;
  test::loopback_server server([&](const test::received& question) {
    seen.push_back(question);
    return test::reply::text("ok");
  });
  auto options = test::local_options();
  options.user_agent = "museum/1.0 (+mailto:me@museum.example)";
  eucv::net::client web(options);

  request get;
  get.target = server.url("/a?b=c%20d");
  get.headers = {{"Accept", "image/jpeg"}, {"X-Api-Key", "K"}};
  CHECK(test::fetch(web, get).body == "ok");
  request post;
  post.verb = method::post;
  post.target = server.url("/post");
  post.body = std::string(100'000, 'x');
  post.headers = {{"Content-Type", "application/json"}, {"User-Agent", "mine"}};
  CHECK(test::fetch(web, post).status == 200);
  request head;
  head.verb = method::head;
  head.target = server.url("/head");
  CHECK(test::fetch(web, head).body.empty());

  REQUIRE(seen.size() == 3);
  CHECK(seen[0].method == "GET");
  CHECK(seen[0].target == "/a?b=c%20d");
  CHECK(seen[0].find("Host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(seen[0].find("User-Agent") == options.user_agent);
  CHECK(seen[0].find("Accept-Encoding") == "identity");
  CHECK(seen[0].find("Accept") == "image/jpeg");
  CHECK(seen[0].find("X-Api-Key") == "K");
  CHECK(seen[1].method == "POST");
  CHECK(seen[1].body == post.body);
  CHECK(seen[1].find("Content-Type") == "application/json");
  CHECK(seen[1].find("User-Agent") == "mine");
  CHECK(seen[2].method == "HEAD");
}

TEST_CASE("fields that would forge a request are refused before anything is sent") {
  test::loopback_server server([](const test::received&) { return test::reply::text("ok"); });
  eucv::net::client web(test::local_options());
  const std::vector<eucv::net::header> bad{{"X", "a\r\nY: b"},
                                           {"X", "a\nb"},
                                           {"X", std::string("a\0b", 3)},
                                           {"X y", "a"},
                                           {"", "a"},
                                           {"X:", "a"},
                                           {"X\r\nY", "a"},
                                           {"host", "other"},
                                           {"Content-Length", "7"},
                                           {"transfer-encoding", "chunked"}};
  for (const auto& field : bad) {
    request question;
    question.target = server.url();
    question.headers = {field};
    const auto failure = test::failure_of([&] { (void)test::fetch(web, question); });
    REQUIRE(failure);
    CHECK(failure->code() == errc::invalid_argument);
  }
  request secret;
  secret.target = server.url();
  secret.headers = {{"X-Api-Key", "CANARY\n"}};
  const auto failure = test::failure_of([&] { (void)test::fetch(web, secret); });
  REQUIRE(failure);
  CHECK(std::string(failure->what()).find("CANARY") == std::string::npos);
  CHECK(server.requests() == 0);
}

TEST_CASE("a reply keeps all its fields, those of one name in order") {
  test::loopback_server server([](const test::received&) {
    test::reply answer = test::reply::text("gone", 410);
    answer.headers = {{"X-A", "1"}, {"Content-Type", "text/plain"}, {"x-a", "2"}};
    return answer;
  });
  eucv::net::client web(test::local_options());
  const auto reply = test::fetch(web, server.url("/x"));
  CHECK(reply.status == 410);
  CHECK(reply.body == "gone");
  CHECK(reply.final_url == server.url("/x"));
  REQUIRE(reply.headers.size() == 4);
  CHECK(reply.find("x-A") == "1");
  CHECK(std::ranges::count(reply.headers, "2", &eucv::net::header::value) == 1);
  CHECK(reply.find("content-type") == "text/plain");
}
