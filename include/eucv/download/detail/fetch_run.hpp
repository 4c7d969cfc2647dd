#pragma once

#include <eucv/core/progress.hpp>
#include <eucv/crawl/dispatcher.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/visit.hpp>
#include <eucv/download/detail/workshop.hpp>
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

/// What the workers of one download share; all run on one thread.
template <net::transport Transport>
struct fetch_run {
  const fetch_options& options;
  const std::vector<item>& items;
  journal& log;
  workshop& shop;
  crawl::host_queue& queue;
  crawl::dispatcher& turns;
  crawl::visitor<Transport> visits;
  net::semaphore& memory; ///< bytes between the network and the disk
  net::semaphore& busy;   ///< held from an item's turn until its picture is made; to wait for the disk needs none
  progress_sink sink;
  fetch_summary done{};     ///< counts of this run, for the progress
  std::uint64_t before = 0; ///< items that were final before it

  /// Writes the row of an item, and counts it at the host of its last turn.
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
    if (const std::size_t resting = queue.in_trouble(); resting > 0)
      note += ", " + std::to_string(resting) + (resting == 1 ? " host rests" : " hosts rest");
    sink({"download", before + done.fetched, items.size(), note});
  }
};

} // namespace eucv::download::detail
