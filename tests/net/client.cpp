#include <eucv/net/client.hpp>

#include <eucv/net/when_all.hpp>
#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using eucv::errc;
using eucv::net::method;
using eucv::net::run;
using eucv::net::task;
using std::chrono::milliseconds;

namespace {

test::reply hello(const test::received&) {
  return test::reply::text("hello");
}

boost::asio::ip::address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

// Starts a request and cancels it as soon as `reached()` holds; returns how it ended.
template <class Condition>
errc cancel_when(eucv::net::client& web, const eucv::net::url& target, Condition reached) {
  errc code{};
  bool ended = false;
  const auto request = [&]() -> task<void> {
    eucv::net::request question;
    question.target = target;
    try {
      (void)co_await web.send(question);
    } catch (const eucv::error& failure) {
      code = failure.code();
    }
    ended = true;
  };
  const auto stop = [&]() -> task<void> {
    co_await test::until(reached);
    throw std::runtime_error("stop");
  };
  std::vector<task<void>> tasks;
  tasks.push_back(request());
  tasks.push_back(stop());
  const double elapsed =
      test::milliseconds_of([&] { CHECK_THROWS_WITH(run(eucv::net::when_all(std::move(tasks))), "stop"); });
  CHECK(ended);
  CHECK(elapsed < 10'000);
  return code;
}

} // namespace

TEST_CASE("the body goes to the sink piece by piece, in constant memory") {
  const std::string big(5'000'000, 'b');
  test::loopback_server server([&](const test::received&) { return test::reply::text(big); });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.target = server.url();
  std::string received;
  std::size_t longest = 0, pieces = 0;
  const auto take = [&](std::string_view piece) {
    received += piece;
    longest = std::max(longest, piece.size());
    ++pieces;
  };
  const auto reply = run(web.send(question, take));
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(received == big);
  CHECK(pieces > 10);
  CHECK(longest <= 64 * 1024);
}

TEST_CASE("bodies beyond the defaults of Beast are received") {
  const std::string big(10'000'000, 'b');
  test::loopback_server server([&](const test::received&) { return test::reply::text(big); });
  eucv::net::client web(test::local_options());
  CHECK(test::fetch(web, server.url()).body == big);
}

TEST_CASE("the sink gets nothing of an error page, and what it throws comes through") {
  std::atomic<int> status{404};
  test::loopback_server server([&](const test::received&) { return test::reply::text("page", status); });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.target = server.url();
  int pieces = 0;
  const eucv::net::body_sink count = [&](std::string_view) { ++pieces; };
  const auto reply = run(web.send(question, count));
  CHECK(reply.status == 404);
  CHECK(reply.body == "page");
  CHECK(pieces == 0);
  status = 200;
  const eucv::net::body_sink full = [](std::string_view) {
    throw eucv::error(errc::disk_full, {"write", "a", "no space", ""});
  };
  CHECK(test::code_of([&] { (void)run(web.send(question, full)); }) == errc::disk_full);
}

TEST_CASE("redirects are followed, five at most") {
  test::loopback_server server([](const test::received& question) {
    const int n = std::stoi(question.target.substr(1));
    if (n == 0) return test::reply::text(question.method);
    return test::reply::redirect("/" + std::to_string(n - 1), n % 2 == 0 ? 301 : 308);
  });
  eucv::net::client web(test::local_options());
  const auto reply = test::fetch(web, server.url("/5"));
  CHECK(reply.body == "GET");
  CHECK(reply.final_url == server.url("/0"));
  CHECK(test::code_of([&] { (void)test::fetch(web, server.url("/6")); }) == errc::too_many_redirects);
  CHECK(server.requests() == 6 + 6);
  eucv::net::request head;
  head.verb = method::head;
  head.target = server.url("/2");
  CHECK(test::fetch(web, head).final_url == server.url("/0"));
}

TEST_CASE("a loop of redirects ends") {
  test::loopback_server server([](const test::received&) { return test::reply::redirect("/again"); });
  eucv::net::client web(test::local_options());
  CHECK(test::code_of([&] { (void)test::fetch(web, server.url("/again")); }) == errc::too_many_redirects);
  CHECK(server.requests() == 6);
}

TEST_CASE("the reply to a POST is handed over, redirect or not") {
  test::loopback_server server([](const test::received&) { return test::reply::redirect("/other"); });
  eucv::net::client web(test::local_options());
  eucv::net::request post;
  post.verb = method::post;
  post.target = server.url();
  CHECK(test::fetch(web, post).status == 302);
  CHECK(server.requests() == 1);
}

TEST_CASE("a key does not follow to another origin") {
  std::string key_at_other, accept_at_other, key_at_same;
  test::loopback_server other([&](const test::received& question) {
    key_at_other = question.find("X-Api-Key") + question.find("Authorization");
    accept_at_other = question.find("Accept");
    return test::reply::text("other");
  });
  test::loopback_server server([&](const test::received& question) {
    if (question.target == "/out") return test::reply::redirect(other.url().str());
    if (question.target == "/in") return test::reply::redirect("/here");
    key_at_same = question.find("X-Api-Key");
    return test::reply::text("same");
  });
  eucv::net::client web(test::local_options());
  eucv::net::request question;
  question.headers = {{"X-Api-Key", "K"}, {"Authorization", "Bearer K"}, {"Accept", "image/*"}};
  question.target = server.url("/out");
  CHECK(test::fetch(web, question).body == "other");
  CHECK(key_at_other.empty());
  CHECK(accept_at_other == "image/*");
  question.target = server.url("/in");
  CHECK(test::fetch(web, question).body == "same");
  CHECK(key_at_same == "K");
}

TEST_CASE("redirects out of the web are refused") {
  std::string location;
  test::loopback_server server([&](const test::received&) { return test::reply::redirect(location); });
  eucv::net::client web(test::local_options());
  for (const std::string bad : {"file:///etc/passwd", "data:text/plain,x", "ftp://x/", "http://u:p@127.0.0.1/", ""}) {
    location = bad;
    CAPTURE(bad);
    // An empty reference is the page itself: a loop.
    CHECK(test::code_of([&] { (void)test::fetch(web, server.url()); }) ==
          (bad.empty() ? errc::too_many_redirects : errc::bad_redirect));
  }
}

TEST_CASE("hosts that resolve to an address which is not public are refused, in all spellings, unseen by the server") {
  test::loopback_server server(hello);
  eucv::net::client_options options;
  options.connect = milliseconds(20'000);
  eucv::net::client web(options);
  for (const std::string host : {"127.0.0.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "127.1",
                                 "0177.0.0.1",
                                 "0x7f.0.0.1",

                                 "localhost",
                                 "LOCALHOST",
                                 "0.0.0.0",
                                 "0",
                                 "[::1]",
                                 "[::]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[::127.0.0.1]",
                                 "[64:ff9b::127.0.0.1]",
                                 "[2002:7f00:1::]",
                                 "10.0.0.1",
                                 "192.168.1.1",
                                 "169.254.169.254",
                                 "[fe80::1]",
                                 "[fd00::1]",
                                 "100.64.0.1"}) {
    const auto target = eucv::net::parse_url("http://" + host + ":" + std::to_string(server.port()) + "/");
    CAPTURE(host);
    REQUIRE(target);
    const auto code = test::code_of([&] { (void)test::fetch(web, *target); });
    CHECK(code == errc::private_address);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("a name that resolves to loopback is refused, at first and behind a redirect") {
  test::loopback_server server(hello);
  eucv::net::client web({}, test::resolve_all_to({address("127.0.0.1"), address("::ffff:10.0.0.1")}));
  CHECK(test::code_of([&] { (void)test::fetch(web, server.url("/", "public.example")); }) == errc::private_address);
  CHECK(server.connections() == 0);
}

TEST_CASE("the address that was checked is the one that is used: a second lookup, with another answer, never happens") {
  test::loopback_server server(hello);
  std::atomic<int> lookups{0};
  // A name server that turns: a public address first, then ours.
  const auto turning = std::make_shared<eucv::net::resolver>(
      eucv::net::resolver_options{.keep = milliseconds(0)}, [&](const std::string&) -> eucv::net::address_list {
        return {++lookups % 2 == 1 ? address("192.0.2.1") : address("127.0.0.1")};
      });
  eucv::net::client web({}, turning);
  for (int i = 0; i < 100; ++i)
    CHECK(test::code_of([&] { (void)test::fetch(web, server.url("/", "turning.example")); }) == errc::private_address);
  CHECK(lookups == 100);
  CHECK(server.connections() == 0);
}

TEST_CASE("an error tells the address without its key") {
  test::loopback_server server([](const test::received&) { return test::reply::nothing(test::then::close); });
  eucv::net::client web(test::local_options());
  const auto failure = test::failure_of([&] { (void)test::fetch(web, server.url("/a?wskey=CANARY&rows=1")); });
  REQUIRE(failure);
  CHECK(failure->text().on.ends_with("/a?wskey=***&rows=1"));
  CHECK(std::string(failure->what()).find("CANARY") == std::string::npos);
}

TEST_CASE("a request is cancelled at once wherever it stands") {
  const auto silent = [](const test::received&) { return test::reply::nothing(test::then::hold); };
  SUBCASE("looking up the name") {
    std::atomic<bool> asked{false};
    auto gate = std::make_shared<std::promise<void>>();
    const auto names = std::make_shared<eucv::net::resolver>(
        eucv::net::resolver_options{},
        [&asked, opened = std::shared_future<void>(gate->get_future())](const std::string&) -> eucv::net::address_list {
          asked = true;
          opened.wait();
          return {address("127.0.0.1")};
        });
    eucv::net::client web(test::local_options(), names);
    CHECK(cancel_when(web, *eucv::net::parse_url("http://slow.example/"), [&] { return asked.load(); }) ==
          errc::interrupted);
    gate->set_value();
  }
  SUBCASE("making TLS") {
    test::loopback_server server(silent, {.tls = {}, .at_accept = test::then::hold});
    eucv::net::client web(test::local_options());
    auto target = server.url();
    target.scheme = "https";
    CHECK(cancel_when(web, target, [&] { return server.connections() == 1; }) == errc::interrupted);
  }
  SUBCASE("waiting for the reply") {
    test::loopback_server server(silent);
    eucv::net::client web(test::local_options());
    CHECK(cancel_when(web, server.url(), [&] { return server.requests() == 1; }) == errc::interrupted);
  }
  SUBCASE("receiving the body") {
    test::loopback_server server([](const test::received&) {
      return test::reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", test::then::hold);
    });
    eucv::net::client web(test::local_options());
    CHECK(cancel_when(web, server.url(), [&] { return server.requests() == 1; }) == errc::interrupted);
  }
  SUBCASE("waiting for a place") {
    test::loopback_server server(silent);
    auto options = test::local_options();
    options.connections_per_origin = 1;
    eucv::net::client web(options);
    std::vector<task<void>> tasks;
    int interrupted = 0;
    const auto request = [&]() -> task<void> {
      eucv::net::request question;
      question.target = server.url();
      try {
        (void)co_await web.send(question);
      } catch (const eucv::error& failure) {
        interrupted += failure.code() == errc::interrupted ? 1 : 0;
        throw;
      }
    };
    const auto stop = [&]() -> task<void> {
      co_await test::until([&] { return server.requests() == 1; });
      throw std::runtime_error("stop");
    };
    for (int i = 0; i < 20; ++i) tasks.push_back(request());
    tasks.push_back(stop());
    CHECK_THROWS_WITH(run(eucv::net::when_all(std::move(tasks))), "stop");
    CHECK(interrupted == 20);
  }
}

TEST_CASE("a thousand requests under way are cancelled by one signal") {
  test::loopback_server server([](const test::received&) { return test::reply::nothing(test::then::hold); });
  auto options = test::local_options();
  options.connections_per_origin = 200;
  eucv::net::client web(options);
  const auto one = [&]() -> task<void> {
    eucv::net::request question;
    question.target = server.url();
    (void)co_await web.send(question);
  };
  const auto stop = [&]() -> task<void> {
    co_await test::until([&] { return server.requests() == 200; });
    std::raise(SIGINT);
  };
  std::vector<task<void>> tasks;
  for (int i = 0; i < 1000; ++i) tasks.push_back(one());
  tasks.push_back(stop());
  const double elapsed = test::milliseconds_of(
      [&] { CHECK(test::code_of([&] { run(eucv::net::when_all(std::move(tasks))); }) == errc::interrupted); });
  CHECK(elapsed < 20'000);
}
