// 2,000 pictures of 50 KB from a server on this machine into a folder: fetched, checked, hashed, stored, in files a
// second. Once with each picture decoded, as a download does it by default, and once with a check of its header alone.
//
// The server runs here, in a thread of its own, unless EUCV_BENCH_ORIGIN names another one, such as nginx, that serves
// /0.jpg to /1999.jpg, which `bench_download --write-pictures FOLDER` makes. Pictures are stored as they came, each run
// in a new folder under EUCV_BENCH_FOLDER, or else that for temporary files. Nothing is removed before the program ends
// (with EUCV_BENCH_FOLDER not even then): ext4 without a journal makes files slowly for some time after it removed
// others. What was written is synced before each run, so that none pays for the one before, and memory is touched: a
// virtual machine gets its memory from its host at the first touch, which costs more than to write a file into it.

#include "machine.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include "support/loopback_server.hpp"
#include "support/temporary_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace {

constexpr std::size_t files = 2000;

// Grain, so that the JPEG of this size has some 50 KB. Each file differs in its last bytes, after the end of the
// picture: equal files would be told as duplicates.
std::string picture_bytes() {
  eucv::random engine(1);
  eucv::image::bitmap picture{.width = 320, .height = 240, .rgb = {}};
  picture.rgb.resize(picture.width * picture.height * 3);
  for (auto& value : picture.rgb) value = std::uint8_t(engine.below(256));
  return eucv::image::encode_jpeg(picture, 78);
}

std::string name_of(std::size_t i) {
  return std::to_string(i) + ".jpg";
}

void write_pictures(const std::filesystem::path& folder) {
  const std::string bytes = picture_bytes();
  eucv::make_folder(folder);
  for (std::size_t i = 0; i < files; ++i) eucv::write_file_atomically(folder / name_of(i), bytes + name_of(i));
}

// By a child that nobody waits for but at the end of a pipe: so it does not count as memory of this process.
void touch_memory() {
  std::signal(SIGCHLD, SIG_IGN);
  int ends[2];
  if (::pipe(ends) != 0) return;
  if (::fork() == 0) {
    ::mmap(nullptr, std::size_t{400} << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    ::_exit(0);
  }
  ::close(ends[1]);
  char none = 0;
  while (::read(ends[0], &none, 1) > 0) continue;
  ::close(ends[0]);
}

void download(benchmark::State& state, eucv::download::picture_check check) {
  bench::unbind(); // the server and the decoders are threads of their own
  const std::string bytes = picture_bytes();
  const char* const elsewhere = std::getenv("EUCV_BENCH_ORIGIN");
  std::optional<test::loopback_server> server;
  std::string origin = elsewhere == nullptr ? "" : elsewhere;
  if (elsewhere == nullptr) {
    server.emplace([&](const test::received& asked) { return test::reply::text(bytes + asked.target); });
    origin = server->url("/").origin();
  }
  eucv::download::fetch_job job;
  job.table.columns = {"category", "ID", "URL"};
  for (std::size_t i = 0; i < files; ++i)
    job.table.rows.push_back({"picture", std::to_string(i), origin + "/" + name_of(i)});
  job.options.politeness.per_host = 16; // one host is all there is
  job.options.picture.size = 0;
  job.options.picture.check = check;
  job.options.threads = bench::pool().size();
  eucv::net::client_options network;
  network.addresses = eucv::net::address_rule::any;

  std::size_t stored = 0;
  const char* const kept = std::getenv("EUCV_BENCH_FOLDER");
  const test::temporary_folder own;
  static int runs = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::string name = "run-" + std::to_string(::getpid()) + "-" + std::to_string(runs++);
    job.folder = (kept == nullptr ? own.path() : std::filesystem::path(kept)) / name;
    eucv::net::client web(network);
    ::sync();
    touch_memory();
    state.ResumeTiming();
    stored += eucv::net::run(eucv::download::fetch(web, job)).ok;
  }
  if (stored != files * std::size_t(state.iterations())) state.SkipWithError("not every file arrived");
  state.counters["files/s"] =
      benchmark::Counter(double(files) * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes"] = double(bytes.size());
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == std::string("--write-pictures")) {
    write_pictures(argv[2]);
    return 0;
  }
  using eucv::download::picture_check;
  for (const auto& [name, check] : {std::pair("download-2000x50k", picture_check::decode),
                                    std::pair("download-2000x50k-header", picture_check::header)})
    benchmark::RegisterBenchmark(name, download, check)->Unit(benchmark::kMillisecond)->UseRealTime();
  return bench::run(argc, argv);
}
