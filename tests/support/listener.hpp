#pragma once

#include <support/certificate.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

namespace test {

/// What the servers of the tests stand on: a port of a loopback address, a thread, and a task for each connection.
///
/// The last member of a server: its destructor ends all tasks, which refer to what was declared before it.
class listener {
public:
  using tcp = boost::asio::ip::tcp;
  template <class T = void>
  using task = boost::asio::awaitable<T>;

  /// Listens, and accepts nothing yet. Port 0: one that is free.
  listener(const char* address, std::uint16_t port)
      : acceptor_(context_, {boost::asio::ip::make_address(address), port}), port_(acceptor_.local_endpoint().port()) {}
  ~listener() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Begins to accept; `serve(peer, number)` is the task of a connection, numbered from 1.
  void start(std::function<task<>(tcp::socket peer, int number)> serve) {
    serve_ = std::move(serve);
    boost::asio::co_spawn(context_, accept(), boost::asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; } ///< accepted so far
  [[nodiscard]] int open() const { return open_; }               ///< connections whose task has not ended
  [[nodiscard]] int most_open() const { return most_; }          ///< the largest open() so far

private:
  task<> accept() {
    while (true) {
      boost::system::error_code failure;
      tcp::socket peer =
          co_await acceptor_.async_accept(boost::asio::redirect_error(boost::asio::use_awaitable, failure));
      const int number = ++connections_;
      if (!failure) boost::asio::co_spawn(context_, count(std::move(peer), number), boost::asio::detached);
    }
  }

  task<> count(tcp::socket peer, int number) {
    struct counted {
      explicit counted(listener& l) : owner(l) {
        if (++owner.open_ > owner.most_) owner.most_ = owner.open_.load();
      }
      ~counted() { --owner.open_; }
      counted(const counted&) = delete;
      counted& operator=(const counted&) = delete;
      listener& owner;
    } const under_way(*this);
    boost::system::error_code failure;
    peer.set_option(tcp::no_delay(true), failure);
    co_await serve_(std::move(peer), number);
  }

  // The context goes before what its tasks refer to.
  std::function<task<>(tcp::socket, int)> serve_;
  std::atomic<int> connections_{0}, open_{0}, most_{0};
  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::thread thread_;
};

/// The context of a server that shows `shown`, or of none.
[[nodiscard]] inline boost::asio::ssl::context tls_server(const std::optional<certificate>& shown) {
  boost::asio::ssl::context made(boost::asio::ssl::context::tls_server);
  if (!shown) return made;
  made.use_certificate_chain(boost::asio::buffer(shown->pem));
  made.use_private_key(boost::asio::buffer(shown->key), boost::asio::ssl::context::pem);
  return made;
}

} // namespace test
