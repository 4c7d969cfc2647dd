#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/host_queue.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/outcome.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/offload.hpp>
#include <eucv/net/retry.hpp>
#include <eucv/net/url.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::download {

/// Numbers of a download.
struct fetch_options {
  std::size_t jobs = 64;    ///< requests at a time
  std::size_t per_host = 4; ///< of them, to one host
  std::size_t threads = 0;  ///< that decode; 0: one a core
  picture_options picture{};
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file; `jobs` times as many may lie in memory
  net::retry_policy retry{}; ///< for 408, 429, 5xx and the network's faults; no other status is tried again
  failures failed = failures::keep;
  std::uint64_t seed = 1; ///< of the jitter between tries
};

/// What to fetch, and where to. Give it a name before `co_await fetch(transport, job)`: see net/task.hpp on g++ 12.
struct fetch_job {
  dataset::table table; ///< any table with the columns category, ID and URL
  std::filesystem::path
      folder; ///< gets category/name.jpg, downloads.csv and, where the table has concepts, vocabulary.json
  fetch_options options{};
};

namespace detail {

/// Threads beside that of the network: some that decode, and some that wait for the disk.
class workshop {
public:
  explicit workshop(std::size_t threads);
  ~workshop();
  workshop(const workshop&) = delete;
  workshop& operator=(const workshop&) = delete;

  /// make_picture() on a thread that decodes.
  net::task<result<picture>> make(std::string body, picture_options options);
  /// store_file() on a thread that waits.
  net::task<void> store(std::filesystem::path path, std::string bytes);

private:
  struct pools;
  std::unique_ptr<pools> pools_;
};

/// What the workers of one download share; all run on one thread.
template <net::transport Transport>
struct fetch_run {
  Transport& transport;
  const fetch_options& options;
  const std::vector<item>& items;
  journal& log;
  workshop& shop;
  host_queue& queue;
  random engine;
  progress_sink sink;
  fetch_summary done{};     ///< counts of this run, for the progress
  std::uint64_t before = 0; ///< items that were final before it

  void report() const {
    if (!sink) return;
    const std::string note = std::to_string(done.failed) + " failed";
    sink({"download", before + done.fetched, items.size(), note});
  }
};

/// The body that an item's URL gives, or why it gives none.
template <net::transport Transport>
net::task<result<std::string>> fetch_body(fetch_run<Transport>& run, const item& wanted, int& attempts) {
  const result<net::url> address = net::parse_url(wanted.url);
  if (!address) co_return address.error();
  net::request question;
  question.target = *address;
  question.headers = {{"Accept", "image/jpeg, image/png;q=0.9, image/*;q=0.5"}};
  question.body_limit = run.options.body_limit;
  const auto send_once = [&run, &question, &attempts] { return ++attempts, run.transport.send(question); };
  std::optional<net::response> reply;
  std::optional<error> failure;
  try {
    reply.emplace(co_await net::with_retry(run.options.retry, run.engine, send_once));
  } catch (const error& thrown) {
    if (thrown.code() == errc::interrupted) throw;
    failure.emplace(thrown);
  }
  if (failure) co_return std::move(*failure);
  if (!reply->ok())
    co_return error(reply->status, {"download", wanted.url, "HTTP " + std::to_string(reply->status), {}});
  co_return std::move(reply->body);
}

/// One item, from its URL to its row. Throws only what ends the run: a disk that takes no more, a cancellation.
template <net::transport Transport>
net::task<void> fetch_item(fetch_run<Transport>& run, const item& wanted) {
  const auto begin = std::chrono::steady_clock::now();
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.rights = wanted.rights;
  result<std::string> body = co_await fetch_body(run, wanted, row.attempts);
  if (body) {
    result<picture> made = co_await run.shop.make(std::move(*body), run.options.picture);
    if (made) {
      row.status = download_status::ok;
      row.file = journal::file_of(row, made->suffix);
      row.bytes = made->bytes.size();
      row.width = made->width;
      row.height = made->height;
      row.sha256 = made->sha256;
      row.dhash = made->dhash;
      co_await run.shop.store(run.log.folder() / row.file, std::move(made->bytes));
    } else {
      row.reason = made.error().reason();
    }
  } else {
    row.reason = body.error().reason();
  }
  row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  run.log.append(row);
  ++run.done.fetched;
  run.done.failed += row.status == download_status::failed ? 1 : 0;
  run.done.bytes += row.bytes;
  run.report();
}

/// Fetches what the queue gives, until it gives nothing: see host_queue on why that may be the end.
template <net::transport Transport>
net::task<void> fetch_items(fetch_run<Transport>& run) {
  while (const auto ticket = run.queue.take()) {
    co_await fetch_item(run, run.items[ticket->item]);
    run.queue.done(*ticket);
  }
}

/// "https://host:port" of an address, or nothing where it is none.
[[nodiscard]] std::string host_of(const std::string& address);

/// Opens the journal and makes the folders of the categories.
[[nodiscard]] journal open_journal(const fetch_job& job, const std::vector<item>& items);

} // namespace detail

/// Fetches the images of a table into a folder.
///
/// Each item becomes one row of `downloads.csv`: stored, failed for a reason, or a duplicate. Files are stored before
/// their rows, so a run that was killed goes on with the same call; items with a row are not asked for again, failed
/// ones only with failures::retry. A failed item does not end the run; a disk that takes no more does, by the error
/// thrown. A cancellation loses the requests under way. When the run is complete, the table does not depend on the
/// order in which replies came, its columns `seconds` and `attempts` aside.
template <net::transport Transport>
net::task<fetch_summary> fetch(Transport& transport, fetch_job job, progress_sink sink = {}) {
  const std::vector<item> items = items_of(job.table);
  journal log = detail::open_journal(job, items);
  job.table = {}; // a hundred thousand rows are a hundred megabytes
  const std::vector<std::size_t> open = log.open_items(items, job.options.failed);
  host_queue queue(job.options.per_host);
  for (const std::size_t i : open) queue.add(detail::host_of(items[i].url), i);
  detail::workshop shop(job.options.threads);
  detail::fetch_run<Transport> run{transport,      job.options, items, log, shop, queue, random(job.options.seed),
                                   std::move(sink)};
  run.before = items.size() - open.size();
  std::vector<net::task<void>> workers;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(job.options.jobs, 1, std::max<std::size_t>(open.size(), 1)); ++i)
    workers.push_back(detail::fetch_items(run));
  co_await net::when_all(std::move(workers));
  fetch_summary summary = log.finish(items);
  summary.fetched = run.done.fetched;
  summary.bytes = run.done.bytes;
  co_return summary;
}

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION
#include <eucv/download/store.hpp>

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <set>
#include <thread>

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
net::task<result<picture>> workshop::make(std::string body, picture_options options) {
  std::function<result<picture>()> work = [shared = std::make_shared<std::string>(std::move(body)), options] {
    return make_picture(std::move(*shared), options);
  };
  return net::offload(pools_->decoders, std::move(work));
}

net::task<void> workshop::store(std::filesystem::path path, std::string bytes) {
  std::function<void()> work = [path = std::move(path), shared = std::make_shared<std::string>(std::move(bytes))] {
    store_file(path, *shared);
  };
  return net::offload(pools_->writers, std::move(work));
}

std::string host_of(const std::string& address) {
  const auto parsed = net::parse_url(address);
  return parsed ? parsed->host : std::string();
}

journal open_journal(const fetch_job& job, const std::vector<item>& items) {
  const std::size_t size = job.options.picture.size;
  journal log(job.folder, size == 0 ? "original" : "size " + std::to_string(size));
  std::set<std::string_view> categories;
  for (const auto& wanted : items)
    if (categories.insert(wanted.category).second) make_folder(job.folder / wanted.category);
  write_labels(job.table, job.folder / "vocabulary.json");
  return log;
}

} // namespace eucv::download::detail
#endif
