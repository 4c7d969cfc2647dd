#include <eucv/net/detail/pool.hpp>

#include <eucv/net/when_all.hpp>
#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::run;
using eucv::net::task;
using std::chrono::milliseconds;

namespace {

test::reply echo(const test::received& question) {
  return test::reply::text(question.target);
}

task<void> fetch_one(eucv::net::client& web, eucv::net::url target, int& good) {
  eucv::net::request question;
  question.target = target;
  const auto reply = co_await web.send(question);
  if (reply.body == target.target) ++good;
}

task<int> fetch_in_turn(eucv::net::client& web, const test::loopback_server& server, int count) {
  int good = 0;
  for (int i = 0; i < count; ++i) co_await fetch_one(web, server.url("/" + std::to_string(i)), good);
  co_return good;
}

} // namespace

TEST_CASE("one connection serves many requests") {
  test::loopback_server server(echo);
  eucv::net::client web(test::local_options());
  CHECK(run(fetch_in_turn(web, server, 50)) == 50);
  CHECK(server.connections() == 1);
}

TEST_CASE("a client outlives its contexts and goes on in the next") {
  test::loopback_server server(echo);
  eucv::net::client web(test::local_options());
  for (int i = 0; i < 3; ++i) CHECK(run(fetch_in_turn(web, server, 10)) == 10);
  CHECK(server.connections() == 3);
}

TEST_CASE("a context outlives its clients") {
  test::loopback_server server(echo);
  const auto main = [&]() -> task<int> {
    int good = 0;
    for (int i = 0; i < 5; ++i) {
      eucv::net::client web(test::local_options());
      good += co_await fetch_in_turn(web, server, 2);
    }
    co_await test::until([&] { return server.open_connections() == 0; });
    co_return good;
  };
  CHECK(run(main()) == 10);
  CHECK(server.connections() == 5);
}

TEST_CASE("300 requests at a time share the places of their origin") {
  test::loopback_server server(echo);
  auto options = test::local_options();
  options.connections_per_origin = 6;
  eucv::net::client web(options);
  int good = 0;
  std::vector<task<void>> tasks;
  for (int i = 0; i < 300; ++i) tasks.push_back(fetch_one(web, server.url("/" + std::to_string(i)), good));
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(good == 300);
  CHECK(server.requests() == 300);
  CHECK(server.most_connections() == 6);
  CHECK(server.connections() == 6);
}

TEST_CASE("300 connections at a time") {
  test::loopback_server server(echo);
  auto options = test::local_options();
  options.connections_per_origin = 300;
  eucv::net::client web(options);
  int good = 0;
  std::vector<task<void>> tasks;
  for (int i = 0; i < 300; ++i) tasks.push_back(fetch_one(web, server.url("/" + std::to_string(i)), good));
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(good == 300);
}

TEST_CASE("waiting for a place takes nothing of the deadline") {
  test::loopback_server server([](const test::received& question) {
    test::reply answer = echo(question);
    answer.pause = milliseconds(60);
    return answer;
  });
  auto options = test::local_options();
  options.connections_per_origin = 1;
  options.total = milliseconds(1000);
  eucv::net::client web(options);
  int good = 0;
  std::vector<task<void>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(fetch_one(web, server.url("/" + std::to_string(i)), good));
  run(eucv::net::when_all(std::move(tasks)));
  CHECK(good == 20);
}

TEST_CASE("only so many connections are kept, and only for so long") {
  test::loopback_server one(echo), two(echo);
  auto options = test::local_options();
  options.idle_connections = 1;
  eucv::net::client few(options);
  const auto in_turn = [&]() -> task<int> {
    int good = 0;
    for (int i = 0; i < 3; ++i) {
      co_await fetch_one(few, one.url("/1"), good);
      co_await fetch_one(few, two.url("/2"), good);
    }
    co_return good;
  };
  CHECK(run(in_turn()) == 6);
  CHECK(one.connections() == 3);
  CHECK(two.connections() == 3);

  test::loopback_server server(echo);
  options.keep = milliseconds(0);
  eucv::net::client forgetful(options);
  CHECK(run(fetch_in_turn(forgetful, server, 3)) == 3);
  CHECK(server.connections() == 3);
}

TEST_CASE("a kept connection that the server has closed is replaced") {
  for (const auto next : {test::then::close, test::then::reset}) {
    test::loopback_server server([&](const test::received& question) {
      test::reply answer = echo(question);
      answer.next = next;
      return answer;
    });
    eucv::net::client web(test::local_options());
    CHECK(run(fetch_in_turn(web, server, 5)) == 5);
    CHECK(server.connections() == 5);
  }
}

TEST_CASE("a kept connection that dies under the next request is replaced once, if no byte of the reply came") {
  // Each connection answers once and is cut at its second request.
  std::string before_the_cut;
  test::loopback_server server([&, last = 0](const test::received& question) mutable {
    if (question.connection == std::exchange(last, question.connection))
      return test::reply::bytes(before_the_cut, test::then::reset);
    return echo(question);
  });
  eucv::net::client web(test::local_options());
  CHECK(run(fetch_in_turn(web, server, 4)) == 4);
  CHECK(server.requests() == 7);
  CHECK(server.connections() == 4);

  before_the_cut = "HTTP/1.1 200";
  CHECK(test::code_of([&] { (void)run(fetch_in_turn(web, server, 2)); }) == errc::connection_reset);
}

TEST_CASE("a fresh connection that dies is not tried again") {
  test::loopback_server server([](const test::received&) { return test::reply::nothing(test::then::close); });
  eucv::net::client web(test::local_options());
  CHECK(test::code_of([&] { (void)test::fetch(web, server.url()); }) == errc::connection_reset);
  CHECK(server.requests() == 1);
}

TEST_CASE("POST always gets a fresh connection") {
  test::loopback_server server(echo);
  eucv::net::client web(test::local_options());
  const auto main = [&]() -> task<void> {
    for (int i = 0; i < 3; ++i) {
      eucv::net::request question;
      question.verb = eucv::net::method::post;
      question.target = server.url();
      (void)co_await web.send(question);
    }
  };
  run(main());
  CHECK(server.connections() == 3);
}

TEST_CASE("a connection is not kept after a reply that does not end where it says") {
  const std::vector<std::string> replies{
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", // smuggled
      "HTTP/1.1 204 No Content\r\n\r\nbody",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
  };
  for (const auto& text : replies) {
    CAPTURE(text);
    test::loopback_server server([&](const test::received&) { return test::reply::bytes(text, test::then::serve); });
    eucv::net::client web(test::local_options());
    const auto main = [&]() -> task<void> {
      for (int i = 0; i < 3; ++i) {
        eucv::net::request question;
        question.target = server.url();
        const auto reply = co_await web.send(question);
        CHECK(reply.body == (reply.status == 204 ? "" : "ok"));
      }
    };
    run(main());
    CHECK(server.connections() == 3);
  }
}

TEST_CASE("a failed or cancelled request gives its place back") {
  test::loopback_server silent([](const test::received&) { return test::reply::nothing(test::then::hold); });
  auto options = test::local_options();
  options.connections_per_origin = 2;
  options.first_byte = milliseconds(30);
  eucv::net::client web(options);
  const auto main = [&]() -> task<int> {
    int timeouts = 0;
    for (int i = 0; i < 5; ++i) {
      try {
        int good = 0;
        co_await fetch_one(web, silent.url(), good);
      } catch (const eucv::error& failure) {
        timeouts += failure.code() == errc::timeout ? 1 : 0;
      }
    }
    co_return timeouts;
  };
  CHECK(run(main()) == 5);
}
