#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/client_options.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/resolver.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace eucv::net::detail {

/// One connection to one origin, for one request after the other.
///
/// The options must outlive it. A connection that failed, or whose task was cancelled, can only be destroyed.
class connection {
public:
  using clock = std::chrono::steady_clock;

  /// `tls` may be null for http.
  connection(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> tls,
             const client_options& options);
  ~connection();

  /// Connects to the first of `addresses` that accepts, and to no other host. Throws errc::timeout, connect_failed.
  task<void> connect(const url& peer, address_list addresses, clock::time_point end);
  /// Does the TLS handshake. Throws errc::tls, connection_reset, timeout.
  task<void> secure(const url& peer, clock::time_point end);

  /// Sends a request and receives the reply, as transport::send() does but without redirects; final_url stays empty.
  task<response> exchange(const request& question, const body_sink& sink, clock::time_point end);

  /// Whether another request may follow: the last reply is complete and the peer keeps the connection open.
  [[nodiscard]] bool is_reusable() const noexcept;
  /// Whether the peer has neither closed the connection nor sent unexpected bytes.
  [[nodiscard]] bool is_alive() const noexcept;
  /// Whether any byte of the reply to the last request has come.
  [[nodiscard]] bool has_answered() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace eucv::net::detail

#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/net/detail/handed_body.hpp>
#include <eucv/net/detail/http_message.hpp>
#include <eucv/net/detail/tls.hpp>
#include <eucv/net/detail/transport_error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace eucv::net::detail {

struct connection::state {
  using reply_parser = boost::beast::http::response_parser<handed_body>;

  static constexpr std::uint32_t header_limit = 64 * 1024;
  // Beast parses the line of a chunk, and a trailer, only when it is there whole: neither may be longer than this.
  static constexpr std::size_t buffer_limit = 256 * 1024;
  // Read from the socket at a time.
  static constexpr std::size_t piece_size = 64 * 1024;
  // Of a reply whose status is not 2xx: an error page says in its first lines what it has to say.
  static constexpr std::size_t error_body_limit = 64 * 1024;

  state(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> context,
        const client_options& rules)
      : options(rules), tls_context(std::move(context)), tcp(std::move(executor)) {
    // Beast reads as much at a time as the buffer has room for, and 512 bytes where it has none: a hundred system
    // calls for a small picture.
    buffer.reserve(piece_size);
  }

  // Every operation on `tcp` from here on ends within `phase`, and no later than `end`.
  void set_deadline(std::chrono::milliseconds phase, clock::time_point end) {
    tcp.expires_at(std::min(clock::now() + phase, end));
  }

  template <class Stream>
  task<response> exchange(Stream& stream, const request& question, const body_sink& sink, clock::time_point end);
  template <class Stream>
  task<void> read_header(Stream& stream, const request& question);
  template <class Stream>
  task<void> read_body(Stream& stream, const body_part& take, const request& question, clock::time_point end);

  // The address for a message.
  static std::string name_of(const request& question) { return redact(question.target.str()); }

  const client_options& options;
  std::shared_ptr<boost::asio::ssl::context> tls_context;
  boost::beast::tcp_stream tcp;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls;
  boost::beast::flat_buffer buffer{buffer_limit}; // what was read and not parsed yet
  std::function<void(std::uint64_t size, boost::beast::string_view, boost::system::error_code&)> begin_chunk;
  std::optional<reply_parser> parser; // refers to begin_chunk
  bool reusable = false, answered = false;
};

connection::connection(boost::asio::any_io_executor executor, std::shared_ptr<boost::asio::ssl::context> tls,
                       const client_options& options)
    : state_(std::make_unique<state>(std::move(executor), std::move(tls), options)) {}
connection::~connection() = default;

bool connection::is_reusable() const noexcept {
  return state_->reusable;
}
bool connection::has_answered() const noexcept {
  return state_->answered;
}

bool connection::is_alive() const noexcept {
  char byte = 0;
  return ::recv(state_->tcp.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

task<void> connection::connect(const url& peer, address_list addresses, clock::time_point end) {
  state& self = *state_;
  boost::system::error_code code = boost::asio::error::host_not_found;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // An address that does not answer leaves the others their share of the time.
    const auto now = clock::now();
    self.tcp.expires_at(now + (end - now) / static_cast<int>(addresses.size() - i));
    const boost::asio::ip::tcp::endpoint endpoint(addresses[i], peer.port);
    co_await self.tcp.async_connect(endpoint, boost::asio::redirect_error(boost::asio::use_awaitable, code));
    if (!code || code == boost::asio::error::operation_aborted) break;
    self.tcp.close();
  }
  if (code) throw transport_error(phase::connect, code, redact(peer.str()));
  self.tcp.socket().set_option(boost::asio::ip::tcp::no_delay(true), code);
}

task<void> connection::secure(const url& peer, clock::time_point end) {
  state& self = *state_;
  boost::system::error_code code;
  self.tls.emplace(self.tcp, *self.tls_context);
  expect_host(self.tls->native_handle(), peer.host);
  self.set_deadline(self.options.tls, end);
  co_await self.tls->async_handshake(boost::asio::ssl::stream_base::client,
                                     boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (!code) co_return;
  const std::string on = redact(peer.str()), fault = certificate_fault(self.tls->native_handle());
  if (fault.empty()) throw transport_error(phase::handshake, code, on);
  throw error(errc::tls, {"verify the certificate", on, fault, "do not trust this server; check the address"});
}

task<response> connection::exchange(const request& question, const body_sink& sink, clock::time_point end) {
  // The task of the chosen stream, unbegun: this function is no coroutine.
  if (state_->tls) return state_->exchange(*state_->tls, question, sink, end);
  return state_->exchange(state_->tcp, question, sink, end);
}

template <class Stream>
task<response> connection::state::exchange(Stream& stream, const request& question, const body_sink& sink,
                                           clock::time_point end) {
  namespace http = boost::beast::http;
  reusable = answered = false;
  const std::string message = to_text(question, options.user_agent);
  boost::system::error_code code;
  set_deadline(options.first_byte, end);
  co_await boost::asio::async_write(stream, boost::asio::buffer(message),
                                    boost::asio::redirect_error(boost::asio::use_awaitable, code));
  if (code) throw transport_error(phase::send, code, name_of(question));
  co_await read_header(stream, question);

  response reply = to_response(parser->get().base());
  const auto length = parser->content_length();
  const bool coded = !equal_ignoring_case(reply.find("Content-Encoding").value_or("identity"), "identity");
  if (!equal_ignoring_case(reply.find("Transfer-Encoding").value_or("chunked"), "chunked"))
    throw bad_response("its Transfer-Encoding was not asked for", name_of(question));
  std::uint64_t received = 0;
  body_part take;
  if (reply.ok()) {
    if (coded && question.verb != method::head)
      throw bad_response("its Content-Encoding was not asked for",
                         name_of(question)); // unpacking it is where bombs go off
    if (length && *length > question.body_limit && question.verb != method::head)
      throw too_large(question.body_limit, name_of(question));
    begin_chunk = [&](std::uint64_t size, auto, boost::system::error_code& refused) {
      if (size > question.body_limit - received) refused = http::error::body_limit;
    };
    parser->on_chunk_header(begin_chunk);
    take = [&](std::string_view piece) {
      received += piece.size();
      if (received > question.body_limit) throw too_large(question.body_limit, name_of(question));
      if (sink)
        sink(piece);
      else
        reply.body += piece;
      return true;
    };
  } else {
    take = [&](std::string_view piece) {
      received += piece.size();
      if (!coded) reply.body += piece.substr(0, error_body_limit - reply.body.size());
      return received < error_body_limit;
    };
  }
  co_await read_body(stream, take, question, end);
  reusable = parser->is_done() && parser->keep_alive() && buffer.size() == 0;
  parser.reset();
  co_return reply;
}

// Reads the header of the final reply; interim ones (1xx) are passed over.
template <class Stream>
task<void> connection::state::read_header(Stream& stream, const request& question) {
  constexpr int most_interim_replies = 8;
  for (int i = 0; i < most_interim_replies; ++i) {
    parser.emplace();
    parser->header_limit(header_limit);
    parser->body_limit(boost::none); // counted in exchange(), where the status is known
    parser->skip(question.verb == method::head);
    boost::system::error_code code;
    const std::size_t size = co_await boost::beast::http::async_read_header(
        stream, buffer, *parser, boost::asio::redirect_error(boost::asio::use_awaitable, code));
    answered = answered || parser->got_some() || buffer.size() > 0;
    if (code) throw transport_error(phase::header, code, name_of(question));
    // Beast does not count what it parsed at the first read, which may be a whole buffer.
    if (size > header_limit) throw bad_response("its header is longer than 64 KiB", name_of(question));
    const auto status = parser->get().result_int();
    if (status >= 200) co_return;
    if (status == 101) break;
  }
  throw bad_response("the server answers with interim replies only", name_of(question));
}

template <class Stream>
task<void> connection::state::read_body(Stream& stream, const body_part& take, const request& question,
                                        clock::time_point end) {
  auto& body = parser->get().body();
  body.take = &take;
  while (!parser->is_done()) {
    set_deadline(options.idle, end);
    boost::system::error_code code;
    // One read at a time: async_read() would wait for the whole body, and a slow peer would look like an idle one.
    co_await boost::beast::http::async_read_some(stream, buffer, *parser,
                                                 boost::asio::redirect_error(boost::asio::use_awaitable, code));
    if (body.thrown) std::rethrow_exception(body.thrown);
    if (body.is_enough) co_return; // what is left unread goes away with the connection
    if (code == boost::beast::http::error::body_limit) throw too_large(question.body_limit, name_of(question));
    if (code) throw transport_error(phase::body, code, name_of(question));
  }
}

} // namespace eucv::net::detail
#endif
