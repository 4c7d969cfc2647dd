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

/// How pictures are asked for.
struct visit_options {
  politeness hosts{};
  robots_rule robots = robots_rule::honour;
  int redirects = 5; ///< of one item; each is another turn, at the host that it leads to
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file
  std::string accept = "image/*"; ///< the header Accept: which formats are wanted, see image::accept_header()
};

/// How the visits of an item ended.
struct visited {
  std::optional<error> failure; ///< why there is no body
  int requests = 0;             ///< for the item in all, steps of redirects aside
  double seconds = 0;           ///< since the first of them
};

/// Fetches the items of a host_queue as a guest of their hosts: robots.txt first, a host in trouble is left in peace,
/// an item that failed in passing goes back into the queue, and one that is redirected into that of the host that it
/// leads to. For tasks of one thread; what it is made of must outlive it.
template <net::transport Transport>
class visitor {
public:
  /// `engine` draws the jitter between tries. `hosts` of the options are those that the queue was made with.
  visitor(Transport& transport, host_queue& queue, dispatcher& turns, const visit_options& options, random engine)
      : transport_(&transport), queue_(&queue), turns_(&turns), options_(options), engine_(engine) {}

  /// One turn of an item of the queue, whose address is `address`: the picture goes into `body`, a new one each turn.
  /// Nothing where the item was put back, and will be taken again. Ends the ticket. Throws only what ends the run: a
  /// disk that takes no more, a cancellation. The address must live until the task ends.
  net::task<std::optional<visited>> visit(const host_queue::ticket taken, const std::string& address, spool& body) {
    begun& now = under_way_[taken.item];
    const result<net::url> target = now.target ? result<net::url>(*now.target) : net::parse_url(address);
    std::optional<error> why = refusal(taken, target);
    if (why) {
      if (now.failure) why = now.failure; // its own failure tells more than that of its host
      settle(taken, detail::exchange(), 0);
      co_return done(taken, std::move(why));
    }
    if (options_.robots == robots_rule::honour) {
      const auto state = gates_[target->origin()].now();
      if (state == robots_gate::state::asked) { // http and https of one host, say: the other one's time will come
        queue_->put_back(taken, clock::now() + std::chrono::milliseconds(50));
        settle(taken, detail::exchange(), 0);
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
    question.follow_redirects = false; // the host behind one has its own limits and robots.txt
    question.headers = {{"Accept", options_.accept}};
    question.body_limit = options_.body_limit;
    net::body_sink sink = [&body](std::string_view piece) { body.append(piece); };
    detail::exchange got = co_await detail::ask(*transport_, question, std::move(sink));
    if (auto next = detail::next_address(question, got, now.redirects, options_.redirects)) {
      redirect(taken, now, std::move(*next));
      co_return std::nullopt;
    }
    if (settle(taken, got, now.attempts())) {
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
  // An item on its way, over several turns where it is tried again or redirected.
  struct begun {
    clock::time_point begin{}; // of the first request
    int requests = 0, redirects = 0;
    std::optional<net::url> target{}; // where the last redirect led
    std::optional<error> failure{};   // of the last request

    [[nodiscard]] int attempts() const noexcept { return requests - redirects; }
  };

  visited done(const host_queue::ticket& taken, std::optional<error> failure) {
    const begun now = std::move(under_way_.at(taken.item));
    under_way_.erase(taken.item);
    return {std::move(failure), now.attempts(),
            now.requests > 0 ? std::chrono::duration<double>(clock::now() - now.begin).count() : 0};
  }

  // Tells the queue how the request of a ticket ended. True: its item was put back and will be taken again.
  bool settle(const host_queue::ticket& taken, const detail::exchange& got, int requests) {
    const auto now = clock::now();
    const bool again = got.meaning != sign::fine && requests < options_.hosts.retry.attempts &&
                       got.wait.value_or(std::chrono::milliseconds(0)) <= options_.hosts.retry.patience;
    const bool own_pause = got.meaning == sign::passing; // in trouble the whole host rests
    if (again) queue_->put_back(taken, own_pause ? now + net::backoff(options_.hosts.retry, requests, engine_) : now);
    if (got.meaning == sign::trouble)
      queue_->troubled(taken, now, got.wait, *got.failure);
    else
      queue_->answered(taken, now);
    turns_->wake();
    return again;
  }

  // Puts an item that was redirected behind those of the host that it leads to, whose limits are then kept; the next
  // step on the same host comes at once.
  void redirect(const host_queue::ticket& taken, begun& item, net::url next) {
    ++item.redirects;
    item.failure.reset();
    if (next.host == queue_->name(taken.host))
      queue_->put_back(taken);
    else
      queue_->add(next.host, taken.item);
    item.target = std::move(next);
    settle(taken, detail::exchange(), 0);
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
    if (got.meaning != sign::fine && settle(taken, got, gate.requests)) {
      gate.ask_again();
      co_return;
    }
    if (got.reply)
      gate.settle(got.reply->status, text);
    else
      gate.settle(*got.failure, text);
    if (gate.crawl_delay()) queue_->slow_down(taken.host, *gate.crawl_delay());
    queue_->put_back(taken);
    if (got.meaning == sign::fine) settle(taken, detail::exchange(), gate.requests);
  }

  // Why an item must not be asked for, as far as that is known before.
  std::optional<error> refusal(const host_queue::ticket& taken, const result<net::url>& address) const {
    if (const error* verdict = queue_->given_up(taken.host)) return *verdict;
    if (!address) return address.error();
    if (options_.robots == robots_rule::ignore) return std::nullopt;
    const auto gate = gates_.find(address->origin());
    if (gate == gates_.end() || gate->second.now() != robots_gate::state::known) return std::nullopt;
    return gate->second.refusal(address->target, address->str());
  }

  Transport* transport_;
  host_queue* queue_;
  dispatcher* turns_;
  visit_options options_;
  random engine_;
  std::unordered_map<std::string, robots_gate> gates_; // by origin
  std::unordered_map<std::size_t, begun> under_way_;   // by item
};

/// The host of an address, or nothing where it is none: the name of its queue.
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
