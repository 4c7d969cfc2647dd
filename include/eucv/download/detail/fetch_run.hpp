#pragma once

#include <eucv/core/progress.hpp>
#include <eucv/crawl/dispatcher.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/polite_fetcher.hpp>
#include <eucv/download/detail/picture_writer.hpp>
#include <eucv/download/fetch_options.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/outcome.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/semaphore.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace eucv::download::detail {

/// The state that the workers of one download share. All run on one thread.
template <net::transport Transport>
struct fetch_run {
  const fetch_options& options;
  const std::vector<item>& items;
  journal& log;
  picture_writer& writer;
  crawl::host_queue& queue;
  crawl::dispatcher& dispatch;
  crawl::polite_fetcher<Transport> fetcher;
  net::semaphore& memory; ///< bytes of bodies in memory
  net::semaphore&
      busy; ///< held from the request of an item until its picture is made, not while the disk is waited for
  progress_sink sink;
  fetch_summary done{};     ///< counts of this run so far
  std::uint64_t before = 0; ///< items that had a final row before this run

  /// Writes the row of an item, counts it at the host of its last request, and reports the progress.
  void finish(const crawl::host_queue::ticket& taken, const outcome& row) {
    log.append(row);
    const bool failed = row.status == download_status::failed;
    while (done.hosts.size() <= taken.host) done.hosts.push_back({queue.name(done.hosts.size()), 0, 0});
    host_count& host = done.hosts[taken.host];
    ++done.fetched, ++host.items;
    if (failed) ++done.failed, ++host.failed;
    done.bytes += row.bytes;
    if (!sink) return;
    std::string note = std::to_string(done.failed) + " failed";
    if (const std::size_t waiting = queue.unavailable_hosts(); waiting > 0)
      note += ", " + std::to_string(waiting) + (waiting == 1 ? " host rests" : " hosts rest");
    sink({"download", before + done.fetched, items.size(), note});
  }
};

} // namespace eucv::download::detail
