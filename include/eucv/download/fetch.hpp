#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/core/random.hpp>
#include <eucv/crawl/dispatcher.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/polite_fetcher.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/detail/fetch_item.hpp>
#include <eucv/download/detail/fetch_run.hpp>
#include <eucv/download/detail/picture_writer.hpp>
#include <eucv/download/fetch_options.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/source.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/task.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::download {

/// A table to download and the folder that it goes to. Give it a name before `co_await fetch(transport, job)`: see
/// net/task.hpp on g++ 12.
struct fetch_job {
  dataset::table table; ///< any table with the columns category, ID and URL
  /// Gets category/name.jpg (or what the format is), downloads.csv and, where the table has concepts, vocabulary.json.
  std::filesystem::path folder;
  fetch_options options{};
};

namespace detail {

/// Open files at a time that have all of their bytes and wait for the disk.
inline constexpr std::size_t uncommitted_files = 256;

/// Opens the journal and makes the folders of the categories. Throws as journal does.
[[nodiscard]] journal open_journal(const fetch_job& job, const std::vector<item>& items);

} // namespace detail

/// Fetches the images of a table into a folder.
///
/// Each item becomes one row of `downloads.csv`: stored, failed with a reason, or a duplicate. Files are stored before
/// their rows, so a run that was killed is resumed by the same call; items with a row are not requested again, failed
/// ones only with failures::retry. A failed item does not end the run; an error of the local disk does, and is thrown.
/// A cancellation loses the requests under way. A redirect is queued at the host that it leads to, under the limits and
/// the robots.txt of that host. When the run is complete, the table does not depend on the order in which replies came,
/// apart from its columns `seconds` and `attempts`. Throws as items_of() and journal do; the transport must live until
/// the task ends.
template <net::transport Transport>
net::task<fetch_summary> fetch(Transport& transport, fetch_job job, progress_sink sink = {}) {
  const std::vector<item> items = items_of(job.table);
  journal log = detail::open_journal(job, items);
  job.table = {}; // a hundred thousand rows are a hundred megabytes
  const std::vector<std::size_t> open = log.open_items(items, job.options.failed);
  const random engine(job.options.seed);
  crawl::host_queue queue(job.options.politeness, engine.fork(1));
  for (const std::size_t i : open) queue.add(crawl::host_of(items[i].url), i);
  crawl::dispatcher dispatch(queue);
  net::semaphore memory(job.options.memory);
  const std::size_t jobs = std::max<std::size_t>(job.options.jobs, 1);
  net::semaphore busy(jobs);
  detail::picture_writer writer(job.folder, job.options.threads);
  const crawl::fetcher_options options{job.options.politeness, job.options.robots, job.options.redirects,
                                       job.options.body_limit, image::accept_header()};
  detail::fetch_run<Transport> run{job.options,
                                   items,
                                   log,
                                   writer,
                                   queue,
                                   dispatch,
                                   crawl::polite_fetcher<Transport>(transport, queue, dispatch, options, engine),
                                   memory,
                                   busy,
                                   std::move(sink)};
  run.before = items.size() - open.size();
  std::vector<net::task<void>> workers;
  for (std::size_t i = 0; i < std::min(jobs + detail::uncommitted_files, open.size()); ++i)
    workers.push_back(detail::fetch_items(run));
  co_await net::when_all(std::move(workers));
  fetch_summary summary = log.finish(items);
  summary.fetched = run.done.fetched;
  summary.bytes = run.done.bytes;
  summary.hosts = std::move(run.done.hosts);
  std::erase_if(summary.hosts, [](const host_count& host) { return host.items == 0; }); // they only redirected
  co_return summary;
}

// For the client of this library it is compiled once, with the implementation.
extern template net::task<fetch_summary> fetch(net::client&, fetch_job, progress_sink);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <set>

namespace eucv::download::detail {

journal open_journal(const fetch_job& job, const std::vector<item>& items) {
  const std::size_t size = job.options.picture.size;
  std::string kind = size == 0 ? "original" : "size " + std::to_string(size);
  if (size == 0 && job.options.picture.check == picture_check::header) kind += ", header checked";
  if (job.options.source != picture_source::original) kind.append(", ").append(to_string(job.options.source));
  journal log(job.folder, kind);
  std::set<std::string_view> categories;
  for (const auto& wanted : items)
    if (categories.insert(wanted.category).second) make_folder(job.folder / wanted.category);
  write_labels(job.table, job.folder / "vocabulary.json");
  return log;
}

} // namespace eucv::download::detail

template eucv::net::task<eucv::download::fetch_summary>
eucv::download::fetch(eucv::net::client&, eucv::download::fetch_job, eucv::progress_sink);
#endif
