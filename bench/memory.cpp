// How much memory long runs take, and that it does not grow with them.
//
//   bench_memory records 1000000    harvests so many records from a replay of the Search API
//   bench_memory files 100000       downloads so many pictures of 10 KB from a server on loopback
//   bench_memory stream 10000 MODEL searches, fetches and classifies so many records of a replay, and states what it
//   may
//
// The server is a process of its own. Prints one JSON object a line: the resident memory of this process at each tenth
// of the way, then its peak and the time.
#include "replay_server.hpp"
#include "support/loopback_server.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/enrich/classify_stream.hpp>
#include <eucv/enrich/ledger.hpp>
#include <eucv/enrich/search_items.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr const char* subject = "http://data.europeana.eu/concept/43";

/// A child process that serves until it is killed, at the end of the scope. To be made before any thread.
class server_process {
public:
  /// `serve(tell)` calls tell(origin) once the server is up, and never returns.
  explicit server_process(const std::function<void(const std::function<void(const std::string&)>&)>& serve) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    id_ = ::fork();
    if (id_ == 0) {
      serve([&](const std::string& origin) {
        if (::write(ends[1], origin.data(), origin.size()) < 0) std::_Exit(1);
        ::close(ends[1]);
      });
      std::_Exit(0);
    }
    ::close(ends[1]);
    char bytes[256];
    const auto count = ::read(ends[0], bytes, sizeof bytes);
    ::close(ends[0]);
    if (count <= 0) throw std::runtime_error("the server did not start");
    origin_.assign(bytes, static_cast<std::size_t>(count));
  }
  ~server_process() {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  [[nodiscard]] const std::string& origin() const { return origin_; }

private:
  pid_t id_ = -1;
  std::string origin_;
};

double resident_megabytes() {
  std::ifstream facts("/proc/self/statm");
  double pages = 0;
  facts >> pages >> pages;
  return pages * double(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// Prints a line at each tenth of the way.
eucv::progress_sink tenths(const std::string& work) {
  return [work, next = std::uint64_t{1}](const eucv::progress& at) mutable {
    if (at.total == 0 || at.done * 10 < at.total * next) return;
    next = at.done * 10 / at.total + 1;
    std::cout << R"({"work":")" << work << R"(","done":)" << at.done << R"(,"rss_mb":)" << resident_megabytes() << "}\n"
              << std::flush;
  };
}

void finish(const std::string& work, std::size_t count, std::chrono::steady_clock::time_point begin) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << R"({"work":")" << work << R"(","count":)" << count << R"(,"peak_mb":)" << double(used.ru_maxrss) / 1e3
            << R"(,"seconds":)" << seconds << "}\n";
}

void harvest(std::size_t count) {
  const server_process server([&](const auto& tell) {
    const replay::server replay(replay::invented(count, {subject}, "/nowhere.jpg"),
                                {.requests_per_hour = 1'000'000'000});
    tell(replay.origin());
    ::pause();
  });
  const test::temporary_folder folder;
  eucv::europeana::harvest_plan plan;
  plan.subjects = {{"map", subject, {}}};
  plan.table = folder / "all.csv";
  plan.per_class = count;
  eucv::net::client_options network;
  network.addresses = eucv::net::address_rule::any;
  eucv::net::client web(network);
  eucv::europeana::client api(web, eucv::net::secret_string("replay"));
  api.at(eucv::europeana::search_endpoint(server.origin()));
  const auto begin = std::chrono::steady_clock::now();
  const auto report = eucv::net::run(eucv::europeana::harvest(api, plan, tenths("records")));
  finish("records", report.rows(), begin);
}

std::string picture_bytes() {
  eucv::random engine(1);
  eucv::image::bitmap picture{.width = 160, .height = 120, .rgb = {}};
  picture.rgb.resize(picture.width * picture.height * 3);
  for (auto& value : picture.rgb) value = std::uint8_t(engine.below(256));
  return eucv::image::encode_jpeg(picture, 35);
}

void download(std::size_t count) {
  const server_process server([](const auto& tell) {
    const std::string bytes = picture_bytes();
    // What follows the end of a picture tells one file from another.
    test::loopback_server host([&](const test::received& asked) { return test::reply::text(bytes + asked.target); });
    tell(host.url("/").origin());
    ::pause();
  });
  const test::temporary_folder folder;
  eucv::download::fetch_job job;
  job.folder = folder.path();
  job.table.columns = {"category", "ID", "URL"};
  for (std::size_t i = 0; i < count; ++i)
    job.table.rows.push_back({"picture", std::to_string(i), server.origin() + '/' + std::to_string(i) + ".jpg"});
  job.options.politeness.per_host = 16; // one host is all there is
  job.options.picture.size = 0;
  eucv::net::client_options network;
  network.addresses = eucv::net::address_rule::any;
  eucv::net::client web(network);
  const auto begin = std::chrono::steady_clock::now();
  const auto summary = eucv::net::run(eucv::download::fetch(web, std::move(job), tenths("files")));
  finish("files", summary.ok, begin);
}

void stream(std::size_t count, const char* model_folder) {
  const test::temporary_folder folder;
  // Grain of 400 x 300 pixels, 60 KB: what a museum's preview has.
  eucv::random engine(1);
  eucv::image::bitmap picture{.width = 400, .height = 300, .rgb = {}};
  picture.rgb.resize(picture.width * picture.height * 3);
  for (auto& value : picture.rgb) value = std::uint8_t(engine.below(256));
  const auto file = folder / "picture.jpg";
  eucv::write_file_atomically(file, eucv::image::encode_jpeg(picture, 50));
  const server_process server([&](const auto& tell) {
    const replay::server replay(replay::invented(count, {"http://data.europeana.eu/concept/1"}, file),
                                {.requests_per_hour = 1'000'000'000});
    tell(replay.origin());
    ::pause();
  });
  eucv::net::client_options network;
  network.addresses = eucv::net::address_rule::any;
  eucv::net::client web(network);
  eucv::europeana::client api(web, eucv::net::secret_string("replay"));
  api.at(eucv::europeana::search_endpoint(server.origin()));
  auto model = eucv::classify::classifier::load(model_folder);
  eucv::enrich::enricher rule(model.about(), eucv::classify::model_digest(model_folder), {.least_probability = 0.1});
  eucv::enrich::ledger book(folder / "stated", rule);
  const eucv::enrich::item_feed search = [&](eucv::enrich::item_channel& items) {
    return eucv::enrich::search_items(api, eucv::enrich::picture_query("*:*", {}), {}, items);
  };
  const auto tell = tenths("stream");
  const eucv::enrich::classified_sink keep = [&](const eucv::enrich::classified& one) {
    book.append(rule.judge(one, "2026-01-31T12:03:45Z"));
    tell({"stream", book.records(), count, {}});
  };
  eucv::enrich::stream_options numbers;
  numbers.fetcher.politeness.per_host = 16; // one host is all there is
  const auto begin = std::chrono::steady_clock::now();
  eucv::net::run(eucv::enrich::classify_stream(web, model, search, keep, {}, numbers));
  finish("stream", book.records(), begin);
}

} // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (count == 0 || argc != (what == "stream" ? 4 : 3) || (what != "records" && what != "files" && what != "stream")) {
    std::cerr << "usage: bench_memory records|files COUNT, or bench_memory stream COUNT MODEL\n";
    return 2;
  }
  what == "records" ? harvest(count) : what == "files" ? download(count) : stream(count, argv[3]);
}
