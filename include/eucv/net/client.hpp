#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/client_options.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/resolver.hpp>
#include <eucv/net/task.hpp>

#include <memory>

namespace eucv::net {

/// An HTTP/1.1 client for untrusted hosts, over http and https; models transport.
///
///     net::client web;
///     net::request page{.target = *net::parse_url("https://example.org/")};
///     const net::response reply = co_await web.send(page);
///
/// - Connections are reused. A reused one that turns out to be closed is replaced once if no byte of the reply came;
/// POST
///   always gets a new one, since it must not be sent twice.
/// - Each phase has its deadline (client_options); exceeding one is errc::timeout.
/// - https: TLS 1.2 or newer, and a certificate valid for the host. This cannot be switched off.
///   Revocation of certificates is not checked: that takes a request to a third party for each host.
/// - A host is resolved once for each connection; addresses that the rule forbids are dropped (errc::private_address
///   where none is left), and the connection goes to an address that was checked. Each redirect is checked again.
/// - Redirects of GET and HEAD are followed, at most max_redirects; never from https to http; header fields such as
///   X-Api-Key and Authorization do not follow to another origin.
/// - A body shorter than announced is errc::truncated, a longer one than request::body_limit errc::too_large; one
///   with a Content-Encoding is refused (bad_response), as none was asked for.
///
/// For hundreds of requests at a time, from tasks of one thread; run() may be called several times. A cancelled request
/// throws errc::interrupted. No proxies, no HTTP/2.
class client {
public:
  /// Throws errc::tls where options.ca_file cannot be read.
  explicit client(client_options options = {});
  /// Shares a resolver, and its cache, with other clients; not null.
  client(client_options options, std::shared_ptr<resolver> names);
  /// Movable; tasks under way keep its state.
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  /// Sends a request, which must live until the task ends. Throws error: the codes "addresses and connections" of
  /// errc but http_status, errc::invalid_argument for a header field that cannot be sent, or errc::interrupted.
  task<response> send(const request& question);
  /// Sends a request and gives the body of a 2xx reply to `sink`; throws the same, and what the sink throws.
  task<response> send(const request& question, body_sink sink);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/core/error.hpp>
#include <eucv/net/address.hpp>
#include <eucv/net/detail/connection.hpp>
#include <eucv/net/detail/pool.hpp>
#include <eucv/net/detail/tls.hpp>
#include <eucv/net/redirect.hpp>
#include <eucv/net/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace eucv::net {

static_assert(transport<client>);

// Every task holds it, so a client may be destroyed before its last task ends.
struct client::state {
  using clock = std::chrono::steady_clock;

  state(client_options rules, std::shared_ptr<resolver> resolver)
      : options(std::move(rules)), names(std::move(resolver)), pool(options) {
    if (!options.ca_file.empty()) tls = detail::make_tls_context(options.ca_file);
  }

  task<void> connect(std::unique_ptr<detail::connection>& link, const url& peer, clock::time_point end);
  task<response> send_once(const request& question, const body_sink& sink, clock::duration& left);
  static task<response> send(std::shared_ptr<state> self, const request& question, body_sink sink);

  client_options options;
  std::shared_ptr<resolver> names;
  std::shared_ptr<boost::asio::ssl::context> tls; // made for the first https request: it reads a large file
  detail::connection_pool pool;
};

client::client(client_options options) : client(std::move(options), std::make_shared<resolver>()) {}
client::client(client_options options, std::shared_ptr<resolver> names)
    : state_(std::make_shared<state>(std::move(options), std::move(names))) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

task<response> client::send(const request& question) {
  return state::send(state_, question, {});
}
task<response> client::send(const request& question, body_sink sink) {
  return state::send(state_, question, std::move(sink));
}

task<void> client::state::connect(std::unique_ptr<detail::connection>& link, const url& peer, clock::time_point end) {
  std::string host = peer.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  // The lookup and the connection share one deadline.
  const auto connected_by = std::min(clock::now() + options.connect, end);
  address_list addresses = co_await names->resolve(host, connected_by);
  if (options.addresses == address_rule::only_public) {
    std::erase_if(addresses, [&](const auto& address) {
      return !is_public(address) && !(options.own_addresses && options.own_addresses(address));
    });
    if (addresses.empty())
      throw error(errc::private_address, {"connect", redact(peer.str()), "the host has no public address",
                                          "allow private addresses if the service is your own"});
  }
  if (peer.scheme == "https" && !tls) tls = detail::make_tls_context({});
  link = std::make_unique<detail::connection>(co_await boost::asio::this_coro::executor, tls, options);
  co_await link->connect(peer, std::move(addresses), connected_by);
  if (peer.scheme == "https") co_await link->secure(peer, end);
}

// One hop. `left` is what is left of the total deadline; the wait for a place among the connections takes nothing of
// it, as it depends on how much the caller wants at once and not on the server.
task<response> client::state::send_once(const request& question, const body_sink& sink, clock::duration& left) {
  auto place = co_await pool.acquire(question.target.origin());
  const auto begin = clock::now();
  if (question.verb == method::post) place.link.reset();

  std::optional<response> reply;
  if (place.link) {
    try {
      reply.emplace(co_await place.link->exchange(question, sink, begin + left));
    } catch (const error& thrown) {
      if (thrown.code() != errc::connection_reset || place.link->has_answered()) throw;
    }
  }
  if (!reply) {
    co_await connect(place.link, question.target, begin + left);
    reply.emplace(co_await place.link->exchange(question, sink, begin + left));
  }
  place.keep();
  left -= clock::now() - begin;
  co_return std::move(*reply);
}

task<response> client::state::send(std::shared_ptr<state> self, const request& question, body_sink sink) {
  try {
    request hop = question;
    clock::duration left = self->options.total;
    for (int redirects = 0;; ++redirects) {
      response reply = co_await self->send_once(hop, sink, left);
      reply.final_url = hop.target;
      if (!hop.follow_redirects || !is_redirect(hop, reply)) co_return reply;
      if (redirects >= self->options.max_redirects)
        throw error(errc::too_many_redirects,
                    {"follow redirects", redact(question.target.str()),
                     "more than " + std::to_string(self->options.max_redirects), "check the address"});
      hop = redirected(std::move(hop), reply);
    }
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != boost::asio::error::operation_aborted) throw;
    throw error(errc::interrupted,
                {"fetch", redact(question.target.str()), "it was cancelled", "do the same again to go on"});
  }
}

} // namespace eucv::net
#endif
