#pragma once

#include <eucv/net/http.hpp>

#include <support/certificate.hpp>
#include <support/listener.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// A request as the server got it.
struct received {
  std::string method, target, body;
  std::vector<eucv::net::header> headers;
  int connection = 0; ///< which connection it came on, from 1

  [[nodiscard]] std::string find(std::string_view name) const {
    return std::string(eucv::net::find_header(headers, name).value_or(""));
  }
};

/// What a connection does after a reply, or at its beginning.
enum class then {
  serve, ///< go on with the next request
  close, ///< close in good order
  cut,   ///< close the socket without the goodbye of TLS
  reset, ///< close so that the peer gets a reset
  hold,  ///< neither send nor close until the server ends
};

/// What the server answers. Without `raw` it is a well-formed reply; `raw` is sent instead as it stands, piece by
/// piece.
struct reply {
  int status = 200;
  std::vector<eucv::net::header> headers; ///< Content-Length is added
  std::string body;
  std::vector<std::string> raw;
  std::chrono::milliseconds pause{0}; ///< before each piece of raw, or before the reply
  then next = then::serve;

  /// These very bytes, then `next`.
  [[nodiscard]] static reply bytes(std::string text, then next = then::close) {
    reply answer;
    answer.raw.push_back(std::move(text));
    answer.next = next;
    return answer;
  }
  /// Nothing at all, then `next`.
  [[nodiscard]] static reply nothing(then next) { return bytes({}, next); }
  [[nodiscard]] static reply text(std::string body, int status = 200) {
    reply answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
  }
  [[nodiscard]] static reply redirect(std::string location, int status = 302) {
    reply answer;
    answer.status = status;
    answer.headers.push_back({"Location", std::move(location)});
    return answer;
  }
};

/// An HTTP server on a port of a loopback address that the system chose, on a thread of its own.
///
///     test::loopback_server server([](const test::received& r) { return test::reply::text("you want " + r.target); });
///     fetch(server.url("/a"));
///
/// The handler is called on that thread, by one request at a time. The destructor ends all connections at once.
class loopback_server {
public:
  using handler = std::function<reply(const received&)>;

  struct options {
    std::optional<certificate> tls = {}; ///< speak https with it
    then at_accept = then::serve;        ///< what a new connection does before anything is read
    int tls_version = 0;                 ///< highest version to speak, as OpenSSL numbers it; 0: the newest
    const char* address = "127.0.0.1";
  };

  explicit loopback_server(handler answer) : loopback_server(std::move(answer), options{}) {}
  loopback_server(handler answer, options how)
      : answer_(std::move(answer)), how_(std::move(how)), tls_(tls_server(how_.tls)), listener_(how_.address, 0) {
    if (how_.tls) {
      if (how_.tls_version != 0) SSL_CTX_set_max_proto_version(tls_.native_handle(), how_.tls_version);
      if (how_.tls_version != 0) SSL_CTX_set_security_level(tls_.native_handle(), 0);
      SSL_CTX_set_tlsext_servername_callback(tls_.native_handle(), &remember_name);
      SSL_CTX_set_tlsext_servername_arg(tls_.native_handle(), this);
    }
    listener_.start([this](tcp::socket peer, int number) { return begin(std::move(peer), number); });
  }
  loopback_server(const loopback_server&) = delete;
  loopback_server& operator=(const loopback_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  /// The address of `target` here, by the name `host`.
  [[nodiscard]] eucv::net::url url(std::string target = "/", std::string host = "127.0.0.1") const {
    return {how_.tls ? "https" : "http", std::move(host), port(), std::move(target)};
  }
  [[nodiscard]] int connections() const { return listener_.connections(); } ///< accepted so far
  [[nodiscard]] int open_connections() const { return listener_.open(); }   ///< not ended yet
  [[nodiscard]] int most_connections() const {
    return listener_.most_open();
  }                                                        ///< the largest open_connections() so far
  [[nodiscard]] int requests() const { return requests_; } ///< read so far
  /// The host names (SNI) that TLS clients asked for, in order.
  [[nodiscard]] std::vector<std::string> asked_names() const {
    std::lock_guard lock(mutex_);
    return names_;
  }

private:
  using tcp = listener::tcp;
  template <class T = void>
  using task = listener::task<T>;

  static int remember_name(SSL* connection, int*, void* self) {
    const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    auto& server = *static_cast<loopback_server*>(self);
    std::lock_guard lock(server.mutex_);
    server.names_.emplace_back(name == nullptr ? "" : name);
    return SSL_TLSEXT_ERR_OK;
  }

  task<> begin(tcp::socket peer, int number) {
    boost::system::error_code code;
    if (how_.at_accept != then::serve) {
      co_await end(peer, how_.at_accept);
    } else if (how_.tls) {
      boost::asio::ssl::stream<tcp::socket&> stream(peer, tls_);
      co_await stream.async_handshake(boost::asio::ssl::stream_base::server,
                                      boost::asio::redirect_error(boost::asio::use_awaitable, code));
      if (!code) co_await serve(stream, peer, number);
    } else {
      co_await serve(peer, peer, number);
    }
  }

  template <class Stream>
  task<> serve(Stream& stream, tcp::socket& peer, int number) {
    namespace http = boost::beast::http;
    boost::beast::flat_buffer buffer;
    while (true) {
      boost::system::error_code code;
      http::request_parser<http::string_body> parser;
      parser.body_limit(std::uint64_t{64} << 20);
      co_await http::async_read(stream, buffer, parser, boost::asio::redirect_error(boost::asio::use_awaitable, code));
      if (code) co_return;
      ++requests_;
      const reply answer = answer_(to_received(parser.get(), number));
      std::vector<std::string> pieces = answer.raw;
      if (pieces.empty()) pieces.push_back(to_bytes(answer, parser.get().method() == http::verb::head));
      for (const auto& piece : pieces) {
        if (answer.pause.count() > 0) {
          boost::asio::steady_timer timer(listener_.context(), answer.pause);
          co_await timer.async_wait(boost::asio::use_awaitable);
        }
        co_await boost::asio::async_write(stream, boost::asio::buffer(piece),
                                          boost::asio::redirect_error(boost::asio::use_awaitable, code));
        if (code) co_return;
      }
      if (answer.next == then::serve) continue;
      if constexpr (!std::is_same_v<Stream, tcp::socket>)
        if (answer.next == then::close)
          co_await stream.async_shutdown(boost::asio::redirect_error(boost::asio::use_awaitable, code));
      co_await end(peer, answer.next);
      co_return;
    }
  }

  task<> end(tcp::socket& peer, then how) {
    boost::system::error_code code;
    if (how == then::reset) peer.set_option(boost::asio::socket_base::linger(true, 0), code);
    if (how == then::hold) {
      boost::asio::steady_timer never(listener_.context(), boost::asio::steady_timer::time_point::max());
      co_await never.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
    }
    peer.close(code);
  }

  static received to_received(const boost::beast::http::request<boost::beast::http::string_body>& message, int number) {
    received question{std::string(message.method_string()), std::string(message.target()), message.body(), {}, number};
    for (const auto& field : message)
      question.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    return question;
  }

  static std::string to_bytes(const reply& answer, bool head) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " Status\r\n";
    for (const auto& [name, value] : answer.headers) text.append(name).append(": ").append(value).append("\r\n");
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    return head ? text : text + answer.body;
  }

  handler answer_;
  options how_;
  std::atomic<int> requests_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
  boost::asio::ssl::context tls_;
  listener listener_;
};

} // namespace test
