#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/net/task.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace eucv::net {

/// The addresses of a host, the preferred one first.
using address_list = std::vector<boost::asio::ip::address>;

/// A blocking lookup: returns the addresses of `host`, not empty, or throws error.
using lookup_function = std::function<address_list(const std::string& host)>;

/// The lookup of the operating system, getaddrinfo(3). Throws errc::dns.
address_list system_lookup(const std::string& host);

/// Options of a resolver.
struct resolver_options {
  std::size_t threads = 8;                ///< lookups at a time; further hosts wait
  std::chrono::milliseconds keep{60'000}; ///< how long an answer is cached; failures are not
  std::size_t kept = 1024;                ///< hosts in the cache
};

/// A resolver of host names with deadlines and a cache.
///
/// Lookups of the system block and can be neither cancelled nor limited in time, those of Asio included: so each runs
/// on a thread of this class, and a caller whose deadline passes, or who is cancelled, does not wait for its end.
/// Callers that ask for the same host share a lookup. Thread-safe; tasks of several contexts may share one resolver.
class resolver {
public:
  using clock = std::chrono::steady_clock;

  /// A resolver that looks up hosts by `lookup`.
  explicit resolver(resolver_options options = {}, lookup_function lookup = system_lookup);
  ~resolver();
  resolver(resolver&&) noexcept;
  resolver& operator=(resolver&&) noexcept;

  /// The addresses of `host`, a name or a literal without brackets. Throws what the lookup threw, or errc::timeout.
  task<address_list> resolve(std::string host, clock::time_point deadline);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>

namespace eucv::net {

address_list system_lookup(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); code != 0)
    throw error(errc::dns, {"look up the host", host, ::gai_strerror(code), "check the name and the network"});
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  address_list addresses;
  for (; found != nullptr; found = found->ai_next) {
    boost::asio::ip::address address;
    if (found->ai_family == AF_INET) {
      sockaddr_in place{};
      std::memcpy(&place, found->ai_addr, sizeof place);
      address = boost::asio::ip::address_v4(ntohl(place.sin_addr.s_addr));
    } else if (found->ai_family == AF_INET6) {
      sockaddr_in6 place{};
      std::memcpy(&place, found->ai_addr, sizeof place);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &place.sin6_addr, bytes.size());
      address = boost::asio::ip::address_v6(bytes, place.sin6_scope_id);
    } else {
      continue;
    }
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (addresses.empty())
    throw error(errc::dns, {"look up the host", host, "it has no address", "check the name and the network"});
  return addresses;
}

namespace detail {

// One lookup under way, or its answer.
struct host_lookup {
  struct waiter {
    boost::asio::any_io_executor executor;
    std::shared_ptr<boost::asio::steady_timer> answered;
  };

  bool done = false;
  address_list addresses;
  std::exception_ptr failure;
  resolver::clock::time_point kept_until;
  std::set<waiter*> waiters;
};

} // namespace detail

// Shared with the threads, which may outlive the resolver. All members behind `options` are guarded by `mutex`.
struct resolver::state {
  resolver_options options;
  lookup_function lookup;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<detail::host_lookup>> hosts;
  std::deque<std::pair<std::string, std::shared_ptr<detail::host_lookup>>> queue;
  std::size_t threads = 0;

  // The answer that is kept for `host`, the lookup that somebody else waits for, or a new one in the queue.
  static std::shared_ptr<detail::host_lookup> find_or_start(const std::shared_ptr<state>& self,
                                                            const std::string& host) {
    auto& kept = self->hosts[host];
    if (kept && (!kept->done || clock::now() < kept->kept_until)) return kept;
    auto started = std::make_shared<detail::host_lookup>();
    kept = started;
    self->forget_old_answers();
    self->queue.emplace_back(host, started);
    if (self->threads < self->options.threads) {
      // A thread lives while the queue holds hosts. Detached: nothing can end a lookup that hangs.
      std::thread([self] { drain(*self); }).detach();
      ++self->threads;
    }
    return started;
  }

  void forget_old_answers() {
    if (hosts.size() <= options.kept) return;
    const auto now = clock::now();
    std::erase_if(hosts, [&](const auto& entry) { return entry.second->done && entry.second->kept_until <= now; });
    for (auto entry = hosts.begin(); entry != hosts.end() && hosts.size() > options.kept;)
      entry = entry->second->done ? hosts.erase(entry) : std::next(entry);
  }

  static void drain(state& self) {
    std::unique_lock lock(self.mutex);
    while (!self.queue.empty()) {
      const auto [host, answer] = std::move(self.queue.front());
      self.queue.pop_front();
      lock.unlock();
      address_list addresses;
      std::exception_ptr failure;
      try {
        addresses = self.lookup(host);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      answer->addresses = std::move(addresses);
      answer->failure = failure;
      answer->kept_until = failure ? clock::time_point::min() : clock::now() + self.options.keep;
      answer->done = true;
      // Posted under the lock: a waiter whose context goes away takes itself out first, and waits for the lock.
      for (auto* waiter : answer->waiters)
        boost::asio::post(waiter->executor, [timer = waiter->answered] { timer->cancel(); });
      answer->waiters.clear();
    }
    --self.threads;
  }
};

resolver::resolver(resolver_options options, lookup_function lookup) : state_(std::make_shared<state>()) {
  state_->options = options;
  state_->lookup = std::move(lookup);
}
resolver::resolver(resolver&&) noexcept = default;
resolver& resolver::operator=(resolver&&) noexcept = default;
resolver::~resolver() {
  if (!state_) return;
  std::lock_guard lock(state_->mutex);
  state_->queue.clear();
}

namespace detail {

struct lookup_guard {
  lookup_guard(std::mutex& m, host_lookup& a, host_lookup::waiter& w) : mutex(m), answer(a), waiter(w) {}
  ~lookup_guard() {
    std::lock_guard lock(mutex);
    answer.waiters.erase(&waiter);
  }
  std::mutex& mutex;
  host_lookup& answer;
  host_lookup::waiter& waiter;
};

} // namespace detail

task<address_list> resolver::resolve(std::string host, clock::time_point deadline) {
  boost::system::error_code code;
  if (const auto literal = boost::asio::ip::make_address(host, code); !code) co_return address_list{literal};

  const auto shared = state_; // the resolver may be gone when the answer comes
  const auto executor = co_await boost::asio::this_coro::executor;
  detail::host_lookup::waiter self{executor, std::make_shared<boost::asio::steady_timer>(executor, deadline)};
  std::shared_ptr<detail::host_lookup> answer;
  {
    std::lock_guard lock(shared->mutex);
    answer = state::find_or_start(shared, host);
    if (answer->done) co_return answer->addresses; // only good answers are kept
    answer->waiters.insert(&self);
  }
  const detail::lookup_guard leave(shared->mutex, *answer, self);
  co_await self.answered->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
  {
    std::lock_guard lock(shared->mutex);
    if (answer->done && answer->failure) std::rethrow_exception(answer->failure);
    if (answer->done) co_return answer->addresses;
  }
  if (code) throw boost::system::system_error(code, "look up the host"); // cancelled
  throw error(errc::timeout, {"look up the host", host, "no answer within the deadline", "try again later"});
}

} // namespace eucv::net
#endif
