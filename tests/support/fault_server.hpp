#pragma once

#include <eucv/net/url.hpp>

#include <support/certificate.hpp>
#include <support/listener.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace test {

/// One thing that a server does on a connection.
struct step {
  enum class kind {
    read,  ///< wait for some bytes: a request, or the greeting of TLS
    send,  ///< the bytes, at once
    drip,  ///< the bytes, one at a time with `pause` before each
    flood, ///< the bytes, again and again, until the peer is gone or 256 MiB are sent
    hold,  ///< send nothing and read all until the peer goes
    close, ///< close in good order, that of TLS included
    cut,   ///< close the socket without the goodbye of TLS
    reset, ///< close so that the peer gets a reset
  };
  kind what = kind::hold;
  std::string bytes = {};
  std::chrono::milliseconds pause{0};
};
using script = std::vector<step>;

inline step read() {
  return {.what = step::kind::read};
}
inline step send(std::string bytes) {
  return {.what = step::kind::send, .bytes = std::move(bytes)};
}
inline step drip(std::string bytes, std::chrono::milliseconds pause) {
  return {.what = step::kind::drip, .bytes = std::move(bytes), .pause = pause};
}
inline step flood(std::string bytes) {
  return {.what = step::kind::flood, .bytes = std::move(bytes)};
}
inline step hold() {
  return {.what = step::kind::hold};
}
inline step close() {
  return {.what = step::kind::close};
}
inline step cut() {
  return {.what = step::kind::cut};
}
inline step reset() {
  return {.what = step::kind::reset};
}

/// A server on a port of a loopback address that does with each connection what a script says, without a thought of
/// HTTP: bytes go out as they stand, and what comes in is not understood.
///
///     test::fault_server server({.request = {test::read(), test::send("HTTP/1.1 200 OK\r\n"), test::hold()}});
///
/// A script that ends without an end of the connection begins anew. The server notices when a peer goes, at any step,
/// and counts it out. Its destructor ends all connections at once.
class fault_server {
public:
  struct options {
    script accept = {};                            ///< before TLS
    script request = {};                           ///< over TLS where there is a certificate
    std::optional<certificate> tls = {};           ///< speak https with it
    std::function<void(SSL_CTX*)> set_tls = {};    ///< makes the server's TLS faulty
    std::function<void(SSL*)> after_greeting = {}; ///< called with each connection once TLS stands
    const char* address = "127.0.0.1";
    std::uint16_t port = 0; ///< 0: one that is free
  };

  explicit fault_server(options how)
      : how_(std::move(how)), tls_(tls_server(how_.tls)), listener_(how_.address, how_.port) {
    if (how_.tls && how_.set_tls) how_.set_tls(tls_.native_handle());
    listener_.start([this](tcp::socket peer, int) { return begin(std::move(peer)); });
  }
  fault_server(const fault_server&) = delete;
  fault_server& operator=(const fault_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  /// The address of `target` here, by the name `host`.
  [[nodiscard]] eucv::net::url url(std::string host = "127.0.0.1", std::string target = "/") const {
    return {how_.tls ? "https" : "http", std::move(host), port(), std::move(target)};
  }
  [[nodiscard]] int connections() const { return listener_.connections(); } ///< accepted so far
  [[nodiscard]] int open_connections() const { return listener_.open(); }   ///< not ended yet, by either side
  [[nodiscard]] std::uint64_t bytes_sent() const { return sent_; }          ///< taken by the system so far
  [[nodiscard]] int handshakes() const { return handshakes_; }              ///< of TLS, completed so far

private:
  using tcp = listener::tcp;
  using code = boost::system::error_code;
  template <class T = void>
  using task = listener::task<T>;

  static auto into(code& failure) { return boost::asio::redirect_error(boost::asio::use_awaitable, failure); }

  task<> begin(tcp::socket peer) {
    code failure;
    if (!co_await play(how_.accept, peer, peer)) co_return;
    if (!how_.tls) {
      while (co_await play(how_.request, peer, peer)) {
      }
      co_return;
    }
    boost::asio::ssl::stream<tcp::socket&> stream(peer, tls_);
    co_await stream.async_handshake(boost::asio::ssl::stream_base::server, into(failure));
    if (failure) co_return;
    ++handshakes_;
    if (how_.after_greeting) how_.after_greeting(stream.native_handle());
    while (co_await play(how_.request, stream, peer)) {
    }
  }

  // Whether the connection still stands after the script.
  template <class Stream>
  task<bool> play(const script& steps, Stream& stream, tcp::socket& peer) {
    code failure;
    for (const auto& next : steps) {
      switch (next.what) {
      case step::kind::read: co_await stream.async_read_some(boost::asio::buffer(space_), into(failure)); break;
      case step::kind::send: co_await write(stream, next.bytes, failure); break;
      case step::kind::drip:
        for (std::size_t i = 0; i < next.bytes.size() && !failure; ++i) {
          boost::asio::steady_timer timer(listener_.context(), next.pause);
          co_await timer.async_wait(boost::asio::use_awaitable);
          const std::string byte = next.bytes.substr(i, 1);
          co_await write(stream, byte, failure);
        }
        break;
      case step::kind::flood:
        for (std::size_t total = 0; total < (std::size_t{256} << 20) && !failure; total += next.bytes.size())
          co_await write(stream, next.bytes, failure);
        break;
      case step::kind::hold:
        while (!failure) co_await stream.async_read_some(boost::asio::buffer(space_), into(failure));
        break;
      case step::kind::close:
        if constexpr (!std::is_same_v<Stream, tcp::socket>) co_await stream.async_shutdown(into(failure));
        peer.close(failure);
        co_return false;
      case step::kind::cut: peer.close(failure); co_return false;
      case step::kind::reset:
        peer.set_option(boost::asio::socket_base::linger(true, 0), failure);
        peer.close(failure);
        co_return false;
      }
      if (failure) co_return false;
    }
    co_return !steps.empty() || &steps == &how_.accept;
  }

  template <class Stream>
  task<> write(Stream& stream, const std::string& bytes, code& failure) {
    sent_ += co_await boost::asio::async_write(stream, boost::asio::buffer(bytes), into(failure));
  }

  options how_;
  std::atomic<int> handshakes_{0};
  std::atomic<std::uint64_t> sent_{0};
  std::array<char, 64 * 1024> space_{}; // for what nobody looks at
  boost::asio::ssl::context tls_;
  listener listener_;
};

} // namespace test
