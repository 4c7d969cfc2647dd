#pragma once

#include <eucv/core/result.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/spool.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/task.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace eucv::download::detail {

/// Threads beside that of the network: some that decode, and some that wait for the disk.
class workshop {
public:
  /// `threads` decode; 0: one a core.
  explicit workshop(std::size_t threads);
  ~workshop();
  workshop(const workshop&) = delete;
  workshop& operator=(const workshop&) = delete;

  /// make_picture() on a thread that decodes.
  net::task<result<picture>> make(spool body, picture_options options);
  /// Does what store_file() does, on threads that wait; files that come in side by side share the fsync of their
  /// folder.
  net::task<void> store(std::filesystem::path path, std::string bytes);

private:
  // One folder: a sync that begins after a file was renamed holds for it, whoever asked for that sync.
  struct shelf {
    std::uint64_t placed = 0, synced = 0; ///< files so far
    net::semaphore syncing{1};
  };
  struct pools;

  std::unique_ptr<pools> pools_;
  std::map<std::filesystem::path, shelf> shelves_;
};

} // namespace eucv::download::detail

#ifdef EUCV_IMPLEMENTATION
#include <eucv/core/file.hpp>
#include <eucv/download/store.hpp>
#include <eucv/net/offload.hpp>

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

namespace eucv::download::detail {

struct workshop::pools {
  explicit pools(std::size_t threads) : decoders(threads), writers(16) {}
  boost::asio::thread_pool decoders;
  boost::asio::thread_pool writers; // mostly asleep in fsync, and a journal of the file system serves many at once
};

workshop::workshop(std::size_t threads)
    : pools_(std::make_unique<pools>(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))) {}

workshop::~workshop() {
  pools_->decoders.join();
  pools_->writers.join();
}

// Both share what they work on, since offload() wants a function that can be copied, and megabytes must not be.
net::task<result<picture>> workshop::make(spool body, picture_options options) {
  std::function<result<picture>()> work = [shared = std::make_shared<spool>(std::move(body)), options] {
    return make_picture(shared->take(), options);
  };
  return net::offload(pools_->decoders, std::move(work));
}

net::task<void> workshop::store(std::filesystem::path path, std::string bytes) {
  shelf& place = shelves_[path.parent_path()];
  std::function<void()> write = [path, shared = std::make_shared<std::string>(std::move(bytes))] {
    place_file(path, *shared);
  };
  co_await net::offload(pools_->writers, std::move(write));
  const std::uint64_t own = ++place.placed;
  const auto permit = co_await place.syncing.acquire();
  if (place.synced >= own) co_return;
  const std::uint64_t all = place.placed;
  std::function<void()> sync = [folder = path.parent_path()] { sync_folder(folder); };
  co_await net::offload(pools_->writers, std::move(sync));
  place.synced = all;
}

} // namespace eucv::download::detail
#endif
