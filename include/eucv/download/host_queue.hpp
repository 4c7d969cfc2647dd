#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace eucv::download {

/// What is to be fetched, host by host: each host gets its turn, and none more than a number of requests at a time.
///
/// Hosts that may take a request stand in a ring; take() gives the next item of the next host in it. So a host with
/// 100,000 items does not keep one with ten waiting, and a slow host holds as many workers as it may have requests
/// open, not one more.
///
/// A worker that take() gives nothing may end, even though items are left: then every host with items left has all its
/// requests open, each with a worker that comes back for the next. Only such a worker makes room, for one item. For one
/// thread.
class host_queue {
public:
  /// An item on its way. Give it back with done(), once.
  struct ticket {
    std::size_t item; ///< as it was given to add()
    std::size_t host;
  };

  /// `per_host` requests at a time, at least 1.
  explicit host_queue(std::size_t per_host) : per_host_(per_host == 0 ? 1 : per_host) {}

  /// Puts an item behind the others of its host. Items without a host share the empty name.
  void add(std::string_view name, std::size_t item) {
    const auto [place, is_new] = names_.try_emplace(std::string(name), hosts_.size());
    if (is_new) hosts_.emplace_back();
    const std::size_t index = place->second;
    hosts_[index].waiting.push_back(item);
    ++waiting_;
    enter_ring(index);
  }

  /// The next item, or nothing where no host with items may take a request now.
  std::optional<ticket> take() {
    if (ring_.empty()) return std::nullopt;
    const std::size_t index = ring_.front();
    ring_.pop_front();
    host& next = hosts_[index];
    next.in_ring = false;
    const ticket taken{next.waiting.front(), index};
    next.waiting.pop_front();
    --waiting_;
    ++next.open;
    enter_ring(index);
    return taken;
  }

  /// The request of a ticket has ended.
  void done(const ticket& taken) {
    --hosts_[taken.host].open;
    enter_ring(taken.host);
  }

  /// Items that nobody has taken yet.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::size_t hosts() const noexcept { return hosts_.size(); }

private:
  struct host {
    std::deque<std::size_t> waiting;
    std::size_t open = 0;
    bool in_ring = false;
  };

  void enter_ring(std::size_t index) {
    host& candidate = hosts_[index];
    if (candidate.in_ring || candidate.waiting.empty() || candidate.open >= per_host_) return;
    candidate.in_ring = true;
    ring_.push_back(index);
  }

  std::size_t per_host_;
  std::vector<host> hosts_;
  std::unordered_map<std::string, std::size_t> names_;
  std::deque<std::size_t> ring_;
  std::size_t waiting_ = 0;
};

} // namespace eucv::download
