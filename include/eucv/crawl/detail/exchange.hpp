#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/crawl/politeness.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/redirect.hpp>
#include <eucv/net/task.hpp>
#include <eucv/net/url.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace eucv::crawl::detail {

/// The result of one request: a reply, a failure, or a reply with the failure that its status means.
struct exchange {
  std::optional<net::response> reply;
  std::optional<error> failure; ///< why there is no usable reply
  host_signal signal = host_signal::ok;
  std::optional<std::chrono::milliseconds> wait{}; ///< asked for by the host (Retry-After, RateLimit)
};

/// Whether an error ends the whole run, since it is about the local disk or a cancellation and not about the host.
[[nodiscard]] constexpr bool ends_run(errc code) noexcept {
  return code == errc::interrupted || code == errc::disk_full || code == errc::io || code == errc::permission_denied ||
         code == errc::not_found;
}

/// Sends a request, whose 2xx body goes to `sink`, and classifies the outcome. Throws only errors that ends_run().
template <net::transport Transport>
net::task<exchange> ask(Transport& transport, const net::request& question, net::body_sink sink) {
  exchange got;
  try {
    got.reply.emplace(co_await transport.send(question, std::move(sink)));
  } catch (const error& thrown) {
    if (ends_run(thrown.code())) throw;
    got.failure.emplace(thrown);
    got.signal = signal_of(thrown.code());
  }
  if (!got.reply || got.reply->ok()) co_return got;
  const int status = got.reply->status;
  got.failure.emplace(status, error_text{"download", question.target.str(), "HTTP " + std::to_string(status), {}});
  got.signal = signal_of(status);
  if (got.signal != host_signal::ok) got.wait = net::wait_asked(*got.reply, std::chrono::system_clock::now());
  co_return got;
}

/// The target of a redirect, or nothing: where the reply is no redirect, where `redirects` followed so far have reached
/// `most`, or where the target is not allowed. In the last two cases got.failure says why.
[[nodiscard]] std::optional<net::url> next_address(const net::request& question, exchange& got, int redirects,
                                                   int most);

} // namespace eucv::crawl::detail

#ifdef EUCV_IMPLEMENTATION_CRAWL
namespace eucv::crawl::detail {

std::optional<net::url> next_address(const net::request& question, exchange& got, int redirects, int most) {
  if (!got.reply || !net::is_redirect(question, *got.reply)) return std::nullopt;
  try {
    if (redirects < most) return net::redirected(question, *got.reply).target;
    got.failure.emplace(errc::too_many_redirects, error_text{"follow redirects", question.target.str(),
                                                             "more than " + std::to_string(most), "check the address"});
  } catch (const error& refused) {
    got.failure.emplace(refused);
  }
  return std::nullopt;
}

} // namespace eucv::crawl::detail
#endif
