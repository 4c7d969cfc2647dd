#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/dispatcher.hpp>
#include <eucv/download/host_queue.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/outcome.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/placeholder.hpp>
#include <eucv/download/politeness.hpp>
#include <eucv/download/robots_gate.hpp>
#include <eucv/download/robots_tag.hpp>
#include <eucv/download/source.hpp>
#include <eucv/download/spool.hpp>
#include <eucv/download/workshop.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/url.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::download {

/// Whether a host's robots.txt and X-Robots-Tag are followed.
enum class robots_rule : std::uint8_t {
  honour, ///< what they forbid becomes a failed row
  ignore, ///< they are not read: for a host of your own, or with its owner's leave
};

/// Numbers of a download.
struct fetch_options {
  std::size_t jobs = 64;   ///< requests at a time
  std::size_t threads = 0; ///< that decode; 0: one a core
  politeness hosts{};
  robots_rule robots = robots_rule::honour;
  picture_options picture{};
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file
  std::size_t memory = std::size_t{256} << 20;        ///< bytes of files at a time between the network and the disk
  failures failed = failures::keep;
  /// What choose_source() made of the table: kept with the folder, so that a later run does not mix sources.
  picture_source source = picture_source::original;
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

/// What came of one request.
struct exchange {
  std::optional<net::response> reply;
  std::optional<error> failure; ///< why there is no reply, or none that serves
  sign meaning = sign::fine;
  std::optional<std::chrono::milliseconds> wait{}; ///< that the host asks for
};

/// What the workers of one download share; all run on one thread.
template <net::transport Transport>
struct fetch_run {
  struct begun {
    std::chrono::steady_clock::time_point begin;
    int requests = 0;
    std::optional<error> failure{}; ///< of the last of them
  };

  Transport& transport;
  const fetch_options& options;
  const std::vector<item>& items;
  journal& log;
  workshop& shop;
  host_queue& queue;
  dispatcher& turns;
  net::semaphore& memory;
  random engine;
  progress_sink sink;
  fetch_summary done{};                                 ///< counts of this run, for the progress
  std::uint64_t before = 0;                             ///< items that were final before it
  std::unordered_map<std::string, robots_gate> gates{}; ///< by origin
  std::unordered_map<std::size_t, begun> tried{};       ///< items that were put back

  /// Tells the queue how the request of a ticket ended. True: its item was put back and will be taken again.
  bool settle(const host_queue::ticket& taken, const exchange& got, int requests) {
    const auto now = std::chrono::steady_clock::now();
    const bool again = got.meaning != sign::fine && requests < options.hosts.retry.attempts &&
                       got.wait.value_or(std::chrono::milliseconds(0)) <= options.hosts.retry.patience;
    const bool own_pause = got.meaning == sign::passing; // in trouble the whole host rests
    if (again) queue.put_back(taken, own_pause ? now + net::backoff(options.hosts.retry, requests, engine) : now);
    if (got.meaning == sign::trouble)
      queue.troubled(taken, now, got.wait, *got.failure);
    else
      queue.answered(taken, now);
    turns.wake();
    return again;
  }

  void finish(const host_queue::ticket& taken, const outcome& row) {
    log.append(row);
    const bool failed = row.status == download_status::failed;
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

/// Whether an error is about our own disk or a cancellation: it ends the run, and tells nothing of the host.
[[nodiscard]] constexpr bool ends_run(errc code) noexcept {
  return code == errc::interrupted || code == errc::disk_full || code == errc::io || code == errc::permission_denied ||
         code == errc::not_found;
}

/// Sends a request whose 2xx body goes to `sink`.
template <net::transport Transport>
net::task<exchange> ask(Transport& transport, const net::request& question, net::body_sink sink) {
  exchange got;
  try {
    got.reply.emplace(co_await transport.send(question, std::move(sink)));
  } catch (const error& thrown) {
    if (ends_run(thrown.code())) throw;
    got.failure.emplace(thrown);
    got.meaning = sign_of(thrown.code());
  }
  if (!got.reply || got.reply->ok()) co_return got;
  const int status = got.reply->status;
  got.failure.emplace(status, error_text{"download", question.target.str(), "HTTP " + std::to_string(status), {}});
  got.meaning = sign_of(status);
  if (got.meaning != sign::fine) got.wait = net::wait_asked(*got.reply, std::chrono::system_clock::now());
  co_return got;
}

/// Fetches the robots.txt of an origin on behalf of the first item that needs it, which is put back.
template <net::transport Transport>
net::task<void> fetch_robots(fetch_run<Transport>& run, const host_queue::ticket& taken, const net::url& address) {
  robots_gate& gate = run.gates[address.origin()];
  gate.ask();
  net::request question;
  question.target = address;
  question.target.target = "/robots.txt";
  question.headers = {{"Accept", "text/plain, */*;q=0.5"}};
  std::string text;
  net::body_sink keep = [&text](std::string_view piece) {
    text += piece.substr(0, robots_limit + 1 - text.size()); // one more tells the parser that it was cut
  };
  const exchange got = co_await ask(run.transport, question, std::move(keep));
  if (got.meaning != sign::fine && run.settle(taken, got, gate.requests)) {
    gate.ask_again();
    co_return;
  }
  if (got.reply)
    gate.settle(got.reply->status, text);
  else
    gate.settle(*got.failure, text);
  if (gate.crawl_delay()) run.queue.slow_down(taken.host, *gate.crawl_delay());
  run.queue.put_back(taken);
  if (got.meaning == sign::fine) run.settle(taken, exchange(), gate.requests);
}

/// What is stored of a reply, or why nothing is.
template <net::transport Transport>
net::task<void> keep(fetch_run<Transport>& run, outcome& row, spool body) {
  const auto permit = co_await run.memory.acquire(static_cast<std::size_t>(body.size()));
  result<picture> made = co_await run.shop.make(std::move(body), run.options.picture);
  if (!made) {
    row.reason = made.error().reason();
    co_return;
  }
  row.status = download_status::ok;
  row.file = journal::file_of(row, made->suffix);
  row.bytes = made->bytes.size();
  row.width = made->width;
  row.height = made->height;
  row.sha256 = made->sha256;
  row.dhash = made->dhash;
  co_await run.shop.store(run.log.folder() / row.file, std::move(made->bytes));
}

/// Why an item must not be asked for, as far as that is known before.
template <net::transport Transport>
std::optional<error> refusal(fetch_run<Transport>& run, const host_queue::ticket& taken,
                             const result<net::url>& address) {
  if (const error* verdict = run.queue.given_up(taken.host)) return *verdict;
  if (!address) return address.error();
  if (run.options.robots == robots_rule::ignore) return std::nullopt;
  const auto gate = run.gates.find(address->origin());
  if (gate == run.gates.end() || gate->second.now() != robots_gate::state::known) return std::nullopt;
  return gate->second.refusal(address->target, address->str());
}

/// One turn of an item: to its row, or back into the queue. Throws only what ends the run: a disk that takes no more, a
/// cancellation.
template <net::transport Transport>
net::task<void> fetch_item(fetch_run<Transport>& run, const host_queue::ticket taken) {
  using clock = std::chrono::steady_clock;
  const item& wanted = run.items[taken.item];
  typename fetch_run<Transport>::begun now{.begin = clock::now()};
  if (const auto before = run.tried.find(taken.item); before != run.tried.end()) {
    now = before->second;
    run.tried.erase(before);
  }
  const result<net::url> address = net::parse_url(wanted.url);
  std::optional<error> why = refusal(run, taken, address);
  if (why && now.failure) why = now.failure; // its own failure tells more than that of its host
  spool body(run.log.folder());
  if (why) {
    run.settle(taken, exchange(), 0);
  } else {
    if (run.options.robots == robots_rule::honour) {
      const auto state = run.gates[address->origin()].now();
      if (state == robots_gate::state::asked) { // http and https of one host, say: the other one's time will come
        run.queue.put_back(taken, clock::now() + std::chrono::milliseconds(50));
        run.settle(taken, exchange(), 0);
        co_return;
      }
      if (state == robots_gate::state::unknown) {
        co_await fetch_robots(run, taken, *address);
        co_return;
      }
    }
    ++now.requests;
    net::request question;
    question.target = *address;
    question.headers = {{"Accept", "image/jpeg, image/png;q=0.9, image/*;q=0.5"}};
    question.body_limit = run.options.body_limit;
    net::body_sink sink = [&body](std::string_view piece) { body.append(piece); };
    exchange got = co_await ask(run.transport, question, std::move(sink));
    if (run.settle(taken, got, now.requests)) {
      now.failure = std::move(got.failure);
      run.tried.emplace(taken.item, std::move(now));
      co_return;
    }
    why = std::move(got.failure);
    if (!why && run.options.robots == robots_rule::honour && forbids_learning(got.reply->headers, robots_agent))
      why.emplace(errc::robots_tag, error_text{"download", wanted.url, "its X-Robots-Tag forbids it", {}});
    if (!why && is_placeholder(got.reply->final_url, got.reply->find("Content-Type").value_or(""), body.size()))
      why.emplace(errc::placeholder, error_text{"download", wanted.url, "there is no picture", {}});
  }
  outcome row;
  row.id = wanted.id;
  row.category = wanted.category;
  row.rights = wanted.rights;
  row.attempts = now.requests;
  if (why)
    row.reason = why->reason();
  else
    co_await keep(run, row, std::move(body));
  row.seconds = std::chrono::duration<double>(clock::now() - now.begin).count();
  run.finish(taken, row);
}

/// Fetches what the queue gives, until all is done.
template <net::transport Transport>
net::task<void> fetch_items(fetch_run<Transport>& run) {
  while (true) {
    const auto taken = co_await run.turns.next();
    if (!taken) co_return;
    co_await fetch_item(run, *taken);
  }
}

/// The host of an address, or nothing where it is none.
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
  const random engine(job.options.seed);
  host_queue queue(job.options.hosts, engine.fork(1));
  for (const std::size_t i : open) queue.add(detail::host_of(items[i].url), i);
  dispatcher turns(queue);
  net::semaphore memory(job.options.memory);
  detail::workshop shop(job.options.threads);
  detail::fetch_run<Transport> run{transport, job.options, items,  log,    shop,
                                   queue,     turns,       memory, engine, std::move(sink)};
  run.before = items.size() - open.size();
  for (std::size_t i = 0; i < queue.hosts(); ++i) run.done.hosts.push_back({queue.name(i), 0, 0});
  std::vector<net::task<void>> workers;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(job.options.jobs, 1, std::max<std::size_t>(open.size(), 1)); ++i)
    workers.push_back(detail::fetch_items(run));
  co_await net::when_all(std::move(workers));
  fetch_summary summary = log.finish(items);
  summary.fetched = run.done.fetched;
  summary.bytes = run.done.bytes;
  summary.hosts = std::move(run.done.hosts);
  co_return summary;
}

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION
#include <set>

namespace eucv::download::detail {

std::string host_of(const std::string& address) {
  const auto parsed = net::parse_url(address);
  return parsed ? parsed->host : std::string();
}

journal open_journal(const fetch_job& job, const std::vector<item>& items) {
  const std::size_t size = job.options.picture.size;
  std::string kind = size == 0 ? "original" : "size " + std::to_string(size);
  if (job.options.source != picture_source::original) kind.append(", ").append(to_string(job.options.source));
  journal log(job.folder, kind);
  std::set<std::string_view> categories;
  for (const auto& wanted : items)
    if (categories.insert(wanted.category).second) make_folder(job.folder / wanted.category);
  write_labels(job.table, job.folder / "vocabulary.json");
  return log;
}

} // namespace eucv::download::detail
#endif
