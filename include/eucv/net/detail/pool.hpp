#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/net/client_options.hpp>
#include <eucv/net/detail/connection.hpp>
#include <eucv/net/semaphore.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace boost::asio {
class execution_context;
}

namespace eucv::net::detail {

/// The connection pool of a client: a limit of open connections an origin, and idle connections for the next request.
///
/// For tasks of one thread, which it must outlive. The context of the tasks may change between requests (one run()
/// after another): kept connections belong to their context and are closed when it ends.
class connection_pool {
public:
  class lease;

  /// The options must outlive the pool.
  explicit connection_pool(const client_options& options);
  ~connection_pool();
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;

  /// Waits until a connection to `origin` may be open, and takes an idle one that is alive, if there is one.
  task<lease> acquire(std::string origin);

private:
  struct kept_connection {
    std::string origin;
    std::unique_ptr<connection> link;
    std::chrono::steady_clock::time_point since;
  };
  struct kept_connections {
    boost::asio::execution_context* context = nullptr;
    std::list<kept_connection> links; // the oldest first
  };
  struct origin_places {
    explicit origin_places(std::size_t count) : places(count) {}
    semaphore places;
    std::size_t users = 0; // leases held or waited for; without any the pool forgets the origin
  };
  using origin_map = std::map<std::string, origin_places>;
  class closer;
  class use;

  std::unique_ptr<connection> take(const std::string& origin, boost::asio::execution_context& context);
  void keep(kept_connection kept, const boost::asio::execution_context& context);

  const client_options& options_;
  std::shared_ptr<kept_connections> kept_;
  origin_map origins_;
};

/// A registration of a task as a user of an origin.
class connection_pool::use {
public:
  use(connection_pool& pool, origin_map::iterator origin) noexcept : pool_(&pool), origin_(origin) {
    ++origin_->second.users;
  }
  use(use&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), origin_(other.origin_) {}
  use& operator=(use&&) = delete;
  ~use() {
    if (pool_ != nullptr && --origin_->second.users == 0) pool_->origins_.erase(origin_);
  }
  [[nodiscard]] connection_pool& pool() const noexcept { return *pool_; }
  [[nodiscard]] const std::string& origin() const noexcept { return origin_->first; }
  [[nodiscard]] semaphore& places() const noexcept { return origin_->second.places; }

private:
  connection_pool* pool_;
  origin_map::iterator origin_;
};

/// The right to one open connection to an origin, released by the destructor, which closes it unless it was kept.
class connection_pool::lease {
public:
  /// An idle connection that is alive, or null: then the holder puts a new one here.
  std::unique_ptr<connection> link;

  /// Keeps the connection, if it is reusable, for the next request to the same origin.
  void keep() {
    if (link && link->is_reusable())
      use_.pool().keep({use_.origin(), std::move(link), std::chrono::steady_clock::now()}, *context_);
  }

private:
  friend connection_pool;
  lease(use claimed, semaphore::permit permit, boost::asio::execution_context& context)
      : use_(std::move(claimed)), permit_(std::move(permit)), context_(&context) {}

  use use_; // goes after the permit, which refers to its semaphore
  semaphore::permit permit_;
  boost::asio::execution_context* context_;
};

} // namespace eucv::net::detail

#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <vector>

namespace eucv::net::detail {

// A service of each context in which a client ran: it closes the kept connections when the context ends, since a
// socket must not outlive its context, while a client may.
class connection_pool::closer final : public boost::asio::execution_context::service {
public:
  inline static boost::asio::execution_context::id id;

  explicit closer(boost::asio::execution_context& owner) : service(owner) {}

  void watch(const std::shared_ptr<kept_connections>& kept) {
    std::lock_guard lock(mutex_);
    std::erase_if(watched_, [&](const auto& other) { return other.expired() || other.lock() == kept; });
    watched_.push_back(kept);
  }

private:
  void shutdown() override {
    for (const auto& watched : watched_)
      if (const auto kept = watched.lock(); kept && kept->context == &context()) {
        kept->links.clear();
        kept->context = nullptr;
      }
  }

  std::mutex mutex_; // clients of several threads may share a context whose tasks run on strands
  std::vector<std::weak_ptr<kept_connections>> watched_;
};

connection_pool::connection_pool(const client_options& options)
    : options_(options), kept_(std::make_shared<kept_connections>()) {}
connection_pool::~connection_pool() = default;

task<connection_pool::lease> connection_pool::acquire(std::string origin) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  use claimed(*this, origins_.try_emplace(std::move(origin), options_.connections_per_origin).first);
  semaphore::permit permit = co_await claimed.places().acquire();
  lease leased(std::move(claimed), std::move(permit), context);
  leased.link = take(leased.use_.origin(), context);
  co_return leased;
}

std::unique_ptr<connection> connection_pool::take(const std::string& origin, boost::asio::execution_context& context) {
  auto& links = kept_->links;
  if (kept_->context != &context) {
    links.clear();
    kept_->context = &context;
    boost::asio::use_service<closer>(context).watch(kept_);
  }
  const auto oldest = std::chrono::steady_clock::now() - options_.keep;
  std::erase_if(links, [&](const auto& kept) { return kept.since < oldest; });
  while (true) {
    // The youngest first: it is the most likely to be alive.
    const auto found =
        std::find_if(links.rbegin(), links.rend(), [&](const auto& kept) { return kept.origin == origin; });
    if (found == links.rend()) return nullptr;
    auto link = std::move(found->link);
    links.erase(std::next(found).base());
    if (link->is_alive()) return link;
  }
}

void connection_pool::keep(kept_connection kept, const boost::asio::execution_context& context) {
  if (kept_->context != &context || options_.idle_connections == 0) return;
  kept_->links.push_back(std::move(kept));
  if (kept_->links.size() > options_.idle_connections) kept_->links.pop_front();
}

} // namespace eucv::net::detail
#endif
