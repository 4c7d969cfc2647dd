#pragma once

#include <eucv/core/result.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/spool.hpp>
#include <eucv/net/task.hpp>

#include <cstddef>
#include <filesystem>
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
  /// store_file() on a thread that waits.
  net::task<void> store(std::filesystem::path path, std::string bytes);

private:
  struct pools;
  std::unique_ptr<pools> pools_;
};

} // namespace eucv::download::detail

#ifdef EUCV_IMPLEMENTATION
#include <eucv/download/store.hpp>
#include <eucv/net/offload.hpp>

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

namespace eucv::download::detail {

struct workshop::pools {
  explicit pools(std::size_t threads) : decoders(threads), writers(8) {}
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
  std::function<void()> work = [path = std::move(path), shared = std::make_shared<std::string>(std::move(bytes))] {
    store_file(path, *shared);
  };
  return net::offload(pools_->writers, std::move(work));
}

} // namespace eucv::download::detail
#endif
