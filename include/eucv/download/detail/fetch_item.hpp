#pragma once

#include <eucv/core/result.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/polite_fetcher.hpp>
#include <eucv/crawl/spool.hpp>
#include <eucv/download/detail/fetch_run.hpp>
#include <eucv/download/detail/picture_writer.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/outcome.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/task.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace eucv::download::detail {

/// Stores the picture in a body and fills its row, or the reason of its failure. Releases `busy` before the wait for
/// the disk.
template <net::transport Transport>
net::task<void> keep(fetch_run<Transport>& run, outcome& row, crawl::spool body, net::semaphore::permit busy) {
  const auto memory = co_await run.memory.acquire(static_cast<std::size_t>(body.size()));
  const std::string stem = journal::file_of(row, "");
  result<made_picture> made = co_await run.writer.make(std::move(body), run.options.picture, run.log.folder() / stem);
  if (!made) {
    row.reason = made.error().reason();
    co_return;
  }
  busy = {};
  co_await run.writer.commit(std::move(made->file));
  const picture& about = made->about;
  row.status = download_status::ok;
  row.file = stem;
  row.file += about.suffix;
  row.bytes = about.size;
  row.width = about.width;
  row.height = about.height;
  row.sha256 = about.sha256;
  row.dhash = about.dhash;
}

/// Sends one request for an item, which ends with its row or back in the queue. Throws only errors of the local disk
/// and errc::interrupted.
template <net::transport Transport>
net::task<void> fetch_item(fetch_run<Transport>& run, const crawl::host_queue::ticket taken,
                           net::semaphore::permit busy) {
  const item& wanted = run.items[taken.item];
  crawl::spool body(run.log.folder());
  const std::optional<crawl::fetch_outcome> seen = co_await run.fetcher.fetch(taken, wanted.url, body);
  if (!seen) co_return;
  const auto fetched = std::chrono::steady_clock::now();
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.rights = wanted.rights;
  row.attempts = seen->requests;
  if (seen->failure)
    row.reason = seen->failure->reason();
  else
    co_await keep(run, row, std::move(body), std::move(busy));
  row.seconds = seen->seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - fetched).count();
  run.finish(taken, row);
}

/// A worker of a download: fetches items of the queue until all are done.
template <net::transport Transport>
net::task<void> fetch_items(fetch_run<Transport>& run) {
  while (true) {
    auto busy = co_await run.busy.acquire();
    const auto taken = co_await run.dispatch.next();
    if (!taken) co_return;
    co_await fetch_item(run, *taken, std::move(busy));
  }
}

} // namespace eucv::download::detail
