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

/// What is to be fetched, host by host: each host gets its turn, at its own pace, and none more than a number of
/// requests at a time.
///
/// Hosts that may take a request stand in a ring; take() gives the next item of the next host in it. So a host with
/// 100,000 items does not keep one with ten waiting, and a slow host holds as many workers as it may have requests
/// open, not one more. A host is asked by one request first, and by several when that one was answered. In trouble (it
/// does not answer, or asks for patience) it rests as a whole, then gets one request again; one that stays in trouble
/// is given up, and all its items with it.
///
/// Time comes in as a parameter, from a clock that never goes back. For one thread.
class host_queue {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// An item on its way. Tell how it ended by answered() or troubled(), once.
  struct ticket {
    std::size_t item; ///< as it was given to add()
    std::size_t host; ///< a number below hosts()
    time_point begin; ///< when it was taken
    std::size_t rest; ///< how often the host had rested by then
  };

  explicit host_queue(const politeness& rules, random engine = random(1)) : rules_(rules), engine_(engine) {
    rules_.per_host = std::max<std::size_t>(rules_.per_host, 1);
  }

  /// Puts an item behind the others of its host. Items without a host share the empty name.
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
    while (!resting_.empty() && resting_.begin()->first <= now) leave_rest(resting_.begin()->second);
    while (!ring_.empty()) {
      const std::size_t index = ring_.front();
      ring_.pop_front();
      host& next = hosts_[index];
      next.place = place::none;
      if (!may_take(next)) continue;
      if (ready_at(next) > now) {
        enter(index); // it rests since it came into the ring
        continue;
      }
      const ticket taken{next.waiting.front().item, index, now, next.rests};
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

  /// When take() will give something though nothing ends before; nothing where it will not.
  [[nodiscard]] std::optional<time_point> next_start() const {
    if (!ring_.empty()) return time_point::min();
    if (resting_.empty()) return std::nullopt;
    return resting_.begin()->first;
  }

  /// The host answered the request of a ticket, however badly.
  void answered(const ticket& taken, time_point now) {
    host& peer = hosts_[taken.host];
    const auto took = std::chrono::duration_cast<std::chrono::duration<double, std::milli>>(now - taken.begin);
    peer.delay = std::max(rules_.delay_after(took), peer.crawl_delay);
    peer.next_start = std::max(peer.next_start, std::min(taken.begin, now) + peer.delay);
    if (taken.rest == peer.rests) { // else it tells of the time before the trouble
      if (peer.troubles > 0 && !peer.verdict) --in_trouble_;
      peer.troubles = 0;
      peer.on_trial = false;
    }
    end(taken.host);
  }

  /// The host did not answer the request of a ticket, or asked for patience, of `asked` if it said how long: it rests.
  /// `why` is what becomes of its items if it is given up. Tickets of one time in trouble count once.
  void troubled(const ticket& taken, time_point now, std::optional<milliseconds> asked, const error& why) {
    host& peer = hosts_[taken.host];
    if (taken.rest == peer.rests) {
      ++peer.rests;
      if (++peer.troubles == 1 && !peer.verdict) ++in_trouble_;
      peer.on_trial = true;
      peer.rests_until = std::max(peer.rests_until, now + net::backoff(rules_.retry, peer.troubles, engine_));
    }
    if (asked) peer.rests_until = std::max(peer.rests_until, now + std::min(*asked, rules_.retry.patience));
    if (!peer.verdict && (peer.troubles >= rules_.give_up_after || (asked && *asked > rules_.retry.patience))) {
      if (peer.troubles > 0) --in_trouble_;
      peer.verdict.emplace(why);
    }
    end(taken.host);
  }

  /// Puts the item of a ticket back: to be taken next, or behind all others and not before `earliest`. The ticket ends
  /// by answered() or troubled() all the same.
  void put_back(const ticket& taken) {
    hosts_[taken.host].waiting.push_front({taken.item, {}});
    ++waiting_;
    enter(taken.host);
  }
  void put_back(const ticket& taken, time_point earliest) { put(taken.host, {taken.item, earliest}); }

  /// A host whose robots.txt asks for a delay gets it, up to the limit of the rules.
  void slow_down(std::size_t index, milliseconds crawl_delay) {
    host& peer = hosts_[index];
    peer.crawl_delay = std::min(crawl_delay, rules_.most_crawl_delay);
    peer.delay = std::max(peer.delay, peer.crawl_delay);
  }

  /// Why a host was given up, or null. Its items are taken at once and without limit, for their rows: ask before each.
  [[nodiscard]] const error* given_up(std::size_t index) const {
    const auto& verdict = hosts_[index].verdict;
    return verdict ? &*verdict : nullptr;
  }

  /// Items that nobody has taken yet, and those on their way.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  [[nodiscard]] std::size_t hosts() const noexcept { return hosts_.size(); }
  [[nodiscard]] const std::string& name(std::size_t index) const { return hosts_[index].name; }
  /// Hosts that are in trouble and not given up.
  [[nodiscard]] std::size_t in_trouble() const noexcept { return in_trouble_; }

private:
  enum class place : unsigned char { none, ring, resting };
  struct entry {
    std::size_t item;
    time_point earliest;
  };
  struct host {
    std::string name;
    std::deque<entry> waiting;
    std::size_t open = 0, rests = 0;
    int troubles = 0;     // in a row
    bool on_trial = true; // one request at a time until one is answered
    milliseconds delay{0}, crawl_delay{0};
    time_point next_start{}, rests_until{};
    std::optional<error> verdict;
    host_queue::place place = place::none;
    time_point resting_until{}; // its key in resting_
  };

  [[nodiscard]] bool may_take(const host& peer) const {
    return !peer.waiting.empty() && (peer.verdict || peer.open < (peer.on_trial ? 1 : rules_.per_host));
  }
  [[nodiscard]] static time_point ready_at(const host& peer) {
    if (peer.verdict) return {};
    return std::max({peer.next_start, peer.rests_until, peer.waiting.front().earliest});
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
  void leave_rest(std::size_t index) {
    host& peer = hosts_[index];
    resting_.erase({peer.resting_until, index});
    peer.place = place::ring;
    ring_.push_back(index);
  }
  // Where the host waits for its turn. Who has nothing to wait for but the clock stands in resting_, all others that
  // may take in the ring; take() looks again, since a host may have come into trouble meanwhile.
  void enter(std::size_t index) {
    host& peer = hosts_[index];
    if (peer.place == place::ring || !may_take(peer)) return;
    if (peer.place == place::resting) resting_.erase({peer.resting_until, index});
    peer.resting_until = ready_at(peer);
    peer.place = place::resting;
    resting_.emplace(peer.resting_until, index);
  }

  politeness rules_;
  random engine_;
  std::vector<host> hosts_;
  std::unordered_map<std::string, std::size_t> names_;
  std::deque<std::size_t> ring_;
  std::set<std::pair<time_point, std::size_t>> resting_;
  std::size_t waiting_ = 0, open_ = 0, in_trouble_ = 0;
};

} // namespace eucv::crawl
