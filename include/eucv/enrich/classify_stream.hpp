#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/core/result.hpp>
#include <eucv/crawl/dispatcher.hpp>
#include <eucv/crawl/host_queue.hpp>
#include <eucv/crawl/polite_fetcher.hpp>
#include <eucv/crawl/spool.hpp>
#include <eucv/enrich/detail/decode_pool.hpp>
#include <eucv/enrich/item.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/ordered_channel.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::enrich {

/// Options of a stream.
struct stream_options {
  std::size_t jobs = 64;    ///< requests at a time
  std::size_t threads = 0;  ///< that decode; 0: one a core
  std::size_t batch = 32;   ///< pictures that the classifier takes at a time
  std::size_t window = 256; ///< items between the source and the classifier; a slow one delays those after it
  std::size_t memory = std::size_t{256} << 20;                      ///< bytes of bodies in memory at a time
  crawl::fetcher_options fetcher{.accept = image::accept_header()}; ///< how pictures are fetched
  std::uint64_t seed = 1;                                           ///< of the jitter of retries
};

/// An item with its labels, most probable first, or the error for which it has none.
struct classified {
  item what;
  result<std::vector<classify::ranked_label>> ranked;
  std::string sha256; ///< of the received bytes of the picture; empty where there are none
};

/// Receives each item, in the order of the source. An exception from it ends the stream.
using classified_sink = std::function<void(classified)>;

/// Says whether an item is to be classified, before anything is fetched for it; an empty function takes all.
using item_filter = std::function<bool(const item&)>;

/// The source of the items of a stream: fills the channel and closes it, as search_items() and named_items() do.
using item_feed = std::function<net::task<void>(item_channel&)>;

namespace detail {

/// The state that the tasks of one stream share.
template <net::transport Transport>
struct stream_run {
  struct fetched {
    item what;
    result<prepared> picture;
  };

  stream_run(Transport& transport, classify::classifier& model, const stream_options& settings)
      : options(settings), engine(options.seed), queue(options.fetcher.politeness, engine.fork(1)), dispatch(queue),
        fetcher(transport, queue, dispatch, options.fetcher, engine), memory(options.memory),
        decoders(model, options.threads), named(std::max<std::size_t>(options.window / 4, 1)),
        open(std::max<std::size_t>(options.window, 1)), pictures(open.size()) {}

  stream_options options;
  random engine;
  crawl::host_queue queue;
  crawl::dispatcher dispatch;
  crawl::polite_fetcher<Transport> fetcher;
  net::semaphore memory;
  decode_pool decoders;
  item_channel named;                     ///< from the source
  std::vector<item> open;                 ///< items between queue and classifier, by number modulo its size
  net::ordered_channel<fetched> pictures; ///< to the classifier
  classified_sink sink{};
  item_filter wanted{};

  item& at(std::uint64_t number) { return open[static_cast<std::size_t>(number % open.size())]; }
};

/// Numbers the items, and queues each at its host as soon as there is a place for its picture.
template <net::transport Transport>
net::task<void> queue_items(stream_run<Transport>& run) {
  using clock = std::chrono::steady_clock;
  // An open ticket of the source keeps the workers alive as long as it gives items. No host has such a name.
  run.queue.add(" source", 0);
  const auto more = run.queue.take(clock::now());
  std::uint64_t number = 0;
  while (auto next = co_await run.named.next()) {
    if (!next->fault && run.wanted && !run.wanted(*next)) continue;
    co_await run.pictures.room(number);
    if (next->fault) {
      error fault = *next->fault;
      run.pictures.put(number++, {std::move(*next), std::move(fault)});
      continue;
    }
    run.at(number) = std::move(*next);
    const item& what = run.at(number);
    // Files are queued like items of 16 hosts, so that several are read at a time.
    const std::string host =
        what.address.empty() ? " disk " + std::to_string(number % 16) : crawl::host_of(what.address);
    run.queue.add(host, static_cast<std::size_t>(number));
    ++number;
    run.dispatch.wake();
  }
  run.pictures.close(number);
  run.queue.answered(*more, clock::now());
  run.dispatch.wake();
}

/// A worker of a stream: fetches and decodes items of the queue until all are done.
template <net::transport Transport>
net::task<void> fetch_pictures(stream_run<Transport>& run) {
  while (const auto taken = co_await run.dispatch.next()) {
    item& what = run.at(taken->item);
    std::optional<result<prepared>> picture;
    if (what.address.empty()) {
      picture.emplace(co_await run.decoders.prepare(what.file));
      run.queue.answered(*taken, std::chrono::steady_clock::now());
      run.dispatch.wake();
    } else {
      crawl::spool body(std::filesystem::temp_directory_path());
      const auto seen = co_await run.fetcher.fetch(*taken, what.address, body);
      if (!seen) continue;
      if (seen->failure) {
        picture.emplace(*seen->failure);
      } else {
        const auto permit = co_await run.memory.acquire(static_cast<std::size_t>(body.size()));
        picture.emplace(co_await run.decoders.prepare(std::move(body)));
      }
    }
    run.pictures.put(taken->item, {std::move(what), std::move(*picture)});
  }
}

/// The error of a picture, with the name of its item where the message lacks it.
[[nodiscard]] inline error named_fault(const error& failure, const item& what) {
  error_text told = failure.text();
  if (failure.status() != 0 || told.on.find(what.name) != std::string::npos) return failure;
  told.on = what.name + (told.on.empty() ? "" : ", " + told.on);
  return {failure.code(), std::move(told)};
}

/// Classifies the pictures in the order of the source, a batch at a time: so the same items make the same batches, and
/// the same bits, in whichever order the replies come.
template <net::transport Transport>
net::task<void> classify_pictures(stream_run<Transport>& run) {
  using fetched = typename stream_run<Transport>::fetched;
  const std::size_t batch = std::max<std::size_t>(run.options.batch, 1);
  for (bool more = true; more;) {
    std::vector<fetched> group;
    std::vector<image::bitmap> squares;
    while (squares.size() < batch && group.size() < 8 * batch) {
      auto next = co_await run.pictures.next();
      more = next.has_value();
      if (!more) break;
      if (next->picture) squares.push_back(std::move(next->picture->square));
      group.push_back(std::move(*next));
    }
    std::vector<std::vector<classify::ranked_label>> ranked;
    if (!squares.empty()) ranked = co_await run.decoders.classify(std::move(squares));
    std::size_t taken = 0;
    for (auto& each : group) {
      if (each.picture) {
        run.sink({std::move(each.what), std::move(ranked[taken++]), std::move(each.picture->sha256)});
      } else {
        error why = named_fault(each.picture.error(), each.what);
        run.sink({std::move(each.what), std::move(why), {}});
      }
    }
  }
}

} // namespace detail

/// Fetches and classifies the items of `feed`, and gives each to `sink`, in the order of the feed. Search, download and
/// classification run at the same time, on different items.
///
/// Memory does not depend on the number of items: at most `window` pictures, as small squares, are between the feed and
/// the classifier, and at most `memory` bytes of bodies. Hosts are treated as by download::fetch(). An item that fails
/// is passed to the sink with its error. An exception from the feed or the sink, or a cancellation, ends the stream;
/// the sink has every item before it. Give the functions names before `co_await`: see net/task.hpp on g++ 12. The model
/// must not be used by others until the task ends.
template <net::transport Transport>
net::task<void> classify_stream(Transport& transport, classify::classifier& model, const item_feed feed,
                                classified_sink sink, item_filter wanted = {}, const stream_options options = {}) {
  detail::stream_run<Transport> run(transport, model, options);
  run.sink = std::move(sink);
  run.wanted = std::move(wanted);
  std::vector<net::task<void>> tasks;
  tasks.push_back(feed(run.named));
  tasks.push_back(detail::queue_items(run));
  for (std::size_t i = 0; i < std::clamp<std::size_t>(options.jobs, 1, run.open.size()); ++i)
    tasks.push_back(detail::fetch_pictures(run));
  tasks.push_back(detail::classify_pictures(run));
  co_await net::when_all(std::move(tasks));
}

} // namespace eucv::enrich
