#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/crawl/spool.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/store.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/task.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>

namespace eucv::download::detail {

/// A picture, whose bytes are in `file` and no longer in `about`.
struct made_picture {
  picture about;
  written_file file;
};

/// Threads beside that of the network: some that make pictures, and two that wait for the disk.
class workshop {
public:
  /// What it stores lies below `folder`, which must be there. `threads` make pictures; 0: one a core. Throws a
  /// file_error().
  workshop(const std::filesystem::path& folder, std::size_t threads);
  ~workshop();
  workshop(const workshop&) = delete;
  workshop& operator=(const workshop&) = delete;

  /// What make_picture() makes, its bytes in a file that is yet to be settled under the name of `stem` and its suffix.
  /// Throws file_error().
  net::task<result<made_picture>> make(crawl::spool body, picture_options options, std::filesystem::path stem);
  /// Brings the file of a picture to the disk, and names it then, as store_file() does. Files that come in side by side
  /// go there together, so many tasks should wait here at once. Throws file_error().
  net::task<void> settle(written_file file);

private:
  struct group;
  struct pools;

  std::unique_ptr<pools> pools_;
  std::shared_ptr<group> filling_; // takes files until its first step begins
  net::semaphore syncing_{1}, placing_{1};
};

} // namespace eucv::download::detail

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <eucv/download/detail/group_commit.hpp>
#include <eucv/net/condition.hpp>
#include <eucv/net/offload.hpp>

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace eucv::download::detail {

struct workshop::pools {
  pools(const std::filesystem::path& folder, std::size_t threads) : disk(folder), makers(threads), writers(2) {}
  group_commit disk;
  boost::asio::thread_pool makers;
  boost::asio::thread_pool writers; // one for each step of a group
};

struct workshop::group {
  std::vector<written_file> files;
  bool done = false;
  std::exception_ptr failure;
  net::condition ended;
};

workshop::workshop(const std::filesystem::path& folder, std::size_t threads)
    : pools_(
          std::make_unique<pools>(folder, threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))),
      filling_(std::make_shared<group>()) {}

workshop::~workshop() {
  pools_->makers.join();
  pools_->writers.join();
}

net::task<result<made_picture>> workshop::make(crawl::spool body, picture_options options, std::filesystem::path stem) {
  // Made and written on one thread, while the bytes are in its cache. Shared, since offload() wants a function that can
  // be copied, and megabytes must not be.
  std::function<result<made_picture>()> work = [shared = std::make_shared<crawl::spool>(std::move(body)), options,
                                                stem]() -> result<made_picture> {
    auto about = make_picture(shared->take(), options);
    if (!about) return about.error();
    std::filesystem::path path = stem;
    written_file file(path += about->suffix, about->bytes);
    std::string().swap(about->bytes);
    return made_picture{std::move(*about), std::move(file)};
  };
  co_return co_await net::offload(pools_->makers, std::move(work));
}

// The first file of a group leads it through both steps; the others wait. A file joins a group here and not before: the
// task of a cancelled caller never begins, and a group whose leader did not begin would wait for ever.
net::task<void> workshop::settle(written_file file) {
  const std::shared_ptr<group> own = filling_;
  const bool leads = own->files.empty();
  own->files.push_back(std::move(file));
  if (!leads) {
    while (!own->done && !own->failure) co_await own->ended.wait();
    if (own->failure) std::rethrow_exception(own->failure);
    co_return;
  }
  try {
    auto step = co_await syncing_.acquire();
    filling_ = std::make_shared<group>();
    std::function<void()> sync = [&disk = pools_->disk, own] { disk.sync(own->files); };
    co_await net::offload(pools_->writers, std::move(sync));
    auto next_step = co_await placing_.acquire();
    std::swap(step, next_step);
    next_step = {}; // the bytes of the next group go to the disk beside the names of this one
    std::function<void()> place = [&disk = pools_->disk, own] {
      disk.place(own->files);
      own->files.clear();
    };
    co_await net::offload(pools_->writers, std::move(place));
    own->done = true;
  } catch (...) {
    own->failure = std::current_exception();
    if (filling_ == own) filling_ = std::make_shared<group>();
  }
  own->ended.wake_all();
  if (own->failure) std::rethrow_exception(own->failure);
}

} // namespace eucv::download::detail
#endif
