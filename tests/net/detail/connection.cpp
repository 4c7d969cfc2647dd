#include <eucv/net/detail/connection.hpp>

#include <support/code_of.hpp>
#include <support/fetch.hpp>
#include <support/loopback_server.hpp>
#include <support/unreachable.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

using eucv::errc;
using std::chrono::milliseconds;

namespace {

// The code of the error that a request for `target` ends in, which must come at the deadline of 60 ms: not before,
// and not at the others, which are 20 s. The slack is for a machine that does much else.
errc code_at_deadline(const eucv::net::client_options& options, const eucv::net::url& target) {
  eucv::net::client web(options);
  errc code{};
  const double elapsed = test::milliseconds_of([&] { code = test::code_of([&] { (void)test::fetch(web, target); }); });
  CHECK(elapsed >= 55);
  CHECK(elapsed < 60 + 5000);
  return code;
}

// What a client makes of a reply of these very bytes.
struct outcome {
  errc code{};
  eucv::net::response reply;
};
outcome after(std::string bytes, test::then next = test::then::close) {
  test::loopback_server server([&](const test::received&) { return test::reply::bytes(bytes, next); });
  eucv::net::client web(test::local_options());
  outcome got;
  eucv::net::request question;
  question.target = server.url();
  question.body_limit = 1000;
  got.code = test::code_of([&] { got.reply = test::fetch(web, question); });
  return got;
}

} // namespace

TEST_CASE("a connection that nobody accepts ends at its deadline") {
  const test::unreachable_port port(test::unreachable_port::how::hangs);
  auto options = test::local_options();
  options.connect = milliseconds(60);
  CHECK(code_at_deadline(options, port.url()) == errc::timeout);
}

TEST_CASE("a lookup that hangs ends at the deadline of the connection") {
  auto options = test::local_options();
  options.connect = milliseconds(60);
  const auto gate = std::make_shared<std::promise<void>>();
  const auto names =
      std::make_shared<eucv::net::resolver>(eucv::net::resolver_options{},
                                            [opened = std::make_shared<std::shared_future<void>>(gate->get_future())](
                                                const std::string&) -> eucv::net::address_list {
                                              opened->wait();
                                              return {boost::asio::ip::make_address("127.0.0.1")};
                                            });
  eucv::net::client web(options, names);
  const double elapsed = test::milliseconds_of([&] {
    CHECK(test::code_of([&] { (void)test::fetch(web, *eucv::net::parse_url("http://slow.example/")); }) ==
          errc::timeout);
  });
  CHECK(elapsed < 60 + 5000);
  gate->set_value();
}

TEST_CASE("a handshake that does not go on ends at its deadline") {
  test::loopback_server server({}, {.tls = {}, .at_accept = test::then::hold});
  auto options = test::local_options();
  options.tls = milliseconds(60);
  auto target = server.url();
  target.scheme = "https";
  CHECK(code_at_deadline(options, target) == errc::timeout);
}

TEST_CASE("a reply that does not begin, or does not get through its header, ends at the deadline") {
  auto options = test::local_options();
  options.first_byte = milliseconds(60);
  test::loopback_server silent([](const test::received&) { return test::reply::nothing(test::then::hold); });
  CHECK(code_at_deadline(options, silent.url()) == errc::timeout);
  test::loopback_server slow([](const test::received&) {
    test::reply answer;
    answer.raw = std::vector<std::string>(100, "H");
    answer.raw[0] = "HTTP/1.1 200 OK\r\nX: ";
    answer.pause = milliseconds(10);
    return answer;
  });
  CHECK(code_at_deadline(options, slow.url()) == errc::timeout);
}

TEST_CASE("a body that stops ends at the idle deadline, one that drips at the total") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
  auto options = test::local_options();
  options.idle = milliseconds(60);
  test::loopback_server stops(
      [&](const test::received&) { return test::reply::bytes(head + "abc", test::then::hold); });
  CHECK(code_at_deadline(options, stops.url()) == errc::timeout);

  options.idle = milliseconds(20'000);
  options.total = milliseconds(60);
  test::loopback_server drips([&](const test::received&) {
    test::reply answer;
    answer.raw = std::vector<std::string>(1001, "x");
    answer.raw[0] = head;
    answer.pause = milliseconds(5);
    return answer;
  });
  CHECK(code_at_deadline(options, drips.url()) == errc::timeout);

  // A slow body is no idle one.
  options.idle = milliseconds(1000);
  options.total = milliseconds(20'000);
  test::loopback_server slow([](const test::received&) {
    test::reply answer;
    answer.raw = std::vector<std::string>(31, "x");
    answer.raw[0] = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n";
    answer.pause = milliseconds(40);
    return answer;
  });
  eucv::net::client web(options);
  CHECK(test::fetch(web, slow.url()).body == std::string(30, 'x'));
}

TEST_CASE("nobody listens") {
  const test::unreachable_port port(test::unreachable_port::how::refuses);
  eucv::net::client web(test::local_options());
  CHECK(test::code_of([&] { (void)test::fetch(web, port.url()); }) == errc::connect_failed);
}

TEST_CASE("the next address is tried where one does not answer") {
  test::loopback_server server([](const test::received&) { return test::reply::text("ok"); });
  auto options = test::local_options();
  eucv::net::client web(
      options, test::resolve_all_to({boost::asio::ip::make_address("127.0.0.9"), boost::asio::ip::make_address("::1"),
                                     boost::asio::ip::make_address("127.0.0.1")}));
  CHECK(test::fetch(web, server.url("/", "many.example")).body == "ok");
}

TEST_CASE("a reset is a reset in every phase") {
  test::loopback_server at_once({}, {.tls = {}, .at_accept = test::then::reset});
  eucv::net::client web(test::local_options());
  CHECK(test::code_of([&] { (void)test::fetch(web, at_once.url()); }) == errc::connection_reset);
  auto secure = at_once.url();
  secure.scheme = "https";
  CHECK(test::code_of([&] { (void)test::fetch(web, secure); }) == errc::connection_reset);
  for (const std::string bytes :
       {"", "HTTP", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"}) {
    CAPTURE(bytes);
    CHECK(after(bytes, test::then::reset).code == errc::connection_reset);
  }
}

TEST_CASE("an early end is told from a complete body") {
  CHECK(after("").code == errc::connection_reset);
  CHECK(after("HTTP/1.1 200 OK\r\n").code == errc::connection_reset);
  CHECK(after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").code == errc::truncated);
  CHECK(after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").code == errc::truncated);
  CHECK(after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc").code == errc::truncated);
  CHECK(after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").code == errc::truncated);
  const auto chunked = after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n");
  CHECK(chunked.reply.body == "abcde");
  CHECK(after("HTTP/1.1 200 OK\r\n\r\nuntil the end").reply.body == "until the end");
  CHECK(after("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").reply.status == 200);
}

TEST_CASE("what is no HTTP is refused") {
  for (const std::string bytes : {"<html>HTTP/0.9</html>\r\n\r\n",
                                  "\x15\x03\x03 an alert of TLS\r\n",
                                  "HTTP/2.0 200 OK\r\n\r\n",
                                  "HTTP/1.1 20 OK\r\n\r\n",
                                  "HTTP/1.1 abc OK\r\n\r\n",
                                  "ICY 200 OK\r\n\r\n",
                                  "HTTP/1.1 200 OK\nContent-Length: 1\n\na",
                                  "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n",
                                  "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
                                  "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\nContent-Length: 1\r\n\r\nx"}) {
    CAPTURE(bytes);
    CHECK(after(bytes).code == errc::bad_response);
  }
  CHECK(after(std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 26)).code == errc::bad_response);
  CHECK(after("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n").code == errc::bad_response);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  CHECK(after(many + "\r\n").code == errc::bad_response);
}

TEST_CASE("interim replies are passed over, but not without end") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  CHECK(
      after("HTTP/1.1 100 Continue\r\n\r\n" + interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").reply.body ==
      "ok");
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += interim;
  CHECK(after(flood).code == errc::bad_response);
}

TEST_CASE("the body limit holds to the byte") {
  const auto with_length = [](int n) {
    return after("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
                 std::string(static_cast<std::size_t>(n), 'x'));
  };
  CHECK(with_length(1000).reply.body.size() == 1000);
  CHECK(with_length(1001).code == errc::too_large);
  CHECK(after("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n", test::then::hold).code ==
        errc::too_large);
  CHECK(after("HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x')).reply.body.size() == 1000);
  CHECK(after("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), test::then::hold).code == errc::too_large);
  CHECK(after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n" + std::string(2000, 'x'),
              test::then::hold)
            .code == errc::too_large);
}

TEST_CASE("of an error page the first 64 KiB are kept, whatever the limit") {
  CHECK(after("HTTP/1.1 404 Not Found\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')).reply.body.size() ==
        5000);
  const auto endless =
      after("HTTP/1.1 500 Error\r\nContent-Length: 9000000000\r\n\r\n" + std::string(200'000, 'x'), test::then::hold);
  CHECK(endless.reply.status == 500);
  CHECK(endless.reply.body == std::string(64 * 1024, 'x'));
  const auto packed = after("HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b");
  CHECK(packed.reply.status == 404);
  CHECK(packed.reply.body.empty());
}

TEST_CASE("statuses without a body have none") {
  CHECK(after("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").reply.status == 204);
  CHECK(after("HTTP/1.1 304 Not Modified\r\nContent-Length: 700\r\n\r\n").reply.status == 304);
}
