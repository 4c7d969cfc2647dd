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

/// A picture whose bytes are in `file` and no longer in `about`.
struct made_picture {
  picture about;
  written_file file;
};

/// Threads beside the I/O thread: some decode, resize and encode pictures, two wait for the disk.
class picture_writer {
public:
  /// Files are stored in `folder`, which must exist, and its subfolders. `threads` make pictures; 0: one a core. Throws
  /// file_error().
  picture_writer(const std::filesystem::path& folder, std::size_t threads);
  ~picture_writer();
  picture_writer(const picture_writer&) = delete;
  picture_writer& operator=(const picture_writer&) = delete;

  /// Calls make_picture() and writes the bytes into a file that commit() is to publish, under the path `stem` and the
  /// suffix of the picture. Throws file_error().
  net::task<result<made_picture>> make(crawl::spool body, picture_options options, std::filesystem::path stem);
  /// Waits until the bytes of a file are on the disk and publishes it, as store_file() does. Files of tasks that wait
  /// here at the same time are committed as a group, so many tasks should. Throws file_error().
  net::task<void> commit(written_file file);

private:
  struct group;
  struct pools;

  std::unique_ptr<pools> pools_;
  std::shared_ptr<group> filling_; // takes files until its step 1 begins
  net::semaphore syncing_{1}, publishing_{1};
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

struct picture_writer::pools {
  pools(const std::filesystem::path& folder, std::size_t threads) : disk(folder), makers(threads), writers(2) {}
  group_commit disk;
  boost::asio::thread_pool makers;
  boost::asio::thread_pool writers; // one for each step of a group
};

struct picture_writer::group {
  std::vector<written_file> files;
  bool done = false;
  std::exception_ptr failure;
  net::condition ended;
};

picture_writer::picture_writer(const std::filesystem::path& folder, std::size_t threads)
    : pools_(
          std::make_unique<pools>(folder, threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))),
      filling_(std::make_shared<group>()) {}

picture_writer::~picture_writer() {
  pools_->makers.join();
  pools_->writers.join();
}

net::task<result<made_picture>> picture_writer::make(crawl::spool body, picture_options options,
                                                     std::filesystem::path stem) {
  // Made and written by one thread, while the bytes are in its cache. Shared, since offload() takes a copyable function
  // and megabytes must not be copied.
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

// The task of the first file of a group does both steps; the others wait. A file joins a group here and not before: the
// task of a cancelled caller never begins, and a group whose first task did not begin would wait for ever.
net::task<void> picture_writer::commit(written_file file) {
  const std::shared_ptr<group> own = filling_;
  const bool is_first = own->files.empty();
  own->files.push_back(std::move(file));
  if (!is_first) {
    while (!own->done && !own->failure) co_await own->ended.wait();
    if (own->failure) std::rethrow_exception(own->failure);
    co_return;
  }
  try {
    auto step = co_await syncing_.acquire();
    filling_ = std::make_shared<group>();
    std::function<void()> sync = [&disk = pools_->disk, own] { disk.sync(own->files); };
    co_await net::offload(pools_->writers, std::move(sync));
    auto next_step = co_await publishing_.acquire();
    std::swap(step, next_step);
    next_step = {}; // step 1 of the next group runs in parallel with step 2 of this one
    std::function<void()> publish = [&disk = pools_->disk, own] {
      disk.publish(own->files);
      own->files.clear();
    };
    co_await net::offload(pools_->writers, std::move(publish));
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
