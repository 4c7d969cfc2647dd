#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/core/result.hpp>
#include <eucv/crawl/detail/exchange.hpp>
#include <eucv/crawl/dispatcher.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/placeholder.hpp>
#include <eucv/crawl/politeness.hpp>
#include <eucv/crawl/robots_gate.hpp>
#include <eucv/crawl/robots_tag.hpp>
#include <eucv/crawl/spool.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/retry.hpp>
#include <eucv/net/task.hpp>
#include <eucv/net/url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace eucv::crawl {

/// Options of a polite_fetcher.
struct fetcher_options {
  crawl::politeness politeness{};           ///< limits for each host
  robots_rule robots = robots_rule::honour; ///< whether robots.txt and X-Robots-Tag are followed
  int redirects = 5;                        ///< of one item, at most; each is queued at the host that it leads to
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file
  std::string accept = "image/*"; ///< the header Accept: which formats are wanted, see image::accept_header()
};

/// The end of an item.
struct fetch_outcome {
  std::optional<error> failure; ///< why there is no body
  int requests = 0;             ///< for the item, without those after redirects
  double seconds = 0;           ///< since the first request
};

/// Fetches the items of a host_queue by the rules of their hosts: robots.txt is read first, an unavailable host backs
/// off, a transient failure puts the item back into the queue, and a redirect puts it into that of the host that it
/// leads to. For tasks of one thread; transport, queue and dispatcher must outlive it.
template <net::transport Transport>
class polite_fetcher {
public:
  /// `engine` draws the jitter of retries. options.politeness is that of the queue.
  polite_fetcher(Transport& transport, host_queue& queue, dispatcher& dispatch, const fetcher_options& options,
                 random engine)
      : transport_(&transport), queue_(&queue), dispatcher_(&dispatch), options_(options), engine_(engine) {}

  /// Sends one request for an item that was taken from the queue, to `address`, and reports the end of its ticket. The
  /// body goes into `body`, which must be empty. Returns nothing where the item was put back and will be taken again.
  /// Throws only errors of the local disk and errc::interrupted. The address must live until the task ends.
  net::task<std::optional<fetch_outcome>> fetch(const host_queue::ticket taken, const std::string& address,
                                                spool& body) {
    item_state& now = under_way_[taken.item];
    const result<net::url> target = now.target ? result<net::url>(*now.target) : net::parse_url(address);
    std::optional<error> why = refusal(taken, target);
    if (why) {
      if (now.failure) why = now.failure; // its own failure is more specific than that of its host
      end(taken, detail::exchange(), 0);
      co_return done(taken, std::move(why));
    }
    if (options_.robots == robots_rule::honour) {
      const auto state = gates_[target->origin()].now();
      if (state == robots_gate::state::asked) { // another item of this origin has requested it
        queue_->put_back(taken, clock::now() + std::chrono::milliseconds(50));
        end(taken, detail::exchange(), 0);
        co_return std::nullopt;
      }
      if (state == robots_gate::state::unknown) {
        co_await fetch_robots(taken, *target);
        co_return std::nullopt;
      }
    }
    if (now.requests++ == 0) now.begin = clock::now();
    net::request question;
    question.target = *target;
    question.follow_redirects = false; // the target may be another host, with its own limits and robots.txt
    question.headers = {{"Accept", options_.accept}};
    question.body_limit = options_.body_limit;
    net::body_sink sink = [&body](std::string_view piece) { body.append(piece); };
    detail::exchange got = co_await detail::ask(*transport_, question, std::move(sink));
    if (auto next = detail::next_address(question, got, now.redirects, options_.redirects)) {
      redirect(taken, now, std::move(*next));
      co_return std::nullopt;
    }
    if (end(taken, got, now.attempts())) {
      now.failure = std::move(got.failure);
      co_return std::nullopt;
    }
    why = std::move(got.failure);
    if (!why && options_.robots == robots_rule::honour && forbids_learning(got.reply->headers, robots_agent))
      why.emplace(errc::robots_tag, error_text{"download", address, "its X-Robots-Tag forbids it", {}});
    if (!why && is_placeholder(got.reply->final_url, got.reply->find("Content-Type").value_or(""), body.size()))
      why.emplace(errc::placeholder, error_text{"download", address, "there is no picture", {}});
    co_return done(taken, std::move(why));
  }

private:
  using clock = std::chrono::steady_clock;
  // An item that was requested and has not ended: it may be retried or redirected.
  struct item_state {
    clock::time_point begin{}; // of the first request
    int requests = 0, redirects = 0;
    std::optional<net::url> target{}; // where the last redirect led
    std::optional<error> failure{};   // of the last request

    [[nodiscard]] int attempts() const noexcept { return requests - redirects; }
  };

  fetch_outcome done(const host_queue::ticket& taken, std::optional<error> failure) {
    const item_state now = std::move(under_way_.at(taken.item));
    under_way_.erase(taken.item);
    return {std::move(failure), now.attempts(),
            now.requests > 0 ? std::chrono::duration<double>(clock::now() - now.begin).count() : 0};
  }

  // Reports the end of a ticket to the queue. True: its item was put back and will be taken again.
  bool end(const host_queue::ticket& taken, const detail::exchange& got, int requests) {
    const auto now = clock::now();
    const bool again = got.signal != host_signal::ok && requests < options_.politeness.retry.attempts &&
                       got.wait.value_or(std::chrono::milliseconds(0)) <= options_.politeness.retry.patience;
    const bool item_waits = got.signal == host_signal::transient; // else the whole host backs off
    if (again)
      queue_->put_back(taken, item_waits ? now + net::backoff(options_.politeness.retry, requests, engine_) : now);
    if (got.signal == host_signal::unavailable)
      queue_->unavailable(taken, now, got.wait, *got.failure);
    else
      queue_->answered(taken, now);
    dispatcher_->wake();
    return again;
  }

  // Queues a redirected item at the host that it leads to, whose limits then apply; on the same host it comes next.
  void redirect(const host_queue::ticket& taken, item_state& item, net::url next) {
    ++item.redirects;
    item.failure.reset();
    if (next.host == queue_->name(taken.host))
      queue_->put_back(taken);
    else
      queue_->add(next.host, taken.item);
    item.target = std::move(next);
    end(taken, detail::exchange(), 0);
  }

  // Fetches the robots.txt of an origin on behalf of the first item that needs it, which is put back.
  net::task<void> fetch_robots(const host_queue::ticket taken, const net::url& address) {
    robots_gate& gate = gates_[address.origin()];
    gate.ask();
    net::request question;
    question.target = address;
    question.target.target = "/robots.txt";
    question.headers = {{"Accept", "text/plain, */*;q=0.5"}};
    std::string text;
    net::body_sink keep = [&text](std::string_view piece) {
      text += piece.substr(0, robots_limit + 1 - text.size()); // one more tells the parser that it was cut
    };
    const detail::exchange got = co_await detail::ask(*transport_, question, std::move(keep));
    if (got.signal != host_signal::ok && end(taken, got, gate.requests)) {
      gate.ask_again();
      co_return;
    }
    if (got.reply)
      gate.settle(got.reply->status, text);
    else
      gate.settle(*got.failure, text);
    if (gate.crawl_delay()) queue_->slow_down(taken.host, *gate.crawl_delay());
    queue_->put_back(taken);
    if (got.signal == host_signal::ok) end(taken, detail::exchange(), gate.requests);
  }

  // Why an item must not be requested, where that is known before the request.
  std::optional<error> refusal(const host_queue::ticket& taken, const result<net::url>& address) const {
    if (const error* failure = queue_->given_up(taken.host)) return *failure;
    if (!address) return address.error();
    if (options_.robots == robots_rule::ignore) return std::nullopt;
    const auto gate = gates_.find(address->origin());
    if (gate == gates_.end() || gate->second.now() != robots_gate::state::known) return std::nullopt;
    return gate->second.refusal(address->target, address->str());
  }

  Transport* transport_;
  host_queue* queue_;
  dispatcher* dispatcher_;
  fetcher_options options_;
  random engine_;
  std::unordered_map<std::string, robots_gate> gates_;    // by origin
  std::unordered_map<std::size_t, item_state> under_way_; // by item
};

/// The host of an address, or an empty text for an invalid one: the name of its queue in host_queue.
[[nodiscard]] std::string host_of(const std::string& address);

} // namespace eucv::crawl

#ifdef EUCV_IMPLEMENTATION_CRAWL
namespace eucv::crawl {

std::string host_of(const std::string& address) {
  const auto parsed = net::parse_url(address);
  return parsed ? parsed->host : std::string();
}

} // namespace eucv::crawl
#endif
