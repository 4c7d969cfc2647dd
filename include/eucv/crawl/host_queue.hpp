#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/crawl/politeness.hpp>
#include <eucv/net/retry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::crawl {

/// A queue of items to fetch, kept by host and served round-robin, with a delay and a limit of open requests a host.
///
/// take() gives the next item of the next host that may take a request. So a host with 100,000 items does not delay one
/// with ten, and a slow host occupies no more workers than it may have requests open. A new host gets a single request
/// first, and several at a time once that one was answered. A host that is unavailable (no answer, or 429 or 503) backs
/// off as a whole: no request until the backoff ends, then a single one. One that stays unavailable is given up, and
/// all its items fail with the same error.
///
/// Time is a parameter, from a monotonic clock. Items are numbers of the caller. For one thread.
class host_queue {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// An item that was taken. Report its end once, by answered() or unavailable().
  struct ticket {
    std::size_t item;    ///< as it was given to add()
    std::size_t host;    ///< a number below hosts()
    time_point begin;    ///< when it was taken
    std::size_t backoff; ///< number of backoffs of the host by then
  };

  /// A queue under those limits; `engine` draws the jitter of backoffs.
  explicit host_queue(const politeness& rules, random engine = random(1)) : rules_(rules), engine_(engine) {
    rules_.per_host = std::max<std::size_t>(rules_.per_host, 1);
  }

  /// Adds an item at the end of the queue of its host. Items without a host share the empty name.
  void add(std::string_view name, std::size_t item) {
    const auto [known, is_new] = names_.try_emplace(std::string(name), hosts_.size());
    if (is_new) {
      host& added = hosts_.emplace_back();
      added.name = known->first;
      added.delay = rules_.least_delay;
    }
    put(known->second, {item, {}});
  }

  /// The next item, or nothing where no host with items may take a request at `now`.
  std::optional<ticket> take(time_point now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) end_delay(delayed_.begin()->second);
    while (!ready_.empty()) {
      const std::size_t index = ready_.front();
      ready_.pop_front();
      host& next = hosts_[index];
      next.place = place::none;
      if (!may_take(next)) continue;
      if (ready_at(next) > now) {
        enter(index); // it began to back off while it was in ready_
        continue;
      }
      const ticket taken{next.waiting.front().item, index, now, next.backoffs};
      next.waiting.pop_front();
      --waiting_;
      ++next.open;
      ++open_;
      next.next_start = now + next.delay;
      enter(index);
      return taken;
    }
    return std::nullopt;
  }

  /// The earliest time at which take() gives an item if no open request ends before; nothing where it gives none then.
  [[nodiscard]] std::optional<time_point> next_start() const {
    if (!ready_.empty()) return time_point::min();
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
  }

  /// Reports that the host answered the request of a ticket, with whatever status.
  void answered(const ticket& taken, time_point now) {
    host& peer = hosts_[taken.host];
    const auto took = std::chrono::duration_cast<std::chrono::duration<double, std::milli>>(now - taken.begin);
    peer.delay = std::max(rules_.delay_after(took), peer.crawl_delay);
    peer.next_start = std::max(peer.next_start, std::min(taken.begin, now) + peer.delay);
    if (taken.backoff == peer.backoffs) { // else it was sent before the backoff
      if (peer.failures > 0 && !peer.given_up) --unavailable_hosts_;
      peer.failures = 0;
      peer.probing = false;
    }
    end(taken.host);
  }

  /// Reports that the host did not answer the request of a ticket or asked to wait, for `asked` if it said how long:
  /// it backs off. `why` is the error of its items if it is given up. Tickets that were open together count once.
  void unavailable(const ticket& taken, time_point now, std::optional<milliseconds> asked, const error& why) {
    host& peer = hosts_[taken.host];
    if (taken.backoff == peer.backoffs) {
      ++peer.backoffs;
      if (++peer.failures == 1 && !peer.given_up) ++unavailable_hosts_;
      peer.probing = true;
      peer.backoff_until = std::max(peer.backoff_until, now + net::backoff(rules_.retry, peer.failures, engine_));
    }
    if (asked) peer.backoff_until = std::max(peer.backoff_until, now + std::min(*asked, rules_.retry.patience));
    if (!peer.given_up && (peer.failures >= rules_.give_up_after || (asked && *asked > rules_.retry.patience))) {
      if (peer.failures > 0) --unavailable_hosts_;
      peer.given_up.emplace(why);
    }
    end(taken.host);
  }

  /// Puts the item of a ticket back: to be taken next, or after all others and not before `earliest`. The end of the
  /// ticket itself is still to be reported by answered() or unavailable().
  void put_back(const ticket& taken) {
    hosts_[taken.host].waiting.push_front({taken.item, {}});
    ++waiting_;
    enter(taken.host);
  }
  void put_back(const ticket& taken, time_point earliest) { put(taken.host, {taken.item, earliest}); }

  /// Sets the delay that the robots.txt of a host asks for, at most politeness::most_crawl_delay.
  void slow_down(std::size_t index, milliseconds crawl_delay) {
    host& peer = hosts_[index];
    peer.crawl_delay = std::min(crawl_delay, rules_.most_crawl_delay);
    peer.delay = std::max(peer.delay, peer.crawl_delay);
  }

  /// Why a host was given up, or null. take() gives its items without delay or limit, so that the caller can record
  /// their failure: check before each request.
  [[nodiscard]] const error* given_up(std::size_t index) const {
    const auto& failure = hosts_[index].given_up;
    return failure ? &*failure : nullptr;
  }

  /// Items that are not taken.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  /// Items that are taken and whose end is not reported.
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  /// Number of hosts; they are numbered from 0 in the order of their first items.
  [[nodiscard]] std::size_t hosts() const noexcept { return hosts_.size(); }
  /// The name of a host.
  [[nodiscard]] const std::string& name(std::size_t index) const { return hosts_[index].name; }
  /// Hosts that are unavailable and not given up.
  [[nodiscard]] std::size_t unavailable_hosts() const noexcept { return unavailable_hosts_; }

private:
  enum class place : unsigned char { none, ready, delayed };
  struct entry {
    std::size_t item;
    time_point earliest;
  };
  struct host {
    std::string name;
    std::deque<entry> waiting;
    std::size_t open = 0, backoffs = 0;
    int failures = 0;    // in a row
    bool probing = true; // one request at a time until one is answered
    milliseconds delay{0}, crawl_delay{0};
    time_point next_start{}, backoff_until{};
    std::optional<error> given_up; // the error of its items
    host_queue::place place = place::none;
    time_point delayed_until{}; // its key in delayed_
  };

  [[nodiscard]] bool may_take(const host& peer) const {
    return !peer.waiting.empty() && (peer.given_up || peer.open < (peer.probing ? 1 : rules_.per_host));
  }
  [[nodiscard]] static time_point ready_at(const host& peer) {
    if (peer.given_up) return {};
    return std::max({peer.next_start, peer.backoff_until, peer.waiting.front().earliest});
  }

  void put(std::size_t index, entry what) {
    hosts_[index].waiting.push_back(what);
    ++waiting_;
    enter(index);
  }
  void end(std::size_t index) {
    --hosts_[index].open;
    --open_;
    enter(index);
  }
  void end_delay(std::size_t index) {
    host& peer = hosts_[index];
    delayed_.erase({peer.delayed_until, index});
    peer.place = place::ready;
    ready_.push_back(index);
  }
  // Lists a host that may take a request by the time at which it may; take() moves it to ready_ then, and checks again,
  // since the host may have become unavailable meanwhile.
  void enter(std::size_t index) {
    host& peer = hosts_[index];
    if (peer.place == place::ready || !may_take(peer)) return;
    if (peer.place == place::delayed) delayed_.erase({peer.delayed_until, index});
    peer.delayed_until = ready_at(peer);
    peer.place = place::delayed;
    delayed_.emplace(peer.delayed_until, index);
  }

  politeness rules_;
  random engine_;
  std::vector<host> hosts_;
  std::unordered_map<std::string, std::size_t> names_;
  std::deque<std::size_t> ready_;
  std::set<std::pair<time_point, std::size_t>> delayed_;
  std::size_t waiting_ = 0, open_ = 0, unavailable_hosts_ = 0;
};

} // namespace eucv::crawl
